"""HJ 212 between host and device: requests, dialogues, parts of long messages, the tables."""

from datetime import datetime

import pytest

from qingyuan.base.errors import WrongUsage
from qingyuan.gateway.hj212 import commands, deviations, fragments, head, replies, requests, sm4
from qingyuan.gateway.hj212.decode import Message, decode
from qingyuan.gateway.hj212.dialogue import Dialogue, Patience
from qingyuan.gateway.hj212.encode import Sender, Unencodable, encode, qn
from qingyuan.gateway.hj212.requests import Request

MN = "010000A8900016F000169DC0"
MOMENT = datetime(2026, 11, 26, 10, 0, 0, 123000)
QN = qn(MOMENT)


def host(edition: str) -> Sender:
    return Sender(edition, "32", "123456", MN)


def talk(request: Request) -> Dialogue:
    dialogue = Dialogue(request, host(request.edition), QN)
    dialogue.start(0)
    return dialogue


def answer(dialogue: Dialogue, cn: str, items: str) -> Message:
    """The device's answer to what the dialogue sent last."""
    (asked,) = dialogue.take() or [dialogue.trail[0].raw]
    found = head.read(decode(asked).segment)
    return decode(replies.answer(found, cn.encode(), items.encode()))


@pytest.mark.parametrize("edition", ["2005", "2017", "2025"])
def test_a_request_is_accepted_and_done(edition: str) -> None:
    dialogue = talk(requests.set_time(edition, MOMENT))
    sent = decode(dialogue.to_send[0])
    assert (sent.cn, sent.params, sent.edition) == ("1012", {"SystemTime": "20261126100000"}, edition)
    assert dialogue.receive(answer(dialogue, "9011", "QnRtn=1"), 1) and dialogue.state == "executing"
    assert dialogue.receive(answer(dialogue, "9012", "ExeRtn=1"), 2) and dialogue.state == "done"
    assert [entry.what for entry in dialogue.trail] == ["sent", "received", "received", "done"]
    assert dialogue.ended and dialogue.deadline is None


def test_resends_keep_the_qn_and_end() -> None:
    dialogue = talk(requests.get_time("2017"))
    sent = dialogue.take()
    for at in (10, 20, 30):
        dialogue.tick(at - 1)
        assert dialogue.take() == []
        dialogue.tick(at)
        assert dialogue.take() == sent
    dialogue.tick(40)
    assert dialogue.state == "unanswered" and not dialogue.take()
    assert [entry.what for entry in dialogue.trail] == ["sent", "resent", "resent", "resent", "unanswered"]


def test_refusals_failures_and_silence_are_told() -> None:
    refused = talk(requests.set_password("2017", "654321"))
    refused.receive(answer(refused, "9011", "QnRtn=3"), 1)
    assert refused.state == "refused" and refused.trail[-1].en == "PW wrong"
    empty = talk(requests.history("2017", "hour", MOMENT, MOMENT))
    empty.receive(answer(empty, "9012", "ExeRtn=100"), 1)
    assert empty.state == "no_data"
    failed = talk(requests.on_instrument("2017", "3011", "w01018"))
    failed.receive(answer(failed, "9012", "ExeRtn=6"), 1)
    assert failed.state == "failed" and failed.trail[-1].zh == "系统故障"
    silent = Dialogue(requests.get_time("2017"), host("2017"), QN, Patience(result=60))
    silent.start(0)
    silent.receive(answer(silent, "9011", "QnRtn=1"), 5)
    silent.tick(64)
    assert silent.state == "executing"
    silent.tick(65)
    assert silent.state == "unfinished"


def test_history_comes_with_the_requests_qn_or_its_own() -> None:
    dialogue = talk(requests.history("2017", "hour", datetime(2026, 11, 1), datetime(2026, 11, 2)))
    device = host("2017")
    factors = {"w01018": {"Avg": "1.5", "Flag": "N"}}
    hours = [("20261101000000", QN, False), ("20261102000000", "20261126100001000", True)]
    for data_time, number, reply in hours:
        (frame,) = device.frames("2061", number, {"DataTime": data_time}, factors, reply=reply)
        assert dialogue.receive(decode(frame), 1)
    (late,) = device.frames("2061", "20261126100002000", {"DataTime": "20261103000000"}, factors)
    (other,) = device.frames("2011", QN, {"DataTime": "20261101000000"}, factors)
    assert not dialogue.receive(decode(late), 2) and not dialogue.receive(decode(other), 2)
    dialogue.receive(answer(dialogue, "9012", "ExeRtn=1"), 3)
    assert dialogue.state == "done" and len(dialogue.data) == 2


