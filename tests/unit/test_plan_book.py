"""A plan's text becomes a version: drafted, reviewed, adopted, sealed, compared."""

from datetime import date, datetime

import pytest
from django.db import DatabaseError, connection, transaction

from qingyuan.base.errors import WrongUsage
from qingyuan.people.audit import Actor
from qingyuan.people.models import AuditEntry, Organisation
from qingyuan.plans.book import adopting, keeping, reviewing, sealing, seeding
from qingyuan.plans.book.difference import difference, pieces
from qingyuan.plans.book.entries import entries_of
from qingyuan.plans.book.likeness import keys
from qingyuan.plans.models import Item, Plan, Responsible, Version

AT = datetime(2026, 3, 2, 9)
ME = Actor(1, "林处长", None)
HAND = reviewing.Hand(ME, AT)
TEXT = "第一章 水\n第一节 治水\n护好河流。到２０３０年，好水比例达到８５１％。（省水利厅牵头，省林草局负责）\n修好管网。（省住房城乡建设厅负责）\n专栏１ 工程\n（一）管网工程。\n"


def span(part):
    start = TEXT.index(part)
    return [start, start + len(part)]


def draft(**changes):
    doubt = {"field": "value", "printed": "８５１", "alternatives": [85.1, 8.51]}
    found = {
        "title": "试验规划",
        "text": TEXT,
        "chapters": [{"no": 1, "title": "水", "text_span": span("第一章"), "sections": [{"no": 1, "title": "治水", "text_span": span("第一节")}]}],
        "tasks": [
            {"no": 1, "title": "护好河流", "text": "护好河流。到２０３０年，好水比例达到８５１％。", "lead": "省水利厅", "departments": ["省水利厅", "省林草局"], "quantities": [{"subject": "好水比例", "value": 85.1, "text_span": span("到２０３０年")}], "text_span": [span("护好")[0], span("（省水利厅牵头")[0]]},
            {"no": 2, "title": "修好管网", "text": "修好管网。", "lead": "省住房城乡建设厅", "departments": ["省住房城乡建设厅"], "quantities": [], "text_span": span("修好管网。")},
        ],
        "boxes": [{"no": 1, "title": "工程", "text_span": span("专栏"), "items": [{"no": 1, "title": "管网工程", "text": "", "text_span": span("（一）")}]}],
        "indicators": [],
        "targets": [{"subject": "好水比例", "value": 85.1, "operator": "=", "unit": "%", "by": "2030", "text": "到２０３０年，好水比例达到８５１％", "text_span": span("到２０３０年"), "doubtful": [doubt]}],
    }  # fmt: skip
    return {**found, **changes}


@pytest.fixture
def plan(db):
    return Plan.objects.create(
        code="test-15th", title="试验规划", division="220000", first_day=date(2026, 1, 1), last_day=date(2030, 12, 31)
    )


@pytest.fixture
def version(plan):
    return keeping.open_draft(plan, entries_of(draft()), keeping.Origin("一稿", "a.txt", TEXT), ME, AT)


def test_a_draft_stands_in_the_order_of_the_text_each_below_what_it_stands_in():
    found = entries_of(draft())
    assert [entry.kind for entry in found] == ["chapter", "section", "task", "target", "task", "box", "project"]
    assert [entry.parent for entry in found] == [None, 0, 1, 2, 1, 0, 5]
    assert found[2].departments == ("省水利厅", "省林草局")
    assert found[2].leads == ("省水利厅",)
    assert found[2].facts["quantities"] == [], "the figure is kept once, as a target"


def test_keeping_names_the_organisations_it_knows(plan):
    known = Organisation.objects.create(name_zh="吉林省水利厅", division="220000")
    version = keeping.open_draft(plan, entries_of(draft()), keeping.Origin(text=TEXT), ME, AT)
    people = Responsible.objects.filter(item__version=version, item__title="护好河流")
    assert [(each.name, each.lead, each.organisation) for each in people] == [
        ("省水利厅", True, known),
        ("省林草局", False, None),
    ]
    assert AuditEntry.objects.get().record == "test-15th:1"


def test_a_renamed_task_keeps_its_key_and_a_new_one_gets_one_never_used():
    old = seeding.library()
    tasks = [entry for entry in old if entry.kind == "task"]
    new = [
        tasks[1],
        tasks[0],
        type(tasks[0])("task", "秸秆禁烧与离田", "3"),
        type(tasks[0])("task", "极地冰川勘探", "4"),
    ]
    assert keys(old, new) == ["t002", "t001", "t025", "t121"]


