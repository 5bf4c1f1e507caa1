"""Reports from the public: taken, answered, reopened, rewarded, forgotten."""

import io
from datetime import datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image

from qingyuan.base.durable import content_path
from qingyuan.interfaces.jobs import cases
from qingyuan.people.audit import Actor
from qingyuan.people.models import AuditEntry
from qingyuan.reports import codes, handling, limits, photos, retention, rewards, taking
from qingyuan.reports.models import Entry, Photo, Report, Reward, RewardLine, State, Verb
from qingyuan.reports.taking import REPORTER, Told

pytestmark = pytest.mark.django_db
AT = datetime(2025, 10, 28, 14)
OFFICER = Actor(7, "张工", None)
NEAR = (125.32, 43.88)


def picture():
    out = io.BytesIO()
    Image.new("RGB", (300, 200), (9, 90, 9)).save(out, "JPEG")
    return out.getvalue()


def told(**changes):
    given = {"category": "straw", "text": "村东头在烧秸秆", "longitude": NEAR[0], "latitude": NEAR[1], **changes}
    return Told(**given)


@pytest.fixture
def report(tmp_path):
    return taking.receive(tmp_path, told(), AT)[0]


def walked(report, *verbs):
    for hours, verb in enumerate(verbs, 1):
        by = REPORTER if verb in handling.REPORTERS else OFFICER
        report = handling.act(report, verb, by, AT + timedelta(hours=hours), "有话说")
    return report


def test_a_report_is_taken_with_place_number_and_code(tmp_path):
    report, code = taking.receive(tmp_path, told(pictures=[picture()]), AT)
    assert report.number == "R2025-000001"
    assert report.domain == "straw"
    assert report.division.startswith("2201")
    assert Report.objects.get(code=codes.digest(code)) == report
    assert code not in str(Report.objects.filter(pk=report.pk).values())
    photo = report.photos.get()
    assert content_path(tmp_path / "photos", photo.sha256).read_bytes()[:2] == b"\xff\xd8"
    assert [each.verb for each in report.entries.all()] == [Verb.RECEIVED]


def test_numbers_go_on_and_begin_anew_each_year(tmp_path):
    numbers = [taking.receive(tmp_path, told(), at)[0].number for at in (AT, AT, datetime(2026, 1, 1))]
    assert numbers == ["R2025-000001", "R2025-000002", "R2026-000001"]


@pytest.mark.parametrize(
    ("changes", "field", "code"),
    [
        ({"category": "ufo"}, "category", "choose"),
        ({"text": " . "}, "text", "too_short"),
        ({"text": "x" * 4001}, "text", "too_long"),
        ({"longitude": None, "latitude": None}, "place", "where"),
        ({"longitude": None, "latitude": None, "division": "220104"}, "place", "where"),
        ({"longitude": 10.0, "latitude": 50.0}, "place", "outside"),
        ({"longitude": None, "latitude": None, "division": "999999", "place": "桥边"}, "place", "outside"),
        ({"seen_at": AT + timedelta(days=1)}, "seen_at", "not_yet"),
        ({"pictures": [b""] * 6}, "photos", "too_many"),
        ({"pictures": [bytes(12_000_001)]}, "photos", "too_large"),
    ],
)
def test_what_has_to_be_mended_is_told_at_its_field(changes, field, code):
    assert taking.faults(told(**changes), AT) == {field: code}


def test_a_place_may_be_told_in_words():
    assert not taking.faults(told(longitude=None, latitude=None, division="220104", place="开运街桥边"), AT)


def test_a_bad_photo_keeps_nothing(tmp_path):
    with pytest.raises(photos.NoPhoto):
        taking.receive(tmp_path, told(pictures=[picture(), b"no photo"]), AT)
    assert not Report.objects.exists()
    assert not list(tmp_path.rglob("*.jpg"))


def test_identity_opens_only_with_a_reason_and_leaves_a_line_in_the_audit(tmp_path):
    report, _code = taking.receive(tmp_path, told(identity={"name": "李四", "telephone": ""}), AT)
    assert "李四".encode() not in bytes(report.sealed)
    with pytest.raises(handling.NotNow):
        handling.open_identity(tmp_path, report, OFFICER, AT, "   ")
    assert handling.open_identity(tmp_path, report, OFFICER, AT, "核实举报人奖励") == {"name": "李四"}
    line = AuditEntry.objects.order_by("-pk").first()
    assert (line.action, line.record, line.sealed) == ("reports.identity", report.number, True)


def test_an_anonymous_report_has_nothing_to_open(tmp_path, report):
    with pytest.raises(handling.NotNow) as fault:
        handling.open_identity(tmp_path, report, OFFICER, AT, "核实情况")
    assert fault.value.code == "nothing"


