"""Regular dispatch: due days by the calendar of working days, notes through the flow, missed ones escalate."""

from datetime import datetime

import case_stage
import pytest

from qingyuan.base.errors import QingyuanError
from qingyuan.cases import acting, dispatching, kinds, opening, watching
from qingyuan.cases.models import Case, CaseStep, DispatchRound, Notice
from qingyuan.people.actors import Actor
from qingyuan.registers.flow.reasons import Refused

BEGUN = datetime(2026, 3, 2, 9)
"""A Monday; no holiday lies in the weeks after it."""


def at(day, hour=9, month=3):
    return datetime(2026, month, day, hour)


@pytest.fixture
def case(db):
    case_stage.organisations()
    signal = opening.Signal(
        "rectification", "截污干管渗漏整改", "220100", "inspection", BEGUN, "hand", "1", origin="inspection"
    )
    return case_stage.bring(opening.open_case(signal, BEGUN), "rectify", BEGUN, datetime(2026, 5, 1).date())


def tell(case, when, **values):
    case.refresh_from_db()
    doing = acting.Doing("fill", Actor(1, "赵启明", case.organisation), case.version, values)
    acting.act(case.pk, doing, lambda _signer: True, when)


def test_due_days_are_counted_in_working_days():
    assert dispatching.next_due(BEGUN.date(), 10, BEGUN) == datetime(2026, 3, 16, 23, 59, 59)
    assert dispatching.next_due(BEGUN.date(), 10, at(16)) == datetime(2026, 3, 30, 23, 59, 59)
    assert dispatching.next_due(BEGUN.date(), 10, at(2, month=6)) > at(2, month=6)


def test_one_note_is_open_while_somebody_works_on_the_case(case):
    assert case.step == "rectify"
    each = DispatchRound.objects.get()
    assert (each.key, each.organisation, each.due) == (case.pk, case.organisation, datetime(2026, 3, 16, 23, 59, 59))
    tell(case, at(9), progress="30", done="完成管段检测")
    first, second = DispatchRound.objects.order_by("pk")
    assert (first.progress, first.done, first.missed, first.by) == (30, "完成管段检测", 0, "赵启明")
    assert second.is_open and second.due == datetime(2026, 3, 30, 23, 59, 59)
    step = CaseStep.objects.filter(record=case).last()
    assert step.verb == "fill" and step.given["values"] == {"progress": "30", "done": "完成管段检测"}


def test_a_note_says_how_far_and_what_was_done_anew(case):
    for values in ({"progress": "30"}, {"done": "在做"}, {"progress": "130", "done": "在做"}):
        with pytest.raises(Refused):
            tell(case, at(9), **values)
    tell(case, at(9), progress="30", done="在做")
    with pytest.raises(Refused, match="same as last time"):
        tell(case, at(10), progress="40", done="在做")


def test_what_is_missed_is_counted_told_and_escalated_once(case):
    def stage(when):
        moved = watching.dispatch(when)
        return moved, DispatchRound.objects.get().stage

    assert stage(at(10)) == (0, "")
    assert stage(at(16, 10)) == (1, "reminder")
    assert stage(at(17)) == (1, "warning") and stage(at(17, 10)) == (0, "warning")
    assert stage(at(20)) == (1, "supervision")
    assert stage(at(31)) == (1, "notice")
    assert DispatchRound.objects.get().missed == 2
    province = Notice.objects.filter(code="dispatch_notice").values_list("organisation", flat=True)
    assert len(set(province)) == 2, "the organisation itself and the province above the city"
    assert CaseStep.objects.filter(record=case, note__startswith="dispatch:").count() == 4
    tell(case, at(31, 10), progress="50", done="迟报")
    answered = DispatchRound.objects.get(answered_at__isnull=False)
    assert answered.missed == 2 and DispatchRound.objects.get(answered_at=None).due > at(31)


def test_by_organisation_and_views(case):
    now = at(20)
    found = {
        view: dispatching.found(dispatching.Q(), dispatching.Asked(view), now).count()
        for view in ("waiting", "missed", "answered", "all")
    }
    assert found == {"waiting": 1, "missed": 1, "answered": 0, "all": 1}
    watching.dispatch(now)
    (row,) = dispatching.by_organisation(dispatching.Q(), dispatching.Asked(), now)
    assert (row["organisation"], row["asked"], row["late"], row["days"]) == (case.organisation, 1, 1, 1)
    assert not dispatching.by_organisation(dispatching.Q(), dispatching.Asked(place="220200"), now)


def test_what_is_not_due_is_taken_back_with_the_case(case):
    acting.system(Case.objects.get(pk=case.pk), "void", at(5), note="重复")
    assert not DispatchRound.objects.exists()


def test_what_was_missed_stays_told_after_the_case(case):
    acting.system(Case.objects.get(pk=case.pk), "void", at(18), note="重复")
    each = DispatchRound.objects.get()
    assert not each.is_open and each.missed == 1


def test_a_handed_over_case_asks_its_new_holder(case):
    handed = {"organisation": 77, "organisation_name": "新单位"}
    acting.system(Case.objects.get(pk=case.pk), "hand_over", at(5), handed=handed, note="x")
    assert DispatchRound.objects.get().organisation == 77


def test_open_cases_of_a_kind_that_is_declared_newly_are_asked(case):
    DispatchRound.objects.all().delete()
    watching.dispatch(at(5))
    assert DispatchRound.objects.get().due == datetime(2026, 3, 19, 23, 59, 59)


@pytest.mark.parametrize("line", ["{every_working_days: 0, confidence: memory}", "{every_working_days: 5}"])
def test_a_faulty_declaration_is_refused(tmp_path, line):
    from importlib.resources import files

    text = files("qingyuan.cases").joinpath("kinds.yaml").read_text("utf-8")
    file = tmp_path / "kinds.yaml"
    file.write_text(text.replace("{every_working_days: 10, confidence: memory}", line), "utf-8")
    with pytest.raises(QingyuanError):
        kinds.declared(file)
