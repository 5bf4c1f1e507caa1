"""Responsibility letters of places and departments: what they say, who may sign when, what a change does to them."""

from __future__ import annotations

import shutil
from datetime import date, datetime, timedelta
from decimal import Decimal
from io import BytesIO
from zipfile import ZipFile

import plan_stage
import pytest
import seats
from docx import Document
from offices import somebody
from plan_stage import with_hand

from qingyuan.cases.letters.word import document
from qingyuan.interfaces import loading
from qingyuan.people.actors import Actor
from qingyuan.people.audit import SYSTEM
from qingyuan.people.rights import of
from qingyuan.places.divisions import children
from qingyuan.plans import sharing
from qingyuan.plans.decomposing.whole import Part
from qingyuan.plans.letters import files, keeping, written
from qingyuan.plans.letters.parties import NothingIssued, of_department, of_place
from qingyuan.plans.models import Responsible
from qingyuan.plans.sharing import Asked
from qingyuan.registers import acting, scope
from qingyuan.registers.flow.acts import Given
from qingyuan.registers.flow.reasons import Conflict, Refused
from qingyuan.registers.models import RegisterRecord

pytestmark = pytest.mark.django_db
AT, DAY = datetime(2026, 4, 1, 9), date(2026, 4, 1)
CITIES = [each.code for each in children("220000")]


class Signer:
    """Somebody with rights, who opens and signs letters."""

    def __init__(self, user):
        self.rights, self.actor = of(user, AT), Actor(user.pk, user.username, user.person.organisation_id)

    def opens(self, found):
        kind = loading.registers().kind(found.party.kind)
        office = str(found.party.organisation or "")
        holds = scope.holds_at(self.rights, found.party.division, kind.domain, "", office)
        return keeping.opened(kind, found, self.actor, AT, holds)

    def does(self, verb, record, version=None, **given):
        record.refresh_from_db()
        kind, holds = loading.registers().kind(record.kind), scope.holds(self.rights, record)
        at = AT + timedelta(hours=record.version)
        seen = record.version if version is None else version
        acting.act(kind, record.pk, Given(verb, self.actor, at, seen, holds, **given))
        record.refresh_from_db()

    def waits(self):
        kinds = loading.registers().kinds.values()
        return list(RegisterRecord.objects.filter(scope.waiting(self.rights, kinds)))

    def signs(self, record, **values):
        self.does("sign", record, values=values)

    def refused(self, record, **values):
        before = record.version
        with pytest.raises(Refused):
            self.signs(record, **values)
        record.refresh_from_db()
        return record.version == before


def seat(name, duty, division="220000", level="province", **more):
    return Signer(seats.seated(name, duty, division=division, level=level, **more))


@pytest.fixture
def province(db):
    return seat("guihua", "planning")


@pytest.fixture
def city(db):
    return seat("shi", "planning", "220100", "city")


def issue(rights, hand=None):
    asked = Asked(1, "220000", date(2025, 12, 31), tuple(Part(code, Decimal("31.0")) for code in CITIES))
    asked = with_hand(asked, "220100", hand) if hand else asked
    sharing.issue(rights, SYSTEM, AT, sharing.save(rights, SYSTEM, AT, asked))
    sections = Asked(4, "220000", date(2025, 12, 31), tuple(Part(code, Decimal(9), Decimal(12)) for code in CITIES))
    if not hand:
        sharing.issue(rights, SYSTEM, AT, sharing.save(rights, SYSTEM, AT, sections))


def text(letter):
    return "\n".join(each.text for each in Document(BytesIO(document(letter))).paragraphs)


def in_force(province, city, found):
    record = province.opens(found)
    province.signs(record)
    city.signs(record, lower_signer="王市长")
    province.signs(record, upper_signer="李厅长")
    return record


def test_a_letter_says_the_shares_in_force_and_prints_its_digest(province):
    issue(province.rights)
    told = text(written.letter(written.content("220100"), DAY))
    assert "不高于 29.5 µg/m³" in told and "12 个（断面数）中不少于" in told
    assert written.content("220100").digest in told and "下达方（吉林省）签字：　" in told


def test_without_shares_there_is_nothing_to_sign():
    with pytest.raises(NothingIssued):
        written.content("220100")
    assert not written.up_to_date("220100", "x")


