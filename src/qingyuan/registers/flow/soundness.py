"""Whether a declared kind holds together: names that exist, steps one can reach and leave, seals that make sense."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from math import prod

from qingyuan.registers.flow.declared import CLOSED, Kind, Step
from qingyuan.registers.flow.expressions import Expression

OWN = ("step", "number", "division", "due")
"""Columns every record has, besides its fields."""

MOST_COMBINATIONS = 2000
"""Combinations of codes a list may be filtered by: each that occurs in a county is a kept count."""

_NUMBER = re.compile(r"(?:[^{}]|\{(?:division|year|kind|seq(?::\d)?)\})+")

Fault = tuple[str, str]


def check(kind: Kind) -> Iterator[Fault]:
    """Faults of a kind: (key, what is wrong)."""
    yield from _names(kind)
    yield from _expressions(kind)
    yield from _ways(kind)
    if not _NUMBER.fullmatch(kind.number) or "{seq" not in kind.number:
        yield "number", f"{kind.number!r} needs {{seq:4}} and may hold {{division}}, {{year}}, {{kind}}"


def _names(kind: Kind) -> Iterator[Fault]:
    """Lists of fields that name only what exists."""
    lists: dict[str, tuple[str, ...]] = {"about": (kind.about,), "place": (kind.place,) if kind.place else ()}
    for step in kind.steps.values():
        lists |= {f"steps.{step.name}.{key}": getattr(step, key) for key in ("requires", "asks", "seals")}
        lists[f"steps.{step.name}.by"] = (step.deadline.by,) if step.deadline and step.deadline.by else ()
        lists[f"steps.{step.name}.effects"] = tuple(each.what for each in step.effects if each.does == "set")
    lists |= {f"balances.{each.name}.per": each.per for each in kind.balances}
    for key, names in lists.items():
        yield from ((key, f"there is no field {name!r}") for name in names if name not in kind.fields)
    for key in ("columns", "filters", "public"):
        yield from (
            (key, f"there is no field {name!r}")
            for name in getattr(kind, key)
            if name not in kind.fields and name not in OWN
        )
    yield from _kinds_of_fields(kind)


def _kinds_of_fields(kind: Kind) -> Iterator[Fault]:
    """Fields used where their type does not fit."""
    for name in kind.filters:
        if name in kind.fields and kind.fields[name].type not in ("choice", "reference", "yes_no", "text"):
            yield (
                "filters",
                f"{name!r} is a {kind.fields[name].type}, a list is filtered by choices, references and texts",
            )
    if prod(len(field.codes) + 1 for name in kind.filters if (field := kind.fields.get(name))) > MOST_COMBINATIONS:
        yield "filters", f"the codes of these fields have more than {MOST_COMBINATIONS} combinations: filter by fewer"
    if len([name for name in kind.filters if name in kind.fields]) > 4:
        yield "filters", "at most four fields are indexed for filtering"
    for name in kind.public:
        if name in kind.fields and kind.fields[name].personal:
            yield "public", f"{name!r} is personal and cannot be public"
    yield from _shown_on_map(kind)
    for step in kind.steps.values():
        if step.deadline and step.deadline.by in kind.fields and kind.fields[step.deadline.by].type != "date":
            yield f"steps.{step.name}.by", f"{step.deadline.by!r} is no date"


def _shown_on_map(kind: Kind) -> Iterator[Fault]:
    if kind.place in kind.fields and kind.fields[kind.place].type != "point":
        yield "place", f"{kind.place!r} is no point"
    if kind.symbol and kind.symbol.colour_by not in ("step", *kind.fields):
        yield "map.colour_by", f"there is no field {kind.symbol.colour_by!r}"
    if kind.symbol and not kind.place:
        yield "map", "a map symbol needs a point field"


def _expressions(kind: Kind) -> Iterator[Fault]:
    """Expressions that read only what exists."""
    for key, expression in _all(kind):
        for name in sorted(expression.names):
            if not _readable(kind, name):
                yield (
                    key,
                    f"{expression.text!r} reads {name!r}, which nothing answers: write a field, a column of a table, "
                    "or FIELD.name of a field that refers to a register (type: reference:register.KIND)",
                )
        for table in expression.tables - set(kind.lookups):
            yield key, f"there is no lookup {table!r}"


def _all(kind: Kind) -> Iterator[tuple[str, Expression]]:
    for each in kind.fields.values():
        yield from ((f"fields.{each.name}", limit) for limit in (each.at_least, each.at_most) if limit)
    for step in kind.steps.values():
        place = f"steps.{step.name}"
        yield from ((f"{place}.next", branch.when) for branch in step.next if branch.when)
        yield from ((f"{place}.checks", each.holds) for each in step.checks)
        yield from ((f"{place}.effects", part) for each in step.effects for part in (each.value, each.when) if part)
    for balance in kind.balances:
        parts = (balance.amount, balance.at_least, balance.at_most)
        yield from ((f"balances.{balance.name}", part) for part in parts if part)


def _readable(kind: Kind, name: str) -> bool:
    root, _, rest = name.partition(".")
    if not rest:
        return root in kind.fields
    if root in kind.fields:
        field = kind.fields[root]
        return field.to.startswith("register.") or any(column.name == rest for column in field.columns)
    return False


def referred(kind: Kind, kinds: Mapping[str, Kind]) -> Iterator[Fault]:
    """Expressions that read of another register what it does not have; kinds: all there are, by name."""
    for key, expression in _all(kind):
        for name in sorted(expression.names):
            root, _, rest = name.partition(".")
            field = kind.fields.get(root)
            if not rest or field is None or not field.to.startswith("register."):
                continue
            other = field.to.partition(".")[2]
            if other not in kinds:
                yield key, f"{expression.text!r} reads {name!r}, but there is no register {other!r}"
            elif rest not in kinds[other].fields:
                yield key, f"{expression.text!r} reads {name!r}, but the register {other!r} has no field {rest!r}"


def _ways(kind: Kind) -> Iterator[Fault]:
    for step in kind.steps.values():
        for branch in step.next:
            if branch.to != CLOSED and branch.to not in kind.steps:
                yield f"steps.{step.name}.next", f"there is no step {branch.to!r}"
        if not step.next:
            yield f"steps.{step.name}.next", "a step needs a way on"
    yield from ((f"steps.{name}", "cannot be reached") for name in kind.steps if name not in _reached(kind))
    yield from ((f"steps.{name}", f"never leads to {CLOSED}") for name in kind.steps if not _ends(kind, name, set()))
    yield from _late(kind)
    for each in kind.balances:
        if not each.counts or not each.per:
            yield f"balances.{each.name}", "needs per (fields) and counts (steps)"
        for name in each.counts:
            if name not in kind.steps and name != CLOSED:
                yield f"balances.{each.name}.counts", f"there is no step {name!r}"


def _reached(kind: Kind) -> set[str]:
    found, waiting = set(), [kind.first.name]
    while waiting:
        name = waiting.pop()
        if name in kind.steps and name not in found:
            found.add(name)
            waiting += [branch.to for branch in kind.steps[name].next]
    return found


def _ends(kind: Kind, name: str, seen: set[str]) -> bool:
    if name == CLOSED:
        return True
    if name in seen or name not in kind.steps:
        return False
    return any(_ends(kind, branch.to, {*seen, name}) for branch in kind.steps[name].next)


def _late(kind: Kind) -> Iterator[Fault]:
    """A field that every way to a step has sealed already cannot be asked there for the first time."""
    sealed: set[str] = set()
    for step in kind.steps.values():
        late = [name for name in step.requires if name in sealed and not _asked_before(kind, step, name)]
        yield from ((f"steps.{step.name}.requires", f"{name!r} is sealed by an earlier step") for name in late)
        if len(step.next) == 1:
            sealed |= set(step.seals)


def _asked_before(kind: Kind, until: Step, name: str) -> bool:
    for step in kind.steps.values():
        if step.name == until.name:
            return False
        if name in step.asks:
            return True
    return False
