"""Findings follow from the rows alone: any order of arrival, any number of looks and restarts give the same ones."""

from dataclasses import replace
from datetime import datetime, timedelta
from itertools import pairwise
from pathlib import Path
from tempfile import TemporaryDirectory

import pyarrow as pa
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from qingyuan.observations import lake
from qingyuan.observations.datasets import create_dataset
from qingyuan.rules import reading, spells
from qingyuan.rules.catalogue import Catalogue
from qingyuan.rules.models import Change, Event, Finding, Reached
from qingyuan.rules.watching import Watch

FIRST = datetime(2026, 3, 1)
LAST = FIRST + timedelta(hours=71)
RULES = """
rules:
  high:
    title: {zh: 高, en: High}
    basis: [{house: {zh: 试, en: Trial}}]
    when: {observation: [pm25], bad: value > 100, good: value < 50, for: 2, ends_after: 2, gap: 3h}
    severity: {"value > 200": high, "rows >= 4": high, otherwise: low}
    joins: {within: 6h}
  silent:
    title: {zh: 无数据, en: Silent}
    basis: [{house: {zh: 试, en: Trial}}]
    when: {missing: point, for: 3, late: 1h}
    severity: low
    joins: {within: 6h}
"""
VALUES = st.sampled_from([None, 20.0, 40.0, 70.0, 120.0, 250.0])
SERIES = st.lists(VALUES, min_size=72, max_size=72)
TOUCHED = lake.touched


@pytest.fixture(scope="module")
def rules(tmp_path_factory):
    file = tmp_path_factory.mktemp("rules") / "rules.yaml"
    file.write_text(RULES, "utf-8")
    return reading.rules(file, "air")


def row(point, hour, value, flag=None, after=0):
    at = FIRST + timedelta(hours=hour)
    return {
        "point": point, "property": "pm25", "averaging": "1h", "phenomenon_time": at, "value": value, "unit": "ug/m3",
        "flag": flag, "result_time": at + timedelta(hours=1 + after), "source": "s", "line": hour + after,
    }  # fmt: skip


def told():
    """All that stands, and which belong together; numbers of rows in the database left out."""
    found = Finding.objects.exclude(state="retracted").order_by("rule", "point", "window_from")
    names = ("rule", "point", "window_from", "window_to", "still", "ended_at", "rows", "severity", "value", "state")
    keys = {each.pk: (each.rule, each.point, each.window_from) for each in found}
    events = {}
    for each in found:
        events.setdefault(each.event_id, set()).add(keys[each.pk])
    ties = {keys[each.pk]: sorted((keys[tie["finding"]], tie["how"]) for tie in each.via) for each in found}
    relapses = {keys[each.pk]: keys.get(each.relapse_of_id) for each in found}
    stands = [tuple(getattr(each, name) for name in names) for each in found]
    return stands, sorted(map(sorted, events.values())), ties, relapses


def forget():
    for model in (Change, Finding, Event, Reached):
        model.objects.all().delete()


def look(folder, rules, batches, amendments):
    """The dataset filled in batches, looked at after each by what has just been started; twice, as after a crash."""
    dataset = create_dataset(folder, "trial", "试", "Trial", simulated=True, last_hour=LAST)
    for batch in batches:
        lake.append(dataset.path, pa.Table.from_pylist(batch))
        Watch(Catalogue(rules), {}).look(dataset, LAST)
    for batch in amendments:
        lake.amend(dataset.path, pa.Table.from_pylist(batch), reason="r", by="b")
        Watch(Catalogue(rules), {}).look(dataset, LAST)
    assert Watch(Catalogue(rules), {}).look(dataset, LAST) == []
    return told()


ARRIVING = given(
    one=SERIES, other=SERIES, amended=st.dictionaries(st.integers(0, 71), VALUES, max_size=3), order=st.randoms()
)
SHARED = [HealthCheck.function_scoped_fixture]


@pytest.mark.django_db
@settings(max_examples=60, deadline=None, suppress_health_check=SHARED)
@ARRIVING
def test_any_order_of_arrival_gives_the_same_findings(rules, one, other, amended, order):
    same_in_any_order(rules, one, other, amended, order)


def only_the_last_row(dataset, since):
    """A planted fault: a line is judged from its last new row on, not from its first."""
    return [replace(each, first=each.last) for each in TOUCHED(dataset, since)]


def rows_alone(dataset, since):
    """A planted fault: amendments are not looked at."""
    rows, amendments = since.split(".")
    return TOUCHED(dataset, f"{rows}.{max(int(amendments), lake.version(dataset, 'amendments'))}")


@pytest.mark.django_db
@pytest.mark.parametrize("fault", [only_the_last_row, rows_alone])
def test_the_property_fails_where_rows_are_passed_over(rules, monkeypatch, fault):
    monkeypatch.setattr(lake, "touched", fault)

    @settings(max_examples=60, deadline=None, database=None, suppress_health_check=SHARED, phases=[Phase.generate])
    @ARRIVING
    def tried(one, other, amended, order):
        same_in_any_order(rules, one, other, amended, order)

    with pytest.raises(AssertionError):
        tried()


def same_in_any_order(rules, one, other, amended, order):
    rows = [
        row(point, hour, value)
        for point, values in (("A", one), ("B", other))
        for hour, value in enumerate(values)
        if value
    ]
    if not rows:
        return
    changes = [
        row("A", hour, value or 0.0, None if value else "D", after=5) for hour, value in amended.items() if one[hour]
    ]
    mixed = list(rows)
    order.shuffle(mixed)
    cuts = sorted({0, len(mixed), *(order.randrange(len(mixed)) for _ in range(2))})
    forget()
    with TemporaryDirectory() as folder:
        piecemeal = look(Path(folder), rules, [mixed[a:b] for a, b in pairwise(cuts)], [[each] for each in changes])
    forget()
    with TemporaryDirectory() as folder:
        dataset = create_dataset(Path(folder), "trial", "试", "Trial", simulated=True, last_hour=LAST)
        lake.append(dataset.path, pa.Table.from_pylist(rows))
        if changes:
            lake.amend(dataset.path, pa.Table.from_pylist(changes), reason="r", by="b")
        Watch(Catalogue(rules), {}).look(dataset, LAST)
        whole = told()
        for at, part in enumerate(whole):
            assert part == piecemeal[at], (
                len(part),
                len(piecemeal[at]),
                [x for x in [*part, *piecemeal[at]] if (x in part) != (x in piecemeal[at])],
            )
    forget()


@settings(max_examples=100, deadline=None)
@given(SERIES)
def test_hysteresis_never_flaps(rules, values):
    rule = rules["air.high"]
    rows = [{"at": FIRST + timedelta(hours=n), "value": value} for n, value in enumerate(values)]
    found = spells.stretches(rule, rows)
    judged = {each["at"]: spells.judge(rule, each) for each in rows}
    for before, after in pairwise(found):
        between = [judged[each["at"]] for each in rows if before.end <= each["at"] < after.begin]
        known = [each for each in between if each is not spells.Judged.UNKNOWN]
        assert _run(known)
    for each in found:
        bad = [at for at, said in judged.items() if each.begin <= at < each.end and said is spells.Judged.ON]
        assert len(bad) == each.rows >= rule.when.hold
        assert judged[each.begin] is spells.Judged.ON


def _run(known):
    """Whether two good rows stand side by side."""
    return any(a is b is spells.Judged.OFF for a, b in pairwise(known))
