"""A round of evaluation: who says what when, computed points untouched, appeals decided, results sealed."""

from datetime import date, datetime, timedelta
from decimal import Decimal

import pytest

from qingyuan.interfaces.jobs import cases
from qingyuan.people.audit import Actor
from qingyuan.people.models import AuditEntry
from qingyuan.plans.evaluating import rounds
from qingyuan.plans.evaluating.known import Facts, Measure, Task, Trace
from qingyuan.plans.evaluating.rounds import Act, Frame, NotNow
from qingyuan.plans.evaluating.rules import rules
from qingyuan.plans.evaluating.sheet import score
from qingyuan.plans.facts import Words
from qingyuan.plans.models import Evaluation, Plan
from qingyuan.plans.models.evaluations import StepKept

pytestmark = pytest.mark.django_db
AT = datetime(2023, 3, 1, 9)
WHO = Actor(None, "甲", None)
TRACE = Trace("computed", Words("平台", "platform"))


def sheet(code, value, lights=("good",)):
    measure = Measure("1", Words("某指标", "it"), "%", "binding", "down", 1, Decimal(40), date(2020, 12, 31),
                      Decimal(32), date(2024, 12, 31), Decimal(str(value)), TRACE)  # fmt: skip
    tasks = tuple(Task(f"t{n}", Words("某任务", "task"), light, TRACE) for n, light in enumerate(lights))
    name = Words(f"市{code}", code)
    return score(
        rules("midterm", date(2022, 12, 31)), Facts(code, name, date(2022, 12, 31), (measure,), tasks, events=())
    )


@pytest.fixture
def opened():
    plan = Plan.objects.create(
        code="p", title="某规划", division="220000", first_day="2021-01-01", last_day="2025-12-31"
    )
    frame = Frame(plan, None, "midterm", datetime(2022, 12, 31, 23), 3, rules("midterm", date(2022, 12, 31)), True)
    return rounds.start(frame, [sheet("220100", 31), sheet("220200", 45, ("bad",))], WHO, AT)


def one(opened, code="220200"):
    return opened.sheets.get(division=code)


def test_the_rules_are_sealed_into_the_round(opened):
    assert opened.rules["edition"] == "midterm@2021-01-01" and "weight: 45" in opened.rules["text"]
    assert one(opened).due == AT + timedelta(days=20)


def test_what_is_reviewed_stands_beside_what_was_computed(opened):
    before = one(opened)
    assert (before.total, before.grade) == (Decimal("6.25"), "fail")
    rounds.assess_self(before, Act({"tasks.t0": "20.00"}, {"tasks.t0": "已补办"}), WHO, AT)
    assert one(opened).total == Decimal("6.25")  # what one says of oneself moves nothing
    rounds.review(before, Act({"tasks.t0": "10"}, {"tasks.t0": "只认一半"}), WHO, AT)
    after = one(opened)
    assert after.computed == before.computed and after.total == Decimal("16.25")
    assert after.lines["tasks.t0"] == {
        "self": "20.00", "self_note": "已补办", "reviewed": "10.00", "reason": "只认一半"
    }  # fmt: skip


def test_an_appeal_needs_evidence_and_a_decision(opened):
    this = one(opened)
    rounds.assess_self(this, Act(), WHO, AT)
    rounds.review(this, Act(), WHO, AT)
    with pytest.raises(NotNow, match="no evidence"):
        rounds.appeal(this, Act(note="不服"), WHO, AT)
    rounds.appeal(this, Act(note="不服", evidence=("A220200-1",)), WHO, AT)
    with pytest.raises(NotNow, match="Nothing was said"):
        rounds.decide(this, Act(), WHO, AT)
    rounds.decide(this, Act({"tasks.t0": "37.50"}, {"tasks.t0": "材料属实"}, note="予以采纳"), WHO, AT)
    done = one(opened)
    assert (done.step, done.total, done.due) == ("done", Decimal("43.75"), None)
    assert [each.verb for each in done.steps.all()] == ["assess", "review", "appeal", "decide"]


