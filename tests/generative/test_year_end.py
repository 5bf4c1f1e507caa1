"""The year's end of any history: the interval holds the point, stays in the possible and closes with the year."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Literal

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from qingyuan.plans.forecast.history import History
from qingyuan.plans.forecast.yearend import TooShort, forecast

FIRST = date(2019, 1, 1)


@st.composite
def histories(draw: st.DrawFn, kind: Literal["mean", "share"]) -> History:
    """One to four years of one to three cities, any level, with gaps; cities may begin late or fall silent."""
    days, cities = draw(st.integers(370, 1461)), draw(st.integers(1, 3))
    drawn = np.random.default_rng(draw(st.integers(0, 10_000)))
    values = np.exp(drawn.normal(3, draw(st.floats(0, 1.5)), (days, cities)))
    if kind == "share":
        values = (values > np.quantile(values, draw(st.floats(0, 1)))).astype(float)
    values[drawn.random((days, cities)) < draw(st.sampled_from([0, 0.1, 0.6]))] = np.nan
    begin = draw(st.lists(st.integers(0, days - 1), min_size=cities, max_size=cities))
    for city, row in enumerate(begin):
        blank = slice(0, row) if draw(st.booleans()) else slice(row, row + draw(st.integers(0, 200)))
        values[blank, city] = np.nan
    return History(FIRST, tuple("abc"[:cities]), values)


def possible(history: History, origin: date, kind: str) -> tuple[float, float]:
    """The value with the best and the worst rest of the year, counted out day by day."""
    days = history.until(origin).between(date(origin.year, 1, 1), origin)
    days = days[:, ~np.isnan(days).all(axis=0)]
    rest = (date(origin.year, 12, 31) - origin).days
    edges = []
    for each in (0.0, 1.0 if kind == "share" else np.inf):
        whole = np.vstack([days, np.full((rest, days.shape[1]), each)])
        edges.append(100 * np.nanmean(whole) if kind == "share" else np.nanmean(whole, axis=0).mean())
    return edges[0], edges[1]


@settings(max_examples=60, deadline=None)
@given(st.data(), st.sampled_from(["mean", "share"]), st.integers(0, 1460))
def test_the_interval_holds_the_point_and_stays_in_the_possible(
    data: st.DataObject, kind: Literal["mean", "share"], ago: int
) -> None:
    history = data.draw(histories(kind))
    origin = max(history.first, history.last - timedelta(days=ago))
    made = forecast(history, origin, kind)
    if isinstance(made, TooShort):
        return
    low, high = possible(history, origin, kind)
    assert low - 1e-9 <= made.low <= made.value <= made.high <= high + 1e-9
    assert (made.low == made.high) == (origin == date(origin.year, 12, 31))


@settings(max_examples=30, deadline=None)
@given(st.data(), st.sampled_from(["mean", "share"]))
def test_the_interval_closes_with_the_year(data: st.DataObject, kind: Literal["mean", "share"]) -> None:
    history = data.draw(histories(kind))
    end = date(history.last.year - 1, 12, 31)
    made = [forecast(history, end - timedelta(days=days), kind) for days in (120, 1, 0)]
    widths = [each.high - each.low for each in made if not isinstance(each, TooShort)]
    if len(widths) == 3:
        assert widths[0] > widths[1] > widths[2] == 0


@settings(max_examples=30, deadline=None)
@given(st.data(), st.sampled_from(["mean", "share"]), st.integers(1, 900))
def test_what_comes_after_the_origin_changes_nothing(
    data: st.DataObject, kind: Literal["mean", "share"], ago: int
) -> None:
    history = data.draw(histories(kind))
    origin = max(history.first, history.last - timedelta(days=ago))
    other = History(history.first, history.cities, history.values.copy())
    other.values[(origin - history.first).days + 1 :] = 1.0
    assert forecast(history, origin, kind) == forecast(other, origin, kind)
