"""The kinds of cases, as declared: a kind of record with its icon, days of proof and the four first moments."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from pathlib import Path
from typing import Any

from qingyuan.base.errors import QingyuanError
from qingyuan.cases.moments import NAMES, Rule
from qingyuan.registers.flow import reading
from qingyuan.registers.flow.declared import Kind
from qingyuan.standards.records import CONFIDENCES
from qingyuan.standards.schema import Entry, FaultyLibrary, read

MEASURED = "measured_within_limits"
DEADLINES = {"hours", "days", "working_days", "by"}
PROGRESS = ("progress", "done", "obstacle")
"""Fields of a progress note, which a kind with regular dispatch has."""
WORKED = ("investigate", "rectify", "verify")
"""Steps of those who have the case; the others are of the authority above them. A kind may name its own."""


class NoKind(QingyuanError):
    """There is no such kind of case."""


@dataclass(frozen=True)
class CaseKind:
    """A kind of case. flow: its steps; measured: days of agreeing data asked of a monitor, 0 for none.

    photos: how many photographs a phone asks for on the spot; dispatch: working days from one note of progress to the
    next, 0 where none is asked for; charge: steps only those who have the case may sign; by_hand: whether somebody may
    open one with nothing but a matter and a place.
    """

    flow: Kind
    icon: str
    measured: int
    moments: Mapping[str, Rule]
    photos: int = 0
    dispatch: int = 0
    charge: tuple[str, ...] = WORKED
    by_hand: bool = True


_further: list[Path] = []


def join(*paths: Path) -> None:
    """Take kinds of further files in, handed down from the rooms above that open cases of their own."""
    fresh = [path for path in paths if path not in _further]
    if fresh:
        _further.extend(fresh)
        kinds.cache_clear()


@lru_cache(maxsize=1)
def kinds() -> dict[str, CaseKind]:
    """Every kind by name. Raises FaultyLibrary naming file, key and what is wrong."""
    found = declared(Path(str(files("qingyuan.cases").joinpath("kinds.yaml"))))
    for path in _further:
        more = declared(path)
        if twice := found.keys() & more.keys():
            raise FaultyLibrary(f"{path.name}: {sorted(twice)[0]}: is a kind of case already", "Give it another name")
        found |= more
    return found


def kind(name: str) -> CaseKind:
    """One kind. Raises NoKind."""
    try:
        return kinds()[name]
    except KeyError:
        raise NoKind(f"There is no kind of case {name!r}", f"Choose one of {', '.join(kinds())}.") from None


def declared(path: Path) -> dict[str, CaseKind]:
    """The kinds a file declares."""
    file = read(path)
    usual, progress = file.take("usual", dict), file.take("progress", dict, {})
    given = file.take("kinds", dict)
    file.done()
    told = {
        name: {**own, "fields": {**progress, **own.get("fields", {})}}
        for name, own in given.items()
        if "dispatch" in own
    }
    return {
        str(name): _kind(str(name), Entry(_merged(usual, own), file.file, str(name)))
        for name, own in {**given, **told}.items()
    }


def _merged(usual: Mapping[str, Any], own: Mapping[str, Any]) -> dict[str, Any]:
    """What is usual, changed by what a kind says itself; days of proof become a need of the check.

    Steps a kind alone has stand after the usual ones, in its own order.
    """
    given = own.get("steps", {})
    steps = {name: _step(step, given.get(name, {})) for name, step in usual["steps"].items()}
    steps |= {name: step for name, step in given.items() if name not in steps}
    if days := own.get("measured"):
        steps["verify"]["needs"] = [f"{MEASURED}(days={days})"]
    return {**usual, **own, "fields": {**usual["fields"], **own.get("fields", {})}, "steps": steps}


def _step(usual: Mapping[str, Any], own: Mapping[str, Any]) -> dict[str, Any]:
    dropped = DEADLINES if DEADLINES & own.keys() else set()
    return {**{key: value for key, value in usual.items() if key not in dropped}, **own}


def _kind(name: str, entry: Entry) -> CaseKind:
    icon, measured, photos = entry.take("icon", str), entry.take("measured", int, 0), entry.take("photos", int, 0)
    charge, by_hand = entry.names("charge") or WORKED, not entry.yes("never_by_hand")
    moments = {str(key): _rule(str(key), inner) for key, inner in entry.entries("moments", optional=True)}
    dispatch = _dispatch(entry)
    return CaseKind(reading.kind(name, entry, ""), icon, measured, moments, photos, dispatch, charge, by_hand)


def _dispatch(entry: Entry) -> int:
    """Working days between two notes of progress; 0 where none is asked for."""
    inner = entry.inner("dispatch", optional=True)
    if not inner.content:
        return 0
    every = inner.take("every_working_days", int)
    if every < 1:
        inner.wrong("every_working_days", "has to be 1 or more")
    if inner.take("confidence", str) not in CONFIDENCES:
        inner.wrong("confidence", f"is none of {', '.join(CONFIDENCES)}")
    inner.done()
    return every


def _rule(name: str, entry: Entry) -> Rule:
    if name not in NAMES:
        entry.wrong("", f"is none of {', '.join(NAMES)}")
    found = Rule(entry.take("since", str), entry.take("until", str), float(entry.number("hours") or 0))
    entry.done()
    return found
