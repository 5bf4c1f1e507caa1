"""What an assessment is: a sentence that names its law, its inputs, its method and what it gives."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Literal

import ibis

from qingyuan.places.outlets import Outlet


@dataclass(frozen=True)
class DustPeriod:
    """A dust process declared for a place (a point or its city; None: everywhere): first <= hour < last."""

    first: str
    last: str
    place: str | None = None


@dataclass(frozen=True)
class Options:
    """What the user may choose for a run.

    edition: the law's edition, ``by-date`` = the one in force on the date of the data.
    first, last: days of a period, both included. by: judge points or cities. dust: declared dust periods.
    outlets: what is known of the outlets judged: standards, kinds of source, permits.
    """

    edition: str = "by-date"
    first: date | None = None
    last: date | None = None
    by: Literal["point", "city"] = "point"
    rule: str = "ranking"
    dust: tuple[DustPeriod, ...] = ()
    outlets: tuple[Outlet, ...] = ()


@dataclass(frozen=True)
class Extent:
    """Days and averagings that occur in a series: they decide which editions and which inputs are needed."""

    first: date
    last: date
    averagings: frozenset[str] = frozenset({"1h"})
    cities: bool = False


@dataclass(frozen=True)
class Assessment:
    """One declared assessment.

    name: ``domain.name``; inputs: slugs of the observed properties; averagings: which records serve as input;
    law: standards it applies; per: hour|day|period; gives: columns every row has;
    compute: observations in, results out.
    partition, stored: how the platform keeps the results, if it does, and the further columns it keeps with them.
    subject: what the points are: stations (and cities made of them), or outlets of sources.
    """

    name: str
    title_zh: str
    title_en: str
    law: tuple[str, ...]
    inputs: tuple[str, ...]
    averagings: tuple[str, ...]
    per: str
    gives: tuple[str, ...]
    compute: Callable[[ibis.Table, Extent, Options], ibis.Table]
    sorted_by: tuple[str, ...] = ("point", "phenomenon_time")
    stored: tuple[str, ...] = ()
    partition: Literal["month", "year"] | None = None
    subject: Literal["station", "outlet"] = "station"


@dataclass(frozen=True)
class Domain:
    """A domain's table of contents, read by the interfaces at start."""

    name: str
    title_zh: str
    title_en: str
    properties: tuple[str, ...]
    assessments: tuple[Assessment, ...] = ()
