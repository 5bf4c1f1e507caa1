"""One indicator on screen: value, source, forecast, back-test, charts, cities. Forecasts are those the jobs stored."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from qingyuan.interfaces.web import scoreboard
from qingyuan.interfaces.web.context import Context
from qingyuan.plans.budget import Verdict
from qingyuan.plans.decomposing.rules import rules as splits
from qingyuan.plans.facts import Indicator, Words
from qingyuan.plans.forecast import kept
from qingyuan.plans.forecast.computed import published
from qingyuan.plans.scoreboard import Row
from qingyuan.plans.told import Piece

ENOUGH_YEARS = 3
"""Fewer years tried: whether the forecast or a naive one was better may have been luck, and the page says so."""


@dataclass(frozen=True)
class City:
    """A city's line: value, last year's whole value, rank (1 = best) now and last year, forecast as stored."""

    code: str
    name: str
    shown: scoreboard.Shown
    last_year: Decimal | None
    rank: int | None
    rank_before: int | None
    forecast: Decimal | None
    state: Verdict

    @property
    def moved(self) -> str:
        """Places won (+) or lost (−) against last year; empty without both ranks."""
        if self.rank is None or self.rank_before is None:
            return ""
        gained = self.rank_before - self.rank
        return f"{gained:+}".replace("-", "\u2212") if gained else "0"


@dataclass(frozen=True)
class View:
    """The page of an indicator; told: the stored forecasts of it, empty when none were made."""

    shown: scoreboard.Shown
    board: scoreboard.Board
    told: dict[str, Any]
    made: dict[str, Any]
    made_of: date | None
    cities: list[City]

    @property
    def indicator(self) -> Indicator:
        """The indicator as the plan has it."""
        return self.shown.row.indicator

    @property
    def forecast(self) -> tuple[Decimal, Decimal, Decimal] | None:
        """Value at the year's end, lower and upper edge of its 80 % interval, as published."""
        if "value" not in self.made:
            return None
        value, low, high = (published(self.indicator, self.made[name]) for name in ("value", "low", "high"))
        return value, low, high

    @property
    def why(self) -> str:
        """Why there is no forecast."""
        return "" if self.forecast else scoreboard.said(_why(self.made))

    @property
    def light_text(self) -> str:
        """The verdict in words: state and reason."""
        told = self.shown.row.value is not None
        return f"{self.shown.word}{_(': ')}{self.shown.reason}" if told else self.shown.reason

    @property
    def pieces(self) -> list[tuple[Piece, str]]:
        """What the value is made of, each with its address where it has one."""
        came = self.shown.row.came
        return [(each, scoreboard.address(each)) for each in came.pieces] if came else []

    @property
    def path(self) -> Decimal | None:
        """Where a straight line between the dated targets (from the base) stands this year."""
        points = _path(self.indicator)
        year = self.board.board.so_far.last.year
        for (first, low), (last, high) in zip(points, points[1:], strict=False):
            if first <= year <= last:
                step = Decimal(year - first) / Decimal(last - first)
                return (low + (high - low) * step).quantize(Decimal(1).scaleb(-self.indicator.decimals))
        return None

    @property
    def tested(self) -> dict[str, Any] | None:
        """The back-test of all years, two digits; few: their number where it says little; None when there is none."""
        found = self.told.get("backtest") or {}
        if not found:
            return None
        years = len(found["years"])
        few = years if years < ENOUGH_YEARS else None
        return {"first": found["first"], "last": found["last"], "few": few, **_skill(found["all"])}

    @property
    def tested_years(self) -> list[dict[str, Any]]:
        """The back-test of each year."""
        found = self.told.get("backtest") or {}
        return [{"year": year, **_skill(each)} for year, each in found.get("years", {}).items()]

    def _years(self) -> dict[str, float]:
        """The value of earlier years: as the jobs stored them, else as they were told, with this year's so far."""
        row = self.shown.row
        if row.computed or row.value is None:
            return self.told.get("years") or {}
        this = self.board.board.so_far.last.year
        return {str(year): float(value) for year, value in row.years} | {str(this): float(row.value)}

    def charts(self) -> dict[str, Any]:
        """What the charts draw: years with path and forecast; courses of this and last year."""
        year = self.board.board.so_far.last.year
        last = self.indicator.targets[-1]
        return {
            "unit": self.shown.unit,
            "decimals": self.indicator.decimals,
            "year": year,
            "years": [[int(name), value] for name, value in self._years().items()],
            "path": [[when, float(value)] for when, value in _path(self.indicator)],
            "target": None if last.value is None else float(last.value),
            "forecast": None if self.forecast is None else [float(each) for each in self.forecast],
            "this_year": self.made.get("this_year", []),
            "last_year": self.made.get("last_year", []),
            "ahead": self.made.get("ahead", []),
            "last": self.made_of.isoformat() if self.made_of else None,
        }


