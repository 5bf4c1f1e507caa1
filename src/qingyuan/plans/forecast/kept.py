"""Forecasts and back-tests stored beside a dataset, ``forecasts/<plan>.json``: made by the jobs, read by pages.

A file is made again when the results, the earlier city-days, the last full day or the library have changed.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, replace
from datetime import date, datetime, timedelta
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np

from qingyuan import __version__
from qingyuan.assessments import store
from qingyuan.base.durable import write_whole
from qingyuan.base.time import isoformat, now
from qingyuan.places.divisions import children
from qingyuan.plans.division import six
from qingyuan.plans.facts import Indicator, Plan, Target, plan
from qingyuan.plans.forecast import backtest, earlier, lights
from qingyuan.plans.forecast.computed import history_of, kind_of, year_end
from qingyuan.plans.forecast.history import History
from qingyuan.plans.forecast.yearend import Arithmetic, TooShort, YearEnd
from qingyuan.plans.indicators import ASSESSMENT, CityDay, last_full_day
from qingyuan.plans.scoreboard import Row, Scoreboard

METHOD = "two expectations weighed"
"""Changes when the method does: what was made by another one is made again."""
STEP = 15
"""Days between the points of the course to the year's end."""


def file_of(dataset: Path, facts: Plan) -> Path:
    """Where the forecasts of a plan are kept."""
    return dataset / "forecasts" / f"{facts.code}.json"


Goals = Callable[[Indicator, str], Target]
"""The target of an indicator that a division (as `division.exact` has it) is judged by."""


def refresh_forecasts(dataset: Path, as_of: datetime, facts: Plan | None = None, goals: Goals | None = None) -> bool:
    """Make the forecasts of the province and of each city again, if anything they stand on has changed.

    facts: with the figures of the version in force; goals: where a place has a target of its own; else the library's.
    """
    facts, last = facts or plan(), last_full_day(as_of)
    goal = goals or (lambda indicator, _division: indicator.target(last))
    stands_on = [store.version(dataset, ASSESSMENT), earlier.mark(dataset), last.isoformat(), __version__, METHOD]
    aims = _aims(facts, goal)
    stands_on.append({no: {code: str(each.value) for code, each in by.items()} for no, by in aims.items()})
    known = stored(dataset, facts)
    if known is not None and known["stands_on"] == stands_on:
        return False
    rows = earlier.all_city_days(dataset, facts.division, last)
    made = {
        "stands_on": stands_on,
        "computed_at": isoformat(now()),
        "last": last.isoformat(),
        "indicators": {
            str(each.no): _of(each, rows, last, aims[str(each.no)]) for each in facts.indicators if each.method
        },
    }
    write_whole(file_of(dataset, facts), json.dumps(made, ensure_ascii=False))
    return True


def _aims(facts: Plan, goal: Goals) -> dict[str, dict[str, Target]]:
    """By number of each computed indicator and place its target; the plan's place first."""
    places = (facts.division, *(each.code for each in children(six(facts.division))))
    computed = (each for each in facts.indicators if each.method)
    return {str(each.no): {code: goal(each, code) for code in places} for each in computed}


def written(dataset: Path) -> int:
    """When the forecasts of a dataset were made last, for caches; 0 before the first."""
    file = file_of(dataset, plan())
    return file.stat().st_mtime_ns if file.exists() else 0


def stored(dataset: Path, facts: Plan | None = None) -> dict[str, Any] | None:
    """The forecasts as they were made last; None when none were made."""
    file = file_of(dataset, facts or plan())
    return _stored(file, file.stat().st_mtime_ns) if file.exists() else None


@lru_cache(maxsize=8)
def _stored(file: Path, _changed: int) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
    return found


def judged(board: Scoreboard, dataset: Path) -> Scoreboard:
    """The board with the verdict of each forecast that was made for its day, else as it stands."""
    found = stored(dataset, board.plan)
    if found is None or found["last"] != last_full_day(board.as_of).isoformat():
        return board
    return replace(
        board, rows=tuple(_judged(row, found["indicators"].get(str(row.no), {}), board) for row in board.rows)
    )


