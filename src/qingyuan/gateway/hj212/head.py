"""A quick look at the head of a data segment: who speaks, about what, whether a reply is wanted. CP is not read.

Everything but QN is the same in a device's every frame of one command, so the part after QN is read once and
kept. Heads in another order, and with parts missing, are read part by part.
"""

from __future__ import annotations

import re
from typing import NamedTuple


class Head(NamedTuple):
    """The head's values as sent (bytes; None where the key is missing). flag: None when missing or no number."""

    qn: bytes | None
    st: bytes | None
    cn: bytes | None
    pw: bytes | None
    mn: bytes | None
    flag: int | None
    pnum: bytes | None
    pno: bytes | None
    rf: bytes | None

    @property
    def edition(self) -> str:
        """The edition the frame names: version bits of Flag, 2005 without Flag."""
        return edition(self.flag)

    @property
    def wants_reply(self) -> bool:
        """Bit 0 of Flag."""
        return self.flag is not None and self.flag & 1 == 1

    @property
    def is_split(self) -> bool:
        """Bit 1 of Flag: PNUM and PNO stand in the head."""
        return self.flag is not None and self.flag & 2 == 2


EDITIONS = ("2005", "2017", "2025")
"""Editions by the number in the version bits of Flag."""

_CANONICAL = re.compile(rb"QN=\d{17};")
_PARTING = re.compile(rb"[;,]")
_FIELDS = ("QN", "ST", "CN", "PW", "MN", "Flag", "PNUM", "PNO", "RF")
_KEPT, _LONGEST_KEPT = 65536, 160
_known: dict[bytes, tuple] = {}


def edition(flag: int | None) -> str:
    """The edition of a Flag: 2005 without one; a number this protocol does not know is read as the newest."""
    return EDITIONS[min(flag >> 2, 2)] if flag is not None else EDITIONS[0]


def read(segment: bytes) -> Head:
    """The head of a data segment, enciphered or not."""
    end = segment.find(b"CP=&&")
    if not 21 <= end <= _LONGEST_KEPT or segment[20] != 0x3B or not _CANONICAL.match(segment):
        return _read(segment[:end] if end >= 0 else segment)
    rest = segment[21:end]
    known = _known.get(rest)
    if known is None:
        known = _keep(rest)
    return tuple.__new__(Head, (segment[3:20], *known)) if known else _read(segment[:end])


def _keep(rest: bytes) -> tuple:
    """The values after QN; empty when the rest has a QN too (then the whole is read)."""
    if len(_known) >= _KEPT:
        _known.clear()
    head = _read(rest)
    _known[rest] = tuple(head[1:]) if head.qn is None else ()
    return _known[rest]


def _read(text: bytes) -> Head:
    """Part by part, in any order; of a key that comes twice the first counts."""
    found: dict[str, bytes] = {}
    for part in _PARTING.split(text):
        key, equals, value = part.strip().partition(b"=")
        if equals:
            found.setdefault(key.decode("latin-1"), value.strip())
    values: list = [found.get(name) for name in _FIELDS]
    flag = found.get("Flag", b"")
    values[5] = int(flag) if flag.isdigit() and int(flag) < 256 else None
    return Head(*values)
