"""The talk with a device about one request, as a pure state machine: request, 9011, data, 9012; notice, 9013.

The caller gives every time (seconds) and every message, and sends what it is told to send; each step is told as
an entry for the audit trail. A request without answer is sent again with its QN, so that the device can see
that it is the same; without any answer after that the link counts as unusable.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import NamedTuple

from qingyuan.gateway.hj212 import commands
from qingyuan.gateway.hj212.decode import Message, first
from qingyuan.gateway.hj212.encode import Sender
from qingyuan.gateway.hj212.requests import Request

ASKED, EXECUTING = "asked", "executing"
DONE, NO_DATA, REFUSED, FAILED, UNANSWERED, UNFINISHED = (
    "done",
    "no_data",
    "refused",
    "failed",
    "unanswered",
    "unfinished",
)
"""States. asked: sent, no answer yet; executing: accepted by 9011. The others end the dialogue:

unanswered: no answer after all resends; unfinished: accepted, but no result in time.
"""

_ENDS = frozenset((DONE, NO_DATA, REFUSED, FAILED, UNANSWERED, UNFINISHED))


@dataclass(frozen=True)
class Patience:
    """How long to wait. answer: seconds for the first answer; resends: how often to ask again.

    result: seconds from the last sign of the device to the result, long enough for sampling and history.
    Table 1 of the standard: 10 s and 3 for mobile networks, 5 s and 3 for fixed ones.
    """

    answer: float = 10
    resends: int = 3
    result: float = 300


class Entry(NamedTuple):
    """One step for the audit trail. what: sent, resent, received, or the state reached; zh, en: in words."""

    at: float
    what: str
    zh: str
    en: str
    raw: bytes = b""


@dataclass
class Dialogue:
    """One request to one device. qn: of the exchange, kept by every resend; sender: the host towards this device.

    to_send: frames the caller has to send and then clear (`take`); data: what the device gave.
    """

    request: Request
    sender: Sender
    qn: str
    patience: Patience = field(default_factory=Patience)
    state: str = ASKED
    deadline: float | None = None
    data: list[Message] = field(default_factory=list)
    trail: list[Entry] = field(default_factory=list)
    to_send: list[bytes] = field(default_factory=list)
    _sent: int = 0

    @property
    def ended(self) -> bool:
        """Whether nothing more is awaited."""
        return self.state in _ENDS

    def start(self, at: float) -> None:
        """Send the request."""
        self._send(at, "sent", "已发送", "sent")

    def take(self) -> list[bytes]:
        """The frames to send now, once."""
        frames, self.to_send = self.to_send, []
        return frames

    def tick(self, at: float) -> None:
        """Time has passed: send again, or give up."""
        if self.ended or self.deadline is None or at < self.deadline:
            return
        if self.state == EXECUTING:
            self._end(at, UNFINISHED, "设备已接受，但未在规定时间内返回结果", "accepted, but no result in time")
        elif self._sent > self.patience.resends:
            self._end(at, UNANSWERED, "多次重发仍无应答，链路不可用", "no answer after all resends: link unusable")
        else:
            self._send(at, "resent", f"第{self._sent}次重发", f"resend {self._sent}")

    def receive(self, message: Message, at: float) -> bool:
        """A message of the device; returns whether it belongs to this dialogue.

        Data with a reply wanted have a QN of their own and are answered by whoever answers all uploads.
        """
        if self.ended or not self._is_mine(message):
            return False
        self._note(at, "received", f"收到{message.cn}", f"received {message.cn}", message.segment)
        answer = {"9011": self._accepted, "9012": self._finished, "9013": self._noticed}.get(message.cn)
        if answer:
            answer(message, at)
        else:
            self.data.append(message)
            self._wait(EXECUTING, at)
        return True

    def _is_mine(self, message: Message) -> bool:
        if message.mn and message.mn not in (self.sender.mn, self.request.params.get("MN")):
            return False
        if message.cn in ("9011", "9012", "9013"):
            return exchange(message) == self.qn
        wanted = self.request.command.brings_data and message.cn == self.request.cn
        return wanted and (exchange(message) == self.qn or self._in_span(message))

    def _in_span(self, message: Message) -> bool:
        """Whether an upload with its own QN lies in the span of history asked for."""
        begin, end = self.request.params.get("BeginTime"), self.request.params.get("EndTime")
        sent = first(message.params.get("DataTime", ""))[:14]
        return bool(begin and end and sent) and str(begin) <= sent <= str(end)

    def _accepted(self, message: Message, at: float) -> None:
        code = first(message.params.get("QnRtn", ""))
        if code == "1":
            self._wait(EXECUTING, at)
            return
        word = commands.qn_return(code)
        self._end(at, REFUSED, word.zh if word else f"QnRtn={code}", word.en if word else f"QnRtn={code}")

    def _finished(self, message: Message, at: float) -> None:
        code = first(message.params.get("ExeRtn", ""))
        word = commands.execution(code)
        state = {"1": DONE, "100": NO_DATA}.get(code, FAILED)
        self._end(at, state, word.zh if word else f"ExeRtn={code}", word.en if word else f"ExeRtn={code}")

    def _noticed(self, message: Message, at: float) -> None:
        self._end(at, DONE, "通知已应答", "notice answered")

    def _send(self, at: float, what: str, zh: str, en: str) -> None:
        host = replace(self.sender, host=True)
        frames = host.frames(self.request.cn, self.qn, self.request.params, self.request.factors)
        self._sent += 1
        self.to_send += frames
        title = self.request.command.title
        self._note(at, what, f"{zh}：{title.zh}", f"{en}: {title.en}", b"".join(frames))
        self._wait(ASKED, at)

    def _wait(self, state: str, at: float) -> None:
        self.state = state
        self.deadline = at + (self.patience.answer if state == ASKED else self.patience.result)

    def _end(self, at: float, state: str, zh: str, en: str) -> None:
        self.state, self.deadline = state, None
        self._note(at, state, zh, en)

    def _note(self, at: float, what: str, zh: str, en: str, raw: bytes = b"") -> None:
        self.trail.append(Entry(at, what, zh, en, raw))


def exchange(message: Message) -> str:
    """The QN a message belongs to: in the head, in answers of edition 2005 inside CP."""
    return first(message.header.get("QN", "")) or first(message.params.get("QN", ""))
