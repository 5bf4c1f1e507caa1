"""Records of a text file: any usual encoding made UTF-8, quoted line breaks kept, every record with its line.

A broken line never costs more than itself: what cannot be decoded or closes no quotation mark is set aside.
"""

from __future__ import annotations

import codecs
import csv
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import numpy.typing as npt

BLOCK = 32 << 20
"""Bytes taken from the file at a time."""

LONGEST = 20
"""Most lines one quoted record may span; beyond, the quotation mark is taken for a slip."""


@dataclass(frozen=True)
class Broken:
    """A record that is none: where, why, and its text."""

    line: int
    reason: str
    text: str


@dataclass
class Chunk:
    """Whole records: `text` (UTF-8), the byte where each starts (and the end), the line on which each starts.

    spanning: some records span several lines.
    """

    text: bytes
    starts: npt.NDArray[np.int64]
    lines: npt.NDArray[np.int64]
    broken: list[Broken] = field(default_factory=list)
    spanning: bool = False
    delimiter: str = ","

    def record(self, index: int) -> str:
        """The text of one record, without its line end."""
        return self.text[self.starts[index] : self.starts[index + 1]].decode().rstrip("\r\n")

    def filled(self) -> npt.NDArray[np.bool_]:
        """Which records hold more than a line end."""
        length = np.diff(self.starts)
        filled: npt.NDArray[np.bool_] = length > 2
        for index in np.flatnonzero(~filled):
            filled[index] = bool(self.record(int(index)).strip())
        return filled


def chunks(path: Path, columns: Callable[[bytes], int]) -> Iterator[Chunk]:
    """The records of a file, block by block. columns: how many fields the header has, asked with the first line."""
    decode, carry, line, width = _Decoder(), b"", 1, 0
    for block, final in _blocks(path, decode):
        text = carry + block
        cut = len(text) if final else text.rfind(b"\n") + 1
        carry, text = text[cut:], text[:cut]
        if not text:
            continue
        width = width or columns(text)
        chunk, rest, line = _split(decode, text, line, width, final)
        carry = rest + carry
        yield chunk


def _blocks(path: Path, decode: _Decoder) -> Iterator[tuple[bytes, bool]]:
    with path.open("rb") as stream:
        decode.begin(stream.read(4))
        stream.seek(decode.mark)
        block = stream.read(BLOCK)
        while block:
            following = stream.read(BLOCK)
            yield decode.wide(block, not following), not following
            block = following


class _Decoder:
    """Finds out the encoding (byte order mark, else UTF-8 against GB 18030 on the first lines not ASCII)."""

    def __init__(self) -> None:
        self.encoding: str | None = None
        self.mark = 0
        self._wide: codecs.IncrementalDecoder | None = None

    def begin(self, head: bytes) -> None:
        if head.startswith(codecs.BOM_UTF8):
            self.encoding, self.mark = "utf-8", 3
        elif head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
            self.encoding = "utf-8"
            self._wide = codecs.getincrementaldecoder("utf-16")("replace")

    def wide(self, block: bytes, final: bool) -> bytes:
        """UTF-16 as UTF-8; anything else as it is."""
        return self._wide.decode(block, final).encode() if self._wide else block

    def lines(self, text: bytes) -> list[bytes | Exception] | bytes:
        """The text as UTF-8; where some line cannot be decoded, line by line with its error."""
        if text.isascii():
            return text
        self.encoding = self.encoding or _encoding_of(text)
        try:
            plain = text if self.encoding == "utf-8" and _is_utf8(text) else text.decode(self.encoding).encode()
            if self._wide is None or b"\xef\xbf\xbd" not in plain:
                return plain
        except UnicodeDecodeError:
            pass
        return [self._line(each) for each in physical_lines(text)]

    def _line(self, raw: bytes) -> bytes | Exception:
        try:
            text = raw.decode(self.encoding or "utf-8")
        except UnicodeDecodeError as wrong:
            return wrong
        if self._wide and "\ufffd" in text:
            return ValueError("a character that UTF-16 does not have")
        return text.encode()


def _is_utf8(text: bytes) -> bool:
    text.decode()
    return True


