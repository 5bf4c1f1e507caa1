"""Asking for the progress of plans: by schedule, once; what a signed table brings, what keeps one back."""

from datetime import date, datetime
from decimal import Decimal

import plan_stage
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from offices import somebody
from plan_stage import AT, actor, case_of, do, filled

from qingyuan.cases import acting, kinds
from qingyuan.cases.models import Case, Notice
from qingyuan.people import rights
from qingyuan.plans.dispatching import asking, periods, rows, standing
from qingyuan.plans.dispatching.declared import dispatch
from qingyuan.plans.dispatching.standing import Report
from qingyuan.plans.models import Reported
from qingyuan.plans.models.reported import NotChanged
from qingyuan.registers.flow.reasons import Refused
from qingyuan.standards.schema import FaultyLibrary


@pytest.fixture
def staged(db):
    version, seats = plan_stage.plan(), plan_stage.people()
    plan_stage.give(version, seats)
    return version, seats


def test_a_kind_of_a_room_above_has_its_own_steps():
    found = kinds.kind("plan_report")
    assert list(found.flow.steps) == ["ask", "report", "review"]
    assert found.charge == ("report",)
    assert list(kinds.kind("exceedance").flow.steps)[1:] == ["assign", "investigate", "rectify", "verify", "close"]
    assert not found.by_hand


def test_a_kind_declared_twice_is_told(tmp_path, monkeypatch):
    text = (kinds.Path(kinds.__file__).parent / "kinds.yaml").read_text("utf-8")
    (tmp_path / "more.yaml").write_text(text, "utf-8")
    monkeypatch.setattr(kinds, "_further", [tmp_path / "more.yaml"])
    kinds.kinds.cache_clear()
    with pytest.raises(FaultyLibrary, match=r"more\.yaml.*kind of case already"):
        kinds.kinds()
    monkeypatch.undo()
    kinds.kinds.cache_clear()
    assert "plan_report" in kinds.kinds()


def test_quarters_and_months_of_a_plan():
    found = list(periods.over("quarterly", date(2021, 1, 1), date(2025, 12, 31), date(2021, 7, 1)))
    assert [each.name for each in found] == ["2021Q1", "2021Q2"]
    assert found[-1].zh == "2021年第二季度"
    assert found[-1].due(10) == date(2021, 7, 14)
    assert [each.name for each in periods.over("monthly", date(2025, 11, 1), date(2025, 12, 31), date(2026, 3, 1))] == [
        "2025-11",
        "2025-12",
    ]
    assert not list(periods.over("never", date(2021, 1, 1), date(2025, 12, 31), date(2026, 3, 1)))


def test_one_case_an_organisation_asks_only_what_is_not_known(staged):
    _version, seats = staged
    done = asking.look(AT)
    assert done.opened == 4  # two organisations, the first and the second quarter
    case = case_of(seats["farm"])
    assert {row["key"] for row in case.values["rows"]} == {"t1", "t2", "9", "p1"}  # the computed indicator is not asked
    assert (case.step, case.due.date(), case.simulated) == ("report", date(2025, 7, 14), True)
    assert case.number.startswith("调〔2025〕")
    assert asking.look(AT).opened == 0
    assert Notice.objects.filter(case=case, organisation=seats["farm"].organisation_id, code="opened").exists()


def test_after_down_time_the_last_periods_are_asked_with_time_to_answer(staged):
    late = datetime(2025, 12, 20, 6)
    assert asking.look(late).opened == 4
    found = Case.objects.filter(kind="plan_report").values_list("values__last_day", "values__due_day").distinct()
    assert sorted(found) == [("2025-06-30", "2026-01-05"), ("2025-09-30", "2026-01-05")]