def test_a_notice_ends_with_9013_and_others_messages_are_not_mine() -> None:
    dialogue = talk(Request("2012", "2017"))
    other = decode(replies.frame(b"QN=20200101000000000;ST=91;CN=9013;PW=1;MN=" + MN.encode() + b";Flag=4;CP=&&&&"))
    assert not dialogue.receive(other, 1)
    assert dialogue.receive(answer(dialogue, "9013", ""), 1) and dialogue.state == "done"


def test_without_a_key_only_the_head_is_read() -> None:
    sender = Sender("2025", "31", "123456", MN, sm4.TEST_KEY)
    (frame,) = sender.frames("2061", QN, {"DataTime": "20261126100000"}, {"a21026": {"Avg": "1.5"}})
    for keys in ((), (b"another key 1234",)):
        message = decode(frame, keys)
        assert (message.mn, message.cn, message.params, message.factors) == (MN, "2061", {}, {})
        assert (message.crc_status, message.deviations) == ("mismatch", ("no_key",))
    assert decode(frame, (b"another key 1234", sm4.TEST_KEY), strict=True).factors == {"a21026": {"Avg": "1.5"}}


def test_the_host_asks_for_data_in_clear() -> None:
    sender = Sender("2025", "31", "123456", MN, sm4.TEST_KEY)
    dialogue = Dialogue(requests.history("2025", "hour", MOMENT, MOMENT), sender, QN)
    dialogue.start(0)
    assert b"BeginTime=" in dialogue.take()[0]
    (data,) = sender.frames("2061", QN, {"DataTime": "20261126100000"}, {"a21026": {"Avg": "1.5"}})
    assert b"a21026" not in data and dialogue.receive(decode(data, [sm4.TEST_KEY]), 1)


def test_requests_are_checked_against_the_table() -> None:
    for wrong in (
        lambda: requests.set_real_time_interval("2017", 10),
        lambda: requests.set_minute_interval("2017", 7),
        lambda: requests.set_minute_interval("2005", 10),
        lambda: requests.set_password("2017", "12"),
        lambda: requests.history("2017", "week", MOMENT, MOMENT),
        lambda: requests.set_timeout("2017", 100, 3),
        lambda: Request("3014", "2025", {"PolId": "w01018"}),
        lambda: Request("9011", "2017"),
        lambda: Request("1062", "2017", {}),
        lambda: Request("1062", "2017", {"RtdInterval": "30", "Odd": "1"}),
    ):
        with pytest.raises(WrongUsage):
            wrong()
    assert requests.set_timeout("2005", 100, 3).params["OverTime"] == "100"
    assert requests.set_password("2005", "654321").params == {"PW": "654321"}
    whole = requests.first_contact("2017", MOMENT, real_time=60, minutes=10)
    assert [each.cn for each in whole] == ["1012", "1000", "1062", "1064"]
    assert [each.cn for each in requests.first_contact("2017", MOMENT)] == ["1012", "1000"]
    assert requests.set_key(MOMENT, b"0" * 16).params["NewSK"] == "30" * 16


@pytest.mark.parametrize(("edition", "digits"), [("2005", 4), ("2017", 4), ("2025", 1)])
def test_long_data_are_split_between_factors_and_joined(edition: str, digits: int) -> None:
    factors = {f"a{21000 + n}": {"Min": "1.25", "Avg": "2.5", "Max": "3.75", "Flag": "N"} for n in range(60)}
    frames = host(edition).frames("2051", QN, {"DataTime": "20261126095000"}, factors)
    messages = [decode(frame) for frame in frames]
    assert len(frames) > 2 and all(len(message.segment) <= 1024 for message in messages)
    assert len({message.header["QN"] for message in messages}) == len(frames)
    assert {len(str(message.header["PNUM"])) for message in messages} == {digits}
    assert all(message.flag is not None and message.flag & 3 == 3 for message in messages)
    assert (messages[0].segment.find(b"PNUM") < messages[0].segment.find(b"ST=")) == (edition == "2005")
    found = [fragments.part_of(frame) or pytest.fail("not split") for frame in frames]
    assert {key for key, _ in found} == {fragments.Key(MN, "32", "2051", "20261126095000", len(frames))}
    assert [number for _, number in found] == list(range(1, len(frames) + 1))
    assert {code: fields for part in messages for code, fields in part.factors.items()} == factors


