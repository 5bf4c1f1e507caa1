"""One frame read into what it says: head, parameters, factors, how its sum stands, what deviates.

Reading is tolerant: what real devices send is read as meant and the deviation told; nothing sent is dropped.
The strict way refuses a frame with any deviation.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from qingyuan.base.errors import QingyuanError
from qingyuan.gateway.hj212 import checksum, commands, deviations, framing, head, sm4
from qingyuan.gateway.hj212.framing import MISMATCH, MODBUS, SEALED, VALID, Frame, Framer

Value = str | list[str]
"""A value as sent; a list when the name came again with another value."""

TIMES = frozenset(("DataTime", "SystemTime", "BeginTime", "EndTime", "RestartTime", "AlarmTime", "CompleteTime"))
"""Parameters that are times of 14 digits."""

SEGMENT_LIMIT = 1024
"""Longest data segment of the standard, in bytes."""

_OF_SUM: dict[str, tuple[str, ...]] = {VALID: (), MODBUS: ("sum_modbus",), MISMATCH: ("sum_wrong",)}
_SPLIT = re.compile(r"[;,]")
_DIGITS_14 = re.compile(r"[0-9]{14}")
_QN = re.compile(r"[0-9]{17}")
_CN = re.compile(r"[0-9]{4}")
_FLAG = re.compile(r"[0-9]{1,3}")
_NUMBER = re.compile(r"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?")
_HEAD_KEYS = frozenset(("QN", "ST", "CN", "PW", "MN", "Flag", "PNUM", "PNO", "RF"))
_MN = re.compile(r"[0-9A-Fa-f]{24}|.{14}", re.DOTALL)
_ALLOWED = frozenset(("flag_missing",))
_WITHOUT_MN = frozenset(("9013", "9014"))


class NotAFrame(QingyuanError):
    """Bytes in which there is no frame of HJ 212."""


class Nonconforming(QingyuanError):
    """A frame refused by strict reading; its deviations are told."""


@dataclass(frozen=True, slots=True)
class Message:
    """What a frame says. Values are the text as sent.

    factors: by factor code the fields (``Rtd``, ``Flag`` ...); params: the items of CP that belong to no factor.
    repeated: names that came more than once, with all their values in order.
    deviations: codes of `deviations`; segment: the data segment in clear. Where no key opens it (``no_key``)
    only the head is read.
    """

    header: dict[str, Value]
    params: dict[str, Value]
    factors: dict[str, dict[str, Value]]
    crc_status: str
    deviations: tuple[str, ...]
    repeated: dict[str, list[str]]
    segment: bytes

    @property
    def flag(self) -> int | None:
        """The head's Flag as a number, None when there is none."""
        return flag_number(first(self.header.get("Flag", "")))

    @property
    def edition(self) -> str:
        """2005, 2017 or 2025, by the version bits of Flag."""
        return head.edition(self.flag)

    @property
    def cn(self) -> str:
        """The command, empty when missing."""
        return first(self.header.get("CN", ""))

    @property
    def mn(self) -> str:
        """The device, empty when missing."""
        return first(self.header.get("MN", ""))

    @property
    def kinds(self) -> frozenset[str]:
        """The kinds of its deviations, without their details."""
        return frozenset(deviations.kind(code).kind for code in self.deviations)

    @property
    def data_time(self) -> datetime | None:
        """DataTime at +08:00, to the second; None when missing or impossible."""
        return moment(first(self.params.get("DataTime", "")))

    def as_json(self) -> dict[str, Any]:
        """The object of ``hj212 decode``."""
        known = commands.command(self.cn, self.edition)
        told: dict[str, Any] = {
            "header": self.header,
            "params": self.params,
            "factors": self.factors,
            "crc_status": self.crc_status,
            "deviations": [deviations.printed(code) for code in self.deviations],
            "edition": self.edition,
            "command": known.title.en if known else "unknown",
        }
        if self.flag is not None:
            bits = {"split": bool(self.flag & 2), "reply_wanted": bool(self.flag & 1)}
            told["flag"] = {"version_bits": self.flag >> 2, **bits}
        if self.repeated:
            told["repeated"] = self.repeated
        return told


