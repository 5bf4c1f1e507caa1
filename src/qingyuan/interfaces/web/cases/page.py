"""One case as its page shows it: stepper, card of what one can do, timeline, proof, moments, facts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from qingyuan.cases import acting, dispatching, kinds, measured, progress
from qingyuan.cases.acting import Holds
from qingyuan.cases.models import Attachment, Case, CaseStep
from qingyuan.interfaces.web.cases import words
from qingyuan.registers.flow import acts
from qingyuan.registers.flow.declared import CLOSED, Field
from qingyuan.registers.flow.fold import Actor, State, StepEntry, fold
from qingyuan.registers.flow.wording import VERBS


@dataclass(frozen=True)
class Ask:
    """One field of the form: its value as typed, and what was wrong with it."""

    field: Field
    title: str
    required: bool
    value: Any
    codes: list[tuple[str, str]]
    wrong: str = ""


def facts(
    case: Case, actor: Actor, holds: Holds, at: datetime, typed: Any = None, wrong: dict[str, str] | None = None
) -> dict[str, Any]:
    """Everything the page shows but chart and map."""
    flow = case.declared.flow
    entries = [row.entry for row in CaseStep.objects.filter(record=case).order_by("sequence")]
    state = fold(flow, entries)
    allowed = acting.in_charge(case, actor, holds)
    files = list(Attachment.objects.filter(case=case).order_by("pk"))
    verbs = {
        verb: acts.may(flow, state, verb, allowed) for verb in ("sign", "fill", "return", "hand_over", "reopen", "void")
    }
    return {
        "case": case,
        "state": state,
        "steps": stepper(case, state),
        "form": form(case, state, typed, wrong or {}) if verbs["sign"] else [],
        "may": verbs,
        "locked": locked(case),
        "ways": [(name, words.of(flow.title_of(name))) for name in acts.ways(flow, state)],
        "back": [(each.step, words.of(flow.title_of(each.step))) for each in state.signed],
        "proof": proof(case, at),
        "moments": moments(case, at),
        "timeline": [line(case, each, files) for each in reversed(entries)],
        "files": [(each, [words.doubt(code) for code in each.doubts]) for each in files],
        "known": known(case, state),
        "due": words.due(case, at),
        "place": words.place(case.division),
        "origin": words.origin(case.origin),
        "dispatch": dispatch(case, state, verbs["fill"], typed, wrong or {}, at),
        "children": list(case.children.all()[:50]),
        "title_now": words.step(case),
    }


def stepper(case: Case, state: State) -> list[dict[str, Any]]:
    """The steps: done, now or ahead; when signed, or how far the proof is."""
    signed = {each.step: each.at for each in state.signed}
    found = []
    for name, step in case.declared.flow.steps.items():
        here = name == case.step
        told = f"{case.agreeing} / {case.needed} " + _("days") if here and case.needed and name == "verify" else ""
        at = signed.get(name)
        look = "now" if here else "done" if at or case.step == CLOSED else ""
        found.append({"title": words.of(step.title), "look": look, "told": told or (f"{at:%m-%d %H:%M}" if at else "")})
    return found


def form(case: Case, state: State, typed: Any, wrong: dict[str, str]) -> list[Ask]:
    """The fields the present step asks for."""
    step = case.declared.flow.steps.get(case.step)
    if step is None:
        return []
    found = []
    for name in step.asks:
        field = case.declared.flow.fields[name]
        if name in state.sealed or field.type in ("table", "polygon"):
            continue
        found.append(_ask(field, name in step.requires, typed, state, wrong))
    return found


def _ask(field: Field, required: bool, typed: Any, state: State, wrong: dict[str, str]) -> Ask:
    value = typed.get(field.name, "") if typed else state.values.get(field.name, "")
    codes = [(code, words.of(told)) for code, told in field.codes.items()]
    if field.type == "point" and not typed and value:
        value = f"{value[0]}, {value[1]}"
    return Ask(field, words.of(field.title), required, value, codes, wrong.get(field.name, ""))


def dispatch(
    case: Case, state: State, may: bool, typed: Any, wrong: dict[str, str], at: datetime
) -> dict[str, Any] | None:
    """Regular dispatch of a case: the note asked for, its form for who may give it, the notes so far; None without."""
    told = list(dispatching.rounds(progress.SOURCE, case.pk)[:12]) if case.declared.dispatch else []
    if not told:
        return None
    now = next((each for each in told if each.is_open), None)
    empty = replace(state, values={"progress": state.values.get("progress", "")})
    fields = [case.declared.flow.fields[name] for name in kinds.PROGRESS] if now and may else []
    return {
        "now": now,
        "late": bool(now and now.due < at),
        "stage": words.stage(now.stage, "dispatch") if now and now.stage else "",
        "form": [_ask(each, each.name != "obstacle", typed, empty, wrong) for each in fields],
        "notes": [each for each in told if not each.is_open],
        "every": case.declared.dispatch,
    }


def locked(case: Case) -> list[str]:
    """Why the present step cannot be signed yet, whoever asks."""
    return [words.of(each.words) for each in acting.met(case).values() if not each.holds]


def proof(case: Case, at: datetime) -> dict[str, Any] | None:
    """Cells of the days of proof; None where no monitor has to prove anything now."""
    found = acting.proof_of(case)
    if found is None:
        return None
    cells = measured.shown(found, at.date())
    return {
        "cells": cells,
        "agreeing": found.agreeing,
        "needed": found.needed,
        "lacking": found.lacking,
        "earliest": cells[-1].day if found.lacking else None,
        "missing": sum(cell.verdict == "missing" for cell in cells),
    }


def moments(case: Case, at: datetime) -> list[dict[str, Any]]:
    """The four first moments against their rules."""
    found = []
    for each in case.moments(at):
        state = "bad" if each.late else "good" if each.took is not None else "none"
        rule = _("rule %(within)s") % {"within": words.span(each.within)}
        if each.late:
            rule = _("%(late)s late, %(rule)s") % {"late": words.span(each.late), "rule": rule}
        waiting = _("not yet") if case.is_open else _("did not come")
        took = words.span(each.took) if each.took is not None else waiting
        found.append({"title": words.moment(each.name), "took": took, "state": state, "rule": rule})
    return found


def line(case: Case, entry: StepEntry, files: Sequence[Attachment]) -> dict[str, Any]:
    """One entry of the timeline."""
    auto = entry.actor.account is None
    code, _colon, what = entry.note.partition(":")
    told, tag, look = entry.note, words.of(VERBS[entry.verb]), "auto" if auto else ""
    if entry.verb == "sign":
        tag = words.of(case.declared.flow.title_of(entry.step))
    if auto and code == "relapse":
        tag, look, told = _("relapse"), "warn", _("The data relapsed: %(what)s; opened again") % {"what": what}
    elif auto and code == "escalation":
        tag, told = words.stage(what), _("by its deadline")
    elif auto and code == "dispatch":
        tag, told = words.stage(what, "dispatch"), _("by regular dispatch")
    elif auto and entry.note == "routed":
        told = _("routed to %(who)s") % {"who": entry.handed.get("organisation_name") or _("nobody yet")}
    fields = case.declared.flow.fields
    values = [(words.of(fields[name].title), words.shown(fields[name], value)) for name, value in entry.values.items()]
    return {
        "entry": entry,
        "tag": tag,
        "look": look,
        "told": told,
        "who": "" if auto else entry.actor.name,
        "values": [(title, text) for title, text in values if text],
        "handed": entry.handed.get("organisation_name", "") if not auto else "",
        "to": words.of(case.declared.flow.title_of(entry.to)) if entry.verb in ("return", "reopen") else "",
        "photos": [each for each in files if each.step == entry.sequence and each.type.startswith("image/")],
    }


def known(case: Case, state: State) -> list[tuple[str, str, str]]:
    """What is known and sealed: title, value, who sealed it."""
    fields = case.declared.flow.fields
    found = []
    for name, value in state.values.items():
        if name != "about" and fields[name].type != "table":
            seal = state.sealed.get(name)
            found.append(
                (words.of(fields[name].title), words.shown(fields[name], value), seal.actor.name if seal else "")
            )
    return found