def test_the_way_of_a_report(report):
    ended = walked(
        report, Verb.ACCEPTED, Verb.ASKED, Verb.ADDED, Verb.ANSWERED, Verb.REOPENED, Verb.ANSWERED, Verb.SATISFIED
    )
    assert ended.state == State.ENDED
    assert [each.verb for each in ended.entries.all()][1:] == [
        "accepted", "asked", "added", "answered", "reopened", "answered", "satisfied",
    ]  # fmt: skip
    assert {each.by for each in ended.entries.filter(verb__in=handling.REPORTERS)} == {""}


@given(st.lists(st.tuples(st.sampled_from(list(handling.MOVES)), st.booleans()), max_size=12))
@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
def test_any_order_of_acts_keeps_the_states(tmp_path_factory, acts):
    report, _code = taking.receive(tmp_path_factory.mktemp("data"), told(), AT)
    for verb, by_reporter in acts:
        before = Report.objects.get(pk=report.pk).state
        count = Entry.objects.filter(report=report).count()
        allowed = before in handling.MOVES[verb][0] and not (by_reporter and verb not in handling.REPORTERS)
        try:
            handling.act(report, verb, REPORTER if by_reporter else OFFICER, AT, "有话说")
        except handling.NotNow:
            assert not allowed
        else:
            assert allowed
        after = Report.objects.get(pk=report.pk)
        assert after.state == ((handling.MOVES[verb][1] or before) if allowed else before)
        assert Entry.objects.filter(report=report).count() == count + allowed
        assert bool(after.ended_at) == (after.state in (State.ANSWERED, State.DECLINED, State.ENDED))


def test_words_are_needed_and_officers_acts_are_not_the_reporters(report):
    with pytest.raises(handling.NotNow, match="nothing was said"):
        handling.act(report, Verb.DECLINED, OFFICER, AT, " ")
    with pytest.raises(handling.NotNow, match="not for the reporter"):
        handling.act(report, Verb.ACCEPTED, REPORTER, AT)


def test_an_old_end_is_not_opened_again(report):
    walked(report, Verb.ACCEPTED, Verb.ANSWERED)
    with pytest.raises(handling.NotNow) as fault:
        handling.act(report, Verb.REOPENED, REPORTER, AT + timedelta(days=40), "又臭了")
    assert fault.value.code == "too_late"


def test_reports_near_in_place_time_and_kind_are_shown_together(tmp_path, report):
    same = taking.receive(tmp_path, told(longitude=NEAR[0] + 0.004), AT + timedelta(hours=3))[0]
    for changes in ({"longitude": NEAR[0] + 0.02}, {"category": "noise"}, {"simulated": True}):
        taking.receive(tmp_path, told(**changes), AT)
    taking.receive(tmp_path, told(), AT + timedelta(days=9))
    assert list(taking.nearby(report)) == [same]
    joined = handling.join(same, report, OFFICER, AT)
    assert (joined.state, joined.same_as) == (State.ACCEPTED, report)
    assert list(taking.nearby(report)) == []
    with pytest.raises(handling.NotNow):
        handling.join(report, same, OFFICER, AT)


def test_the_form_rests_for_machines_and_floods(tmp_path):
    early = AT - timedelta(minutes=3)
    mark = taking.address_mark(tmp_path, "192.0.2.7", AT)
    assert limits.refused(mark, AT, early, "") == ""
    assert limits.refused(mark, AT, early, "http://spam") == "machine"
    assert limits.refused(mark, AT, AT - timedelta(seconds=1), "") == "too_fast"
    assert limits.refused(mark, AT, None, "") == "too_fast"
    for _ in range(6):
        taking.receive(tmp_path, told(), AT - timedelta(minutes=9), mark)
    assert limits.refused(mark, AT, early, "") == "address"
    assert limits.refused(taking.address_mark(tmp_path, "192.0.2.8", AT), AT, early, "") == ""
    assert limits.refused(mark, AT + timedelta(hours=2), early, "") == ""


def test_marks_of_addresses_change_every_day(tmp_path):
    days = {taking.address_mark(tmp_path, "192.0.2.7", AT + timedelta(days=number)) for number in range(3)}
    assert len(days) == 3
    assert taking.address_mark(tmp_path, "", AT) == ""


@pytest.fixture
def answered(report):
    rewards.fund("220100", Decimal("500.00"), OFFICER, AT, "长环财〔2025〕8号")
    return walked(report, Verb.ACCEPTED, Verb.ANSWERED)


