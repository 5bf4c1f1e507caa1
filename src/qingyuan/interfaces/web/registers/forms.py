"""The form of a step: what is asked, what is sealed, what is known; and what was typed into it."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.http import HttpRequest
from django.utils.datastructures import MultiValueDict

from qingyuan.base.settings import data_dir
from qingyuan.interfaces import workbooks
from qingyuan.interfaces.web.registers import words
from qingyuan.people.models import Organisation
from qingyuan.places.divisions import children, subtree
from qingyuan.registers import attachments, known
from qingyuan.registers.flow.declared import Field, Kind
from qingyuan.registers.flow.fold import State
from qingyuan.registers.flow.reasons import Reason

BLANK_ROWS = 2


@dataclass
class Shown:
    """One field of a form. typed: text of its input; text: its value; told: seal or source; why: what is wrong;
    sent: it was just typed and not taken.
    """

    field: Field
    title: str
    text: str = ""
    typed: Any = ""
    required: bool = False
    told: str = ""
    why: str = ""
    options: Sequence[tuple[str, str]] = ()
    rows: Sequence[Sequence[tuple[Field, str]]] = ()
    sent: bool = False

    @property
    def hint(self) -> str:
        """How to mend a wrong value."""
        return words.of(self.field.hint)


@dataclass
class Form:
    """The fields of a page in their three groups, and the faults told above them."""

    asked: list[Shown] = field(default_factory=list)
    sealed: list[Shown] = field(default_factory=list)
    known: list[Shown] = field(default_factory=list)
    faults: list[tuple[str, str]] = field(default_factory=list)

    @property
    def prefilled(self) -> int:
        """How many fields the platform has filled instead of asking."""
        return len(self.known) + len(self.sealed)


def form(
    kind: Kind,
    state: State,
    names: Sequence[str],
    typed: Mapping[str, Any],
    reasons: Sequence[Reason] = (),
    division: str = "",
) -> Form:
    """The form asking for `names`; typed: what was typed or drafted and not yet taken."""
    why = _why(reasons)
    made = Form(faults=[(reason.field, words.of(reason.words)) for reason in reasons])
    required = kind.steps[state.step].requires if state.step in kind.steps else kind.first.requires
    for each in kind.fields.values():
        if each.name in names and each.name not in state.sealed:
            made.asked.append(_asked(each, state, typed, each.name in required, why.get(each.name, ""), division))
        elif each.name in state.sealed:
            made.sealed.append(_sealed(kind, each, state))
        elif state.values.get(each.name) is not None:
            made.known.append(_known(each, state))
    made.asked.sort(key=lambda shown: list(names).index(shown.field.name))
    return made


def amends(
    kind: Kind,
    state: State,
    names: Sequence[str],
    typed: Mapping[str, Any],
    reasons: Sequence[Reason] = (),
    division: str = "",
) -> list[Shown]:
    """The sealed fields `names` as they are typed to correct them; a personal value is not shown for that."""
    why, found = _why(reasons), []
    for each in (kind.fields[name] for name in names):
        given = {each.name: ""} | dict(typed) if each.personal else typed
        shown = _asked(each, state, given, False, why.get(each.name, ""), division)
        shown.text, shown.sent = words.value(each, state.values.get(each.name)), each.name in typed
        found.append(shown)
    return found


def _why(reasons: Sequence[Reason]) -> dict[str, str]:
    """The first fault of each field, in words."""
    return {reason.field: words.of(reason.words) for reason in reversed(reasons)}


def _asked(each: Field, state: State, typed: Mapping[str, Any], required: bool, why: str, division: str) -> Shown:
    kept = state.values.get(each.name)
    raw = typed.get(each.name, _raw(each, kept))
    shown = Shown(each, words.of(each.title), words.value(each, kept, True), raw, required, why=why)
    shown.options = _options(each, division)
    if each.type == "table":
        given = raw if isinstance(raw, list) else []
        lines = [*given, *({} for _ in range(BLANK_ROWS))]
        shown.rows = [[(column, str(line.get(column.name, ""))) for column in each.columns] for line in lines]
    return shown


def _raw(each: Field, kept: Any) -> Any:
    """A kept value as it would be typed."""
    if kept is None:
        return ""
    if each.type == "point":
        return f"{kept[0]}, {kept[1]}"
    if each.type == "polygon":
        return json.dumps({"type": "Polygon", "coordinates": kept})
    if each.type == "yes_no":
        return "true" if kept else "false"
    return kept


def _options(each: Field, division: str) -> list[tuple[str, str]]:
    if each.type == "choice":
        return [(code, words.of(title)) for code, title in each.codes.items()]
    if each.to == "division":
        found = subtree(division[:4] + "00") if division[:4] not in ("", "2200") else children("220000")
        return [(place.code, words.place(place.code)) for place in found]
    if each.to == "organisation":
        rows = Organisation.objects.filter(active=True, kind="department").values_list("pk", "name_zh")
        return [(str(pk), name) for pk, name in rows[:200]]
    return []


def _sealed(kind: Kind, each: Field, state: State) -> Shown:
    seal = state.sealed[each.name]
    told = f"{seal.at:%m-%d} {seal.actor.name} · {words.step(kind, seal.step)}"
    return Shown(each, words.of(each.title), words.value(each, state.values.get(each.name)), told=told)


def _known(each: Field, state: State) -> Shown:
    source = state.known.get(each.name, "")
    told = words.of(known.source_of(source)) if source else ""
    return Shown(each, words.of(each.title), words.value(each, state.values.get(each.name)), told=told)


def typed(kind: Kind, names: Sequence[str], request: HttpRequest) -> dict[str, Any]:
    """What was typed into the fields `names`; an empty one is told as empty, so that a value can be taken out.

    Raises WrongUsage for a file that is not taken.
    """
    post, files = request.POST, request.FILES
    found: dict[str, Any] = {}
    for name in names:
        each = kind.fields[name]
        if each.type == "table":
            found[name] = _rows(each, post)
        elif each.type == "file":
            uploads = [attachments.store(folder(), file.name or "", file.read()) for file in files.getlist(name)]
            if uploads:
                found[name] = uploads
        elif name in post:
            found[name] = _polygon(post[name]) if each.type == "polygon" else post[name].replace("\x00", "")
    return found


def folder() -> Any:
    """Where attachments and prepared imports are kept."""
    return data_dir() / workbooks.FOLDER


def _rows(each: Field, post: MultiValueDict[str, str]) -> list[dict[str, str]]:
    columns = {column.name: post.getlist(f"{each.name}.{column.name}") for column in each.columns}
    count = max((len(values) for values in columns.values()), default=0)
    lines = [{name: values[row] for name, values in columns.items() if row < len(values)} for row in range(count)]
    return [line for line in lines if any(text.strip() for text in line.values())]


def _polygon(text: str) -> Any:
    if not text.strip():
        return ""
    try:
        return json.loads(text)
    except ValueError:
        return text
