"""The parts of a split message belong together by what they share: (MN, ST, CN, DataTime, PNUM).

Each part has its own QN and can be read alone, so joining only says when a period is complete.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from typing import NamedTuple

from qingyuan.gateway.hj212 import head
from qingyuan.gateway.hj212.decode import NotAFrame, only_frame, opened

_DATA_TIME = re.compile(rb"DataTime=([0-9]{1,14})")
_NUMBERED = b"PNUM="
_LONGEST_HEAD = 200
_LONGEST_WORD = 64
_MOST_PARTS = 9999


class Key(NamedTuple):
    """What the parts of one message share. data_time: 14 digits as sent; of a message without one its QN."""

    mn: str
    st: str
    cn: str
    data_time: str
    pnum: int


def part_of(raw: bytes, keys: Sequence[bytes] = ()) -> tuple[Key, int] | None:
    """The key and the number of the part that a frame is; None for a whole message, or one numbered impossibly.

    keys: SM4 keys of the device; a part that none of them opens cannot be placed and gives None.
    """
    if raw.find(_NUMBERED, 0, _LONGEST_HEAD) < 0:
        return None
    try:
        segment, _, odd = opened(only_frame(raw), keys)
    except NotAFrame:
        return None
    sent = head.read(segment)
    pnum, pno = (int(text) if text and text.isdigit() else 0 for text in (sent.pnum, sent.pno))
    if "no_key" in odd or not 1 <= pno <= pnum <= _MOST_PARTS or pnum == 1:
        return None
    time = _DATA_TIME.search(segment)
    shared = (sent.mn, sent.st, sent.cn, time[1] if time else sent.qn)
    mn, st, cn, data_time = ((text or b"").decode("latin-1")[:_LONGEST_WORD] for text in shared)
    return Key(mn, st, cn, data_time, pnum), pno


def missing(pnum: int, there: Collection[int]) -> list[int]:
    """The numbers of the parts that have not come."""
    return [number for number in range(1, pnum + 1) if number not in there]
