"""What is watched beside the lake: devices, registers, quality tests, ledgers, cities; and what is one event."""

from datetime import date, datetime, timedelta

import pyarrow as pa
import pytest
from django.db import connection
from django.db.models import F
from django.test.utils import CaptureQueriesContext

from qingyuan.assessments import store
from qingyuan.domains import DOMAINS, declared
from qingyuan.gateway.models import Device, DeviceState
from qingyuan.observations import lake, ledgers
from qingyuan.observations.datasets import create_dataset
from qingyuan.observations.ledger import LEDGER
from qingyuan.observations.quality import kept
from qingyuan.observations.quality.flagging import FINDING
from qingyuan.places.points import Point, write_points
from qingyuan.registers.models import Account, RegisterRecord
from qingyuan.rules.catalogue import Catalogue, catalogue
from qingyuan.rules.models import Event, Finding
from qingyuan.rules.watching import Watch

pytestmark = pytest.mark.django_db
AT = datetime(2026, 3, 20, 10)


def watch(*codes):
    rules = catalogue(declared("rules.yaml")).rules
    return Watch(
        Catalogue({code: rules[code] for code in codes}), {each.name: each for d in DOMAINS for each in d.assessments}
    )


@pytest.fixture
def dataset(tmp_path):
    made = create_dataset(tmp_path, "sources", "污染源", "Sources", simulated=False)
    (made.path / "outlets.csv").write_text("point,medium,division\nDA1,gas,220104\n", "utf-8")
    return made


def states(code):
    return list(Finding.objects.filter(rule=code).order_by("pk").values_list("state", flat=True))


def test_a_silent_device_is_found_once_and_is_over_when_it_speaks(dataset):
    Device.objects.create(mn="1" * 24, point="DA1", dataset="sources", registered_at=AT)
    DeviceState.objects.create(mn="1" * 24, last_frame=AT - timedelta(hours=3))
    one = watch("any.device_silent")
    assert [each.severity for each in one.look(dataset, AT)] == ["low"]
    for later in (2, 4):
        assert one.look(dataset, AT + timedelta(minutes=later)) == []
    assert [each.severity for each in one.look(dataset, AT + timedelta(hours=22))] == ["high"]
    DeviceState.objects.update(last_frame=AT + timedelta(hours=23))
    one.look(dataset, AT + timedelta(hours=23, minutes=5))
    assert states("any.device_silent") == ["ended"]
    assert Finding.objects.get().division == "220104"


def record(number, due, **other):
    return RegisterRecord.objects.create(
        kind="outfall", number=number, title="某排口", division="220104", domain="water", step="测", head="", opened_at=AT,
        entered_at=AT - timedelta(days=30), due=due, prefecture="220100", county="220104", **other,
    )  # fmt: skip


def test_deadlines_near_and_passed_and_kept(dataset):
    record("A", AT - timedelta(days=1))
    near = record("B", AT + timedelta(days=1))
    record("C", AT + timedelta(days=30))
    record("D", AT - timedelta(days=1), closed_at=AT)
    one = watch("any.deadline_near", "any.deadline_passed", "any.balance_broken")
    assert {(each.rule, each.point, each.domain) for each in one.registers(AT)} == {
        ("any.deadline_near", "B", "water"), ("any.deadline_passed", "A", "water"),
    }  # fmt: skip
    assert one.registers(AT + timedelta(minutes=1)) == []
    RegisterRecord.objects.filter(pk=near.pk).update(closed_at=AT)
    one.registers(AT + timedelta(minutes=2))
    assert states("any.deadline_near") == ["ended"]


def test_an_account_below_zero_is_a_broken_balance(dataset):
    Account.objects.create(kind="stock", balance="sum", account="masks", amount="-3.5")
    Account.objects.create(kind="stock", balance="sum", account="boots", amount="3.5")
    assert [each.value for each in watch("any.balance_broken").registers(AT)] == [-3.5]


def suspicion(begin, code="replayed", point="DA1"):
    return {"code": code, "point": point, "property": "so2", "averaging": "1h", "begin": begin, "end": begin + timedelta(hours=30),
            "rows": 30, "statistic": 9.0, "threshold": 5.0, "evidence": "{}"}  # fmt: skip


