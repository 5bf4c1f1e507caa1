"""A library file read into a Standard: every value dated, with edition, clause, confidence and `checked`."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any, TypeVar

from qingyuan.base.units import canonical
from qingyuan.standards.records import (
    CONFIDENCES,
    EXPECTED,
    IN_FORCE,
    Breakpoints,
    Edition,
    EmissionLimit,
    Level,
    Limit,
    Provision,
    Rule,
    SourceType,
    Standard,
)
from qingyuan.standards.schema import Entry, read

P = TypeVar("P", bound=Provision)

_NUMBERED = re.compile(r"(table|annex) (\S+)|[A-Z]?\.?\d+(\.\d+)*(/\d+(\.\d+)*)*")
OWN = ("clause", "confidence", "checked")
"""What a grade or a cell of an emission standard may say for itself."""

SCOPES = ("", "sector", "comprehensive", "programme")
"""What an emission standard may be; empty for any other standard."""

_WORDS_ZH = {"table": "表", "annex": "附录"}


def read_standard(path: Path) -> Standard:
    """The standard of one file of the library; FaultyLibrary where it breaks the schema."""
    file = read(path)
    title_zh, title_en = file.words("title")
    reading = _Reading(file)
    standard = Standard(
        code=reading.code,
        title_zh=title_zh,
        title_en=title_en,
        aliases=tuple(file.take("aliases", list, [])),
        editions=tuple(reading.editions),
        limits=tuple(reading.each("limits", reading.limits)),
        breakpoints=tuple(reading.each("breakpoints", reading.breakpoints)),
        levels=tuple(reading.each("levels", reading.levels)),
        rules=(*reading.each("rules", reading.rules), *reading.each("expected", reading.expected)),
        emissions=tuple(reading.each("emissions", reading.emissions)),
        sources=tuple(_source_type(name, entry) for name, entry in file.entries("emissions", optional=True)),
        scope=_word(file, "scope", SCOPES),
    )
    file.done()
    return standard


class _Reading:
    """What the parts of one file need of one another: its code, its editions, the Chinese of its clauses."""

    def __init__(self, file: Entry) -> None:
        self.file = file
        self.code: str = file.take("code", str)
        self.phrases: dict[str, str] = file.take("clauses", dict, {})
        self.editions = sorted(self._editions(), key=lambda edition: edition.effective)

    def _editions(self) -> Iterator[Edition]:
        titles = self.file.words("title")
        for name, entry in self.file.entries("editions"):
            zh, en = entry.words("title") if "title" in entry.content else titles
            effective, until = entry.day("effective"), entry.day("until", None)
            confidence = _word(entry, "confidence", ("", *CONFIDENCES))
            yield Edition(self.code, name, effective, until, zh, en, entry.take("note", str, ""), confidence)
            entry.done()

    def each(self, section: str, build: Callable[[Any, Entry, Entry, dict[str, Any]], Iterator[P]]) -> Iterator[P]:
        """The records of a section, each valid to the day before its successor or its edition's last day."""
        for name, item in self.file.entries(section, optional=True):
            rows: list[P] = []
            for effective, value in item.entries("values"):
                value.fallback = item
                rows += build(name, item, value, self._provision(effective, value))
                value.done()
            item.taken.update(("clause", "confidence", "checked"))
            item.done()
            yield from self._ended(sorted(rows, key=lambda row: row.effective))

    def _provision(self, effective: object, value: Entry) -> dict[str, Any]:
        """The fields every value carries; its day must lie in its edition."""
        edition = self._edition(value)
        if type(effective) is not date or effective < edition.effective:
            value.wrong("", f"{effective} is not a day of edition {edition.name}")
        confidence = _word(value, "confidence", CONFIDENCES)
        clause = value.take("clause", str)
        return {
            "standard": self.code,
            "edition": edition.name,
            "clause": clause,
            "clause_zh": self._clause_zh(clause, value),
            "confidence": confidence,
            "checked": value.day("checked"),
            "effective": effective,
            "until": value.day("until", edition.until),
        }

    def _edition(self, value: Entry) -> Edition:
        name = value.take("edition", str)
        found = [edition for edition in self.editions if edition.name == name]
        return found[0] if found else value.wrong("edition", f"{name!r} is none of the editions of the file")

    def _clause_zh(self, clause: str, value: Entry) -> str:
        """A numbered clause is put into Chinese by rule, any other wording needs the file's `clauses`."""
        if clause in self.phrases:
            return str(self.phrases[clause])
        found = _NUMBERED.fullmatch(clause)
        if not found:
            value.wrong("clause", f"{clause!r} has no Chinese wording under `clauses`")
        return f"{_WORDS_ZH[found[1]]} {found[2]}" if found[1] else clause

    def _ended(self, rows: list[P]) -> Iterator[P]:
        for row in rows:
            same = (other.effective for other in rows if other.identity == row.identity)
            later = [effective for effective in same if effective > row.effective]
            last = min(later) - timedelta(days=1) if later else None
            ends = [day for day in (row.until, last) if day is not None]
            yield replace(row, until=min(ends, default=None))

    def limits(self, name: str, item: Entry, value: Entry, shared: dict[str, Any]) -> Iterator[Limit]:
        """Both grades of one dated limit; the key is ``slug.averaging``."""
        slug, averaging = _key(name, item)
        unit, stage = _unit(item), value.take("stage", str, "")
        for grade in (1, 2):
            number = value.number(f"grade{grade}")
            yield Limit(item=slug, averaging=averaging, grade=grade, value=number, unit=unit, stage=stage, **shared)

    def emissions(self, name: str, item: Entry, value: Entry, shared: dict[str, Any]) -> Iterator[EmissionLimit]:
        """One dated table of a kind of source: a grade a row, an item a cell (``so2.1h: 400``)."""
        source, unit = _source_type(name, item), _unit(item)
        for grade, row in value.entries("limits"):
            of_grade = self._own(row, shared)
            for key in (key for key in row.content if key not in OWN):
                for cell in _cells(row, key):
                    cell.fallback = value
                    yield _emission(key, cell, unit, source, {**self._own(cell, of_grade), "grade": grade})

    def _own(self, entry: Entry, shared: dict[str, Any]) -> dict[str, Any]:
        """The provision with what a grade or a cell says for itself: its clause, confidence, last comparison."""
        own = dict(shared)
        if "clause" in entry.content:
            own["clause"] = entry.take("clause", str)
            own["clause_zh"] = self._clause_zh(own["clause"], entry)
        if "confidence" in entry.content:
            own["confidence"] = _word(entry, "confidence", CONFIDENCES)
        if "checked" in entry.content:
            own["checked"] = entry.day("checked")
        return own

    def breakpoints(self, name: str, item: Entry, value: Entry, shared: dict[str, Any]) -> Iterator[Breakpoints]:
        """One dated column; `value` may be shorter than `index`: the rest is not defined."""
        slug, averaging = _key(name, item)
        index, values = item.take("index", list), value.take("value", list)
        if not 2 <= len(values) <= len(index):
            value.wrong("value", f"{len(values)} values for {len(index)} steps of the index")
        if index != sorted(set(index)) or values != sorted(set(values)):
            value.wrong("value", "steps must rise")
        yield Breakpoints(
            item=slug,
            averaging=averaging,
            unit=_unit(item),
            step=item.number("step"),
            index=tuple(index[: len(values)]),
            values=tuple(Decimal(number) for number in values),
            above=value.take("above", int, None),
            **shared,
        )

    def levels(self, name: str, item: Entry, value: Entry, shared: dict[str, Any]) -> Iterator[Level]:
        """One dated level; the words stand with the level, its range with the date."""
        (name_zh, name_en), (color_zh, color_en) = item.words("name"), item.words("color")
        (health_zh, health_en), (advice_zh, advice_en) = item.words("health"), item.words("advice")
        yield Level(
            low=value.take("low", int),
            high=value.take("high", int),
            level=item.take("level", int),
            key=name,
            name_zh=name_zh,
            name_en=name_en,
            color_zh=color_zh,
            color_en=color_en,
            rgb=item.take("rgb", str),
            health_zh=health_zh,
            health_en=health_en,
            advice_zh=advice_zh,
            advice_en=advice_en,
            **shared,
        )

    def rules(self, name: str, item: Entry, value: Entry, shared: dict[str, Any]) -> Iterator[Rule]:
        """One dated rule in force."""
        title_zh, title_en = item.words("title")
        note_zh, note_en = value.words("note", "") if "note" in value.content else item.words("note", "")
        item.taken.add("note")
        said = value.take("value", (int, Decimal, str, list))
        yield Rule(
            name=name,
            value=tuple(said) if isinstance(said, list) else said,
            unit=_unit(item),
            title_zh=title_zh,
            title_en=title_en,
            note=note_en,
            note_zh=note_zh,
            items=tuple(item.take("items", list, [])),
            averaging=item.take("averaging", str, ""),
            status=IN_FORCE,
            **shared,
        )

    def expected(self, name: str, item: Entry, value: Entry, shared: dict[str, Any]) -> Iterator[Rule]:
        """One announced rule, shown and never used."""
        for row in self.rules(name, item, value, shared):
            yield replace(row, status=EXPECTED)


