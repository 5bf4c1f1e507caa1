"""A small plan in force with a dispatcher and two responsible departments, for tests."""

from dataclasses import replace
from datetime import date, datetime

from offices import somebody

from qingyuan.cases import acting
from qingyuan.cases.models import Case
from qingyuan.people.actors import Actor
from qingyuan.plans.models import Item, Plan, Responsible, Version

BEGUN = datetime(2025, 1, 2, 9)
AT = datetime(2025, 7, 1, 6)


def plan(simulated=True, t1=None, code="small-14th", division="220000"):
    """Chapter, section, three tasks (two of agriculture, one of the city), an indicator, a computed one, a project."""
    made = Plan.objects.create(
        code=code, title="小规划", division=division, first_day=date(2021, 1, 1), last_day=date(2025, 12, 31),
        simulated=simulated,
    )  # fmt: skip
    version = Version.objects.create(
        plan=made,
        number=1,
        made_at=BEGUN,
        made_by="测试",
        adopted_at=BEGUN,
        in_force_from=date(2025, 1, 1),
    )
    chapter = item(version, "chapter", "c1", "第一章", 1)
    section = item(version, "section", "c1s1", "第一节", 2, parent=chapter)
    facts = {
        "quantities": [{"value": "100", "unit": "万亩"}],
        "deadlines": ["2025-12-31"],
        "planned": "1000",
        "indicators": ["1"],
    }
    item(version, "task", "t1", "秸秆还田", 3, parent=section, facts=t1 or facts)
    item(version, "task", "t2", "畜禽粪污利用", 4, parent=section)
    item(version, "task", "t3", "黑臭水体整治", 5, parent=section)
    item(version, "indicator", "1", "优良天数比例", 6, facts={"computed": True, "unit": "%"})
    item(version, "indicator", "9", "单位能耗下降", 7, facts={"unit": "%"})
    item(version, "project", "p1", "污水厂扩建", 8, parent=section)
    return version


def item(version, kind, key, title, order, parent=None, facts=None):
    return Item.objects.create(
        version=version, kind=kind, key=key, title=title, order=order, parent=parent, facts=facts or {}
    )


def people():
    """Who dispatches, who reports for agriculture and who for the city."""
    return {
        "dispatcher": somebody("规划处", "220000", ("planning", "*"), ("dispatch", "plan"), level="province"),
        "farm": somebody("农业农村厅", "220000", ("task", "plan"), level="province"),
        "city": somebody("长春市局", "220100", ("environment", "*"), level="city"),
    }


def give(version, seats):
    """Every item its responsible: t1, t2, p1 and indicator 9 of agriculture, t3 of the city."""
    owners = {"t1": "farm", "t2": "farm", "9": "farm", "p1": "farm", "t3": "city", "1": "farm"}
    for each in version.items.filter(key__in=owners):
        office = seats[owners[each.key]].organisation
        Responsible.objects.create(item=each, name=office.name_zh, lead=True, organisation=office)
    adopt(version)


def adopt(version):
    """Put the version in force; from then on it is sealed."""
    version.state = "adopted"
    version.save()


def actor(person):
    return Actor(person.user_id, person.name, person.organisation_id)


def do(case, verb, person, values=None, note="", to="", at=AT):
    case.refresh_from_db()
    doing = acting.Doing(verb, actor(person), case.version, values or {}, note, to)
    acting.act(case.pk, doing, lambda _signer: True, at)
    case.refresh_from_db()


def filled(case, **by_key):
    """The table of a case, filled; what is not said is under way at 40 %."""
    usual = {"status": "under_way", "progress": "40"}
    return [{**row, **(by_key.get(row["key"]) or (usual if row["kind"] != "indicator" else {"value": "3.1"}))} for row in case.values["rows"]]  # fmt: skip


def case_of(person):
    return Case.objects.filter(kind="plan_report", organisation=person.organisation_id).order_by("-pk").first()


def with_hand(asked, key, hand, reason=""):
    """The same request with one part set by hand."""
    parts = tuple(replace(each, hand=hand, reason=reason) if each.key == key else each for each in asked.parts)
    return replace(asked, parts=parts)


def plan_again(version, without):
    """A second version of the same plan in force, an organisation no longer responsible for an item (by its key)."""
    held = [(each, list(each.responsible.all())) for each in version.items.all()]
    made = Version.objects.create(
        plan=version.plan, number=version.number + 1, made_at=AT, made_by="测试", adopted_at=AT, in_force_from=AT.date()
    )
    for old, people_ in held:
        kept = item(made, old.kind, old.key, old.title, old.order, facts=old.facts)
        for each in people_:
            if without.get(old.key) != each.organisation_id:
                Responsible.objects.create(item=kept, name=each.name, lead=each.lead, organisation=each.organisation)
    adopt(made)
    return made