def test_the_library_holds_the_whole_plan():
    kinds = [entry.kind for entry in seeding.library()]
    assert [kinds.count(kind) for kind in ("chapter", "task", "box", "project", "indicator")] == [10, 120, 8, 37, 19]
    numbers = [int(entry.number) for entry in seeding.library() if entry.kind == "task"]
    assert numbers == list(range(1, 121))
    assert len({(entry.kind, entry.key) for entry in seeding.library()}) == len(kinds)


def test_the_seeded_plan_is_in_force_from_its_first_day_and_made_once(db):
    version = seeding.seed(ME, AT)
    assert seeding.seed(ME, AT, simulated=True) == version and not version.plan.simulated
    assert (version.state, version.number, version.items.count()) == ("adopted", 1, len(seeding.library()))
    assert keeping.in_force(version.plan, date(2025, 1, 1)) == version
    assert keeping.in_force(version.plan, date(2020, 12, 31)) is None
    assert sealing.whole(Version.objects.get())


def test_a_doubtful_figure_is_decided_by_one_choice(version):
    target = version.items.get(kind="target")
    with pytest.raises(WrongUsage, match="in doubt"):
        reviewing.confirm(version, target.pk, HAND)
    [(_doubt, readings)] = reviewing.choices(target)
    assert [(each.text, each.present, each.printed) for each in readings] == [
        ("85.1", True, False),
        ("851", False, True),
        ("8.51", False, False),
    ]
    reviewing.choose(version, target.pk, "value", 2, HAND)
    target.refresh_from_db()
    assert (target.facts["value"], target.doubtful, target.review) == (8.51, [], "corrected")
    assert target.facts["resolved"][0]["printed"] == "８５１"


def test_what_was_done_is_taken_back_step_by_step(version):
    task = version.items.get(title="护好河流")
    reviewing.correct(version, task.pk, {"title": "护河", "departments": "*省林草局\n省水利厅"}, HAND)
    reviewing.split(version, task.pk, 5, HAND)
    assert version.items.filter(kind="task").count() == 3
    assert reviewing.confirm_undoubtful(version, HAND) == version.items.count() - 1
    assert reviewing.left(version.items.all()) == reviewing.Left(8, 0, 1, 0)
    for _each in range(3):
        assert reviewing.undo(version, HAND)
    assert reviewing.undo(version, HAND) is None
    task.refresh_from_db()
    assert (task.title, task.review, version.items.count()) == ("护好河流", "open", 7)
    assert [(each.name, each.lead) for each in task.responsible.all()] == [("省水利厅", True), ("省林草局", False)]


def test_a_correction_is_refused_where_it_makes_no_sense(version):
    target, task = version.items.get(kind="target"), version.items.get(title="修好管网")
    with pytest.raises(WrongUsage, match="no number"):
        reviewing.correct(version, target.pk, {"value": "很多"}, HAND)
    with pytest.raises(WrongUsage, match="no title"):
        reviewing.correct(version, task.pk, {"title": "  "}, HAND)
    with pytest.raises(WrongUsage, match="cannot be split"):
        reviewing.split(version, task.pk, 0, HAND)
    with pytest.raises(WrongUsage, match="no item"):
        reviewing.reject(version, 10**6, HAND)
    reviewing.correct(version, target.pk, {"value": "８５．２"}, HAND)
    target.refresh_from_db()
    assert (target.facts["value"], target.doubtful) == (85.2, [])


def test_adopting_waits_for_every_doubt_and_names_it(version):
    with pytest.raises(adopting.NotReady, match="好水比例") as refused:
        adopting.adopt(version, "省政府常务会审定", date(2026, 4, 1), ME, AT)
    assert [each.kind for each in refused.value.items] == ["target"]
    reviewing.reject(version, refused.value.items[0].pk, HAND)
    with pytest.raises(adopting.NotReady, match="reason"):
        adopting.adopt(version, " ", date(2026, 4, 1), ME, AT)
    made = adopting.adopt(version, "省政府常务会审定", date(2026, 4, 1), ME, AT)
    assert len(made.digest) == 64
    assert AuditEntry.objects.last().action == "plan.adopt"
    assert [entry.kind for entry in keeping.entries(made)].count("target") == 0


@pytest.fixture
def adopted(version):
    reviewing.choose(version, version.items.get(kind="target").pk, "value", 0, HAND)
    return adopting.adopt(version, "审定", date(2026, 4, 1), ME, AT)


def _saved(item):
    item.title = "x"
    item.save()