def test_steps_come_in_order(opened):
    with pytest.raises(NotNow, match="waits for self, not review"):
        rounds.review(one(opened), Act(), WHO, AT)
    with pytest.raises(NotNow, match="not done"):
        rounds.publish(opened, WHO, AT)


@pytest.mark.parametrize(
    ("points", "reasons", "told"),
    [({"tasks.t0": "99"}, {}, "not between 0 and 37.50"), ({"tasks.t0": "很多"}, {}, "no number"),
     ({"tasks.t0": "1.005"}, {}, "two decimals"), ({"tasks.t0": "NaN"}, {}, "two decimals"),
     ({"tasks.t0": "5"}, {}, "without a reason"), ({"tasks.t9": "5"}, {}, "no line")],
)  # fmt: skip
def test_what_cannot_be_taken_changes_nothing(opened, points, reasons, told):
    with pytest.raises(NotNow, match=told):
        rounds.assess_self(one(opened), Act(points, reasons), WHO, AT)
    assert one(opened).step == "self" and not one(opened).steps.exists()


def test_a_sheet_sent_back_is_assessed_again(opened):
    this = one(opened)
    rounds.assess_self(this, Act(), WHO, AT)
    rounds.send_back(this, Act(note="缺材料"), WHO, AT)
    assert one(opened).step == "self"


def test_days_to_appeal_that_are_over_end_it(opened):
    this = one(opened)
    rounds.assess_self(this, Act(), WHO, AT)
    rounds.review(this, Act(), WHO, AT)
    assert rounds.close_unappealed(AT + timedelta(days=6)) == 0
    assert rounds.close_unappealed(AT + timedelta(days=8)) == 1
    assert one(opened).step == "done"


def test_the_hourly_look_ends_the_days_to_appeal(opened, tmp_path):
    this = one(opened)
    rounds.assess_self(this, Act(), WHO, AT)
    rounds.review(this, Act(), WHO, AT)
    cases.look(tmp_path, AT + timedelta(days=6))
    assert one(opened).step == "appeal"
    cases.look(tmp_path, AT + timedelta(days=8))
    assert (one(opened).step, one(opened).steps.last().verb) == ("done", "lapse")


def test_a_published_round_is_sealed(opened):
    for code in ("220100", "220200"):
        rounds.assess_self(one(opened, code), Act(), WHO, AT)
        rounds.review(one(opened, code), Act(), WHO, AT)
        rounds.accept(one(opened, code), Act(), WHO, AT)
    published = rounds.publish(opened, WHO, AT)
    assert published.digest == rounds.digest(Evaluation.objects.get(pk=opened.pk)) and len(published.digest) == 64
    one(opened).__class__.objects.filter(division="220200").update(grade="excellent")
    assert rounds.digest(opened) != published.digest
    with pytest.raises(NotNow, match="published already"):
        rounds.publish(opened, WHO, AT)


def test_a_published_round_is_in_the_list_for_everybody(opened, client):
    address = f"/public/plan/evaluations/{opened.pk}/"
    assert address not in client.get("/public/").content.decode()
    Evaluation.objects.filter(pk=opened.pk).update(state="published", published_at=AT)
    shown = client.get("/public/").content.decode()
    assert address in shown and "某规划" in shown and "2022-12-31" in shown


def test_steps_are_chained_and_kept(opened):
    this = rounds.assess_self(one(opened), Act(note="无异议"), WHO, AT)
    step = this.steps.get()
    with pytest.raises(StepKept):
        step.save()
    with pytest.raises(StepKept):
        step.delete()
    assert rounds.whole(this)
    this.steps.update(note="改过")
    assert not rounds.whole(this)


def test_every_act_is_a_line_of_the_audit_chain(opened):
    rounds.assess_self(one(opened), Act(), WHO, AT)
    lines = list(AuditEntry.objects.order_by("number").values_list("kind", "action"))
    assert lines == [("plan_evaluation", "plan.evaluate"), ("plan_sheet", "plan.report")]