def _encoding_of(text: bytes) -> str:
    """UTF-8 unless more than half of the first lines beyond ASCII make no sense as UTF-8 and are GB 18030."""
    beyond = [line for line in text[: 1 << 20].split(b"\n") if not line.isascii()][:2000]
    if not beyond:
        beyond = [line for line in text.split(b"\n") if not line.isascii()][:2000]
    utf8 = sum(_decodes(line, "utf-8") and not _STRANGE.search(line.decode()) for line in beyond)
    chinese = sum(_decodes(line, "gb18030") for line in beyond)
    return "gb18030" if utf8 * 2 < len(beyond) and chinese > utf8 else "utf-8"


_STRANGE = re.compile("[\u0100-\u03bb\u03bd-\u07ff]")
"""Letters that two bytes of GB 18030 look like when taken for UTF-8 (the Greek mu of units is not among them)."""


def _decodes(line: bytes, encoding: str) -> bool:
    try:
        line.decode(encoding)
    except UnicodeDecodeError:
        return False
    return True


def _split(decode: _Decoder, text: bytes, line: int, width: int, final: bool) -> tuple[Chunk, bytes, int]:
    """Records of a block, what of it must wait for the next block, and the line with which that begins."""
    plain = decode.lines(text)
    if isinstance(plain, bytes):
        ends = _line_ends(plain)
        if _quotes_even(plain, ends):
            lines = np.arange(line, line + len(ends))
            return Chunk(plain, np.concatenate([[0], ends]), lines), b"", line + len(ends)
        plain = [plain[begin:end] for begin, end in zip([0, *ends[:-1]], ends, strict=True)]
    return _split_slowly(plain, text, line, width, final)


def physical_lines(text: bytes) -> list[bytes]:
    """Lines with their ends; only a line feed ends one."""
    lines = [each + b"\n" for each in text.split(b"\n")]
    last = lines.pop()[:-1]
    return [*lines, last] if last else lines


def _line_ends(text: bytes) -> npt.NDArray[np.int64]:
    ends = np.flatnonzero(np.frombuffer(text, np.uint8) == 10) + 1
    return ends if len(ends) and ends[-1] == len(text) else np.append(ends, len(text))


def _quotes_even(text: bytes, ends: npt.NDArray[np.int64]) -> bool:
    """Whether every line closes the quotation marks it opens."""
    if b'"' not in text:
        return True
    quotes = np.cumsum(np.frombuffer(text, np.uint8) == 34, dtype=np.int32)[ends - 1]
    return not bool((quotes & 1).any())


def _split_slowly(
    raw: list[bytes] | list[bytes | Exception], text: bytes, line: int, width: int, final: bool
) -> tuple[Chunk, bytes, int]:
    records: list[bytes] = []
    lines: list[int] = []
    broken: list[Broken] = []
    original = physical_lines(text)
    at = 0
    while at < len(raw):
        taken = _take(raw[at : at + LONGEST], width)
        if taken == 0 and not final and len(raw) - at < LONGEST:
            break
        first = raw[at]
        if isinstance(first, Exception):
            broken.append(Broken(line + at, f"cannot be decoded: {first}", _shown(original[at])))
        elif taken == 0:
            broken.append(Broken(line + at, "a quotation mark is not closed", _shown(first)))
        else:
            records.append(b"".join(each for each in raw[at : at + taken] if isinstance(each, bytes)))
            lines.append(line + at)
        at += max(taken, 1)
    starts = np.concatenate([[0], np.cumsum([len(record) for record in records], dtype=np.int64)]).astype(np.int64)
    chunk = Chunk(b"".join(records), starts, np.array(lines, np.int64), broken, spanning=True)
    return chunk, b"".join(original[at:]), line + at


def _take(raw: list[bytes] | list[bytes | Exception], width: int) -> int:
    """How many lines the record beginning here has; 0 when its quotation marks close nowhere sensible."""
    whole = b""
    for count, each in enumerate(raw, 1):
        if isinstance(each, Exception):
            return 0
        whole += each
        if whole.count(b'"') % 2 == 0:
            return count if count == 1 or _width(whole) == width else 0
    return 0


def _width(record: bytes) -> int:
    rows = list(csv.reader([record.decode()]))
    return len(rows[0]) if len(rows) == 1 else 0


def _shown(raw: bytes) -> str:
    return raw.decode("utf-8", "backslashreplace").rstrip("\r\n")
