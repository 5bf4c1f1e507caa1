"""The drop folder: files of frames, or CSV and JSON lines of a device, taken into the journal and put aside.

A file is taken when it has not changed for a moment. Frames name their device; other files stand in a folder named
after the MN of a registered device. Done files go to ``done/``, those that cannot be read to ``failed/`` with a note.
"""

from __future__ import annotations

import re
import time
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from time import time_ns

from qingyuan.base.errors import QingyuanError, WrongUsage
from qingyuan.gateway import gate, push, quarantine, register
from qingyuan.gateway.hj212.decode import opened
from qingyuan.gateway.hj212.framing import MISMATCH, Frame, Framer
from qingyuan.gateway.hj212.head import read
from qingyuan.gateway.journal import QUARANTINE, Entry, open_journal
from qingyuan.gateway.models import Device

SETTLED = 2.0
"""Seconds without change after which a file is taken to be whole."""

LONGEST_FILE = 1 << 30
_BATCH = 5_000
_FRAMES = re.compile(rb"##\d{4}\s?[A-Z]{2}")


@dataclass
class Dropped:
    """What became of the files. frames: taken; aside: into quarantine; failed: files with the reason."""

    files: int = 0
    frames: int = 0
    aside: int = 0
    failed: dict[str, str] = field(default_factory=dict)


def take(data: Path, folder: Path, accept_unknown: bool = False, settled: float = SETTLED) -> Dropped:
    """Take every whole file of the folder and its device folders."""
    done = Dropped()
    for file in sorted(each for each in (*folder.glob("*"), *folder.glob("*/*")) if _is_due(folder, each, settled)):
        try:
            _take(data, folder, file, accept_unknown, done)
        except QingyuanError as wrong:
            done.failed[file.name] = str(wrong)
            _put_aside(folder, file, "failed").with_suffix(".reason.txt").write_text(f"{wrong}\n", "utf-8")
        else:
            done.files += 1
            _put_aside(folder, file, "done")
    return done


def _is_due(folder: Path, file: Path, settled: float) -> bool:
    ours = file.parent != folder and file.parent.name in ("done", "failed")
    return (
        file.is_file() and not ours and not file.name.startswith(".") and time.time() - file.stat().st_mtime >= settled
    )


def _put_aside(folder: Path, file: Path, where: str) -> Path:
    target = folder / where / f"{time_ns()}-{file.name}"
    target.parent.mkdir(exist_ok=True)
    return file.rename(target)


def _take(data: Path, folder: Path, file: Path, accept_unknown: bool, done: Dropped) -> None:
    if file.stat().st_size > LONGEST_FILE:
        raise WrongUsage(f"{file.name} is larger than {LONGEST_FILE} bytes", "Cut it into parts")
    content = file.read_bytes()
    if _FRAMES.search(content, 0, 1 << 16):
        _take_frames(data, content, f"file:{file.name}", accept_unknown, done)
        return
    device = Device.objects.filter(mn=file.parent.name).first() if file.parent != folder else None
    if device is None:
        raise WrongUsage(f"{file.name} names no device", "Put it into a folder named after the MN of a registered one")
    push.push(data, device, content, f"file:{file.name}")
    done.frames += 1


def _take_frames(data: Path, content: bytes, peer: str, accept_unknown: bool, done: Dropped) -> None:
    door, framer = gate.Gate(register.devices(), accept_unknown), Framer()
    good: list[Entry] = []
    aside: list[Entry] = []
    for piece in (*framer.feed(content), *framer.close()):
        if isinstance(piece, Frame):
            head = read(piece.segment)
            reason = _refusal(door, piece)
            entry = Entry(time_ns() // 1000, peer, gate.name_of(head.mn), piece.raw, head.rf == b"1")
            if reason:
                aside.append(entry._replace(peer=quarantine.tagged(peer, reason)))
            else:
                good.append(entry)
    if not good and not aside:
        raise WrongUsage("There is no frame in it", "A frame begins with ## and the length of its data segment")
    done.frames += _append(data, "journal", good)
    done.aside += _append(data, QUARANTINE, aside)


def _refusal(door: gate.Gate, frame: Frame) -> str:
    """Why a frame is set aside; where it comes from is not asked, a file has no address."""
    head = read(frame.segment)
    device = door.devices.get(head.mn or b"")
    _, status, odd = opened(frame, device.keys if device else ())
    if status == MISMATCH and "no_key" not in odd:
        return gate.SUM
    reason = door.refusal(head.mn, head.pw, "")
    return "" if reason == gate.ADDRESS else reason


def _append(data: Path, name: str, entries: list[Entry]) -> int:
    if not entries:
        return 0
    with closing(open_journal(data, name)) as journal:
        return sum(journal.append(entries[at : at + _BATCH]).stored for at in range(0, len(entries), _BATCH))
