"""What may be done to a record: one act in, one entry out, or every reason why not.

Rights stay with the caller: `Given.holds` says whether the actor may sign as one of a kind's signers for this record.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from qingyuan.registers.flow import checking, values
from qingyuan.registers.flow.declared import CLOSED, VOID, Branch, Kind, Signer, Step, Words
from qingyuan.registers.flow.fold import Actor, State, StepEntry, Verb
from qingyuan.registers.flow.reasons import Conflict, Reason, Refused
from qingyuan.registers.flow.wording import VERBS, clock, shown, signers

LONGEST_NOTE = 4000


@dataclass(frozen=True)
class Met:
    """Whether the world meets a need of a step. None: could not be asked; words: what was found."""

    holds: bool | None
    words: Words


@dataclass(frozen=True)
class Given:
    """One act as asked for.

    version: number of entries the actor had seen; values: typed ones by field; known: source of those that were
    pre-filled; to: the step wanted where there is a choice; handed: for hand_over (``division``, ``site``,
    ``organisation``, ``person`` ...); context: what is known of references, by dotted name (``permit.flow``);
    met: answers to the needs of the step, by their text.
    """

    verb: Verb
    actor: Actor
    at: datetime
    version: int
    holds: Callable[[Signer], bool]
    values: Mapping[str, Any] = field(default_factory=dict)
    known: Mapping[str, str] = field(default_factory=dict)
    to: str = ""
    note: str = ""
    handed: Mapping[str, Any] = field(default_factory=dict)
    context: Mapping[str, Any] = field(default_factory=dict)
    met: Mapping[str, Met] = field(default_factory=dict)


def act(kind: Kind, state: State, given: Given) -> StepEntry:
    """The entry of an act, without digest. Raises Refused with every reason, Conflict for a version that has passed."""
    if given.version != state.version:
        raise Conflict(
            [Reason("conflict", Words("有人先改了这条记录，请重新打开", "The record has changed; open it again"))]
        )
    kept, reasons = values.kept_all(kind.fields, given.values)
    reasons = _may(kind, state, given) or _once([*reasons, *_ACTS[given.verb](kind, state, given, kept)])
    if reasons:
        raise Refused(reasons)
    return _entry(kind, state, given, kept)


def _once(reasons: Iterable[Reason]) -> list[Reason]:
    """The first reason of each field: what cannot be read is not missing as well."""
    found: dict[object, Reason] = {}
    for number, reason in enumerate(reasons):
        found.setdefault(reason.field or number, reason)
    return list(found.values())


def may(kind: Kind, state: State, verb: Verb, holds: Callable[[Signer], bool]) -> bool:
    """Whether somebody may do a verb now at all, before anything is given."""
    return _possible(kind, state, verb) and (verb == "note" or any(holds(each) for each in who(kind, state, verb)))


def may_amend(kind: Kind, state: State, name: str, holds: Callable[[Signer], bool]) -> bool:
    """Whether somebody may correct a sealed field: as a signer of the step that sealed it."""
    return any(holds(each) for each in kind.steps[state.sealed[name].step].signs)


def conflict(kind: Kind, state: State, since: Sequence[StepEntry]) -> Conflict:
    """A readable conflict: what was done since the version somebody saw, by whom and when."""
    lines = [_told(kind, entry) for entry in since]
    zh = "您打开之后，" + "；".join(words.zh for words in lines)
    en = "Since you opened it, " + "; ".join(words.en for words in lines)
    told = Words(
        f"{zh}。您填的内容还在，请看过新的再提交", f"{en}. What you typed is kept; look at the new state and send again"
    )
    changed = [name for entry in since for name in entry.values]
    return Conflict([Reason("conflict", told), *(Reason("changed", told, name) for name in dict.fromkeys(changed))])


def who(kind: Kind, state: State, verb: Verb) -> tuple[Signer, ...]:
    """The alternatives of signers of a verb at this state."""
    if verb == "open":
        return kind.opens
    if verb == "void":
        return kind.voids
    if verb == "reopen":
        return kind.reopens
    if verb == "amend":
        sealing = {seal.step for seal in state.sealed.values()}
        return tuple(dict.fromkeys(each for name in sealing for each in kind.steps[name].signs))
    if state.step not in kind.steps:
        return ()
    step = kind.steps[state.step]
    beside = step.fills if verb == "fill" else kind.hands if verb == "hand_over" else ()
    return (*step.signs, *beside)


def ways(
    kind: Kind, state: State, kept: Mapping[str, Any] | None = None, context: Mapping[str, Any] | None = None
) -> list[str]:
    """Where signing the present step may lead: steps or `CLOSED`, by the branches whose condition holds."""
    if state.step not in kind.steps:
        return []
    known = {**(context or {}), **values.plain(kind.fields, {**state.values, **(kept or {})})}
    return [each.to for each in kind.steps[state.step].next if _open(each, kind, known)]


def _open(branch: Branch, kind: Kind, known: Mapping[str, Any]) -> bool:
    return branch.when is None or branch.when.value(known, kind.lookups) is True


def _possible(kind: Kind, state: State, verb: Verb) -> bool:
    """Whether a verb has a meaning where the record stands."""
    if verb == "open":
        return state.version == 0
    if state.version == 0:
        return False
    if verb == "reopen":
        return state.step == CLOSED
    if verb == "void":
        return state.step != VOID
    if verb == "amend":
        return state.step != VOID and bool(state.sealed)
    if verb == "return":
        return not state.is_over and bool(state.signed)
    return verb == "note" or not state.is_over


def _may(kind: Kind, state: State, given: Given) -> list[Reason]:
    """Reasons before looking at what is given: the verb has no meaning here, or the actor no right."""
    if not _possible(kind, state, given.verb):
        verb, here = VERBS[given.verb], kind.title_of(state.step)
        told = Words(f"现在是“{here.zh}”，不能{verb.zh}", f"It stands at “{here.en}”, where one cannot {verb.en}")
        return [Reason("not_now", told)]
    allowed = who(kind, state, given.verb)
    if given.verb == "note" or any(given.holds(each) for each in allowed):
        return []
    verb, by = VERBS[given.verb], signers(allowed)
    return [Reason("not_yours", Words(f"{verb.zh}要由{by.zh}来做", f"To {verb.en} takes {by.en}"))]


def _opening(kind: Kind, state: State, given: Given, kept: dict[str, Any]) -> list[Reason]:
    return [*checking.lacking(kind, kept), *checking.bounds(kind, kept, kept, given.context)]


def _filling(kind: Kind, state: State, given: Given, kept: dict[str, Any]) -> list[Reason]:
    return [*_sealed(kind, state, kept), *checking.bounds(kind, {**state.values, **kept}, kept, given.context)]


def _signing(kind: Kind, state: State, given: Given, kept: dict[str, Any]) -> list[Reason]:
    step = kind.steps[state.step]
    after = {**state.values, **kept}
    reasons = [*_sealed(kind, state, kept), *checking.signing(kind, step, after, given.context)]
    reasons += [reason for need in step.needs if (reason := _unmet(need.text, given.met))]
    return reasons or _way(kind, state, given, kept)


def _returning(kind: Kind, state: State, given: Given, kept: dict[str, Any]) -> list[Reason]:
    return [*_no_values(kept), *_reasoned(given), *_backwards(kind, state, given.to)]


def _amending(kind: Kind, state: State, given: Given, kept: dict[str, Any]) -> list[Reason]:
    reasons = [*_reasoned(given)]
    if not kept:
        reasons.append(Reason("nothing", Words("没有给出更正的值", "No corrected value was given")))
    for name in kept:
        title = kind.fields[name].title
        if name not in state.sealed:
            told = Words(f"{title.zh}还没封存，直接改即可", f"{title.en} is not sealed; fill it instead")
            reasons.append(Reason("not_sealed", told, name))
        elif not may_amend(kind, state, name, given.holds):
            by = signers(kind.steps[state.sealed[name].step].signs)
            told = Words(
                f"{title.zh}由{by.zh}签章封存，要由其更正", f"{title.en} was sealed by {by.en}, who may correct it"
            )
            reasons.append(Reason("not_yours", told, name))
        elif kept[name] is None:
            told = Words(
                f"{title.zh}已封存，只能更正，不能清空", f"{title.en} is sealed: correct it, it cannot be emptied"
            )
            reasons.append(Reason("emptied", told, name))
    return reasons or checking.bounds(kind, {**state.values, **kept}, kept, given.context)


def _voiding(kind: Kind, state: State, given: Given, kept: dict[str, Any]) -> list[Reason]:
    return [*_no_values(kept), *_reasoned(given)]


def _noting(kind: Kind, state: State, given: Given, kept: dict[str, Any]) -> list[Reason]:
    return [*_no_values(kept), *_reasoned(given)]


def _handing(kind: Kind, state: State, given: Given, kept: dict[str, Any]) -> list[Reason]:
    if given.handed:
        return [*_no_values(kept), *_reasoned(given)]
    return [Reason("nothing", Words("没有说移交给谁", "It was not said whom it is handed to"))]


def _reopening(kind: Kind, state: State, given: Given, kept: dict[str, Any]) -> list[Reason]:
    return [*_no_values(kept), *_reasoned(given), *_backwards(kind, state, given.to)]


_ACTS: dict[str, Callable[[Kind, State, Given, dict[str, Any]], list[Reason]]] = {
    "open": _opening,
    "fill": _filling,
    "sign": _signing,
    "return": _returning,
    "amend": _amending,
    "void": _voiding,
    "note": _noting,
    "hand_over": _handing,
    "reopen": _reopening,
}


def _sealed(kind: Kind, state: State, kept: Iterable[str]) -> list[Reason]:
    found = []
    for name in kept:
        if seal := state.sealed.get(name):
            title, step = kind.fields[name].title, kind.title_of(seal.step)
            day = clock(seal.at)
            zh = f"{title.zh}在“{step.zh}”由{seal.actor.name}于{day}签章封存，不能再改，更正须另起一条"
            en = f"{title.en} was sealed at “{step.en}” by {seal.actor.name} on {day}; correct it by an amendment"
            found.append(Reason("sealed", Words(zh, en), name))
    return found


def _reasoned(given: Given) -> list[Reason]:
    if len(given.note) > LONGEST_NOTE:
        return [Reason("note", Words(f"说明最多 {LONGEST_NOTE} 字", f"At most {LONGEST_NOTE} characters"), "note")]
    if given.note.strip():
        return []
    return [Reason("note", Words("要写明原因", "A reason is needed"), "note")]


def _no_values(kept: Mapping[str, Any]) -> list[Reason]:
    return [Reason("values", Words("这一步不能改内容", "This act cannot change values"), name) for name in kept]


def _backwards(kind: Kind, state: State, to: str) -> list[Reason]:
    """Back only to a step that was signed on this record's own path."""
    if state.has_signed(to):
        return []
    signed = [kind.title_of(each.step) for each in state.signed]
    zh, en = "、".join(each.zh for each in signed), ", ".join(each.en for each in signed)
    return [Reason("to", Words(f"只能退回到已签过的环节：{zh}", f"It can go back to a signed step only: {en}"), "to")]