def test_a_signed_table_is_reported_and_a_correction_says_what_it_replaces(staged):
    _version, seats = staged
    asking.look(AT)
    case = case_of(seats["farm"])
    do(case, "fill", seats["farm"], {"rows": filled(case, t1={"progress": "30"})})
    assert not Reported.objects.exists()
    do(
        case,
        "sign",
        seats["farm"],
        {"rows": filled(case, t1={"status": "under_way", "progress": "30", "amount": "250"})},
    )
    first = Reported.objects.get(key="t1")
    assert (first.progress, first.amount, first.case, first.step) == (Decimal(30), Decimal(250), case, case.version)
    before, seen = Reported.objects.count(), case.version
    doing = acting.Doing("return", actor(seats["dispatcher"]), seen)
    asking.send_back(case, [{"key": "t1", "reason": "请附佐证"}], doing, AT, lambda _signer: True)
    case.refresh_from_db()
    assert (case.step, case.values["remarks"]) == ("report", [{"key": "t1", "reason": "请附佐证"}])
    do(case, "sign", seats["farm"], {"rows": filled(case, t1={"status": "under_way", "progress": "20"})})
    assert Reported.objects.count() == before + 1  # the other rows are as they were
    again = Reported.objects.get(replaces=first)
    assert again.progress == 20
    do(case, "sign", seats["dispatcher"])
    assert case.step == "closed"
    for refused in (again.save, again.delete):
        with pytest.raises(NotChanged):
            refused()


def test_the_next_table_is_filled_with_the_last_values(staged):
    _version, seats = staged
    asking.look(datetime(2025, 4, 1, 6))
    case = case_of(seats["farm"])
    do(
        case,
        "sign",
        seats["farm"],
        {"rows": filled(case, t1={"status": "under_way", "progress": "30", "amount": "250"})},
    )
    asking.look(AT)
    row = next(each for each in case_of(seats["farm"]).values["rows"] if each["key"] == "t1")
    assert (row["progress"], row["amount"], row["last"]) == ("30.0", "250.00", "2025-03-31：30.0%，250.00 万元")
    case = case_of(seats["farm"])
    with pytest.raises(Refused) as refused:
        do(
            case,
            "sign",
            seats["farm"],
            {"rows": filled(case, t1={"status": "under_way", "progress": "20", "amount": "90"})},
        )
    told = {each.field: each.words.zh for each in refused.value.reasons}
    assert "降到 20%" in told["rows.task.t1.progress"]
    assert "累计" in told["rows.task.t1.amount"]
    explained = {"status": "under_way", "progress": "20", "amount": "90", "note": "上期误报"}
    do(case, "sign", seats["farm"], {"rows": filled(case, t1=explained)})
    assert case.step == "review"


BAD = [
    ({"progress": "40"}, "status", "没有选状态"),
    ({"status": "under_way"}, "progress", "没有填进度"),
    ({"status": "under_way", "progress": "140"}, "progress", "0–100"),
    ({"status": "done", "progress": "80"}, "progress", "已完成"),
    ({"status": "blocked", "progress": "10"}, "note", "卡在哪里"),
    ({"status": "under_way", "progress": "10", "amount": "5000"}, "amount", "万元"),
    ({"status": "under_way", "progress": "10", "amount": "-1"}, "amount", "负数"),
]


@pytest.mark.parametrize(("typed", "column", "words"), BAD)
def test_what_is_wrong_with_a_row_is_told_at_its_cell(staged, typed, column, words):
    _version, seats = staged
    asking.look(AT)
    case = case_of(seats["farm"])
    with pytest.raises(Refused) as refused:
        do(case, "sign", seats["farm"], {"rows": filled(case, t1=typed)})
    assert [each.field for each in refused.value.reasons] == [f"rows.task.t1.{column}"]
    assert words in refused.value.reasons[0].words.zh
    assert not Reported.objects.exists()


def test_rows_cannot_be_dropped_added_or_renamed(staged):
    _version, seats = staged
    asking.look(AT)
    case = case_of(seats["farm"])
    table = filled(case)
    renamed = [{**table[0], "title": "别的"}, *table[1:]]
    for other in (table[1:], [*table, {"kind": "task", "key": "t99"}], [*table, table[0]], renamed):
        with pytest.raises(Refused, match="not those asked for"):
            do(case, "fill", seats["farm"], {"rows": other})


