"""The law as a station's page shows it: limits with their clause in words, validity minimums."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache

from django.utils.translation import gettext as _

from qingyuan.domains.air.law import DAILY_AVERAGING, validity_rule
from qingyuan.interfaces.web.context import BY_DATE
from qingyuan.interfaces.web.law import edition_on
from qingyuan.interfaces.web.wording import english
from qingyuan.standards import law
from qingyuan.standards.records import Limit, Provision


def clause(provision: Provision) -> str:
    """Standard, edition and clause: ``GB 3095—2012 表 1``."""
    return provision.citation if english() else provision.citation_zh


def averaging(code: str) -> str:
    """An averaging in words: ``24 h 平均``."""
    words = {
        "annual": _("annual mean"),
        "24h": _("24 h mean"),
        "8h": _("8 h mean"),
        "mda8": _("daily maximum 8 h mean"),
        "1h": _("1 h mean"),
    }
    return words.get(code, code)


def limit_label(limit: Limit) -> str:
    """The words on a limit line: ``24 h 平均二级限值 75 · GB 3095—2012 表 1``."""
    words = _("%(averaging)s, grade 2 limit %(value)s") % {
        "averaging": averaging(limit.averaging),
        "value": f"{limit.value:f}",
    }
    return f"{words} · {clause(limit)}"


@lru_cache(maxsize=4096)
def daily_limit(item: str, day: date, edition: str) -> Limit:
    """Grade-2 limit of the day's value of an item; edition: by-date, or the one asked for."""
    wanted = edition_on(day) if edition == BY_DATE else edition
    return law.limit("GB 3095", item, DAILY_AVERAGING[item], on=day, edition=wanted)


@dataclass(frozen=True)
class Stretch:
    """Days first..last on which one daily limit holds."""

    first: date
    last: date
    limit: Limit


def stretches(item: str, first: date, last: date, edition: str) -> list[Stretch]:
    """The daily limits of an item over first..last: several when the law changes between."""
    found: list[Stretch] = []
    start = first
    while start <= last:
        limit = daily_limit(item, start, edition)
        changes = limit.until if edition == BY_DATE else None
        end = min(last, changes) if changes and changes >= start else last
        found.append(Stretch(start, end, limit))
        start = end + timedelta(days=1)
    return found


@lru_cache(maxsize=4096)
def required(item: str, day: date) -> int:
    """Least valid hours of a daily mean, or windows of an ozone day (GB 3095 table 4; HJ 663)."""
    return int(str(validity_rule(item, day).value))
