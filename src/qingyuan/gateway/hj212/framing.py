"""Cutting a byte stream into frames by their declared length, and finding the next frame after garbage.

A frame is ``##``, 4 digits, the data segment of so many bytes, 4 hexadecimal digits, CR LF. Enciphered segments
hold any byte, so a frame is never ended by the first CR LF while its length is right. Where the length is
wrong, the bytes up to CR LF (or up to the next frame's start) are tried. A frame's start, ``##``, digits and
the first key of its head, never stands inside a frame: where it does, what it stands in is broken.

Every byte fed comes out again, once and in order: in a `Frame` or in a `Skipped`.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from qingyuan.gateway.hj212 import checksum

LIMIT = 8192
"""Longest data segment taken, in bytes: the standard's 1024 written as text cipher takes five times as many."""

VALID, MODBUS, MISMATCH, SEALED = "valid", "modbus_low_high", "mismatch", "sealed"
"""How the printed sum stands to the segment as received; sealed: enciphered, to be checked when opened."""


class Frame(NamedTuple):
    """One frame. raw: as received, CR LF with it; segment: between length and sum; status: of the sum.

    odd: deviations in the frame's outside (names of `deviations`).
    """

    raw: bytes
    segment: bytes
    status: str
    odd: tuple[str, ...] = ()


class Skipped(NamedTuple):
    """Bytes between frames that belong to none, and why: `blank` (line ends), `too_long`, `noise`."""

    raw: bytes
    reason: str


_START = re.compile(rb"##(\d{2,6})(?=\s?(?:QN|ST|CN|PW|MN|RF|CP|Flag|PNUM|PNO)=)")
_HALF_START = re.compile(
    rb"#(?:#(?:\d{1,6}(?:\s?(?:Q|S|C|P|M|R|QN|ST|CN|PW|MN|RF|CP|F|Fl|Fla|Flag|PN|PNU|PNUM|PNO))?|\d{1,6}\s)?)?\Z"
)
_LONGEST_START = 14
_HASH = ord("#")
_new = tuple.__new__
_SUM = re.compile(rb"[0-9A-Fa-f]{4}")
_PLAIN_CIPHER = re.compile(rb"CP=&&\s*\{\s*0[xX]")
_TEXT_OF_2025 = re.compile(rb"Flag=(\d{1,3});")


class Framer:
    """One connection's stream. limit: longest segment in bytes; what is kept back is never longer than a frame."""

    def __init__(self, limit: int = LIMIT) -> None:
        self._limit = limit
        self._rest = b""

    @property
    def pending(self) -> int:
        """Bytes kept back: the beginning of a frame that has not come whole."""
        return len(self._rest)

    def feed(self, data: bytes) -> list[Frame | Skipped]:
        """The frames that are whole with these bytes, and what lies between them, in order."""
        return self._cut(self._rest + data if self._rest else data, final=False)

    def pause(self) -> list[Frame | Skipped]:
        """After a pause: a frame is taken whose line end has not come; one that is not whole is still awaited.

        For devices that send no CR LF and say nothing more until they are answered.
        """
        start = _START.match(self._rest)
        stop = start.end() + int(start[1]) if start else 0
        if start is None or len(self._rest) - stop not in (4, 5):
            return []
        frame = _judged(self._rest, start, stop, final=False)
        self._rest = self._rest[len(frame.raw) :] if frame else self._rest
        return [frame] if frame else []

    def close(self) -> list[Frame | Skipped]:
        """What is left when nothing more comes: a frame without CR LF is taken, the rest is skipped."""
        return self._cut(self._rest, final=True)

    def _cut(self, buffer: bytes, final: bool) -> list[Frame | Skipped]:
        pieces: list[Frame | Skipped] = []
        at, size, longest, texts, register = 0, len(buffer), self._limit, checksum.TEXTS, checksum.register
        noise, reason = -1, ""
        while at < size:
            digits = buffer[at + 2 : at + 6]
            if digits.isdigit() and buffer.startswith(b"##", at):
                length = int(digits)
                stop = at + 6 + length
                if 0 < length <= longest and buffer.startswith(b"\r\n", stop + 4):
                    segment = buffer[at + 6 : stop]
                    if noise < 0 and buffer.startswith(texts[register(segment)], stop) and _HASH not in segment:
                        pieces.append(_new(Frame, (buffer[at : stop + 6], segment, VALID, ())))
                        at = stop + 6
                        continue
            piece = self._next(buffer, at, final)
            if piece is None:
                break
            if isinstance(piece, Skipped):
                noise, reason = (at, piece.reason) if noise < 0 else (noise, _worse(reason, piece.reason))
            else:
                if noise >= 0:
                    pieces.append(Skipped(buffer[noise:at], reason))
                noise = -1
                pieces.append(piece)
            at += len(piece.raw)
        if noise >= 0:
            pieces.append(Skipped(buffer[noise:at], reason))
        self._rest = buffer[at:] if at else buffer
        return pieces

    def _next(self, buffer: bytes, at: int, final: bool) -> Frame | Skipped | None:
        """The piece that begins at a place; None when more bytes are needed to tell."""
        start = _START.search(buffer, at)
        if start is None:
            keep = len(buffer) if final else _kept_back(buffer, at)
            return _skipped(buffer[at:keep]) if keep > at else None
        if start.start() > at:
            return _skipped(buffer[at : start.start()])
        if int(start[1]) > self._limit:
            return Skipped(start[0], "too_long")
        return self._frame(buffer, start, final)

    def _frame(self, buffer: bytes, start: re.Match[bytes], final: bool) -> Frame | Skipped | None:
        """The frame at a start: by its length, else by its line, else the start is noise."""
        body, stop = start.end(), start.end() + int(start[1])
        following = _START.search(buffer, body, stop + self._limit)
        bound = following.start() if following else len(buffer)
        ended = final or following is not None
        if not ended and buffer[stop + 4 :] in (b"", b"\r") and stop + 4 <= bound:
            return None
        by_length = _judged(buffer, start, stop, final) if stop + 4 <= bound else None
        if by_length and by_length.status in (VALID, MODBUS):
            return by_length
        line = _line_end(buffer, body, bound, ended)
        by_line = _judged(buffer, start, line - 4, final) if line >= body + 4 else None
        if by_line and by_line.status in (VALID, MODBUS):
            return by_line
        if not ended and (bound < stop + 4 or line < 0) and bound < body + self._limit + 6:
            return None
        return by_length or by_line or Skipped(start[0], "noise")


