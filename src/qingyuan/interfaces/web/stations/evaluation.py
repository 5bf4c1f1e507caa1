"""Statistics of a period judged by the annual limits, of stored daily results (HJ 663)."""

from __future__ import annotations

from datetime import date, timedelta
from functools import lru_cache
from pathlib import Path
from typing import Any

from qingyuan.assessments import store
from qingyuan.domains.air import evaluate_periods
from qingyuan.domains.air.evaluation import STATISTICS
from qingyuan.interfaces.web.context import BY_DATE, Context
from qingyuan.interfaces.web.reading import DAILY
from qingyuan.interfaces.web.stations import days as stored
from qingyuan.interfaces.web.stations.lawful import clause
from qingyuan.interfaces.web.stations.words import mean_text, statistic, symbol
from qingyuan.interfaces.web.wording import unit
from qingyuan.standards import law
from qingyuan.standards.grading import GOOD_UP_TO, HEAVY_ABOVE
from qingyuan.standards.records import Limit

Row = dict[str, Any]
Span = tuple[date, date]
JUDGED_BY = {(each.item, each.name): each.judged_by for each in STATISTICS}


def evaluated(ctx: Context, point: str, first: date, last: date) -> list[Row]:
    """One row a property and statistic of first..last, with limit and judgement by the law of the page."""
    return by_period(ctx, point, [(first, last)])[0]


def by_period(ctx: Context, point: str, periods: list[Span]) -> list[list[Row]]:
    """The same for several periods at once, in their order."""
    version = store.version(ctx.dataset.path, DAILY)
    found = _evaluated(ctx.dataset.path, version, point, tuple(periods), ctx.edition)
    if ctx.edition == BY_DATE:
        return found
    counts = [_counts(stored.days_of(ctx, point, *span)) for span in periods]
    return [[{**row, **counts[i]} for row in rows] for i, rows in enumerate(found)]


@lru_cache(maxsize=256)
def _evaluated(dataset: Path, version: int, point: str, periods: tuple[Span, ...], edition: str) -> list[list[Row]]:
    if version < 0 or not periods:
        return [[] for _span in periods]
    first, last = min(span[0] for span in periods), max(span[1] for span in periods)
    days = store.read(dataset, DAILY, first=first, last=last, points=[point])
    rows = evaluate_periods(days, list(periods), edition)
    return [[row for row in rows if (row["first"], row["last"]) == span] for span in periods]


def _counts(days: list[Row]) -> Row:
    known = [row["aqi"] for row in days if row["aqi"] is not None]
    return {
        "days_aqi": len(known),
        "days_good": sum(aqi <= GOOD_UP_TO for aqi in known),
        "days_heavy": sum(aqi > HEAVY_ABOVE for aqi in known),
    }


def months(year: int, last: date) -> list[tuple[date, date]]:
    """First and last days of the months of a year up to `last`, newest first."""
    starts = [date(year, month, 1) for month in range(1, 13) if date(year, month, 1) <= last]
    return [(start, min(last, _next_month(start) - timedelta(days=1))) for start in reversed(starts)]


def years(first: date, last: date) -> list[tuple[date, date]]:
    """First and last days of the years from the first day with results to `last`, newest first."""
    return [(max(first, date(y, 1, 1)), min(last, date(y, 12, 31))) for y in range(last.year, first.year - 1, -1)]


def _next_month(start: date) -> date:
    return (start + timedelta(days=31)).replace(day=1)


def in_words(rows: list[Row]) -> list[Row]:
    """The rows with the words and figures of the evaluation table, in the order of the law's table."""
    order = {key: place for place, key in enumerate(JUDGED_BY)}
    return [_worded(row) for row in sorted(rows, key=lambda row: order[(row["property"], row["statistic"])])]


def _worded(row: Row) -> Row:
    item = row["property"]
    return {
        **row,
        "symbol": symbol(item),
        "what": statistic(row["statistic"]),
        "text": mean_text(row["rounded"], item),
        "exact": mean_text(row["value"], item, 3),
        "limit_text": mean_text(row["limit"], item),
        "unit": unit(item),
        "words": _clause(row),
    }


def _clause(row: Row) -> str:
    """The clause in the language of the page: an edition's tables keep their number through its stages."""
    averaging = JUDGED_BY[(row["property"], row["statistic"])]
    found = next(each for each in law.standard("GB 3095").limits if _same(each, row, averaging))
    return clause(found)


def _same(limit: Limit, row: Row, averaging: str) -> bool:
    return (limit.item, limit.averaging, limit.edition) == (row["property"], averaging, row["edition"])
