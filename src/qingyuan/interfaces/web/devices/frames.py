"""Frames as people read them: raw with its values marked and its secrets masked, beside what it says."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from qingyuan.base.settings import data_dir
from qingyuan.gateway import looking
from qingyuan.gateway.hj212 import commands
from qingyuan.gateway.hj212.decode import Message, NotAFrame, decode, first
from qingyuan.gateway.hj212.framing import MISMATCH, MODBUS, VALID
from qingyuan.gateway.journal import MAIN, Record
from qingyuan.gateway.models import Device
from qingyuan.gateway.quarantine import wall_clock
from qingyuan.interfaces.web.devices import words

MASK = "••••••"
MARKED = ("Rtd", "Data", "Avg", "RS", "RT", "Min", "Max", "Cou", "ZsRtd", "ZsAvg", "ZsMin", "ZsMax", "Ala")
_SECRET = re.compile(r"((?:PW|NewPW|NewSK)\s*=\s*)([^;,&\r\n]*)", re.IGNORECASE)
_PIECE = re.compile(
    rf"(?P<head>(?:PW|NewPW|NewSK)\s*=\s*)(?P<secret>[^;,&\r\n]*)"
    rf"|(?P<name>[A-Za-z0-9]+-(?:{'|'.join(MARKED)})=)(?P<value>[^;,&\r\n]*)",
    re.IGNORECASE,
)
_CONTROL = re.compile(r"[\x00-\x09\x0b\x0c\x0e-\x1f\x7f]")


@dataclass(frozen=True)
class Piece:
    """A stretch of a frame. kind: empty, value (to be marked) or secret (masked already)."""

    text: str
    kind: str = ""


@dataclass(frozen=True)
class Brief:
    """A frame in the list of recent ones."""

    record: int
    at: datetime
    cn: str
    command: str
    size: int
    deviations: int
    late: bool


def printable(raw: bytes) -> str:
    """Bytes as text: UTF-8 where all of it is, else all that is not ASCII written out."""
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError:
        text = raw.decode("ascii", "backslashreplace")
    return _CONTROL.sub(lambda found: f"\\x{ord(found[0]):02x}", text)


def masked(text: str) -> str:
    """Text without the secrets of HJ 212 in it: passwords and keys."""
    return _SECRET.sub(lambda found: f"{found[1]}{MASK}", text)


def pieces(raw: bytes, codes: Collection[str] | None = None) -> list[Piece]:
    """The frame in pieces, to be shown one after another. codes: only the values of these factors are marked."""
    text, made, end = printable(raw).rstrip("\r\n"), [], 0
    for found in _PIECE.finditer(text):
        secret = found["secret"] is not None
        made.append(Piece(text[end : found.start()] + (found["head"] if secret else found["name"])))
        wanted = not secret and (codes is None or found["name"].partition("-")[0] in codes)
        made.append(Piece(MASK, "secret") if secret else Piece(found["value"], "value" if wanted else ""))
        end = found.end()
    return [piece for piece in [*made, Piece(text[end:])] if piece.text]


def keys_of(device: Device | None) -> list[bytes]:
    """Every key a device ever had: an old frame opens with an old one."""
    return [bytes.fromhex(each.key) for each in device.keys.all()] if device else []


def recent(device: Device, limit: int = 15) -> list[Brief]:
    """The newest frames of a device, newest first."""
    keys = keys_of(device)
    return [_brief(record, keys) for record in looking.newest(data_dir(), device.mn, limit)]


def _brief(record: Record, keys: Sequence[bytes]) -> Brief:
    told = read(record.raw, keys)
    cn, edition, odd = (told.cn, told.edition, len(told.deviations)) if told else ("", "", 0)
    command = words.command_name(cn, edition) if told else _("document")
    return Brief(record.id, wall_clock(record.received), cn, command, len(record.raw), odd, record.late)


def read(raw: bytes, keys: Sequence[bytes]) -> Message | None:
    """What the bytes say; None when they are no frame."""
    try:
        return decode(raw, keys)
    except NotAFrame:
        return None


def shown(
    device: Device | None, number: int, journal: str = MAIN, codes: Collection[str] | None = None
) -> dict[str, Any] | None:
    """One record for the screen: raw, in clear where it was enciphered, decoded, checksum, chain, times."""
    found = looking.placed(data_dir(), journal, number)
    if found is None:
        return None
    record, place = found
    told = read(record.raw, keys_of(device))
    return {
        "record": record.id,
        "journal": journal,
        "received": wall_clock(record.received),
        "peer": record.peer.partition(" ")[0],
        "mn": record.mn,
        "late": record.late,
        "size": len(record.raw),
        "raw": pieces(record.raw, codes),
        "clear": pieces(told.segment, codes) if told and told.segment not in record.raw else [],
        "hex": list(_hex_lines(record.raw)),
        "place": place,
        "sum": _sum(told.crc_status if told else ""),
        "message": _message(told, device) if told else None,
    }


def _hex_lines(raw: bytes) -> Iterator[tuple[str, str, str]]:
    """The bytes, 16 a line: place, hexadecimal, as text; secrets masked in both."""
    hidden = _hidden(raw)
    for at in range(0, min(len(raw), 1024), 16):
        line = raw[at : at + 16]
        told = ["••" if at + place in hidden else f"{byte:02x}" for place, byte in enumerate(line)]
        text = "".join(_letter(byte, at + place in hidden) for place, byte in enumerate(line))
        yield f"{at:04x}", " ".join(told), text


def _letter(byte: int, hidden: bool) -> str:
    return "•" if hidden else chr(byte) if 32 <= byte < 127 else "·"


def _hidden(raw: bytes) -> set[int]:
    text = raw.decode("latin-1")
    return {place for found in _SECRET.finditer(text) for place in range(found.start(2), found.end(2))}


def _sum(status: str) -> tuple[str, str]:
    words_of = {
        VALID: ("good", _("checksum fits")),
        MODBUS: ("tight", _("checksum fits as CRC-16/MODBUS")),
        MISMATCH: ("bad", _("checksum does not fit")),
    }
    return words_of.get(status, ("unknown", _("checksum could not be tested")))


def _message(told: Message, device: Device | None) -> dict[str, Any]:
    flag = told.flag
    factors = {each.code: each for each in device.factors.all()} if device else {}
    return {
        "head": [(key, MASK if key.upper() == "PW" else _joined(value)) for key, value in told.header.items()],
        "edition": told.edition,
        "cn": told.cn,
        "command": words.command_name(told.cn, told.edition),
        "system": words.told(commands.system(_joined(told.header.get("ST", "")))),
        "answer": flag is not None and bool(flag & 1),
        "split": flag is not None and bool(flag & 2),
        "params": [(key, _secret(key, _joined(value))) for key, value in told.params.items()],
        "rows": [_factor(code, fields, factors.get(code), told) for code, fields in told.factors.items()],
        "deviations": [(code, words.deviation(code)) for code in told.deviations],
    }


def _secret(key: str, value: str) -> str:
    return MASK if key.upper() in ("PW", "NEWPW", "NEWSK") else value


def _joined(value: str | list[str]) -> str:
    return value if isinstance(value, str) else " / ".join(value)


def _factor(code: str, fields: dict[str, Any], known: Any, told: Message) -> dict[str, Any]:
    """One factor: its name by the site's record, the value that counts, unit, mark, and the other fields."""
    value = next((name for name in ("Rtd", "Data", "Avg", "RS", "RT", "Ala") if name in fields), "")
    mark = first(fields["Flag"]) if "Flag" in fields else ""
    word = commands.mark(told.edition, mark)
    rest = [(name, _joined(text)) for name, text in fields.items() if name not in (value, "Flag", "SampleTime")]
    return {
        "code": code,
        "name": words.property_name(known.property) if known and known.property else "",
        "unit": words.unit(known.unit) if known else "",
        "value": _joined(fields[value]) if value else "",
        "mark": mark,
        "mark_word": words.told(word, mark) if mark else _("no mark sent"),
        "normal": mark in ("N", ""),
        "rest": rest,
    }