def _unmet(need: str, met: Mapping[str, Met]) -> Reason | None:
    answer = met.get(need, Met(None, Words(f"还没问到“{need}”", f"{need} has not been answered")))
    if answer.holds:
        return None
    return Reason("need" if answer.holds is False else "unanswered", answer.words)


def _way(kind: Kind, state: State, given: Given, kept: Mapping[str, Any]) -> list[Reason]:
    found = ways(kind, state, kept, given.context)
    if given.to in found or (not given.to and len(found) == 1):
        return []
    titles = [kind.title_of(name) for name in found]
    zh, en = "、".join(each.zh for each in titles) or "（无）", ", ".join(each.en for each in titles) or "(none)"
    return [Reason("to", Words(f"请选择下一环节：{zh}", f"Choose the next step: {en}"), "to")]


def _entry(kind: Kind, state: State, given: Given, kept: dict[str, Any]) -> StepEntry:
    changed = {name: value for name, value in kept.items() if state.values.get(name) != value}
    known = {name: source for name, source in given.known.items() if changed.get(name) is not None}
    to, extra = given.to, {}
    effects: tuple[tuple[str, str], ...] = ()
    if given.verb == "sign":
        to = to or ways(kind, state, kept, given.context)[0]
        after = {**given.context, **values.plain(kind.fields, {**state.values, **kept})}
        extra = checking.settings(kind, kind.steps[state.step], after)
        effects = _effects(kind, kind.steps[state.step], after)
    return StepEntry(
        sequence=state.version + 1,
        step=state.step or kind.first.name,
        verb=given.verb,
        actor=given.actor,
        at=given.at,
        values=changed,
        known=known,
        set=extra,
        to=to if given.verb in ("sign", "return", "reopen") else "",
        handed=dict(given.handed) if given.verb == "hand_over" else {},
        effects=effects,
        note=given.note.replace("\x00", "").strip(),
    )


def _effects(kind: Kind, step: Step, known: Mapping[str, Any]) -> tuple[tuple[str, str], ...]:
    fits = (each for each in step.effects if each.when is None or each.when.value(known, kind.lookups) is True)
    return tuple((each.does, each.what) for each in fits if each.does != "set")


def _told(kind: Kind, entry: StepEntry) -> Words:
    """One entry as a clause: who did what to which fields, when."""
    verb = VERBS[entry.verb]
    fields = [kind.fields[name] for name in entry.values if name in kind.fields]
    zh = "、".join(f"{each.title.zh}改为“{shown(each, entry.values[each.name], 'zh')}”" for each in fields[:6])
    en = ", ".join(f"{each.title.en} is now “{shown(each, entry.values[each.name], 'en')}”" for each in fields[:6])
    when = clock(entry.at)
    return Words(
        f"{entry.actor.name}于{when}{verb.zh}" + (f"（{zh}）" if zh else ""),
        f"{entry.actor.name} did “{verb.en}” at {when}" + (f" ({en})" if en else ""),
    )