def test_a_reward_is_paid_without_knowing_who(tmp_path, answered):
    offered = rewards.offer(tmp_path, answered, Decimal("200.00"), OFFICER, AT, "220100")
    assert rewards.of(tmp_path, answered) == offered
    assert answered.number not in str(Reward.objects.values()) + str(RewardLine.objects.values())
    assert "200" not in str(Entry.objects.filter(report=answered).values())
    first, second = rewards.draw_claim(offered, AT), rewards.draw_claim(offered, AT)
    with pytest.raises(handling.NotNow):
        rewards.pay(offered.number, first, OFFICER, AT, "")
    assert rewards.pay(offered.number, second, OFFICER, AT, "凭证12").state == Reward.State.PAID
    with pytest.raises(handling.NotNow) as fault:
        rewards.pay(offered.number, second, OFFICER, AT, "")
    assert fault.value.code == "lapsed"
    assert rewards.balance("220100") == Decimal("300.00")


def test_a_reward_nobody_drew_cannot_be_paid(tmp_path, answered):
    offered = rewards.offer(tmp_path, answered, Decimal("200.00"), OFFICER, AT, "220100")
    for claim in ("", codes.make(), offered.claim):
        with pytest.raises(handling.NotNow):
            rewards.pay(offered.number, claim, OFFICER, AT, "")


@pytest.mark.parametrize(
    ("amount", "code"), [("600", "budget"), ("0", "amount"), ("-5", "amount"), ("1.005", "amount")]
)
def test_no_more_is_promised_than_there_is(tmp_path, answered, amount, code):
    with pytest.raises(handling.NotNow) as fault:
        rewards.offer(tmp_path, answered, Decimal(amount), OFFICER, AT, "220100")
    assert fault.value.code == code
    assert not Reward.objects.exists()


def test_one_reward_a_report_and_not_before_the_answer(tmp_path, answered):
    rewards.offer(tmp_path, answered, Decimal("100"), OFFICER, AT, "220100")
    with pytest.raises(handling.NotNow) as fault:
        rewards.offer(tmp_path, answered, Decimal("100"), OFFICER, AT, "220100")
    assert fault.value.code == "twice"
    other = taking.receive(tmp_path, told(), AT)[0]
    with pytest.raises(handling.NotNow) as fault:
        rewards.offer(tmp_path, other, Decimal("100"), OFFICER, AT, "220100")
    assert fault.value.code == "state"


def test_what_nobody_claims_goes_back_to_the_purse(tmp_path, answered):
    offered = rewards.offer(tmp_path, answered, Decimal("200"), OFFICER, AT, "220100")
    assert rewards.lapse(AT + timedelta(days=90), OFFICER) == 0
    assert rewards.lapse(AT + timedelta(days=91), OFFICER) == 1
    assert rewards.lapse(AT + timedelta(days=92), OFFICER) == 0
    assert rewards.balance("220100") == Decimal("500.00")
    with pytest.raises(handling.NotNow):
        rewards.draw_claim(offered, AT + timedelta(days=91))


def test_what_is_personal_goes_on_schedule(tmp_path):
    mark = taking.address_mark(tmp_path, "192.0.2.7", AT)
    report, _code = taking.receive(tmp_path, told(identity={"name": "李四"}, pictures=[picture()]), AT, mark)
    other = taking.receive(tmp_path, told(pictures=[picture()]), AT)[0]
    original = content_path(tmp_path / "photos" / "originals", report.photos.get().original)
    walked(report, Verb.ACCEPTED, Verb.ANSWERED)
    later = AT + timedelta(days=200)
    assert retention.remove_personal(tmp_path, AT, OFFICER) == {"identity": 0, "photo_originals": 0, "address": 0}
    assert retention.remove_personal(tmp_path, later, OFFICER) == {"identity": 1, "photo_originals": 0, "address": 1}
    assert original.exists()  # the other report, still open, needs the same bytes
    walked(other, Verb.ACCEPTED, Verb.ANSWERED)
    assert retention.remove_personal(tmp_path, later, OFFICER)["photo_originals"] == 1
    assert not original.exists()
    report.refresh_from_db()
    assert (report.sealed, report.address, report.removed_at) == (None, "", later)
    assert Photo.objects.filter(report=report).get().sha256


def test_the_job_removes_what_is_personal_once_an_hour_is_over(tmp_path):
    mark = taking.address_mark(tmp_path, "192.0.2.7", AT)
    report, _code = taking.receive(tmp_path, told(), AT, mark)
    cases.look(tmp_path, AT + timedelta(days=1))
    report.refresh_from_db()
    assert report.address
    cases.look(tmp_path, AT + timedelta(days=3))
    report.refresh_from_db()
    assert report.address == ""


def test_the_job_takes_back_what_nobody_claimed(tmp_path, answered):
    rewards.offer(tmp_path, answered, Decimal("200"), OFFICER, AT, "220100")
    left = rewards.balance("220100")
    cases.look(tmp_path, AT + timedelta(days=91))
    assert rewards.balance("220100") == left + 200
