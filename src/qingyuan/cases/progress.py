"""Regular dispatch of cases: asked while somebody works on one, answered by filling in its fields of progress."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from qingyuan.cases import dispatching, kinds
from qingyuan.cases.models import Case
from qingyuan.registers.flow.declared import Words
from qingyuan.registers.flow.reasons import Reason
from qingyuan.registers.flow.store import Change

SOURCE = "case"


def subject(case: Case) -> dispatching.Subject:
    """A case as dispatch knows it."""
    return dispatching.Subject(
        SOURCE, case.pk, case.declared.dispatch, case.number, case.title, case.division, case.domain, case.site,
        case.organisation, case.organisation_name, case.simulated,
    )  # fmt: skip


def is_asked(case: Case) -> bool:
    """Whether progress is asked of a case now: its kind says so, and those who have it work on it."""
    return case.is_open and case.step in kinds.WORKED and case.declared.dispatch > 0


def lacking(case: Case, values: Mapping[str, Any]) -> Iterator[Reason]:
    """What a note of progress lacks: it says how far the matter is and what was done since the last one."""
    if not any(name in values for name in kinds.PROGRESS):
        return
    for name in ("progress", "done"):
        if not str(values.get(name, "")).strip():
            title = case.declared.flow.fields[name].title
            yield Reason("required", Words(f"请填{title.zh}", f"{title.en} is needed"), name)
    if str(values.get("done", "")).strip() == case.values.get("done"):
        told = Words("与上一期相同：请写本期做了什么", "The same as last time: say what was done since")
        yield Reason("same", told, "done")


def follow(change: Change) -> None:
    """After an act on a case, in its transaction: take a note that came with it, ask or ask no more."""
    case, entry = change.record, change.entry
    assert isinstance(case, Case)
    if not case.declared.dispatch:
        return
    if "done" in entry.values:
        told = case.values
        note = dispatching.Note(int(told["progress"]), told.get("done", ""), told.get("obstacle", ""), entry.actor.name)
        dispatching.answer(SOURCE, case.pk, note, entry.at)
    if is_asked(case):
        dispatching.ask(subject(case), entry.at)
    else:
        dispatching.release(SOURCE, case.pk, entry.at)
