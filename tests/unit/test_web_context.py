"""The context of a page: read from the address, held by links, refused in words when it cannot be read."""

from datetime import datetime

import pytest
import stage

from qingyuan.interfaces.web import context, reading


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    folder = tmp_path_factory.mktemp("data")
    stage.build(folder)
    stage.create_dataset(folder, "a-real-one", "真", "Real", simulated=False)
    return folder


@pytest.fixture(autouse=True)
def _in_it(data, monkeypatch):
    monkeypatch.setenv("QINGYUAN_DATA", str(data))


def test_defaults_are_the_demo_the_province_and_the_last_hour_with_data():
    ctx = context.from_query({})
    assert (ctx.dataset.slug, ctx.place, ctx.time) == ("simulated", "220000", stage.LAST)
    assert ctx.is_latest and ctx.province and ctx.simulated and not ctx.what_if
    assert ctx.query() == ""


def test_what_the_address_names_is_held_by_links():
    ctx = context.from_query({"place": "220100", "time": "2025-10-20T05", "edition": "2026", "page": "7"})
    assert ctx.link("plan") == "/plan/?place=220100&time=2025-10-20T05&edition=2026"
    assert ctx.link("plan", place=None) == "/plan/?time=2025-10-20T05&edition=2026"


@pytest.mark.parametrize(
    ("day", "edition", "names", "what_if"),
    [
        ("2026-02-28T23", "by-date", "2012", False),
        ("2026-03-01T00", "by-date", "2026", False),
        ("2025-10-28T00", "2026", "2026", True),
        ("2026-03-01T00", "2012", "2012", True),
        ("2025-10-28T00", "2012", "2012", False),
    ],
)
def test_the_edition_follows_the_day_of_the_data(day, edition, names, what_if):
    ctx = context.from_query({"time": day, "edition": edition})
    assert ctx.law_names == [f"GB 3095—{names}", f"HJ 633—{names}"]
    assert ctx.what_if is what_if


@pytest.mark.parametrize(
    "bad",
    [
        {"time": "yesterday"},
        {"time": "0001-01-01"},
        {"place": "110000"},
        {"place": "220102"},
        {"edition": "1996"},
        {"dataset": "../simulated"},
    ],
)
def test_a_bad_value_is_refused_with_what_to_do(bad):
    with pytest.raises(context.BadContext) as told:
        context.from_query(bad)
    assert told.value.what and told.value.todo


def test_a_dataset_without_results_has_a_time_all_the_same():
    ctx = context.from_query({"dataset": "a-real-one"})
    assert ctx.time.minute == 0 and not ctx.simulated


def test_no_dataset_is_told_apart(monkeypatch, tmp_path):
    monkeypatch.setenv("QINGYUAN_DATA", str(tmp_path))
    with pytest.raises(context.NoDataset):
        context.from_query({})


def test_what_if_restates_the_stored_day():
    """PM2.5 of 62 to 75 is 'good' by the table of 2012 (75 → 100) and beyond it by that of 2026 (60 → 100)."""
    by_date = context.from_query({})
    what_if = context.from_query({"edition": "2026"})
    day = datetime(2025, 10, 20).date()
    before = {row["point"]: row for row in reading.days_judged(by_date, day, day)}
    after = {row["point"]: row for row in reading.days_judged(what_if, day, day)}
    changed = [point for point, row in before.items() if 60 < row["pm25"] <= 75]
    assert changed
    assert all(before[point]["level"] == 2 and after[point]["level"] == 3 for point in changed)


def test_the_edition_of_2026_withholds_a_low_index_with_an_item_missing():
    what_if = context.from_query({"edition": "2026"})
    rows = reading.days_judged(what_if, datetime(2025, 1, 1).date(), datetime(2025, 10, 1).date(), "station")
    mine = [row for row in rows if row["point"] == stage.LACKING]
    assert {row["aqi"] for row in mine if row["pm25"] <= 60} == {None}
    assert all(row["aqi"] > 100 for row in mine if row["pm25"] > 60)
