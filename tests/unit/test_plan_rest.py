"""The remaining days: short and broken histories, the first and last days of a year, cities that come and go."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import pytest

from qingyuan.plans.forecast import backtest
from qingyuan.plans.forecast.history import History
from qingyuan.plans.forecast.rest import Rest, rest_of_year
from qingyuan.plans.forecast.season import season
from qingyuan.plans.forecast.yearend import TooShort, YearEnd, forecast

FIRST = date(2019, 1, 1)


def days_of(years: int, cities: int = 2, seed: int = 3, fall: float = 0.0) -> History:
    """Whole years from 2019 (2020 is a leap year): a winter twice the summer, half-weeks of weather in common."""
    days = (date(FIRST.year + years, 1, 1) - FIRST).days
    drawn = np.random.default_rng(seed)
    weather = np.repeat(drawn.normal(0, 0.4, days // 4 + 1), 4)[:days]
    when = np.arange(days) / 365.2425
    level = 3.3 + 0.35 * np.cos(2 * np.pi * when) - fall * when + weather
    return History(FIRST, tuple("abcdef"[:cities]), np.exp(level[:, None] + 0.2 * np.arange(cities)))


def without(history: History, first: date, last: date, city: int | None = None) -> History:
    """The same history with days blanked, of one city or of all."""
    values = history.values.copy()
    rows = slice((first - history.first).days, (last - history.first).days + 1)
    values[rows, slice(None) if city is None else city] = np.nan
    return History(history.first, history.cities, values)


def above(history: History, bound: float) -> History:
    """City-days above the bound."""
    bad = np.where(np.isnan(history.values), np.nan, history.values > bound)
    return History(history.first, history.cities, bad.astype(float))


def expected(made: YearEnd | TooShort) -> YearEnd:
    assert isinstance(made, YearEnd)
    return made


def width(made: YearEnd | TooShort) -> float:
    return expected(made).high - expected(made).low


@pytest.mark.parametrize("years", [1, 2, 3])
def test_one_earlier_year_is_enough_and_more_of_them_are_used(years: int) -> None:
    history = days_of(years + 1)
    origin = date(2019 + years, 4, 30)
    made = expected(forecast(history, origin, "mean"))
    assert made.years == tuple(range(2019, 2019 + years))
    assert made.low < made.value < made.high
    assert made.value == pytest.approx(
        history.between(date(origin.year, 1, 1), date(origin.year, 12, 31)).mean(), rel=0.2
    )


def test_half_an_earlier_year_tells_only_of_its_own_season() -> None:
    history = without(days_of(2), date(2019, 1, 1), date(2019, 6, 30))
    assert forecast(history, date(2020, 3, 31), "mean") == TooShort("no_earlier_year")
    made = expected(forecast(history, date(2020, 6, 30), "mean"))
    assert made.years == (2019,)
    assert made.low < made.value < made.high


def test_a_month_seen_in_one_year_only_is_learnt_from() -> None:
    """The year before has no December; the one before it has: its heavy days are expected again."""
    history = days_of(3)
    heavy = above(history, 1e9)
    heavy.values[(date(2019, 12, 10) - FIRST).days : (date(2019, 12, 20) - FIRST).days] = 1.0
    broken = without(heavy, date(2020, 12, 1), date(2020, 12, 31))
    found = rest_of_year(broken.until(date(2021, 11, 30)), date(2021, 11, 30), "share", date(2021, 12, 31))
    assert found is not None
    assert found.quantile(0.5) > 0.05
    assert found.quantile(0.9) > 0.3
    assert found.years == (2019,)


def test_gaps_move_the_forecast_less_than_its_interval() -> None:
    history, origin = days_of(4), date(2022, 6, 30)
    whole = expected(forecast(history, origin, "mean"))
    broken = without(history, date(2021, 8, 1), date(2021, 8, 31))
    broken = without(broken, date(2022, 2, 1), date(2022, 2, 20))
    made = expected(forecast(broken, origin, "mean"))
    assert abs(made.value - whole.value) < width(whole) / 2
    assert made.low < made.value < made.high


def test_the_first_day_of_a_year_is_forecast_from_the_years_before() -> None:
    history = days_of(4)
    made = expected(forecast(history, date(2022, 1, 1), "mean"))
    assert made.days == 364
    usual = np.mean([history.between(date(year, 1, 1), date(year, 12, 31)).mean() for year in (2019, 2020, 2021)])
    assert made.value == pytest.approx(usual, rel=0.1)
    broken = without(history, date(2022, 1, 1), date(2022, 1, 31))
    assert forecast(broken, date(2022, 1, 31), "mean") == TooShort("nothing_this_year")


def test_a_leap_year_has_its_day_and_is_learnt_from_like_any_other() -> None:
    history = days_of(6)
    in_leap = expected(forecast(history, date(2024, 2, 29), "mean"))
    assert in_leap.days == 306
    assert expected(forecast(history, date(2024, 2, 28), "mean")).value == pytest.approx(in_leap.value, rel=0.02)
    assert expected(forecast(history, date(2024, 12, 30), "mean")).days == 1
    after = expected(forecast(history, date(2023, 2, 28), "mean"))
    assert (after.days, after.years) == (306, (2019, 2020, 2021, 2022))


@pytest.mark.parametrize("kind", ["mean", "share"])
def test_nothing_is_open_on_the_last_day_and_little_before_it(kind: str) -> None:
    history = days_of(4) if kind == "mean" else above(days_of(4), 40.0)
    widths = [width(forecast(history, date(2022, month, 28), kind)) for month in range(1, 13)]  # type: ignore[arg-type]
    assert widths[-1] < widths[6] / 3 < widths[0]
    assert width(forecast(history, date(2022, 12, 31), kind)) == 0  # type: ignore[arg-type]


def test_a_dirty_city_that_joins_does_not_look_like_a_dirty_year() -> None:
    """The year is that of the four cities; the fourth, five times as dirty, began with it."""
    history = days_of(3, cities=4)
    history.values[:, 3] *= 5
    joined = without(history, FIRST, date(2020, 12, 31), city=3)
    made = expected(forecast(joined, date(2021, 5, 31), "mean"))
    assert made.value == pytest.approx(history.between(date(2021, 1, 1), date(2021, 12, 31)).mean(), rel=0.12)
    left = without(history, date(2021, 3, 1), date(2021, 12, 31), city=3)
    assert expected(forecast(left, date(2021, 5, 31), "mean")).low > 0


def test_days_that_never_were_bad_can_still_become_so() -> None:
    clean = above(days_of(4), 1e9)
    made = expected(forecast(clean, date(2022, 3, 31), "share"))
    assert made.low == 0 <= made.value < 0.01
    assert 0 < made.high < 10
    always = above(days_of(4), 0.0)
    dirty = expected(forecast(always, date(2022, 3, 31), "share"))
    assert dirty.high == 100 >= dirty.value > dirty.low > 90


def test_the_season_is_read_from_the_days_before_it_only() -> None:
    history = days_of(3)
    start = (date(2021, 1, 1) - FIRST).days
    changed = history.values[:, 0].copy()
    changed[start:] = 1e6
    assert (season(changed, start, 365).values == season(history.values[:, 0], start, 365).values).all()
    alone = np.full(start, np.nan)
    alone[: 365 // 2] = 5.0
    found = season(alone, start, 365)
    assert found.values[found.known] == pytest.approx(5.0)
    assert found.known[7:170].all() and not found.known[200:].any()


def test_years_unlike_one_another_teach_weights_and_width() -> None:
    """Levels drawn anew each year: what is seen of a year tells of its rest, and the width learns how well."""
    history = days_of(10)
    levels = np.random.default_rng(5).choice([0.6, 1.0, 1.7], 11)
    years = np.array([(FIRST + timedelta(n)).year - FIRST.year for n in range(len(history.values))])
    unlike = History(history.first, history.cities, history.values * levels[years][:, None])
    trials = backtest.backtest(unlike, "mean")
    found = backtest.skill(trials)
    assert found is not None and found.forecast < found.last_year / 4
    later = backtest.skill(trial for trial in trials if trial.origin.year > 2023)
    assert later is not None and later.coverage >= 0.7
    like = forecast(history, date(2028, 6, 30), "mean")
    assert width(forecast(unlike, date(2028, 6, 30), "mean")) > 1.5 * width(like)


def test_probability_and_quantile_are_one_distribution() -> None:
    for found in (Rest("mean", 3.4, 0.2, 6, ()), Rest("share", 0.3, 0.1, 6, ())):
        for part in (0.05, 0.5, 0.9):
            assert found.at_most(found.quantile(part)) == pytest.approx(part)
        assert found.at_most(-0.1) == 0
    assert Rest("share", 0.3, 0.1, 6, ()).at_most(1.0) == 1.0
