"""The job of cases: findings become cases once; days of an outlet and a station prove or refute a mending."""

from datetime import date, datetime, timedelta
from types import SimpleNamespace

import pyarrow as pa
import pytest

from qingyuan.assessments import store
from qingyuan.cases import kinds
from qingyuan.cases.models import Case
from qingyuan.domains import declared
from qingyuan.interfaces.jobs import cases as job
from qingyuan.observations import lake
from qingyuan.rules.catalogue import catalogue
from qingyuan.rules.models import Event, Finding

FIRST = date(2026, 3, 1)


def finding(**more):
    told = {
        "pk": 5, "rule": "sources.hour_over", "severity": "high", "division": "220204", "domain": "sources",
        "site": "S1", "point": "DA001", "name_zh": "松江热力DA001", "property": "nox", "window_to": datetime(2026, 3, 1, 8),
        "window_from": datetime(2026, 3, 1, 5), "value": 131.0, "unit": "mg/m3", "limit": 100.0, "clause": "GB 13223—2011 表1",
        "case_kind": "exceedance", "event_id": 3, "evidence_sha256": "ab", "simulated": True,
        "declared": "title: {zh: 小时均值超标, en: Hourly mean above limit}",
    }  # fmt: skip
    return SimpleNamespace(**{**told, **more})


def test_a_finding_becomes_a_signal():
    made = job.signal_of(finding())
    assert made.kind == "exceedance" and made.about == "松江热力DA001 NOX 小时均值超标" and made.severity == "high"
    assert made.event == "3" and made.key == "5" and "131 mg/m3，限值 100" in made.evidence and made.simulated
    assert job.signal_of(finding(declared="[")).about.endswith("sources.hour_over")


def test_every_rule_opens_a_kind_of_case_that_is_declared():
    found = catalogue(declared("rules.yaml")).rules.values()
    assert {each.opens for each in found} - {""} <= set(kinds.kinds())


def kept(dataset, name, rows, columns):
    table = pa.Table.from_pylist([dict(zip(columns, row, strict=True)) for row in rows])
    store.replace(dataset, name, table, sorted({row["period"] for row in table.to_pylist()}), "0")


def at(day, hour=0):
    return datetime.combine(FIRST, datetime.min.time()) + timedelta(days=day, hours=hour)


def test_the_days_of_an_outlet(tmp_path):
    columns = ("point", "property", "phenomenon_time", "valid", "over", "period")
    days = [("DA001", "nox", at(n), n != 2, False, "2026") for n in range(5)]
    days += [("DA001", "so2", at(n), True, True, "2026") for n in range(5)]
    kept(tmp_path, "sources.daily", days, columns)
    kept(tmp_path, "sources.exceedance", [("DA001", "nox", at(3, 7), True, True, "2026-03")], columns)
    case = Case(point="DA001", item="nox", domain="sources")
    found = job._outlet(tmp_path, case, FIRST, FIRST + timedelta(days=9))
    assert list(found.values()) == [True, True, None, False, True]
    assert job._outlet(tmp_path, Case(point="DA009", item="nox"), FIRST, FIRST) is None


def test_the_days_of_a_station(tmp_path):
    columns = ("point", "phenomenon_time", "pm25", "period")
    values = [30.0, 75.0, 76.0, None]
    kept(tmp_path, "air.daily_aqi", [("A1", at(n), each, "2026") for n, each in enumerate(values)], columns)
    found = job._air(tmp_path, Case(point="A1", item="pm25", domain="air"), FIRST, FIRST + timedelta(days=9))
    assert list(found.values()) == [True, False, False, None], "since 2026-03-01 the limit is 60"


@pytest.mark.django_db
def test_findings_are_taken_once_and_one_event_is_one_case(tmp_path):
    event = Event.objects.create(domain="sources", division="220204", opened_at=at(0))
    told = {name: value for name, value in vars(finding()).items() if name not in ("pk", "event_id", "window_from")}
    for hour, item in ((5, "nox"), (6, "so2")):
        more = {"property": item, "window_from": at(0, hour), "event": event, "urgency": 1, "dataset": "d"}
        Finding.objects.create(**{**told, **more}, opened_at=at(0, 9), changed_at=at(0, 9))
    rest = {
        "property": "pm",
        "window_from": at(0, 5),
        "urgency": 1,
        "dataset": "d",
        "opened_at": at(0),
        "changed_at": at(0),
    }
    for hour, other in enumerate(({"case_kind": ""}, {"state": "suppressed"}, {"state": "retracted"})):
        Finding.objects.create(**{**told, **rest, **other, "window_from": at(0, hour)})
    assert job.look(tmp_path, at(0, 9)).taken == 2
    assert job.look(tmp_path, at(0, 10)).taken == 0
    case = Case.objects.get()
    assert case.origins.count() == 2 and case.rule == "sources.hour_over" and case.severity == "high"


def levels(point, values, flag=None):
    """A row every four hours from FIRST on."""
    times = [at(0, 4 * n) for n in range(len(values))]
    size = len(values)
    columns = {
        "point": [point] * size, "property": ["do"] * size, "averaging": ["4h"] * size, "phenomenon_time": times,
        "value": [float(each) for each in values], "unit": ["mg/L"] * size, "flag": flag or [None] * size,
        "result_time": times, "source": ["test"] * size, "line": list(range(size)),
    }  # fmt: skip
    kinds = {"phenomenon_time": pa.timestamp("us"), "result_time": pa.timestamp("us"), "flag": pa.string()}
    return pa.table({name: pa.array(each, kinds.get(name)) for name, each in columns.items()})


@pytest.mark.django_db
def test_a_water_event_is_proven_by_later_water_data(tmp_path):
    """Dissolved oxygen was below 5: days prove the mending where all valid values keep to it, and break it else."""
    flags = [None] * 20 + ["fault"] * 4
    lake.append(tmp_path, levels("W1", [6] * 12 + [6, 6, 4.9, 6, 6, 6] + [6] * 6, flags))
    told = {name: value for name, value in vars(finding()).items() if name not in ("pk", "event_id")}
    told |= {"point": "W1", "property": "do", "domain": "water", "value": 3.2, "limit": 5.0, "averaging": "4h"}
    told |= {"case_kind": "water_event", "urgency": 1, "dataset": "d", "window_from": at(0)}
    Finding.objects.create(**told, opened_at=at(0), changed_at=at(0))
    assert job.take_findings(at(0, 9)) == 1
    case = Case.objects.get(kind="water_event")
    found = job._water(tmp_path, case, FIRST, FIRST + timedelta(days=9))
    assert list(found.values()) == [True, True, False, None], "the last day has two valid values of six"
    assert case.needed == 15 and job.READERS["water"][-1] is job._water
    assert job._water(tmp_path, Case(pk=case.pk, point="W2", item="do"), FIRST, FIRST) is None