def _key(name: str, item: Entry) -> tuple[str, str]:
    slug, dot, averaging = name.partition(".")
    return (slug, averaging) if dot else item.wrong("", "the key must be item.averaging")


def _unit(item: Entry) -> str:
    unit = item.take("unit", str, "")
    if unit and canonical(unit) != unit and unit not in ("day", "h", "min", "month", "year", "decimals", "L/mol"):
        item.wrong("unit", f"{unit!r} is no unit of this library")
    return str(unit)


def _word(entry: Entry, key: str, known: tuple[str, ...]) -> str:
    return entry.one_of(key, known, *([""] if "" in known else []))


def _source_type(name: str, item: Entry) -> SourceType:
    zh, en = item.words("title")
    medium = _word(item, "medium", ("gas", "water"))
    return SourceType(name, zh, en, medium, item.take("reference_oxygen", str, ""))


def _cells(row: Entry, key: str) -> Iterator[Entry]:
    """The limits of one item: a plain number, a mapping with more to say, or a list of alternatives."""
    said = row.take(key, (int, Decimal, str, dict, list))
    for cell in said if isinstance(said, list) else [said]:
        yield Entry(cell if isinstance(cell, dict) else {"value": cell}, row.file, f"{row.place}.{key}")


def _emission(key: str, cell: Entry, unit: str, source: SourceType, shared: dict[str, Any]) -> EmissionLimit:
    item, _, averaging = key.partition(".")
    said = cell.take("value", (int, Decimal, str))
    if isinstance(said, str) and said != "not detected":
        cell.wrong("value", f"{said!r} is no limit")
    lowest = cell.take("low", (int, Decimal), None)
    limit = EmissionLimit(
        medium=source.medium,
        source_type=source.name,
        source_zh=source.title_zh,
        source_en=source.title_en,
        item=item,
        averaging=averaging,
        value=None if isinstance(said, str) else Decimal(said),
        lowest=None if lowest is None else Decimal(lowest),
        unit=_unit(cell) or unit,
        condition=cell.take("condition", str, ""),
        note=cell.take("note", str, ""),
        **shared,
    )
    cell.done()
    return limit