def test_it_is_signed_from_below_then_from_above_and_only_by_them(province, city):
    issue(province.rights)
    others = [seat("qita", "planning", "220200", "city"), seat("xian", "planning", "220104", "county")]
    lead, office = seat("tingzhang", "lead"), seat("huanjing", "environment", "220100", "city")
    record = province.opens(written.content("220100"))
    assert province.waits() == [record] and city.waits() == []
    assert all(each.refused(record) for each in (city, lead, office, *others))
    province.signs(record)
    assert record.step == "lower" and city.waits() == [record] and province.waits() == []
    assert all(each.refused(record, lower_signer="代签") for each in (province, lead, office, *others))
    assert city.refused(record), "whoever signs gives a name"
    city.signs(record, lower_signer="王市长")
    assert all(each.refused(record, upper_signer="代签") for each in (city, office, *others))
    lead.signs(record, upper_signer="李厅长")
    assert record.step == "in_force"


def test_a_county_signs_with_its_city_and_the_province_stays_out_of_it(province, city):
    issue(province.rights)
    county = seat("xian", "planning", "220104", "county")
    parts = tuple(Part(each.code, Decimal("31.0")) for each in children("220100"))
    asked = Asked(1, "220100", date(2025, 12, 31), parts)
    sharing.issue(city.rights, SYSTEM, AT, sharing.save(city.rights, SYSTEM, AT, asked))
    with pytest.raises(Refused):
        province.opens(written.content("220104"))
    record = city.opens(written.content("220104"))
    city.signs(record)
    assert city.refused(record, lower_signer="市里代签") and province.refused(record, lower_signer="省里代签")
    county.signs(record, lower_signer="县长")
    assert county.refused(record, upper_signer="x") and province.refused(record, upper_signer="x")
    city.signs(record, upper_signer="市长")
    assert record.step == "in_force" and "下达方（长春市）签字：市长" in text(
        written.letter(written.content("220104"), DAY, keeping.signed(record))
    )


def test_out_of_order_and_out_of_date_acts_are_refused(province, city):
    issue(province.rights)
    record = province.opens(written.content("220100"))
    with pytest.raises(Refused):
        province.does("sign", record, to="in_force")
    province.signs(record)
    with pytest.raises(Refused):
        province.does("sign", record, values={"upper_signer": "抢签"})
    with pytest.raises(Conflict):
        city.does("sign", record, version=1, values={"lower_signer": "王市长"})
    assert record.step == "lower"


def test_what_was_signed_is_sealed(province, city):
    issue(province.rights)
    record = province.opens(written.content("220100"))
    province.signs(record)
    for name in ("content", "content_digest", "party", "plan_code"):
        with pytest.raises(Refused):
            city.does("fill", record, values={name: "改过的"})
    city.signs(record, lower_signer="王市长")
    with pytest.raises(Refused):
        province.does("fill", record, values={"lower_signer": "李市长"})
    assert record.values["lower_signer"] == "王市长"


def test_content_that_is_not_what_its_digest_says_is_not_signed(province):
    issue(province.rights)
    record = province.opens(written.content("220100"))
    province.does("fill", record, values={"content": "1. 改轻了的目标。"})
    with pytest.raises(Refused, match="digest"):
        province.signs(record)


def test_a_changed_target_marks_the_letter_and_a_new_one_replaces_it(province, city):
    issue(province.rights)
    record = in_force(province, city, written.content("220100"))
    signed = written.content("220100").digest
    assert written.up_to_date("220100", signed) and province.opens(written.content("220100")) == record
    issue(province.rights, hand=Decimal("28.0"))
    assert not written.up_to_date("220100", signed)
    kept = written.as_kept(written.content("220100"), record.values["content"])
    told = text(written.letter(kept, DAY, keeping.signed(record), differs=True))
    assert "29.5" in told and signed in told and "与现行目标任务不一致" in told
    assert record.number in told and "责任方（长春市）签字：王市长　2026年4月1日" in told
    successor = province.opens(written.content("220100"))
    assert successor != record and record.step == "in_force", "the old one holds until the new one is signed"
    issue(province.rights, hand=Decimal("27.5"))
    third = province.opens(written.content("220100"))
    successor.refresh_from_db()
    assert successor.step == "void", "a draft that says something else is given up"
    province.signs(third)
    city.signs(third, lower_signer="王市长")
    province.signs(third, upper_signer="李厅长")
    record.refresh_from_db()
    assert (third.step, record.step) == ("in_force", "closed")
    assert record.values["replaced_by"] == f"由 {third.number} 替换"