def _worse(first: str, second: str) -> str:
    """The reason of two skips side by side."""
    return second if first == "blank" else first


def _kept_back(buffer: bytes, at: int) -> int:
    """Where the beginning of a frame's start stands at the end of the buffer; its end when there is none."""
    half = _HALF_START.search(buffer, max(at, len(buffer) - _LONGEST_START))
    return half.start() if half else len(buffer)


def _skipped(raw: bytes) -> Skipped:
    return Skipped(raw, "noise" if raw.strip(b"\r\n\t \0") else "blank")


def _line_end(buffer: bytes, body: int, bound: int, ended: bool) -> int:
    """Where the line of a frame ends before CR LF, or before what follows it; -1 while it may still come."""
    line = buffer.find(b"\r\n", body, bound)
    if line < 0:
        line = bound if ended else -1
    while line > body and buffer[line - 1] in b"\r\n":
        line -= 1
    return line


def _judged(buffer: bytes, start: re.Match[bytes], stop: int, final: bool) -> Frame | None:
    """The frame whose segment ends at `stop`; None when what stands there is no end of a frame."""
    segment, printed = buffer[start.end() : stop], buffer[stop : stop + 4]
    if not _SUM.fullmatch(printed):
        return None
    status = _status(segment, printed.upper())
    if status in (MISMATCH, SEALED) and not segment.endswith(b"&&"):
        return None
    whole = buffer.startswith(b"\r\n", stop + 4)
    open_end = not whole and not (final and stop + 4 == len(buffer))
    raw = buffer[start.start() : stop + (6 if whole else 4)]
    return Frame(raw, segment, status, tuple(_oddities(start[1], segment, printed, open_end)))


def _status(segment: bytes, printed: bytes) -> str:
    if printed == checksum.text(segment):
        return VALID
    if is_sealed(segment):
        return SEALED
    return MODBUS if printed == checksum.modbus_text(segment) else MISMATCH


def whole(raw: bytes) -> Frame | None:
    """The frame some bytes are, from first to last, where nothing but its sum may be odd; else None."""
    digits = raw[2:6]
    if not (digits.isdigit() and raw.startswith(b"##") and raw.endswith(b"\r\n") and len(raw) == int(digits) + 12):
        return None
    segment, printed = raw[6:-6], raw[-6:-2]
    if not segment.endswith(b"&&") or not _SUM.fullmatch(printed) or _START.search(raw, 2):
        return None
    odd = () if printed == printed.upper() else ("sum_lower_case",)
    return Frame(raw, segment, _status(segment, printed.upper()), odd)


def is_sealed(segment: bytes) -> bool:
    """Whether a segment of edition 2025 carries cipher in its CP: bytes that are no text, or their text form."""
    flag = _TEXT_OF_2025.search(segment)
    if flag is None or int(flag[1]) >> 2 != 2:
        return False
    if _PLAIN_CIPHER.search(segment, flag.end()):
        return True
    inside = segment[flag.end() :]
    try:
        return not inside.decode().isprintable()
    except UnicodeDecodeError:
        return True


def _oddities(digits: bytes, segment: bytes, printed: bytes, open_end: bool) -> list[str]:
    """Names of the deviations of a frame's outside."""
    odd = []
    if len(digits) != 4:
        odd.append(f"length_digits:{len(digits)}")
    if int(digits) != len(segment):
        odd.append("length_wrong")
    if printed != printed.upper():
        odd.append("sum_lower_case")
    if open_end:
        odd.append("no_line_end")
    return odd