def _judged(row: Row, told: dict[str, Any], board: Scoreboard) -> Row:
    of_province = board.division == board.plan.division
    made = told.get("province", {}) if of_province else told.get("cities", {}).get(board.division, {})
    if made.get("probability") is None or row.state not in ("good", "tight", "bad") or not row.issued:
        return row
    if made.get("target", str(row.target.value)) != str(
        row.target.value
    ):  # the target was changed since: what is left decides until then
        return row
    light = lights.of_probability(made["probability"])
    return replace(row, state=lights.VERDICT[light.state], reason=light.reason)


def _of(indicator: Indicator, rows: Sequence[CityDay], last: date, aims: Mapping[str, Target]) -> dict[str, Any]:
    history = history_of(indicator, rows)
    cities = sorted({row.city for row in rows} & aims.keys())
    each = {city: history_of(indicator, [row for row in rows if row.city == city]) for city in cities}
    return {
        "province": _whole(indicator, history, last, next(iter(aims.values()))),
        "cities": {city: _held(_at(indicator, found, last, aims[city]), aims[city]) for city, found in each.items()},
        "years": {} if history is None else _years(indicator, history, last),
        "city_years": {city: _years(indicator, found, last) for city, found in each.items() if found},
        "backtest": {} if history is None else tested(indicator, history),
    }


def _at(
    indicator: Indicator, history: History | None, last: date, aim: Target, end: date | None = None
) -> YearEnd | TooShort:
    return year_end(indicator, aim, history, last, end)


def _held(made: YearEnd | TooShort, aim: Target) -> dict[str, Any]:
    """With the target it was held against."""
    return _told(made) | {"target": str(aim.value)}


def _told(made: YearEnd | TooShort) -> dict[str, Any]:
    return {"too_short": made.reason} if isinstance(made, TooShort) else asdict(made)


def _whole(indicator: Indicator, history: History | None, last: date, aim: Target) -> dict[str, Any]:
    """The province: forecast, the course of the value this year and last, and how it is expected to go on."""
    told = _held(_at(indicator, history, last, aim), aim)
    if history is None:
        return told
    ends = [last + timedelta(days=n) for n in range(STEP, (date(last.year, 12, 31) - last).days, STEP)]
    ahead = [(end, _at(indicator, history, last, aim, end)) for end in [*ends, date(last.year, 12, 31)]]
    course = [[end.isoformat(), made.value, made.low, made.high] for end, made in ahead if isinstance(made, YearEnd)]
    before = date(last.year - 1, 12, 31)
    return told | {
        "this_year": _course(indicator, history, date(last.year, 1, 1), last),
        "last_year": _course(indicator, history, date(before.year, 1, 1), before),
        "ahead": course,
    }


def _arithmetic(indicator: Indicator, days: Any) -> float | None:
    if not days.size or np.isnan(days).all():
        return None
    kind = kind_of(indicator)
    return Arithmetic(days, 0, kind, up=kind == "share" and indicator.direction == "up").value(None)


def _course(indicator: Indicator, history: History, first: date, last: date) -> list[float | None]:
    """The value of the year so far at the end of each day."""
    days = history.between(first, last)
    return [_arithmetic(indicator, days[: n + 1]) for n in range(len(days))]


def _years(indicator: Indicator, history: History, last: date) -> dict[str, float]:
    """Value of every earlier year of which enough was observed."""
    kind = kind_of(indicator)
    values = {
        year: backtest.of_year(history, year, kind, indicator.direction)
        for year in range(history.first.year, last.year)
    }
    return {str(year): value for year, value in values.items() if value is not None}


def tested(indicator: Indicator, history: History) -> dict[str, Any]:
    """The back-test: skill of all trials together and of each year; empty when no year could be tried."""
    trials = backtest.backtest(history, kind_of(indicator), indicator.direction)
    overall = backtest.skill(trials)
    if overall is None:
        return {}
    years = backtest.by_year(trials)
    return {
        "first": min(years),
        "last": max(years),
        "all": _skill(overall),
        "years": {str(year): _skill(found) for year, found in years.items()},
    }


def _skill(found: backtest.Skill) -> dict[str, Any]:
    return asdict(found) | {"beats_both": found.beats_both, "no_better_than": found.no_better_than}