def test_suspicions_of_outlets_come_and_are_taken_back_with_the_tests(dataset):
    begin = AT - timedelta(days=3)
    kept.keep(
        dataset.path,
        pa.Table.from_pylist([suspicion(begin), suspicion(begin, "spike"), suspicion(begin, point="X")], FINDING),
    )
    one = watch("sources.tampering")
    assert [(each.point, each.severity) for each in one.look(dataset, AT)] == [("DA1", "high")]
    assert one.look(dataset, AT) == []
    kept.keep(dataset.path, FINDING.empty_table())
    one.look(dataset, AT + timedelta(hours=1))
    assert states("sources.tampering") == ["retracted"]


def test_a_day_below_the_rate_and_the_day_after(dataset):
    def day(number, rate):
        row = dict.fromkeys(LEDGER.names, 0) | {
            "point": "DA1",
            "property": "so2",
            "averaging": "1h",
            "day": date(2026, 3, number),
        }
        row |= {"expected": 24, "transmission_rate": rate, "valid_rate": 1.0, "effective_rate": rate, "met": rate == 1}
        ledgers.keep(dataset.path, pa.Table.from_pylist([row], LEDGER), row["day"])

    day(17, 1.0)
    day(18, 0.4)
    one = watch("sources.transmission")
    assert [(each.severity, each.confidence) for each in one.look(dataset, AT)] == [("high", "one_source")]
    day(19, 1.0)
    one.look(dataset, AT)
    assert states("sources.transmission") == ["ended"]


def test_neighbouring_cities_of_one_episode_are_one_event(tmp_path):
    dataset = create_dataset(tmp_path, "air", "空气", "Air", simulated=False)
    cities = [("220100", 125.3, 43.9), ("220200", 126.5, 43.8), ("222400", 129.5, 42.9)]
    write_points(
        dataset.path, [Point(code, "city", code, code, code, None, lon, lat, "national") for code, lon, lat in cities]
    )
    rows = [
        {"point": code, "kind": "city", "phenomenon_time": datetime(2026, 3, 18), "aqi": 230, "level": 5, "valid": True,
         "primary": "pm25", "clause": "HJ 633—2026 table 1", "edition": "2026", "period": "2026"}
        for code, _lon, _lat in cities
    ]  # fmt: skip
    store.replace(dataset.path, "air.daily_aqi", pa.Table.from_pylist(rows), ["2026"], "v0")
    found = watch("air.city_day").look(dataset, AT)
    assert {each.point: each.severity for each in found} == dict.fromkeys(("220100", "220200", "222400"), "high")
    events = dict(Finding.objects.values_list("point", "event"))
    assert events["220100"] == events["220200"] != events["222400"]
    tie = Finding.objects.get(point="220100").via[0]
    assert (tie["how"], 90 < tie["km"] < 110) == ("neighbour", True)
    assert Event.objects.count() == 2


def test_the_number_of_statements_does_not_grow_with_the_stations(tmp_path):
    def asked(slug, stations):
        made = create_dataset(tmp_path, slug, "试", "Trial", simulated=True, last_hour=AT)
        one = watch("air.jump")
        row = {"property": "pm25", "averaging": "1h", "unit": "ug/m3", "flag": None, "source": "s", "line": 1}
        counts = []
        for hour, value in enumerate((10.0, 300.0, 500.0, 400.0, 650.0)):
            at = AT - timedelta(hours=6 - hour)
            rows = [
                {**row, "point": f"P{n}", "phenomenon_time": at, "result_time": at, "value": value}
                for n in range(stations)
            ]
            lake.append(made.path, pa.Table.from_pylist(rows))
            with CaptureQueriesContext(connection) as queries:
                counts.append((len(one.look(made, AT)) // stations, len(queries)))
        return counts

    few, many = asked("few", 3), asked("many", 15)
    assert few == many
    assert [changed for changed, _ in few] == [0, 1, 1, 1, 1]
    assert Finding.objects.filter(dataset="many", relapse_of__point=F("point")).count() == 15
