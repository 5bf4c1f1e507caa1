"""The law as lines, one a value, and what changes between two days."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, fields
from datetime import date
from decimal import Decimal
from typing import Any

from qingyuan.standards.catalogue import in_force, library, standard
from qingyuan.standards.records import IN_FORCE, Breakpoints, EmissionLimit, Level, Limit, Provision, Rule, RuleValue

COLUMNS = [
    "standard",
    "kind",
    "item",
    "averaging",
    "name",
    "value",
    "unit",
    "clause",
    "edition",
    "stage",
    "confidence",
    "status",
    "effective",
    "until",
    "checked",
]
"""Columns of the law as lines."""


@dataclass(frozen=True)
class Change:
    """One value that differs between two days; old or new is None where it was added or removed.

    edition, clause and confidence are those of the new value, of the old one where it was removed.
    """

    standard: str
    kind: str
    item: str
    averaging: str
    name: str
    unit: str
    old: str | None
    new: str | None
    edition: str
    clause: str
    clause_zh: str
    confidence: str
    title_zh: str
    title_en: str


_TOLD = {field.name for field in fields(Change)}


def as_lines(code: str, on: date, *, edition: str | None = None) -> list[dict[str, Any]]:
    """All values of a standard in force on a day, one a line, with COLUMNS and title_zh, title_en, clause_zh.

    kind: limit (name ``grade 2``; of an emission standard source type, grade and condition), breakpoint
    (``index 100``), level (``level 3``) or rule (its name); value is text, exactly as in the library; dates are
    dates. Announced rules are there with status ``expected``.
    """
    law = standard(code)
    lines = [line for row in in_force(law.limits, law, on, edition) for line in _limit(row)]
    lines += [_emission(row) for row in in_force(law.emissions, law, on, edition)]
    lines += [line for row in in_force(law.breakpoints, law, on, edition) for line in _breakpoints(row)]
    lines += [line for row in in_force(law.levels, law, on, edition) for line in _level(row)]
    return lines + [line for row in in_force(law.rules, law, on, edition) for line in _rule(row)]


def changes(first: date, second: date) -> list[Change]:
    """What the library says otherwise on the second day than on the first; announced values are no law yet.

    A value repeated by a new edition is no change, though its clause may be another.
    """
    return [change for law in library() for change in _between(_used(law.code, first), _used(law.code, second))]


def _used(code: str, on: date) -> dict[tuple[str, ...], dict[str, Any]]:
    lines = (line for line in as_lines(code, on) if line["status"] == IN_FORCE)
    return {tuple(line[key] for key in COLUMNS[:5]): line for line in lines}


def _between(before: dict[tuple[str, ...], Any], after: dict[tuple[str, ...], Any]) -> Iterator[Change]:
    for key in dict.fromkeys((*before, *after)):
        old, new = before.get(key), after.get(key)
        if old and new and (old["value"], old["unit"]) == (new["value"], new["unit"]):
            continue
        told = {key: value for key, value in (new or old or {}).items() if key in _TOLD}
        yield Change(**told, old=old["value"] if old else None, new=new["value"] if new else None)


def _line(row: Provision, kind: str, name: str, value: str, **rest: Any) -> dict[str, Any]:
    fixed = {
        "standard": row.standard,
        "kind": kind,
        "item": "",
        "averaging": "",
        "name": name,
        "value": value,
        "unit": "",
        "clause": row.clause,
        "edition": row.edition,
        "stage": "",
        "confidence": row.confidence,
        "status": IN_FORCE,
        "effective": row.effective,
        "until": row.until,
        "checked": row.checked,
        "clause_zh": row.clause_zh,
        "title_zh": "",
        "title_en": "",
    }
    return {**fixed, **rest}


def _limit(row: Limit) -> Iterator[dict[str, Any]]:
    titles = {"title_zh": "一级二级"[row.grade * 2 - 2 : row.grade * 2], "title_en": f"grade {row.grade}"}
    place = {"item": row.item, "averaging": row.averaging, "unit": row.unit, "stage": row.stage}
    yield _line(row, "limit", f"grade {row.grade}", plain(row.value), **place, **titles)


EMISSION_WORDS = {
    "all": ("各类", "all grades"),
    "new": ("新建", "new"),
    "existing": ("现有", "existing"),
    "in_use": ("在用", "in use"),
    "general": ("一般地区", "general"),
    "special": ("特别排放限值", "special limits"),
    "first-class pollutants": ("第一类污染物", "first-class pollutants"),
    "water_above_12": ("水温高于 12 ℃", "water above 12 degrees"),
    "water_up_to_12": ("水温不高于 12 ℃", "water up to 12 degrees"),
    "built_before_2006": ("2006 年以前建设", "built before 2006"),
    "built_from_2006": ("2006 年起建设", "built from 2006 on"),
}
"""Grades and conditions of emission standards in both languages; others (1A, 1B ...) stay as they are."""


def _emission(row: EmissionLimit) -> dict[str, Any]:
    place = {"item": row.item, "averaging": row.averaging, "unit": row.unit}
    kinds = [EMISSION_WORDS.get(word, (word, word)) for word in (row.grade, row.condition) if word]
    note = [row.note] if row.note else []
    titles = {
        "title_zh": "，".join([row.source_zh, *(zh for zh, _ in kinds), *note]),
        "title_en": ", ".join([row.source_en, *(en for _, en in kinds), *note]),
    }
    return _line(row, "limit", row.name, allowed(row), **place, **titles)


def allowed(row: EmissionLimit) -> str:
    """What a limit of an emission standard says: ``50``, ``6-9``, ``not detected``."""
    if row.value is None:
        return "not detected"
    return plain(row.value) if row.lowest is None else f"{plain(row.lowest)}-{plain(row.value)}"


def _breakpoints(row: Breakpoints) -> Iterator[dict[str, Any]]:
    place = {"item": row.item, "averaging": row.averaging, "unit": row.unit}
    for index, value in zip(row.index, row.values, strict=True):
        title = f"IAQI {index}"
        yield _line(row, "breakpoint", f"index {index}", plain(value), **place, title_zh=title, title_en=title)
    beyond = "-" if row.above is None else str(row.above)
    titles = {"title_zh": "高于末档时的 IAQI", "title_en": "IAQI above the last value"}
    yield _line(row, "breakpoint", "above", beyond, **{**place, "unit": ""}, **titles)


def _level(row: Level) -> Iterator[dict[str, Any]]:
    titles = {"title_zh": f"{row.name_zh}，{row.color_zh}", "title_en": f"{row.name_en}, {row.color_en}"}
    value = f"{row.low}-{row.high}"
    yield _line(row, "level", f"level {row.level}", value, item="aqi", unit="1", **titles)


def _rule(row: Rule) -> Iterator[dict[str, Any]]:
    yield _line(
        row,
        "rule",
        row.name,
        said(row.value),
        item=";".join(row.items),
        averaging=row.averaging,
        unit=row.unit,
        status=row.status,
        title_zh=row.title_zh,
        title_en=row.title_en,
    )


def plain(number: Decimal) -> str:
    """A decimal as the library writes it, never with an exponent."""
    return format(number, "f")


def said(value: RuleValue) -> str:
    """A rule's value as text; the parts of a list joined by ``;``."""
    if isinstance(value, tuple):
        return ";".join(map(said, _parts(value)))
    return plain(value) if isinstance(value, Decimal) else str(value)


def _parts(value: tuple[int | Decimal | str, ...]) -> Iterable[RuleValue]:
    return value
