"""Checks of values against what a kind declares: bounds while filling, everything a signature asks for."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any

from qingyuan.registers.flow import values
from qingyuan.registers.flow.declared import Field, Kind, Step, Words
from qingyuan.registers.flow.expressions import Expression
from qingyuan.registers.flow.reasons import Reason
from qingyuan.registers.flow.wording import shown


def bounds(kind: Kind, after: Mapping[str, Any], names: Iterable[str], context: Mapping[str, Any]) -> list[Reason]:
    """Fields outside their bounds; a bound that cannot be known is not judged.

    after: kept values; names: the fields to look at; context: what is known of references, by dotted name.
    """
    bounded = [name for name in names if name in kind.fields and _is_bounded(kind.fields[name])]
    known = {**context, **values.plain(kind.fields, after)} if bounded else {}
    found = (_bound(kind, kind.fields[name], after.get(name), known) for name in bounded)
    return [reason for reason in found if reason]


def _is_bounded(field: Field) -> bool:
    return field.at_least is not None or field.at_most is not None


def signing(kind: Kind, step: Step, after: Mapping[str, Any], context: Mapping[str, Any]) -> list[Reason]:
    """What keeps a step from being signed: missing fields, fields outside bounds, checks that fail."""
    missing = [_missing(kind.fields[name]) for name in step.requires if after.get(name) in (None, "", [])]
    known = {**context, **values.plain(kind.fields, after)}
    failed = [
        Reason("check", each.told, next(iter(sorted(each.holds.names & set(step.asks))), ""))
        for each in step.checks
        if each.holds.value(known, kind.lookups) is False
    ]
    return [*missing, *bounds(kind, after, step.asks, context), *failed]


def lacking(kind: Kind, after: Mapping[str, Any]) -> list[Reason]:
    """What a record cannot be opened without: the field it is called by."""
    return [] if after.get(kind.about) not in (None, "") else [_missing(kind.fields[kind.about])]


def settings(kind: Kind, step: Step, known: Mapping[str, Any]) -> dict[str, Any]:
    """Values the declaration sets when a step is signed."""
    found: dict[str, Any] = {}
    for effect in step.effects:
        if effect.does != "set" or effect.value is None:
            continue
        if effect.when is None or effect.when.value(known, kind.lookups) is True:
            found[effect.what] = values.kept(
                kind.fields[effect.what], _written(effect.value.value(known, kind.lookups))
            )
    return found


def _written(value: Any) -> Any:
    return format(value, "f") if isinstance(value, Decimal) else value


def _missing(field: Field) -> Reason:
    zh, en = f"{field.title.zh}还没填", f"{field.title.en} is missing"
    hint = field.hint
    return Reason(
        "missing", Words(f"{zh}。{hint.zh}" if hint.zh else zh, f"{en}. {hint.en}" if hint.en else en), field.name
    )


def _bound(kind: Kind, field: Field, value: Any, known: Mapping[str, Any]) -> Reason | None:
    if value is None:
        return None
    for limit, sign in ((field.at_most, 1), (field.at_least, -1)):
        at = limit.value(known, kind.lookups) if limit else None
        if limit and at is not None and (known[field.name] > at if sign > 0 else known[field.name] < at):
            return Reason("bound", values.told(field, _beyond(field, value, limit, at, sign)), field.name)
    return None


def _beyond(field: Field, value: Any, limit: Expression, at: Any, sign: int) -> Words:
    """``186000 m3/d 大于 3 * permit.flow = 150000 m3/d``."""
    plain = str(at if not isinstance(at, Decimal) else format(at.normalize(), "f"))
    same = limit.text == plain
    told = plain if same else f"{limit.text} = {plain}"
    unit = f" {field.unit}" if field.unit else ""
    given = shown(field, value, "zh")
    zh, en = ("大于", "is more than") if sign > 0 else ("小于", "is less than")
    return Words(f"{given} {zh} {told}{unit}", f"{given} {en} {told}{unit}")