def decode(frame: Frame | bytes, keys: Sequence[bytes] = (), *, strict: bool = False) -> Message:
    """Read a frame (cut by the framer, or the bytes of one). keys: SM4 keys of the device, newest first.

    NotAFrame for bytes without a frame; with `strict`, Nonconforming for a frame that deviates in anything
    (but for the missing Flag, which is edition 2005's own way).
    """
    cut = frame if isinstance(frame, Frame) else only_frame(frame)
    segment, status, odd = opened(cut, keys)
    in_clear = segment if "no_key" not in odd else segment.partition(b"CP=")[0] + b"CP=&&&&"
    message = replace(read_segment(in_clear, status, (*cut.odd, *odd)), segment=segment)
    if strict and set(message.deviations) - _ALLOWED:
        told = "; ".join(deviations.printed(code) for code in message.deviations)
        raise Nonconforming(f"Frame of MN {message.mn!r}, QN {first(message.header.get('QN', ''))!r}: {told}")
    return message


def only_frame(raw: bytes) -> Frame:
    """The first frame of some bytes; NotAFrame when there is none."""
    found = framing.whole(raw)
    if found:
        return found
    framer = Framer(max(framing.LIMIT, len(raw)))
    for piece in (*framer.feed(raw), *framer.close()):
        if isinstance(piece, Frame):
            return piece
    raise NotAFrame(f"No frame of HJ 212 in {raw[:60]!r}", "A frame begins with ## and the length of its data segment")


def opened(frame: Frame, keys: Iterable[bytes]) -> tuple[bytes, str, tuple[str, ...]]:
    """The segment in clear, the status of its sum, and the deviations of sum and cipher."""
    segment, status = frame.segment, frame.status
    # one cipher in 256 has the sum of its plain text: a fitting sum does not prove a segment to be in clear
    if status != SEALED and not framing.is_sealed(segment):
        return segment, status, _OF_SUM[status]
    printed = _printed_sum(frame)
    found = sm4.open_segment(segment, keys, printed)
    in_clear = status == VALID and sm4.is_text(segment) and not sm4.is_written_out(segment)
    if in_clear and not (found and found.sum_fits):
        return segment, status, ()
    if found is None:
        status = MISMATCH if status == SEALED else status
        return segment, status, ("no_key", *(_OF_SUM[status] if status == MODBUS else ()))
    odd = ("cipher_as_text",) if found.as_text else ()
    if found.sum_fits:
        return found.segment, VALID, odd
    if printed == checksum.modbus_text(found.segment):
        return found.segment, MODBUS, (*odd, *_OF_SUM[MODBUS])
    if status == SEALED:
        return found.segment, MISMATCH, (*odd, *_OF_SUM[MISMATCH])
    return found.segment, status, (*odd, *_OF_SUM[status], "sum_of_cipher")


def _printed_sum(frame: Frame) -> bytes:
    return frame.raw.rstrip(b"\r\n")[-4:].upper()


def read_segment(segment: bytes, status: str, odd: Iterable[str] = ()) -> Message:
    """A data segment in clear, read. odd: deviations known before."""
    text, told = _text(segment)
    codes = [*odd, *told]
    if len(segment) > SEGMENT_LIMIT:
        codes.append("segment_long")
    front, inside, cp_codes = _parts(text)
    header, head_codes = read_head(front)
    params, factors, repeated, item_codes = read_items(inside)
    codes += [*cp_codes, *head_codes, *item_codes]
    return Message(header, params, factors, status, deviations.in_order(codes), repeated, segment)


def _text(segment: bytes) -> tuple[str, list[str]]:
    """The segment as text: UTF-8, else the national encoding, else byte by byte."""
    for encoding, codes in (("utf-8", []), ("gb18030", ["text_not_utf8"])):
        try:
            return segment.decode(encoding), codes
        except UnicodeDecodeError:
            continue
    return segment.decode("latin-1"), ["text_not_utf8"]


def _parts(text: str) -> tuple[str, str, list[str]]:
    """Head, inside of CP, and what deviates in its frame of ``&&``."""
    front, found, rest = text.partition("CP=")
    if not found:
        return text, "", ["no_cp"]
    if not rest.startswith("&&"):
        return front, rest.removesuffix("&&"), ["cp_open"]
    inside, closed, after = rest[2:].rpartition("&&")
    if not closed:
        return front, rest[2:], ["cp_open"]
    return (front, f"{inside};{after}", ["after_cp"]) if after.strip() else (front, inside, [])


