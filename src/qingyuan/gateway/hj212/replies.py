"""What the host answers: 9011 to a request, 9012 its result, 9013 to a notice, 9014 to data (HJ 212, 6.3).

Editions 2017 and 2025 repeat QN, PW and MN in the head and clear bits 0 and 1 of Flag. Edition 2005 has no QN
in a reply's head: it stands in CP, with the command and the fragment that is answered (appendix C).
"""

from __future__ import annotations

from collections.abc import Callable

from qingyuan.gateway.hj212 import checksum
from qingyuan.gateway.hj212.head import Head

INTERACTION = frozenset((b"9011", b"9012", b"9013", b"9014"))
"""Answers: they are never answered themselves, whatever their Flag says."""

_NOTICES = frozenset((b"1013", b"2012", b"2022"))
_KEPT, _LONGEST_KEPT = 65536, 120
_tails: dict[tuple, tuple[bytes, bytes, int, bytes]] = {}


def frame(segment: bytes) -> bytes:
    """A data segment as a frame: ``##``, its length, the segment, its sum, CR LF."""
    return b"##%04d%b%b\r\n" % (len(segment), segment, checksum.text(segment))


def reply(head: Head) -> bytes | None:
    """The answer to a frame that asks for one: 9014, to a notice 9013; None when none is due."""
    if head.flag is None or not head.flag & 1 or head.cn in INTERACTION:
        return None
    qn, identity = head.qn or b"", len(head.pw or b"") + len(head.mn or b"")
    if head.flag < 4 or len(qn) != 17 or identity > _LONGEST_KEPT:
        return answer(head, b"9013" if head.cn in _NOTICES else b"9014")
    return answerer(head)(b"QN=" + qn)


def answerer(head: Head) -> Callable[[bytes], bytes]:
    """What answers the uploads and notices of 2017 and 2025 that have this head but for their ``QN=`` of 17 digits."""
    key = head[2:6]
    front, tail, add, shifted = _tails.get(key) or _keep(key)
    register, texts = checksum.register, checksum.TEXTS

    def answered(number: bytes) -> bytes:
        # the sum of a whole from those of its parts: the front's register moves on by the tail's length
        return b"%b%b%b%b\r\n" % (front, number, tail, texts[shifted[register(number)] ^ add])

    return answered


def _keep(key: tuple) -> tuple[bytes, bytes, int, bytes]:
    """What all replies to one device's one command share: the front, what follows QN, and its part of the sum."""
    if len(_tails) >= _KEPT:
        _tails.clear()
    cn, pw, mn, flag = key
    code = b"9013" if cn in _NOTICES else b"9014"
    tail = b";ST=91;CN=%b%bFlag=%d;CP=&&&&" % (code, _identity(pw, mn), flag & 0xFC)
    zero = bytes(20)
    add = checksum.register(zero + tail) ^ checksum.moved(len(tail))[checksum.register(zero)]
    _tails[key] = (b"##%04d" % (20 + len(tail)), tail, add, checksum.moved(len(tail)))
    return _tails[key]


def answer(head: Head, cn: bytes, cp: bytes = b"") -> bytes:
    """The answer `cn` (9011 ... 9014) to a frame, with items for CP (``QnRtn=1``), as a frame."""
    if head.flag is None or head.flag < 4:
        return frame(_answer_2005(head, cn, cp))
    number = b"" if head.qn is None else b"QN=%b;" % head.qn
    return frame(b"%bST=91;CN=%b%bFlag=%d;CP=&&%b&&" % (number, cn, _identity(head.pw, head.mn), head.flag & 0xFC, cp))


def _answer_2005(head: Head, cn: bytes, cp: bytes) -> bytes:
    items = [b"QN=" + head.qn] if head.qn else []
    if cn == b"9014" and head.cn:
        items.append(b"CN=" + head.cn)
    if cn == b"9014" and head.pno and head.pnum:
        items.append(b"PNO=%b;PNUM=%b" % (head.pno, head.pnum))
    items += [cp] if cp else []
    return b"ST=91;CN=%b%bFlag=0;CP=&&%b&&" % (cn, _identity(head.pw, head.mn), b";".join(items))


def _identity(pw: bytes | None, mn: bytes | None) -> bytes:
    """Password and device number between two semicolons, each only where the frame had it."""
    return b";" + (b"" if pw is None else b"PW=%b;" % pw) + (b"" if mn is None else b"MN=%b;" % mn)
