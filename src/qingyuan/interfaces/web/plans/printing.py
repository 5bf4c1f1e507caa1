"""A round's report made behind the page: a thread that tells how far it is, can be stopped, and keeps its files."""

from __future__ import annotations

import json
import time
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from threading import Thread
from typing import Any

from django.db import connection

from qingyuan.base.durable import write_whole
from qingyuan.base.errors import QingyuanError
from qingyuan.base.settings import data_dir
from qingyuan.base.time import CST, to_wall_clock
from qingyuan.observations.datasets import Dataset
from qingyuan.plans.evaluating.rules import sealed_rules
from qingyuan.plans.models import Evaluation, SheetStep
from qingyuan.plans.reporting.making import make
from qingyuan.plans.reporting.material import gather
from qingyuan.plans.reporting.settled import settled
from qingyuan.plans.reporting.sourcing import source

SILENT = 180
"""Seconds without a word after which a report counts as broken off (the process ended)."""


class Stopped(QingyuanError):
    """Somebody stopped it."""


@dataclass(frozen=True)
class Standing:
    """How far a report is. state: none | running | done | failed | stopped; share: 0 to 100; at: seconds (epoch)."""

    state: str = "none"
    what: str = ""
    share: int = 0
    at: float = 0
    digest: str = ""
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


def folder(number: int, language: str) -> Path:
    """Where the files of a round's report are kept."""
    return data_dir() / "plans" / "reports" / f"{number}-{'en' if language == 'en' else 'zh'}"


def standing(number: int, language: str) -> Standing:
    """How far the report of a round is."""
    file = folder(number, language) / "standing.json"
    return Standing(**json.loads(file.read_text("utf-8"))) if file.exists() else Standing()


def stale(round_: Evaluation, made: Standing) -> bool:
    """Whether something was done on a sheet after the report was made."""
    return made.state == "done" and SheetStep.objects.filter(sheet__evaluation=round_, at__gt=made.when).exists()


def begin(round_: Evaluation, dataset: Dataset, language: str) -> None:
    """Begin to make it, unless it is being made."""
    place = folder(round_.pk, language)
    place.mkdir(parents=True, exist_ok=True)
    if not _claimed(place, standing(round_.pk, language).going):
        return
    (place / "stop").unlink(missing_ok=True)
    _tell(place, state="running", at=time.time())
    Thread(target=_run, args=(round_, dataset, language, place), daemon=True).start()


def _claimed(place: Path, going: bool) -> bool:
    """Whether the making is ours: of several who begin at once one is; what broke off is taken over."""
    mark = place / "making"
    if not going:
        mark.unlink(missing_ok=True)
    try:
        mark.touch(exist_ok=False)
    except FileExistsError:
        return False
    return True


def stop(number: int, language: str) -> None:
    """Ask it to stop; it does so at its next word."""
    place = folder(number, language)
    if place.is_dir():
        (place / "stop").touch()


def _run(round_: Evaluation, dataset: Dataset, language: str, place: Path) -> None:
    began = time.time()
    try:
        _make(round_, dataset, language, place, began)
    except Stopped:
        _tell(place, state="stopped", at=time.time())
    except QingyuanError as why:
        words = getattr(why, "words", None)
        told = str(why) if words is None else words.en if language == "en" else words.zh
        _tell(place, state="failed", what=told, at=time.time())
    except Exception as fault:  # a thread has nobody above it: what it could not do is told on the page
        _tell(place, state="failed", what=type(fault).__name__, at=time.time())
        raise
    finally:
        (place / "making").unlink(missing_ok=True)
        connection.close()


def _make(round_: Evaluation, dataset: Dataset, language: str, place: Path, began: float) -> None:
    def gathering(what: str, done: int, total: int) -> None:
        _on_the_way(place, what, 25 * done // total)

    def writing(what: str, done: int, total: int) -> None:
        _on_the_way(place, what, 25 + 75 * done // total)

    rules = sealed_rules(round_.rules["text"])
    material = gather(source(dataset, round_.as_of.date()), round_.kind, rules, round_.as_of, gathering)
    made = make(settled(material, round_, rules), writing, language)
    (place / "report.pdf").unlink(missing_ok=True)
    (place / "report.docx").write_bytes(made.word)
    if made.pdf:
        (place / "report.pdf").write_bytes(made.pdf)
    _tell(place, state="done", share=100, at=time.time(), digest=made.digest, pages=made.pages,
          seconds=round(time.time() - began))  # fmt: skip


def _on_the_way(place: Path, what: str, share: int) -> None:
    if (place / "stop").exists():
        raise Stopped("The report was stopped")
    _tell(place, state="running", what=what, share=share, at=time.time())


def _tell(place: Path, **told: Any) -> None:
    write_whole(place / "standing.json", json.dumps(asdict(Standing(**told)), ensure_ascii=False))
