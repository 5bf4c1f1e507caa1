"""Work done behind a page: a thread that tells how far it is, can be stopped, and keeps the files it makes."""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from threading import Thread
from typing import Any

from django.db import connection

from qingyuan.base.durable import write_whole
from qingyuan.base.errors import QingyuanError
from qingyuan.base.time import CST, to_wall_clock
from qingyuan.interfaces.web import wording

SILENT = 240
"""Seconds without a word after which work counts as broken off (the process ended)."""

Progress = Callable[[str, int, int], None]
"""What is being done, how much of it is done, of how much."""


@dataclass(frozen=True)
class Product:
    """What the work gave. name: of its first file; files: content by form (docx, pdf, zip); pages: of the PDF."""

    name: str
    files: Mapping[str, bytes]
    pages: int | None = None


Make = Callable[[Progress], Product]
"""The work."""


class Stopped(QingyuanError):
    """Somebody stopped it."""


@dataclass(frozen=True)
class Standing:
    """How far work is. state: none | running | done | failed | stopped; share: 0 to 100; at: seconds (epoch).

    name, digest: of the first file that was made, SHA-256; forms: of all.
    """

    state: str = "none"
    what: str = ""
    share: int = 0
    at: float = 0
    name: str = ""
    digest: str = ""
    forms: tuple[str, ...] = ()
    pages: int | None = None
    seconds: int = 0

    @property
    def when(self) -> datetime:
        """When that was, by the wall clock."""
        return to_wall_clock(datetime.fromtimestamp(self.at, CST))

    @property
    def going(self) -> bool:
        """Whether it is being made now."""
        return self.state == "running" and time.time() - self.at < SILENT


def standing(place: Path) -> Standing:
    """How far the work of a folder is."""
    file = place / "standing.json"
    return Standing(**json.loads(file.read_text("utf-8"))) if file.exists() else Standing()


def begin(place: Path, make: Make) -> None:
    """Begin the work of a folder, unless it goes on already; of several who begin at once one does."""
    place.mkdir(parents=True, exist_ok=True)
    if not _claimed(place, standing(place).going):
        return
    (place / "stop").unlink(missing_ok=True)
    _tell(place, state="running", at=time.time())
    Thread(target=_run, args=(place, make, wording.english()), daemon=True).start()


def stop(place: Path) -> None:
    """Ask it to stop; it does so at its next word."""
    if place.is_dir():
        (place / "stop").touch()


def made(place: Path, form: str) -> bytes | None:
    """One of the files that were made; None before, and while others are being made."""
    told = standing(place)
    return (place / f"made.{form}").read_bytes() if told.state == "done" and form in told.forms else None


def _claimed(place: Path, going: bool) -> bool:
    mark = place / "making"
    if not going:  # what broke off is taken over
        mark.unlink(missing_ok=True)
    try:
        mark.touch(exist_ok=False)
    except FileExistsError:
        return False
    return True


def _run(place: Path, make: Make, english: bool) -> None:
    try:
        _make(place, make)
    except Stopped:
        _tell(place, state="stopped", at=time.time())
    except QingyuanError as why:
        words = getattr(why, "words", None)
        _tell(place, state="failed", what=str(why) if words is None or english else words.zh, at=time.time())
    except Exception as fault:  # a thread has nobody above it: what it could not do is told on the page
        _tell(place, state="failed", what=type(fault).__name__, at=time.time())
        raise
    finally:
        (place / "making").unlink(missing_ok=True)
        connection.close()


def _make(place: Path, make: Make) -> None:
    began = time.time()

    def told(what: str, done: int, total: int) -> None:
        if (place / "stop").exists():
            raise Stopped("It was stopped")
        _tell(place, state="running", what=what, share=100 * done // max(total, 1), at=time.time())

    product = make(told)
    for form, content in product.files.items():
        write_whole(place / f"made.{form}", content)
    digest = hashlib.sha256(next(iter(product.files.values()))).hexdigest()
    _tell(place, state="done", share=100, at=time.time(), name=product.name, digest=digest, pages=product.pages,
          forms=tuple(product.files), seconds=round(time.time() - began))  # fmt: skip


def _tell(place: Path, **told: Any) -> None:
    write_whole(place / "standing.json", json.dumps(asdict(Standing(**told)), ensure_ascii=False))
