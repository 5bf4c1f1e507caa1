"""Cases in the database: opened once, moved by those who may, proven by data, opened again, escalated, audited."""

from datetime import date, datetime, timedelta

import pytest

from qingyuan.cases import acting, kinds, opening, telling, watching
from qingyuan.cases.models import Case, CaseStep, Notice, Origin
from qingyuan.people import audit
from qingyuan.people.models import Duty, Organisation
from qingyuan.registers.flow import store
from qingyuan.registers.flow.fold import Actor
from qingyuan.registers.flow.reasons import Conflict, Refused

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 3, 2, 9)
VALUES = {
    "assign": {"leader": "韩冰", "limit": "2026-03-20"},
    "investigate": {"facts": "喷氨阀卡涩", "holds": "yes", "cause": "facility"},
    "rectify": {"measures": "更换阀门", "rectified_on": "2026-03-10"},
    "verify": {"opinion": "现场正常"},
    "close": {"acceptance": "同意", "published": True},
}


@pytest.fixture
def places(db):
    """The city's and the county's authorities and inspectors."""
    made = {}
    for level, division in (("province", "220000"), ("city", "220200"), ("county", "220204")):
        for duty in ("environment", "inspection"):
            one = Organisation.objects.create(level=level, division=division, name_zh=f"{division}{duty}")
            Duty.objects.create(organisation=one, code=duty, division=division)
            made[level, duty] = one.pk
    return made


def signal(**more) -> opening.Signal:
    given = {
        "kind": "exceedance",
        "about": "松江热力2号炉氮氧化物小时均值超标",
        "division": "220204",
        "domain": "sources",
    }
    given |= {"occurred_at": NOW - timedelta(minutes=5), "source": "finding", "key": "1", "origin": "monitor"}
    return opening.Signal(**{**given, "point": "DA002", "item": "nox", **more})


def everybody(_signer) -> bool:
    return True


def do(case, places, verb="sign", values=None, holds=everybody, at=NOW, **more):
    case.refresh_from_db()
    its_own = Actor(7, "赵启明", case.organisation)
    doing = acting.Doing(verb, more.pop("by", its_own), more.pop("seen", case.version), values or {}, **more)
    return acting.act(case.pk, doing, holds, at).record


def brought(case, places, until, at=NOW):
    """A case signed up to a step."""
    while case.step != until:
        case = do(case, places, values=values_of(case), at=at)
    return case


def values_of(case):
    """What is filled in at the present step; on the spot of a hot spot it is what was seen."""
    seen = {"seen": "burning", "area": "3.5"} if (case.kind, case.step) == ("hot_spot", "investigate") else {}
    return {**VALUES[case.step], **seen}


def test_a_case_is_opened_once_routed_and_told(places):
    case = opening.open_case(signal(), NOW)
    assert case.step == "assign" and case.organisation == places["county", "inspection"] and case.level == "county"
    assert case.number == "环案〔2026〕00001号" and case.due is not None
    assert opening.open_case(signal(), NOW).pk == case.pk and Case.objects.count() == 1
    assert [each.code for each in telling.of(7, (case.organisation,))] == ["opened"]
    assert opening.open_case(signal(key="2", point="DA003"), NOW).number.endswith("00002号")


def test_a_high_one_goes_to_the_city(places):
    assert opening.open_case(signal(severity="high"), NOW).organisation == places["city", "inspection"]


def test_signals_of_one_event_or_monitor_are_one_case(places):
    first = opening.open_case(signal(event="E1"), NOW)
    second = opening.open_case(signal(event="E1", key="2", point="DA009"), NOW)
    third = opening.open_case(signal(key="3", about="又一次"), NOW)
    other = opening.open_case(signal(key="4", item="so2"), NOW)
    assert first.pk == second.pk == third.pk != other.pk
    assert Origin.objects.filter(case=first).count() == 3
    assert opening.open_case(signal(key="5", simulated=True), NOW).pk != first.pk, "simulated never joins real"


def test_the_whole_way_with_proof_by_data(places):
    case = brought(opening.open_case(signal(), NOW), places, "verify")
    assert case.awaiting and case.needed == 15
    with pytest.raises(Refused, match="15 more days"):
        do(case, places, values=VALUES["verify"])
    good = {date(2026, 3, 10) + timedelta(days=n): True for n in range(1, 20)}
    watching.prove(datetime(2026, 3, 20, 1), lambda _case, _first, _last: good)
    case.refresh_from_db()
    assert case.agreeing == 9 and case.awaiting
    with pytest.raises(Refused, match="6 more days"):
        do(case, places, values=VALUES["verify"])
    assert watching.prove(datetime(2026, 3, 20, 1), lambda *_: good) == 0, "nothing new, nothing written"
    watching.prove(datetime(2026, 3, 26, 1), lambda *_: good)
    case = do(case, places, values=VALUES["verify"], at=datetime(2026, 3, 26, 9))
    case = do(case, places, values=VALUES["close"], at=datetime(2026, 3, 26, 10))
    assert case.step == "closed" and not case.is_open
    assert Notice.objects.filter(code="proven").count() == 1
    assert store.differs(case.declared.flow, case, store.entries_of(CaseStep, case.pk)) == ""


