"""What everybody may read: closed cases signed as published, public fields of signed records; nothing else of them."""

from datetime import date, timedelta

import case_stage
import pytest
from django.test import Client
from registering import CATALOGUE, START, Ledger, somebody

from qingyuan.cases import acting, opening
from qingyuan.registers import publishing
from qingyuan.registers.flow.fold import Actor

pytestmark = pytest.mark.django_db
SECRET = "绝密甲"
FOUND = {
    "name": "某某口",
    "location": "125.28471, 43.84319",
    "category": "industrial",
    "flowing": "1",
    "contact": SECRET,
}
MENDED = date(2026, 3, 2)


@pytest.fixture
def anyone(db, data):
    return Client(SERVER_NAME="localhost")


def case(number, published="true", origin="monitor", about="热力公司氮氧化物超标"):
    told = {"origin": origin, "evidence": SECRET, "place": (125.28471, 43.84319), "site": "S1"}
    signal = opening.Signal("device", about, "220104", "sources", START, "finding", number, **told)
    made = case_stage.bring(opening.open_case(signal, START), "close", START + timedelta(hours=1), MENDED)
    given = {"acceptance": SECRET, "published": published}
    doing = acting.Doing("sign", Actor(1, SECRET, made.organisation), made.version, given)
    acting.act(made.pk, doing, lambda _signer: True, START + timedelta(hours=2))
    made.refresh_from_db()
    return made


def signed(**values):
    ledger = Ledger("outfall", name=SECRET)
    ledger.open(somebody("county.water"), values={**FOUND, **values})
    return ledger.do("sign", somebody("county.water"))


def told(client, *addresses):
    answers = [client.get(each) for each in addresses]
    assert [each.status_code for each in answers] == [200] * len(answers), addresses
    return "".join(each.content.decode() for each in answers)


def test_a_case_signed_as_published_is_told_and_no_more_than_its_public_fields(anyone):
    case_stage.organisations()
    made = case("1")
    text = told(anyone, "/public/", "/public/cases/", f"/public/cases/{made.pk}/")
    assert made.number in text and "热力公司" in text and "朝阳区" in text
    api = told(anyone, "/api/v1/public/cases", f"/api/v1/public/cases/{made.pk}")
    assert made.number in api and "125.28" not in text + api
    assert SECRET not in text + api and "韩冰" not in text + api and "赵启明" not in text + api


def test_what_is_open_or_not_published_is_not_told_at_all(anyone):
    case_stage.organisations()
    signal = opening.Signal("device", "还在办", "220104", "sources", START, "finding", "9")
    hidden = [case("1", published="false", about="不公开的"), opening.open_case(signal, START)]
    text = told(anyone, "/public/cases/", "/api/v1/public/cases")
    for each in hidden:
        assert each.number not in text and each.title not in text
        for at in (f"/public/cases/{each.pk}/", f"/api/v1/public/cases/{each.pk}"):
            assert anyone.get(at).status_code == 404


def test_the_words_of_a_reporter_stay_here(anyone):
    case_stage.organisations()
    made = case("1", origin="report", about="我家楼下3单元")
    text = told(anyone, "/public/cases/", f"/public/cases/{made.pk}/", "/api/v1/public/cases")
    assert made.number in text and "我家楼下" not in text


def test_a_signed_record_is_told_by_its_public_fields(anyone):
    record = signed()
    page = told(anyone, "/public/registers/outfall/", f"/public/registers/outfall/{record.pk}/")
    api = anyone.get(f"/api/v1/public/registers/outfall/{record.number}").json()
    assert record.number in page and "某某口" in page and "工业排污口" in page and SECRET not in page
    assert api["values"] == {"name": "某某口", "category": "industrial"} and api["county"] == "220104"
    assert "43.84" not in page + str(api)


def test_a_record_nobody_signed_or_that_is_void_is_not_told(anyone):
    ledger = Ledger("outfall")
    draft = ledger.open(somebody("county.water"), values={**FOUND, "name": "草稿口"})
    gone = Ledger("outfall")
    gone.open(somebody("county.water"), values={**FOUND, "name": "作废口"})
    gone.do("sign", somebody("county.water"))
    void = gone.do("void", somebody("county.water"), note="重复")
    text = told(anyone, "/public/registers/outfall/", "/api/v1/public/registers/outfall")
    assert "草稿口" not in text and "作废口" not in text
    for each in (draft, void):
        assert anyone.get(f"/public/registers/outfall/{each.pk}/").status_code == 404
        assert anyone.get(f"/api/v1/public/registers/outfall/{each.number}").status_code == 404


def test_a_kind_without_public_fields_is_no_page(anyone):
    closed = [each.name for each in CATALOGUE.kinds.values() if not publishing.is_public(each)]
    assert "radioactive_source" in closed and "supplies" in closed
    for name in closed:
        assert anyone.get(f"/public/registers/{name}/").status_code == 404
        assert anyone.get(f"/api/v1/public/registers/{name}").status_code == 404


def test_a_place_declared_public_is_coarse_and_personal_fields_stay_closed():
    from dataclasses import replace

    kind = CATALOGUE.kind("outfall")
    wide = replace(kind, public=(*kind.public, "location", "contact", "photos", "county"))
    values = publishing.values(wide, signed())
    assert values["location"] == [125.28, 43.84] and not {"contact", "photos"} & set(values)
    assert publishing.titled(replace(kind, public=("number",)), signed()).startswith("220104-PK")


def test_lists_can_be_narrowed_to_a_place(anyone):
    record = signed()
    assert record.number in told(anyone, "/public/registers/outfall/?place=220100")
    assert record.number not in told(anyone, "/public/registers/outfall/?place=220200")
    assert record.number in told(anyone, "/public/registers/outfall/?place=绝密")
