"""Where, when, by which law and on which data a page speaks: read from the address and held across pages.

``?dataset=<slug>&place=<division>&time=<YYYY-MM-DDTHH>&edition=by-date|2012|2026``. What is not given is the
default: the simulated demo if present, else the first dataset; the province; the last hour with data; the law
by the date of the data.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from typing import Any
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.translation import gettext as _

from qingyuan.base.errors import QingyuanError
from qingyuan.base.settings import data_dir
from qingyuan.interfaces.web import law, places, reading
from qingyuan.observations.datasets import Dataset, list_datasets

PROVINCE = places.PROVINCE
BY_DATE = "by-date"
EDITIONS = (BY_DATE, "2012", "2026")
KEYS = ("dataset", "place", "time", "edition")


class BadContext(QingyuanError):
    """The address names a place, time, law or dataset that does not exist."""


class NoDataset(QingyuanError):
    """The platform holds no dataset yet."""


def without_data(view: Callable[..., Any]) -> Callable[..., Any]:
    """Mark a view that is answered even when there is no dataset or the context cannot be read."""
    setattr(view, "without_data", True)  # noqa: B010
    return view


def is_without_data(view: Callable[..., Any]) -> bool:
    """Whether a view was marked with `without_data`."""
    return bool(getattr(view, "without_data", False))


@dataclass(frozen=True)
class Context:
    """The context of a page. given: what the address named itself, carried by every link.

    standards: those the page is judged by, where they are others than those of the air; held: what was looked up once
    for this page.
    """

    dataset: Dataset
    place: str
    time: datetime
    latest: datetime
    edition: str
    given: tuple[tuple[str, str], ...] = ()
    standards: tuple[str, ...] | None = None
    held: dict[str, Any] = field(default_factory=dict, compare=False, repr=False)

    @property
    def is_latest(self) -> bool:
        """Whether the page speaks of the last hour with data."""
        return self.time == self.latest

    @property
    def province(self) -> bool:
        """Whether the page speaks of the whole province."""
        return self.place == PROVINCE

    @property
    def edition_in_force(self) -> str:
        """Edition of the air law that applies: the chosen one, else the one of the date ("2012"|"2026")."""
        return law.edition_on(self.time.date()) if self.edition == BY_DATE else self.edition

    @property
    def what_if(self) -> bool:
        """Whether the chosen edition is not the one in force on that day."""
        return self.edition_in_force != law.edition_on(self.time.date())

    @property
    def law_names(self) -> list[str]:
        """Names of the standards applied, e.g. ``GB 3095—2012``, ``HJ 633—2012``."""
        return law.names(self.edition_in_force) if self.standards is None else list(self.standards)

    @property
    def simulated(self) -> bool:
        """Whether the dataset is simulated, which every screen must say."""
        return self.dataset.simulated

    def query(self, **changes: object) -> str:
        """Query string of this context with changes; a change to None drops the key."""
        if not self.given and not changes:
            return ""
        pairs: dict[str, object] = {**dict(self.given), **changes}
        kept = {key: value for key, value in pairs.items() if value is not None and value != ""}
        return "?" + urlencode(kept) if kept else ""

    def link(self, name: str, *args: object, **changes: object) -> str:
        """Address of a page (URL name and its arguments) that holds this context."""
        return _address(name, args) + self.query(**changes)


@lru_cache(maxsize=65_536)
def _address(name: str, args: tuple[object, ...]) -> str:
    """Path of a page; a table asks for the same hundreds of them at every view."""
    return reverse(name, args=args)


def from_query(query: Mapping[str, str]) -> Context:
    """The context an address names. Raises NoDataset or BadContext."""
    dataset = _dataset(query.get("dataset", ""))
    place = query.get("place") or PROVINCE
    if not places.known(place):
        raise BadContext(_("There is no place “%s”") % place, _("Choose the province or one of its cities."))
    edition = query.get("edition") or BY_DATE
    if edition not in EDITIONS:
        raise BadContext(_("There is no edition “%s”") % edition, _("Use by-date, 2012 or 2026."))
    latest = reading.latest_hour(dataset)
    moment = _time(query["time"]) if query.get("time") else latest
    given = tuple((key, query[key]) for key in KEYS if query.get(key))
    return Context(dataset, place, moment, latest, edition, given)


def _dataset(slug: str) -> Dataset:
    known = datasets()
    if not known:
        raise NoDataset(_("The platform holds no data yet"), _("Fill the demo or import files."))
    if not slug:
        return next((item for item in known if item.slug == "simulated"), known[0])
    chosen = next((item for item in known if item.slug == slug), None)
    if chosen is None:
        raise BadContext(_("There is no dataset “%s”") % slug, _("Choose one of the list above."))
    return chosen


def datasets() -> list[Dataset]:
    """Every dataset of the data folder."""
    return list_datasets(data_dir())


def _time(text: str) -> datetime:
    try:
        moment = datetime.fromisoformat(text).replace(minute=0, second=0, microsecond=0, tzinfo=None)
    except ValueError:
        moment = None
    if moment is None or not 1970 <= moment.year < 2200:
        raise BadContext(_("The time “%s” cannot be read") % text, _("Write it as 2025-10-28T14."))
    return moment
