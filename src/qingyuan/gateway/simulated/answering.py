"""How a simulated device answers the host: 9011, then what was asked for or set, then 9012 (HJ 212, 6.3)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from qingyuan.gateway.hj212 import commands, head, replies
from qingyuan.gateway.hj212.decode import Message, first, moment
from qingyuan.gateway.hj212.dialogue import exchange
from qingyuan.gateway.hj212.sm4 import key as read_key
from qingyuan.gateway.simulated.speaking import LENGTHS, Speaker

READY, REFUSED, WRONG_PASSWORD, UNKNOWN_COMMAND = 1, 2, 3, 8
DONE, FAILED, NO_DATA = 1, 2, 100

MOST_FRAMES = 200
"""Intervals of history given at once."""

Action = Callable[[Speaker, Message, datetime], "tuple[int, list[bytes]]"]


def answers(speaker: Speaker, message: Message, now: datetime) -> list[bytes]:
    """The frames that answer a request or notice of the host; what it sets is set at the speaker."""
    asked = head.read(message.segment)
    known = commands.command(message.cn, speaker.device.edition)
    if known is not None and known.down == "notice":
        _stop(speaker, message.cn)
        return [replies.answer(asked, b"9013")]
    refusal = _refusal(speaker, message)
    if refusal != READY:
        return [replies.answer(asked, b"9011", b"QnRtn=%d" % refusal)]
    result, data = _ACTIONS.get(message.cn, _obeyed)(speaker, message, now)
    return [
        replies.answer(asked, b"9011", b"QnRtn=%d" % READY),
        *data,
        replies.answer(asked, b"9012", b"ExeRtn=%d" % result),
    ]


def _refusal(speaker: Speaker, message: Message) -> int:
    known = commands.command(message.cn, speaker.device.edition)
    if first(message.header.get("PW", "")) != speaker.password:
        return WRONG_PASSWORD
    if known is None or known.down != "request" or speaker.device.edition not in known.editions:
        return REFUSED if speaker.device.edition == "2005" else UNKNOWN_COMMAND
    return READY


def _stop(speaker: Speaker, cn: str) -> None:
    if cn == "2012":
        speaker.real_time = False
    if cn == "2022":
        speaker.states = False


def _obeyed(speaker: Speaker, message: Message, now: datetime) -> tuple[int, list[bytes]]:
    """Sampling, cleaning, zero and span: done."""
    return DONE, []


def _told(name: str, value: Callable[[Speaker, datetime], str]) -> Action:
    """Give one parameter."""

    def action(speaker: Speaker, message: Message, now: datetime) -> tuple[int, list[bytes]]:
        params = {key: first(message.params[key]) for key in ("PolId",) if key in message.params}
        number = exchange(message)
        return DONE, speaker.say(message.cn, now, {**params, name: value(speaker, now)}, {}, number=number, reply=False)

    return action


def _set(name: str, put: Callable[[Speaker, str, datetime], bool]) -> Action:
    """Take one parameter; failed when it is missing or impossible."""

    def action(speaker: Speaker, message: Message, now: datetime) -> tuple[int, list[bytes]]:
        try:
            done = put(speaker, first(message.params.get(name, "")), now)
        except ValueError:
            done = False
        return (DONE if done else FAILED), []

    return action


def _set_clock(speaker: Speaker, text: str, now: datetime) -> bool:
    told = moment(text)
    if told is not None:
        speaker.ahead = told - now
    return told is not None


def _set_seconds(speaker: Speaker, text: str, now: datetime) -> bool:
    speaker.seconds = int(text) if 30 <= int(text) <= 3600 else speaker.seconds
    return speaker.seconds == int(text)


def _set_minutes(speaker: Speaker, text: str, now: datetime) -> bool:
    speaker.minutes = int(text) if 0 < int(text) <= 30 and 60 % int(text) == 0 else speaker.minutes
    return speaker.minutes == int(text)


def _set_patience(speaker: Speaker, message: Message, now: datetime) -> tuple[int, list[bytes]]:
    seconds, resends = (first(message.params.get(name, "")) for name in ("OverTime", "ReCount"))
    if not (seconds.isdigit() and resends.isdigit()):
        return FAILED, []
    speaker.patience, speaker.resends = float(seconds), int(resends)
    return DONE, []


def _set_password(speaker: Speaker, message: Message, now: datetime) -> tuple[int, list[bytes]]:
    told = first(message.params.get("NewPW", "")) or first(message.params.get("PW", ""))
    speaker.password = told or speaker.password
    return (DONE if told else FAILED), []


def _set_key(speaker: Speaker, text: str, now: datetime) -> bool:
    speaker.key = read_key(text) if text else speaker.key
    return True


def _set_number(speaker: Speaker, text: str, now: datetime) -> bool:
    speaker.mn = text or speaker.mn
    return bool(text)


def _history(speaker: Speaker, message: Message, now: datetime) -> tuple[int, list[bytes]]:
    """Means of the intervals that begin within the span asked for and are over."""
    begin, end = (moment(first(message.params.get(name, ""))) for name in ("BeginTime", "EndTime"))
    if begin is None or end is None:
        return FAILED, []
    length = LENGTHS.get(message.cn, timedelta(minutes=speaker.minutes))
    midnight = begin.replace(hour=0, minute=0, second=0, microsecond=0)
    at = midnight + -((midnight - begin) // length) * length
    frames: list[bytes] = []
    for _ in range(MOST_FRAMES):
        if at > end or at + length > now:
            break
        params = {"DataTime": at.strftime("%Y%m%d%H%M%S")}
        factors = speaker.mean_factors(at, length)
        frames += speaker.say(message.cn, now, params, factors, number=exchange(message), reply=False)
        at += length
    return (DONE if frames else NO_DATA), frames


def _readings(speaker: Speaker, message: Message, now: datetime) -> tuple[int, list[bytes]]:
    speaker.real_time = True
    return DONE, speaker.real_time_data(now)


def _states(speaker: Speaker, message: Message, now: datetime) -> tuple[int, list[bytes]]:
    speaker.states = True
    return DONE, speaker.running_state(now)


_ACTIONS: dict[str, Action] = {
    "1000": _set_patience,
    "1002": _set("MN", _set_number),
    "1011": _told("SystemTime", lambda speaker, now: f"{now + speaker.ahead:%Y%m%d%H%M%S}"),
    "1012": _set("SystemTime", _set_clock),
    "1014": _set("NewSK", _set_key),
    "1061": _told("RtdInterval", lambda speaker, now: str(speaker.seconds)),
    "1062": _set("RtdInterval", _set_seconds),
    "1063": _told("MinInterval", lambda speaker, now: str(speaker.minutes)),
    "1064": _set("MinInterval", _set_minutes),
    "1072": _set_password,
    "2011": _readings,
    "2021": _states,
    "2031": _history,
    "2051": _history,
    "2061": _history,
    "3019": _told("SN", lambda speaker, now: f"SIM{speaker.device.number:09}"),
}