def test_only_those_who_have_it_sign_a_report(staged):
    _version, seats = staged
    asking.look(AT)
    case = case_of(seats["farm"])
    with pytest.raises(Refused):
        do(case, "sign", seats["city"], {"rows": filled(case)})


def test_whoever_has_a_case_sees_it_without_seeing_plans(staged):
    """Two stations of the same duty and scope: the one that is asked is told its own report, the other nothing."""
    version, seats = staged
    asked, other = (somebody(name, "220000", ("monitoring", "*"), level="province") for name in ("甲站", "乙站"))
    made = asking.once(version, [("task", "t1")], [asked.organisation_id], "", date(2025, 7, 20), actor(asked), AT)
    asking.once(version, [("task", "t1")], [], "", date(2025, 7, 20), actor(asked), AT)
    seen = [
        Case.objects.filter(rights.of(each.user, datetime(2025, 11, 1)).where("cases.see")) for each in (asked, other)
    ]
    assert [list(each) for each in seen] == [made, []]
    assert (
        Case.objects.filter(rights.of(seats["dispatcher"].user, datetime(2025, 11, 1)).where("cases.see")).count() == 2
    )


def test_asking_once_names_question_and_items(staged):
    version, seats = staged
    due = date(2025, 7, 20)
    made = asking.once(version, [("task", "t1")], [], "进展如何", due, actor(seats["dispatcher"]), AT)
    assert [(each.organisation_name, each.values["question"], len(each.values["rows"])) for each in made] == [
        ("农业农村厅", "进展如何", 1)
    ]
    with pytest.raises(asking.NothingToAsk):
        asking.once(version, [], [], "", due, actor(seats["dispatcher"]), AT)
    with pytest.raises(asking.NothingToAsk):
        asking.once(version, [("task", "t1")], [], "", AT.date(), actor(seats["dispatcher"]), AT)


def test_values_far_from_the_last_are_asked_about():
    last = Report(1, "indicator", "9", 1, date(2025, 3, 31), value=Decimal("3.1"))
    row = {"kind": "indicator", "key": "9", "title": "能耗", "unit": "吨"}
    assert list(rows.faults({**row, "value": "310"}, last, None, dispatch()))
    assert not list(rows.faults({**row, "value": "310", "note": "单位改了"}, last, None, dispatch()))
    assert not list(rows.faults({**row, "value": "3.5"}, last, None, dispatch()))
    assert list(rows.faults({**row, "unit": "%", "value": "130", "note": "x"}, None, None, dispatch()))


STEPS = st.lists(
    st.tuples(st.sampled_from(["t1", "t2"]), st.integers(1, 3), st.integers(0, 5), st.integers(0, 100), st.booleans()),
    max_size=40,
)


@settings(deadline=None)
@given(STEPS)
def test_any_sequence_of_reports_and_corrections_adds_up_to_the_latest(steps):
    """Against a plain model: a dictionary of the last thing said for a period, the greatest period of each."""
    given_, said, current = [], {}, {}
    for number, (key, office, month, progress, corrects) in enumerate(steps, 1):
        day = date(2025, month + 1, 1)
        before = current.get((key, office, day))
        if before and not corrects:
            continue
        given_.append(
            Report(
                number, "task", key, office, day, progress=Decimal(progress), amount=Decimal(progress), replaces=before
            )
        )
        current[key, office, day] = number
        said[key, office, day] = progress
    expected = {}
    for (key, office, _day), progress in sorted(said.items(), key=lambda each: each[0][2]):
        expected.setdefault(key, {})[office] = progress
    found = standing.wholes(reversed(given_))
    assert {key: whole.amount for (_kind, key), whole in found.items()} == {
        key: Decimal(sum(parts.values())) for key, parts in expected.items()
    }
    for (_kind, key), whole in found.items():
        parts = expected[key].values()
        assert abs(whole.progress - Decimal(sum(parts)) / len(parts)) <= Decimal("0.05")
