"""A worked example of each shipped kind: its whole way, and what it refuses."""

from datetime import date, datetime

import pytest
from registering import Ledger, somebody

from qingyuan.people.models import AuditEntry
from qingyuan.registers.flow.reasons import Refused
from qingyuan.registers.models import Account

pytestmark = pytest.mark.django_db

COUNTY = somebody("county.water", "county.monitoring", "county.environment", "county.emergency", division="220104")
CITY = somebody("city.water", "city.environment", "city.radiation", "city.emergency", division="220100")
PROVINCE = somebody("province.environment", "province.radiation", "province.emergency")
OWNER = somebody("facility.owner", division="220104", sites=["E1"])
FILE = [{"name": "照片.jpg", "sha256": "0" * 64, "size": 10, "media": "image/jpeg"}]


def codes(problem):
    return [(reason.code, reason.field) for reason in problem.value.reasons]


def test_an_outfall_from_survey_to_striking_off():
    ledger = Ledger("outfall", site="E1")
    record = ledger.open(
        COUNTY, values={"name": "总排口", "location": "125.25, 43.69", "category": "城镇污水处理厂排污口"}
    )
    assert (record.number, record.step, record.due) == ("220104-PK0001", "survey", datetime(2026, 4, 1, 23, 59, 59))
    ledger.do("sign", COUNTY, values={"flowing": "是"})
    ledger.do("sign", COUNTY, values={"nh3n": "2.31", "cod": "38 mg/L", "sampled_on": "2026/3/5"})
    with pytest.raises(Refused) as problem:
        ledger.do("sign", CITY, values={"flow": "186 000", "permitted_flow": "50000", "location": "125, 43"})
    assert codes(problem) == [
        ("sealed", "location"),
        ("missing", "source"),
        ("missing", "evidence"),
        ("missing", "measure"),
        ("bound", "flow"),
    ]
    assert "若表上是吨每月，请除以 30" in problem.value.of("zh")[-1]
    given = {
        "flow": "6200",
        "permitted_flow": "50000",
        "source": "污水厂",
        "evidence": "沿干管上溯",
        "measure": "standardise",
    }
    assert ledger.do("sign", CITY, values=given).step == "mend"
    with pytest.raises(Refused):
        ledger.do("sign", somebody("facility.owner", division="220104", sites=["E2"]), values={"done_on": "2026-05-01"})
    assert ledger.do("sign", OWNER, values={"done_on": "2026-05-01"}).step == "strike_off"
    assert ledger.do("sign", CITY).step == "closed"
    assert ledger.wrong == ""
    assert AuditEntry.objects.filter(record="outfall/220104-PK0001").count() == 6


def test_an_outfall_that_needs_nothing_skips_the_works():
    ledger = Ledger("outfall")
    ledger.open(COUNTY, values={"name": "x", "location": "125.25, 43.69", "category": "other", "flowing": False})
    ledger.do("sign", COUNTY)
    ledger.do("sign", COUNTY, values={"nh3n": "0.1", "cod": "9", "sampled_on": "2026-03-05"})
    given = {"flow": "0", "source": "雨水", "evidence": "无来水", "measure": "none_needed"}
    assert ledger.do("sign", CITY, values=given).step == "strike_off"


def test_a_rectification_task_is_sent_back_until_it_is_accepted():
    ledger = Ledger("rectification", division="220100")
    task = {
        "problem": "黑臭水体反弹",
        "round": "central",
        "topic": "water",
        "goal": "消除黑臭",
        "due_on": "2026-12-31",
        "duty_holder": "12",
    }
    ledger.open(PROVINCE, values=task)
    ledger.do("sign", PROVINCE)
    ledger.do(
        "sign", CITY, values={"leader": "王", "measures": [{"what": "截污", "until": "2026-06-30"}, {"what": ""}]}
    )
    assert ledger.record.due == datetime(2026, 12, 31, 23, 59, 59)
    with pytest.raises(Refused, match="below 100"):
        ledger.do("sign", CITY, values={"progress": "80", "result": "管网建成"})
    ledger.do("sign", CITY, values={"progress": "100", "result": "管网建成"})
    assert ledger.do("sign", PROVINCE, values={"accepted": "否", "opinion": "溢流口未封"}).step == "rectify"
    ledger.do("sign", CITY)
    assert ledger.do("sign", PROVINCE, values={"accepted": "是", "opinion": "通过"}).step == "publish"
    ledger.do("sign", CITY, values={"published_on": "2026-11-20", "published_at": "http://sthjt.jl.gov.cn/"})
    assert ledger.do("sign", PROVINCE).step == "closed"
    assert ledger.wrong == ""