def read_head(front: str) -> tuple[dict[str, Value], list[str]]:
    """The keys of the head in the order sent, and their deviations."""
    found: dict[str, list[str]] = {}
    for part in _SPLIT.split(front):
        key, equals, value = part.strip().partition("=")
        if equals or key:
            found.setdefault(key, []).append(value.strip())
    codes = [f"head_repeated:{key}" for key, values in found.items() if len(values) > 1]
    codes += [f"head_unknown:{key}" for key in found if key not in _HEAD_KEYS]
    codes += _head_codes({key: values[0] for key, values in found.items()})
    return {key: _value(values) for key, values in found.items()}, codes


def _head_codes(sent: dict[str, str]) -> Iterator[str]:
    """What deviates in the values of the head."""
    qn, mn = sent.get("QN"), sent.get("MN")
    if qn is not None and not _QN.fullmatch(qn):
        yield "qn_form" if qn else "qn_empty"
    if len(sent.get("ST", "")) != 2:
        yield "st_form"
    if not _CN.fullmatch(sent.get("CN", "")):
        yield "cn_form"
    if len(sent.get("PW", "")) > 6:
        yield "pw_long"
    if mn is None and sent.get("CN") not in _WITHOUT_MN:
        yield "mn_missing"
    if mn is not None and not _MN.fullmatch(mn):
        yield "mn_form"
    yield from _flag_codes(sent.get("Flag"))


def _flag_codes(flag: str | None) -> Iterator[str]:
    if flag is None:
        yield "flag_missing"
        return
    number = flag_number(flag)
    if number is None:
        yield "flag_form"
    elif number >> 2 > 2:
        yield "flag_version"


def flag_number(text: str) -> int | None:
    """A Flag as a number from 0 to 255; None for anything else."""
    return int(text) if _FLAG.fullmatch(text) and int(text) < 256 else None


def read_items(inside: str) -> tuple[dict[str, Value], dict[str, dict[str, Value]], dict[str, list[str]], list[str]]:
    """The inside of CP: params, factors, repeated names, deviations."""
    found: dict[str, list[str]] = {}
    codes = list(_items(inside, found))
    params: dict[str, Value] = {}
    factors: dict[str, dict[str, Value]] = {}
    for name, values in found.items():
        code, dash, field = name.rpartition("-")
        if dash and code and field:
            factors.setdefault(code, {})[field] = _value(values)
        else:
            params[name] = _value(values)
        if name in TIMES or field == "SampleTime":
            codes += _time_codes(name, values[0])
    repeated = {name: values for name, values in found.items() if len(values) > 1}
    codes += [f"name_repeated:{name}" for name in repeated]
    codes += ["flag_bare"] if "Flag" in params else []
    return params, factors, repeated, codes


def _items(inside: str, found: dict[str, list[str]]) -> Iterator[str]:
    """Fill in names with their values; yields deviations. Semicolon and comma both part items."""
    body = inside.strip()
    if body.endswith((";", ",")):
        yield "separator_end"
        body = body[:-1]
    last, partings = "", list[str]()
    for place, item in enumerate(_SPLIT.split(body) if body else ()):
        name, equals, value = item.strip().partition("=")
        if equals:
            if name in found:
                found[name].append(value)
            else:
                found[name] = [value]
            last = name
        elif not name:
            yield "item_empty"
        else:
            yield "item_without_value"
            partings = partings or _SPLIT.findall(body)
            if last:
                found[last][-1] += partings[place - 1] + item
            else:
                found.setdefault(name, []).append("")


def _time_codes(name: str, value: str) -> Iterator[str]:
    if not _DIGITS_14.fullmatch(value):
        yield f"time_form:{name}"
    if _DIGITS_14.match(value) and moment(value) is None:
        yield f"time_impossible:{name}"


def moment(text: str) -> datetime | None:
    """A time of 14 digits or more (the rest is parts of a second); None for anything else."""
    if not _DIGITS_14.match(text):
        return None
    try:
        month, day, hour, minute, second = (int(text[at : at + 2]) for at in range(4, 14, 2))
        return datetime(int(text[:4]), month, day, hour, minute, second)
    except ValueError:
        return None


def number(text: str) -> float | None:
    """A value as a finite number; None for anything else (``--``, empty, words)."""
    if not _NUMBER.fullmatch(text):
        return None
    value = float(text)
    return value if math.isfinite(value) else None


def _value(values: list[str]) -> Value:
    """One value where all are alike, else all of them in order."""
    return values[0] if len(values) == 1 or len(set(values)) == 1 else values


def first(value: Value) -> str:
    """The value, of several the first."""
    return value if isinstance(value, str) else value[0]