def _why(made: dict[str, Any]) -> Words:
    return {
        "no_earlier_year": Words(
            "往年数据太短，余下的日子没有一年可比，不作预测",
            "no earlier year observed the days that remain: no forecast",
        ),
        "nothing_this_year": Words("今年还没有数", "nothing is observed this year"),
    }.get(made.get("too_short", ""), Words("下次刷新时预测", "the forecast is made with the next refresh"))


def _path(indicator: Indicator) -> list[tuple[int, Decimal]]:
    base = [] if indicator.base is None or indicator.base.doubtful else [(indicator.base.year, indicator.base.value)]
    return base + [(each.day.year, each.value) for each in indicator.targets if each.value is not None]


def _skill(found: dict[str, Any]) -> dict[str, Any]:
    errors = {name: f"{found[name]:.2f}" for name in ("forecast", "last_year", "year_to_date")}
    held = f"{100 * found['coverage']:.0f}"
    return {**errors, "held": held, "trials": found["trials"], "no_better": _no_better(found.get("no_better_than", []))}


def _no_better(names: list[str]) -> str:
    """What the forecast was not better than, in words; empty when it beat both."""
    said = {"last_year": _("“same as last year”"), "year_to_date": _("“year to date”")}
    return _(" or ").join(said[name] for name in names)


def of(ctx: Context, no: int) -> View:
    """The page of an indicator. KeyError when the plan has none of that number."""
    board = scoreboard.of(ctx)
    shown = board.item(no)
    stored = kept.stored(ctx.dataset.path) or {}
    told = stored.get("indicators", {}).get(str(no), {})
    made = told.get("province", {}) if ctx.province else told.get("cities", {}).get(ctx.place, {})
    when = date.fromisoformat(stored["last"]) if stored else None
    return View(shown, board, told, made, when, _cities(ctx, no, told) if ctx.province else [])


def _cities(ctx: Context, no: int, told: dict[str, Any]) -> list[City]:
    """Cities by rank; none where no city has a value."""
    rows = [(code, name, board.item(no)) for code, name, board in scoreboard.cities(ctx)]
    if all(shown.row.value is None for _code, _name, shown in rows):
        return []
    better = -1 if rows[0][2].row.indicator.direction == "up" else 1
    before = _whole_last_year(told, ctx.time.year - 1) | _told_last_year(rows, ctx.time.year - 1)
    scores = {code: score for code, _name, shown in rows if (score := _score(shown.row)) is not None}
    amounts = splits()[no].from_nothing  # ranked by the part of the target; last year's part is not known
    ranks, ranks_before = _ranks(scores, better), {} if amounts else _ranks(before, better)
    cities = told.get("cities", {})
    found = [
        City(
            code, name, shown,
            None if code not in before else published(shown.row.indicator, before[code]),
            ranks.get(code), ranks_before.get(code),
            published(shown.row.indicator, cities[code]["value"]) if "value" in cities.get(code, {}) else None,
            shown.row.state,
        )
        for code, name, shown in rows
    ]  # fmt: skip
    return sorted(found, key=lambda each: (each.rank is None, each.rank, each.code))


def _score(row: Row) -> float | None:
    """What cities are ranked by: the value; of amounts, which differ in size, the part of the own target."""
    if row.exact is None or row.indicator.direction not in ("down", "up"):
        return None
    if not splits()[row.no].from_nothing:
        return float(row.exact)
    return float(row.exact) / float(row.target.value) if row.share and row.target.value else None


def _told_last_year(rows: Sequence[tuple[str, str, scoreboard.Shown]], year: int) -> dict[str, float]:
    """The last value of the year before, of what is not computed of city-days."""
    found = ((code, dict(shown.row.years).get(year)) for code, _name, shown in rows if not shown.row.computed)
    return {code: float(value) for code, value in found if value is not None}


def _whole_last_year(told: dict[str, Any], year: int) -> dict[str, float]:
    return {code: years[str(year)] for code, years in told.get("city_years", {}).items() if str(year) in years}


def _ranks(values: dict[str, float], better: int) -> dict[str, int]:
    """1 for the best; equal values share a rank."""
    return {
        code: 1 + sum(better * other < better * value for other in values.values()) for code, value in values.items()
    }