def source(ledger, activity, licensed="3e11", code="NX26CO000011"):
    values = {
        "code": code,
        "nuclide": "Co-60",
        "activity": activity,
        "made_on": "2026-01-05",
        "licence": "吉环辐证[A0001]",
    }
    ledger.open(CITY, values={**values, "licensed": licensed, "holder": "E1"})
    return ledger


def test_a_radioactive_source_gets_its_category_and_stays_within_the_licence():
    first = source(Ledger("radioactive_source", site="E1"), "2e11")
    assert first.do("sign", CITY).values["category"] == "3"
    assert Account.objects.get(balance="held").amount == "200000000000"
    second = source(Ledger("radioactive_source", site="E1"), "2e11")
    with pytest.raises(Refused) as problem:
        second.do("sign", CITY)
    assert codes(problem) == [("balance", "")]
    first.do("sign", OWNER, values={"going": "transfer"})
    with pytest.raises(Refused, match="the present one"):
        first.do("sign", PROVINCE, values={"next_holder": "E1", "approval": "x"})
    assert first.do("sign", PROVINCE, values={"next_holder": "E2", "approval": "吉环审〔2026〕1号"}).step == "hold"
    assert first.record.values["holder"] == "E2"
    assert second.do("sign", CITY).step == "hold"
    second.do("sign", OWNER, values={"going": "recall"})
    second.do("sign", PROVINCE, values={"received_by": "省城市放射性废物库", "received_on": "2026-05-01"})
    assert {each.account: each.amount for each in Account.objects.all()} == {
        "E1 · Co-60": "0",
        "E2 · Co-60": "200000000000",
    }


def test_a_heating_boiler_needs_its_replacement_first():
    ledger = Ledger("coal_boiler", site="E1")
    boiler = {
        "name": "1#",
        "location": "125.25, 43.69",
        "capacity": "10",
        "built_up": True,
        "heating": "heating",
        "coal": "9000",
    }
    ledger.open(COUNTY, values=boiler)
    ledger.do("sign", COUNTY)
    with pytest.raises(Refused, match="replacement named first"):
        ledger.do("sign", COUNTY, values={"way": "district", "until": "2026-10-01"})
    ledger.do("sign", COUNTY, values={"way": "district", "until": "2026-10-01", "replaced_by": "热电厂"})
    assert ledger.record.due.date() == date(2026, 10, 1)
    ledger.do("sign", OWNER, values={"stopped_on": "2026-09-10", "photos": FILE})
    with pytest.raises(Refused, match="special equipment"):
        ledger.do("sign", CITY, values={"deregistered": "否"})
    assert ledger.do("sign", CITY, values={"deregistered": "是"}).step == "closed"


def movement(direction, quantity):
    ledger = Ledger("supplies")
    given = {
        "store": "净月库",
        "item": "活性炭",
        "direction": direction,
        "quantity": quantity,
        "moved_on": "2026-03-01",
    }
    ledger.open(COUNTY, values=given)
    ledger.do("sign", COUNTY)
    return ledger


def test_the_stock_is_never_negative():
    out = movement("outward", "5")
    with pytest.raises(Refused, match="below 0"):
        out.do("sign", CITY)
    inward = movement("inward", "12.5")
    inward.do("sign", CITY)
    assert out.do("sign", CITY).step == "closed"
    assert Account.objects.get().amount == "7.5"
    with pytest.raises(Refused, match="would be -5"):
        inward.do("void", COUNTY, note="重复")
    inward.do("amend", CITY, values={"quantity": "6"}, note="过磅单")
    assert Account.objects.get().amount == "1.0"