def test_what_is_no_part() -> None:
    whole = "QN=20261126100000123;ST=31;CN=2051;PW=123456;MN=A;Flag=7;{}CP=&&DataTime=20261126095000;a21026-Avg=1&&"
    for numbers in (
        "",
        "PNUM=1;PNO=1;",
        "PNUM=2;PNO=3;",
        "PNUM=2;PNO=0;",
        "PNUM=x;PNO=1;",
        "PNUM=2;",
        "PNUM=99999;PNO=1;",
    ):
        assert fragments.part_of(replies.frame(whole.format(numbers).encode())) is None
    assert fragments.part_of(b"##no frame;PNUM=2;PNO=1;") is None
    assert fragments.missing(4, {2, 4}) == [1, 3]


def test_a_sealed_part_is_placed_where_a_key_opens_it() -> None:
    factors = {f"a{21000 + n}": {"Avg": "2.5", "Flag": "N"} for n in range(60)}
    sealed = Sender("2025", "31", "123456", MN, sm4.TEST_KEY).frames(
        "2051", QN, {"DataTime": "20261126095000"}, factors
    )
    key, number = fragments.part_of(sealed[1], [bytes(16), sm4.TEST_KEY]) or pytest.fail("not placed")
    assert (key.data_time, number) == ("20261126095000", 2)
    assert fragments.part_of(sealed[1], [bytes(16)]) is None


def test_edition_2025_has_at_most_nine_parts() -> None:
    factors = {f"a{21000 + n}": {"Avg": "1" * 850} for n in range(10)}
    with pytest.raises(Unencodable, match="at most 9"):
        host("2025").frames("2051", QN, {}, factors)
    assert len(host("2017").frames("2051", QN, {}, factors)) == 10


def test_a_factor_longer_than_a_frame_is_refused() -> None:
    with pytest.raises(Unencodable, match="a1 alone"):
        host("2017").frames("3020", QN, {}, {"a1": {"Info": "x" * 1000}})


def test_only_the_field_enciphers_data_and_both_sides_keys() -> None:
    span = requests.history("2025", "hour", MOMENT, MOMENT).params
    for from_host, cn, sealed in ((True, "2061", False), (False, "2061", True), (True, "1014", True)):
        side = Sender("2025", "31", "123456", MN, sm4.TEST_KEY, host=from_host)
        (frame,) = side.frames(cn, QN, span)
        assert (b"BeginTime" not in frame) == sealed
        assert decode(frame, [sm4.TEST_KEY], strict=True).params == span


def test_what_would_be_read_otherwise_is_not_written() -> None:
    for params in ({"a": "1;b=2"}, {"a-Rtd": "1"}, {"a=b": "1"}, {" a": "1"}):
        with pytest.raises(Unencodable):
            encode({"ST": "32", "Flag": "4"}, params, {})
    with pytest.raises(Unencodable):
        encode({"ST": "32;CN=1"}, {}, {})


def test_numbers_and_marks_change_their_meaning_with_the_edition() -> None:
    first, last = commands.command("1001", "2005"), commands.command("1001", "2025")
    assert first and last and (first.down, last.up) == ("request", "upload")
    assert commands.command("2082", "2017") is None
    words = [commands.mark(edition, "F") for edition in ("2005", "2017", "2025")]
    assert [word.zh for word in words if word] == ["排放源停运", "仪器停运", "仪器停运"]
    assert commands.mark("2005", "B") is None and commands.system("44") is not None
    assert {each.cn for each in commands.all_commands() if "2025" in each.editions} >= {"1014", "2013", "3024", "9015"}


def test_every_deviation_has_its_words() -> None:
    for kind in deviations.table().values():
        assert kind.zh and kind.en and kind.printed
    assert deviations.printed("length_digits:3") == "length field has 3 digits"
    assert deviations.in_order(["flag_missing", "sum_wrong", "sum_wrong"]) == ("sum_wrong", "flag_missing")