@pytest.fixture
def staged(db):
    """The small plan, whose farm department leads t1, t2, p1 and joins t3 of the city."""
    version, people = plan_stage.plan(), plan_stage.people()
    farm = people["farm"].organisation
    joined = version.items.get(key="t3")
    Responsible.objects.create(item=joined, name=f"{farm.name_zh}等", organisation=farm, order=1)
    plan_stage.give(version, people)
    return version, people


def test_a_department_s_letter_holds_what_it_leads_joins_and_its_indicators(staged):
    version, people = staged
    parties = [of_department(people[name].organisation) for name in ("farm", "city", "dispatcher")]
    found = written.department_contents(version, parties)
    farm, city = (found[each.organisation] for each in parties[:2])
    assert parties[2].organisation not in found, "nothing is asked of it"
    assert "牵头任务：秸秆还田（t1），完成 100 万亩，到2025年12月31日完成。" in farm.text
    assert "牵头项目：污水厂扩建（p1）" in farm.text and "配合任务：黑臭水体整治（t3）" in farm.text
    assert "指标：单位能耗下降" in farm.text and "指标：优良天数比例" in farm.text
    assert [line for line in city.lines if "牵头任务：黑臭水体整治" in line]
    told = text(written.letter(farm, DAY))
    assert "小规划任务责任书" in told and farm.digest in told and "下达方（吉林省）" in told and "模拟数据" in told
    assert "秸秆还田" in told


def test_a_department_signs_its_own_letter_and_nobody_else_does(staged):
    version, people = staged
    planner, farm = Signer(people["dispatcher"].user), Signer(people["farm"].user)
    other = Signer(somebody("林草局", "220000", ("task", "plan"), level="province").user)
    party = of_department(people["farm"].organisation)
    record = planner.opens(written.department_contents(version, [party])[party.organisation])
    assert farm.refused(record)
    planner.signs(record)
    assert farm.waits() == [record] and other.waits() == []
    assert other.refused(record, lower_signer="代签") and planner.refused(record, lower_signer="代签")
    farm.signs(record, lower_signer="郑处长")
    assert farm.refused(record, upper_signer="自己签")
    planner.signs(record, upper_signer="吴处长")
    assert record.step == "in_force" and keeping.of_party(party, True) == record


def test_a_task_that_changes_hands_makes_the_letter_differ(staged):
    version, people = staged
    party = of_department(people["farm"].organisation)
    before = written.department_contents(version, [party])[party.organisation].digest
    amended = plan_stage.plan_again(version, without={"t3": people["farm"].organisation_id})
    assert written.department_contents(amended, [party])[party.organisation].digest != before


def letters(province):
    issue(province.rights)
    return {code: written.letter(written.content(code), DAY) for code in CITIES}


def test_many_come_in_one_archive(province):
    made = ZipFile(BytesIO(files.archive(files.words(letters(province)))))
    assert len(made.namelist()) == 9 and all(name.endswith(".docx") for name in made.namelist())


@pytest.mark.skipif(shutil.which("soffice") is None, reason="there is no LibreOffice on this machine")
def test_letters_become_pdfs_some_at_a_time(province, monkeypatch):
    monkeypatch.setattr(files, "TOGETHER", 2)
    some = list(files.words(letters(province)))[:3]
    made = list(files.pdfs(some))
    assert [name for name, _content in made] == ["220100.pdf", "220200.pdf", "220300.pdf"]
    assert all(content.startswith(b"%PDF") for _name, content in made)


def test_no_office_says_what_to_do(monkeypatch):
    monkeypatch.setattr(shutil, "which", lambda _name: None)
    with pytest.raises(files.CannotConvert, match="Take the Word file"):
        list(files.pdfs([("a.docx", b"")]))


def test_a_place_and_a_department_are_signed_by_different_hands():
    assert of_place("220104").above == "长春市" and of_place("220100").above == "吉林省"
    kinds = [loading.registers().kind(each) for each in ("responsibility_letter", "department_letter")]
    for kind in kinds:
        assert list(kind.steps) == ["draft", "lower", "upper", "in_force"] and kind.domain == "plan"
        assert {"content", "content_digest"} <= set(kind.steps["draft"].seals)
        assert {each.of for each in kind.steps["lower"].signs} == {"own"}
        assert {each.of for each in kind.steps["upper"].signs} == {"above"}