def test_missing_days_do_not_count_and_an_unasked_monitor_changes_nothing(places):
    case = brought(opening.open_case(signal(), NOW), places, "verify")
    days = {date(2026, 3, 10) + timedelta(days=n): (None if n % 2 else True) for n in range(1, 40)}
    watching.prove(datetime(2026, 3, 31), lambda *_: days)
    case.refresh_from_db()
    assert case.agreeing == 10 and case.awaiting
    assert watching.prove(datetime(2026, 4, 20), lambda *_: None) == 0


def test_a_relapse_opens_the_case_again_and_tells_who_reported(places):
    case = opening.open_case(signal(), NOW)
    Case.objects.filter(pk=case.pk).update(reporter=99)
    case = brought(case, places, "verify")
    days = {date(2026, 3, 11): True, date(2026, 3, 12): False}
    watching.prove(datetime(2026, 3, 13, 1), lambda *_: days)
    case.refresh_from_db()
    assert case.step == "rectify" and case.reopened == 1 and case.told_relapse == date(2026, 3, 12)
    assert "relapsed" in {each.code for each in telling.of(99, ())}
    assert CaseStep.objects.filter(record=case, verb="return", account=None).exists()
    with pytest.raises(Refused, match="relapsed on 2026-03-12"):
        do(case, places, values={"measures": "再查"})
    case = do(case, places, values={"measures": "再查", "rectified_on": "2026-03-14"}, at=datetime(2026, 3, 14))
    assert case.step == "verify" and case.agreeing == 0 and case.proof == []


def test_a_finding_after_closing_opens_the_case_again(places):
    case = brought(opening.open_case(signal(kind="hot_spot", point="F1", item=""), NOW), places, "closed")
    again = signal(kind="hot_spot", point="F1", item="", key="9", occurred_at=datetime(2026, 3, 15))
    assert opening.open_case(again, datetime(2026, 3, 15)).pk == case.pk
    case.refresh_from_db()
    assert case.step == "rectify" and case.reopened == 1 and case.is_open
    late = signal(kind="hot_spot", point="F2", item="", key="10", occurred_at=datetime(2026, 9, 1))
    assert opening.open_case(late, datetime(2026, 9, 1)).pk != case.pk


def test_only_those_in_charge_work_on_it(places):
    case = brought(opening.open_case(signal(), NOW), places, "investigate")
    stranger = Actor(8, "外人", places["city", "environment"])
    with pytest.raises(Refused):
        do(case, places, values=VALUES["investigate"], by=stranger)
    with pytest.raises(Refused):
        do(case, places, values=VALUES["investigate"], holds=lambda _signer: False)
    case = do(case, places, "hand_over", handed={"joint": [[stranger.organisation, "市局"]]}, note="联合办理")
    assert do(case, places, values=VALUES["investigate"], by=stranger).step == "rectify"


def test_a_case_is_handed_up_with_its_reason(places):
    case = brought(opening.open_case(signal(), NOW), places, "investigate")
    with pytest.raises(Refused):
        do(case, places, "hand_over", handed={"level": "city"})
    up = {"level": "city", "organisation": places["city", "inspection"], "organisation_name": "市支队", "handler": None}
    case = do(case, places, "hand_over", handed=up, note="跨县")
    assert case.level == "city" and case.organisation_name == "市支队" and case.division == "220204"
    assert "hand_over" in {each.code for each in telling.of(0, (places["city", "inspection"],))}


def test_the_authority_above_hands_over_what_nobody_there_can_finish(places):
    case = brought(opening.open_case(signal(), NOW), places, "rectify")
    above = Actor(8, "局长", places["city", "environment"])

    def held(signer):
        return signer.duty == "environment"

    with pytest.raises(Refused):
        do(case, places, values=VALUES["rectify"], by=above, holds=held)
    to = {"organisation": places["city", "inspection"], "organisation_name": "市支队", "level": "city"}
    assert do(case, places, "hand_over", handed=to, note="转支队", by=above, holds=held).organisation_name == "市支队"
    stranger = Actor(9, "外人", places["city", "inspection"] + 99)
    with pytest.raises(Refused):
        do(
            case,
            places,
            "hand_over",
            handed=to,
            note="转走",
            by=stranger,
            holds=lambda signer: signer.duty == "inspection",
        )


