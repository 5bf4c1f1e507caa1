"""Work done behind a page: a thread that tells how far it is, can be stopped, and keeps the one file it makes."""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from threading import Thread
from typing import Any

from django.db import connection

from qingyuan.base.durable import write_whole
from qingyuan.base.errors import QingyuanError

SILENT = 240
"""Seconds without a word after which work counts as broken off (the process ended)."""

Progress = Callable[[str, int, int], None]
"""What is being done, how much of it is done, of how much."""
Make = Callable[[Progress], tuple[str, bytes]]
"""The work: gives the name of its file and the content."""


class Stopped(QingyuanError):
    """Somebody stopped it."""


@dataclass(frozen=True)
class Standing:
    """How far work is. state: none | running | done | failed | stopped; share: 0 to 100; at: seconds (epoch).

    name, digest: of the file that was made, SHA-256.
    """

    state: str = "none"
    what: str = ""
    share: int = 0
    at: float = 0
    name: str = ""
    digest: str = ""
    seconds: int = 0

    @property
    def going(self) -> bool:
        """Whether it is being made now."""
        return self.state == "running" and time.time() - self.at < SILENT


def standing(place: Path) -> Standing:
    """How far the work of a folder is."""
    file = place / "standing.json"
    return Standing(**json.loads(file.read_text("utf-8"))) if file.exists() else Standing()


def begin(place: Path, make: Make) -> None:
    """Begin the work of a folder, unless it goes on already."""
    if standing(place).going:
        return
    place.mkdir(parents=True, exist_ok=True)
    (place / "stop").unlink(missing_ok=True)
    _tell(place, state="running", at=time.time())
    Thread(target=_run, args=(place, make), daemon=True).start()


def stop(place: Path) -> None:
    """Ask it to stop; it does so at its next word."""
    if place.is_dir():
        (place / "stop").touch()


def made(place: Path) -> bytes | None:
    """The file that was made; None before, and while another is being made."""
    file = place / "made"
    return file.read_bytes() if standing(place).state == "done" and file.is_file() else None


def _run(place: Path, make: Make) -> None:
    began = time.time()

    def told(what: str, done: int, total: int) -> None:
        if (place / "stop").exists():
            raise Stopped("It was stopped")
        _tell(place, state="running", what=what, share=100 * done // max(total, 1), at=time.time())

    try:
        name, content = make(told)
        write_whole(place / "made", content)
        digest, seconds = hashlib.sha256(content).hexdigest(), round(time.time() - began)
        _tell(place, state="done", share=100, at=time.time(), name=name, digest=digest, seconds=seconds)
    except Stopped:
        _tell(place, state="stopped", at=time.time())
    except QingyuanError as why:
        _tell(place, state="failed", what=str(why), at=time.time())
    except Exception as fault:  # a thread has nobody above it: what it could not do is told on the page
        _tell(place, state="failed", what=type(fault).__name__, at=time.time())
        raise
    finally:
        connection.close()


def _tell(place: Path, **told: Any) -> None:
    write_whole(place / "standing.json", json.dumps(asdict(Standing(**told)), ensure_ascii=False))
