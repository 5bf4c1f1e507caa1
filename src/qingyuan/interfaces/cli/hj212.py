"""``qingyuan hj212``: frames of the monitors' protocol HJ 212 read into JSON lines (decode), and written (encode)."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

from qingyuan.base.errors import QingyuanError, UnreadableInput, WrongUsage

if TYPE_CHECKING:
    from qingyuan.gateway.hj212.framing import Frame, Skipped

_CHUNK = 1 << 20


def add(commands: argparse._SubParsersAction) -> None:
    """Register ``hj212`` with its two verbs."""
    parser = commands.add_parser("hj212", help="read and write frames of HJ 212", description=__doc__)
    verbs = parser.add_subparsers(title="verbs", metavar="VERB", required=True)
    reading = verbs.add_parser("decode", help="a byte stream as one JSON object a frame, in order")
    reading.add_argument("file", metavar="FILE", help="the stream as received; - is standard input")
    reading.add_argument("--strict", action="store_true", help="refuse frames with any deviation (exit status 3)")
    reading.add_argument("--skipped", action="store_true", help="also a JSON object for bytes that belong to no frame")
    reading.set_defaults(run=_decode)
    writing = verbs.add_parser("encode", help="JSON lines, as decode prints them, as frames")
    writing.add_argument("file", metavar="FILE", nargs="?", default="-", help="JSON lines (default: standard input)")
    writing.add_argument("--output", metavar="FILE", default="-", help="where the frames go (default: standard output)")
    writing.add_argument("--as-text", action="store_true", help="write the cipher out as text, {0xE4,...}")
    writing.set_defaults(run=_encode)
    for verb in (reading, writing):
        verb.add_argument("--key", metavar="HEX", action="append", default=[], help="SM4 key of edition 2025")


def _decode(args: argparse.Namespace) -> int:
    from qingyuan.gateway.hj212 import sm4
    from qingyuan.gateway.hj212.framing import Frame

    keys = [sm4.key(text) for text in args.key]
    refused, place = 0, 0
    for piece in _pieces(args.file):
        if isinstance(piece, Frame):
            refused += not _print_frame(piece, keys, args.strict, place)
        else:
            _tell_skipped(piece, place, args.skipped)
        place += len(piece.raw)
    return 3 if args.strict and refused else 0


def _pieces(file: str) -> Iterator[Frame | Skipped]:
    from qingyuan.gateway.hj212.framing import Framer

    framer = Framer()
    with _opened(file) as stream:
        while chunk := stream.read(_CHUNK):
            yield from framer.feed(chunk)
    yield from framer.close()


def _opened(file: str) -> BinaryIO:
    if file == "-":
        return sys.stdin.buffer
    try:
        return Path(file).open("rb")
    except OSError as problem:
        raise UnreadableInput(f"{file} cannot be read: {problem.strerror}") from problem


def _print_frame(frame: Frame, keys: list[bytes], strict: bool, place: int) -> bool:
    """Print a frame's object; a refused one is told on standard error instead. Returns whether it was taken."""
    from qingyuan.gateway.hj212.decode import Nonconforming, decode

    try:
        message = decode(frame, keys, strict=strict)
    except Nonconforming as refused:
        _tell(f"byte {place}: refused: {refused}")
        return False
    if "length_wrong" in message.deviations and message.crc_status == "mismatch":
        _tell(f"byte {place}: {len(frame.raw)} bytes with a wrong length and a wrong sum, shown but not to be trusted")
    print(json.dumps(message.as_json(), ensure_ascii=False))
    return True


def _tell_skipped(piece: Skipped, place: int, as_json: bool) -> None:
    _tell(f"byte {place}: {len(piece.raw)} bytes skipped ({piece.reason})")
    if as_json:
        told = {"skipped": len(piece.raw), "at": place, "reason": piece.reason, "raw_hex": piece.raw.hex()}
        print(json.dumps(told))


def _tell(what: str) -> None:
    print(f"qingyuan: {what}", file=sys.stderr)


def _encode(args: argparse.Namespace) -> int:
    from qingyuan.gateway.hj212 import sm4

    keys = [sm4.key(text) for text in args.key]
    with _opened(args.file) as lines, _sink(args.output) as sink:
        for number, line in enumerate(lines, 1):
            if line.strip():
                sink.write(_frame_of(line, number, keys[0] if keys else None, args.as_text))
        sink.flush()
    return 0


def _texts(value: Any) -> Any:
    """The same with numbers as they are written."""
    if isinstance(value, dict):
        return {name: _texts(inner) for name, inner in value.items()}
    if isinstance(value, list):
        return [_texts(inner) for inner in value]
    return str(value) if isinstance(value, int | float) and not isinstance(value, bool) else value


def _sink(file: str) -> BinaryIO:
    return sys.stdout.buffer if file == "-" else Path(file).open("wb")


def _frame_of(line: bytes, number: int, key: bytes | None, as_text: bool) -> bytes:
    from qingyuan.gateway.hj212.encode import encode

    try:
        told = _texts(json.loads(line))
        return encode(told["header"], told.get("params", {}), told.get("factors", {}), key=key, as_text=as_text)
    except (ValueError, KeyError, TypeError) as problem:
        raise UnreadableInput(
            f"Line {number} is no frame: {problem}", "Give one object a line, as decode does"
        ) from problem
    except QingyuanError as problem:
        raise WrongUsage(f"Line {number}: {problem}") from problem