def test_a_conflict_says_who_did_what(places):
    case = brought(opening.open_case(signal(), NOW), places, "investigate")
    seen = case.version
    do(case, places, "fill", values={"facts": "甲"})
    with pytest.raises(Conflict) as told:
        do(case, places, "fill", values={"facts": "乙"}, seen=seen)
    assert "赵启明" in told.value.of("zh")[0] and "甲" in told.value.of("zh")[0]
    do(case, places, "note", note="看过了", seen=seen + 1)
    assert do(case, places, "fill", values={"cause": "other"}, seen=seen + 1), "a remark is no conflict"


def test_a_case_waits_for_the_cases_below_it(places):
    case = brought(opening.open_case(signal(kind="rectification", point=""), NOW), places, "close")
    below = opening.open_case(signal(key="c1", kind="rectification", point="", parent=case.pk), NOW)
    with pytest.raises(Refused, match="below it"):
        do(case, places, values=VALUES["close"])
    brought(below, places, "closed")
    assert do(case, places, values=VALUES["close"]).step == "closed"


def test_what_does_not_hold_goes_straight_to_the_end(places):
    case = brought(opening.open_case(signal(kind="public_report", point=""), NOW), places, "investigate")
    assert do(case, places, values={"facts": "未发现", "holds": "no"}).step == "close"


def test_returned_and_reopened_with_a_reason_only(places):
    case = brought(opening.open_case(signal(kind="rectification", point=""), NOW), places, "verify")
    with pytest.raises(Refused):
        do(case, places, "return", to="rectify")
    case = brought(do(case, places, "return", to="rectify", note="照片看不清"), places, "closed")
    with pytest.raises(Refused):
        do(case, places, "reopen", to="rectify")
    assert do(case, places, "reopen", to="rectify", note="群众再次反映").reopened == 1


def test_deadlines_escalate_once_a_stage(places):
    case = brought(opening.open_case(signal(), NOW), places, "rectify")
    due = case.due
    for hours, stage in (
        (-20, "warning"),
        (-19, "warning"),
        (1, "overdue"),
        (24 * 6, "supervision"),
        (24 * 20, "accountability"),
    ):
        watching.escalate(due + timedelta(hours=hours))
        case.refresh_from_db()
        assert case.stage == stage
    told = list(
        Notice.objects.filter(case=case, organisation=places["city", "environment"])
        .order_by("pk")
        .values_list("code", flat=True)
    )
    assert told == ["overdue", "supervision", "accountability"]
    assert Notice.objects.filter(organisation=places["province", "environment"], code="accountability").exists()
    assert watching.escalate(due + timedelta(days=21)) == 0


def test_the_first_moments_are_stamped(places):
    case = brought(opening.open_case(signal(), NOW), places, "rectify", at=NOW + timedelta(hours=2))
    told = {each.name: each for each in case.moments(NOW + timedelta(hours=3))}
    assert told["known"].took == timedelta(minutes=5) and told["known"].late is None
    assert told["analysed"].late == timedelta(hours=1) and told["acted"].late is None
    assert told["punished"].took is None
    case = do(case, places, "fill", values={"punished_on": "2026-03-12"})
    assert {each.name: each for each in case.moments(NOW)}["punished"].late is not None


def test_every_act_is_a_line_of_the_audit_chain(places, tmp_path):
    case = brought(opening.open_case(signal(), NOW), places, "verify")
    lines = audit.AuditEntry.objects.filter(kind="case", record=case.key)
    assert lines.count() == case.version and audit.verify(tmp_path).whole
    assert lines.filter(action="cases.sign", account=7).exists()


@pytest.mark.parametrize("name", [name for name, each in kinds.kinds().items() if each.by_hand])
def test_every_kind_can_be_walked_to_its_end(name, places):
    case = opening.open_case(signal(kind=name, point="", key=name), NOW)
    sheet = [{"item": "许可证", "result": "good", "remark": ""}]
    more = {"inspection": {"sheet": sheet}, "hot_spot": {"seen": "burnt"}}.get(name, {})
    while case.is_open:
        extra = more if case.step == "investigate" else {}
        case = do(case, places, values={**values_of(case), **extra})
    assert store.differs(case.declared.flow, case, store.entries_of(CaseStep, case.pk)) == ""


def test_an_unknown_kind_is_told():
    with pytest.raises(kinds.NoKind, match="exceedance"):
        opening.open_case(signal(kind="gossip"), NOW)