WAYS = {
    "an item saved": lambda version: _saved(version.items.first()),
    "an item deleted": lambda version: version.items.first().delete(),
    "items deleted at once": lambda version: version.items.all().delete(),
    "items changed at once": lambda version: version.items.update(title="x"),
    "an item added": lambda version: Item.objects.bulk_create([Item(version=version, kind="task", key="t9", order=1, title="x")]),
    "a department changed": lambda version: Responsible.objects.filter(item__version=version).update(name="x"),
    "a department added": lambda version: Responsible.objects.bulk_create([Responsible(item=version.items.first(), name="x")]),
    "a department removed": lambda version: Responsible.objects.filter(item__version=version).delete(),
    "an item moved in": lambda version: keeping.amend(version, "", ME, AT).items.filter(kind="box").update(version=version, key="b9"),
    "the text changed": lambda version: Version.objects.filter(pk=version.pk).update(text="x"),
    "the day changed": lambda version: Version.objects.filter(pk=version.pk).update(in_force_from=date(2020, 1, 1)),
    "made a draft again": lambda version: Version.objects.filter(pk=version.pk).update(state="draft"),
    "deleted": lambda version: version.delete(),
    "reviewed": lambda version: reviewing.confirm_undoubtful(version, HAND),
    "undone": lambda version: reviewing.undo(version, HAND),
    "adopted again": lambda version: adopting.adopt(version, "x", date(2027, 1, 1), ME, AT),
    "dropped": lambda version: adopting.drop(version, ME, AT),
    "by SQL": lambda version: connection.cursor().execute("UPDATE plans_item SET title = 'x' WHERE version_id = %s", [version.pk]),
}  # fmt: skip


@pytest.mark.parametrize("way", WAYS)
def test_what_is_adopted_cannot_be_changed(adopted, way):
    with pytest.raises((sealing.Sealed, DatabaseError)), transaction.atomic():
        WAYS[way](adopted)
    assert sealing.whole(Version.objects.get(pk=adopted.pk))


def test_rows_taken_away_behind_the_back_are_found_by_the_digest(adopted):
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM plans_responsible")
    assert not sealing.whole(Version.objects.get(pk=adopted.pk))


def test_an_amendment_keeps_the_keys_and_replaces_on_its_day(adopted):
    draft_of = keeping.amend(adopted, "中期调整", ME, AT)
    task = draft_of.items.get(title="修好管网")
    reviewing.correct(draft_of, task.pk, {"title": "修好老管网"}, HAND)
    with pytest.raises(adopting.NotReady, match="later day"):
        adopting.adopt(draft_of, "调整", date(2026, 4, 1), ME, AT)
    made = adopting.adopt(draft_of, "调整", date(2027, 1, 1), ME, AT)
    plan = made.plan
    assert [each.state for each in plan.versions.order_by("number")] == ["replaced", "adopted"]
    assert keeping.in_force(plan, date(2026, 12, 31)) == adopted
    assert keeping.in_force(plan, date(2027, 1, 1)) == made
    [line] = difference(keeping.entries(adopted), keeping.entries(made), same_plan=True)
    assert (line.what, line.kind, [each.field for each in line.fields]) == ("changed", "task", ["title"])
    assert sealing.whole(Version.objects.get(pk=adopted.pk))


def test_a_new_file_continues_the_keys_of_the_version_before(adopted):
    changed = draft()
    changed["tasks"][1]["title"] = "修好污水管网"
    changed["tasks"] = [changed["tasks"][1]]
    again = keeping.open_draft(adopted.plan, entries_of(changed), keeping.Origin(text=TEXT), ME, AT)
    old = adopted.items.get(title="修好管网")
    assert again.items.get(kind="task").key == old.key
    lines = difference(keeping.entries(adopted), keeping.entries(again), same_plan=True)
    assert sorted((line.what, line.kind) for line in lines) == [("changed", "task"), ("dropped", "task")]


def test_two_plans_are_compared_by_likeness():
    old = [entry for entry in seeding.library() if entry.kind == "task"][:3]
    new = [*(type(old[0])("task", entry.title + "（深化）", entry.number) for entry in old[:2])]
    lines = difference(old, new, same_plan=False)
    assert [(line.what, line.old, line.new) for line in lines] == [
        ("changed", 0, 0),
        ("changed", 1, 1),
        ("dropped", 2, None),
    ]


def test_figures_stay_whole_in_a_difference():
    told = [(each.text, each.how, each.figure) for each in pieces("达到85.1%以上", "达到90%以上")]
    assert told == [
        ("达到", "same", False), ("85.1%", "dropped", True), ("90%", "added", True), ("以上", "same", False),
    ]  # fmt: skip
