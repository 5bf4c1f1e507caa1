"""An organisation's score sheet: every line with inputs, formula, points and trace; sections, total, grade, vetoes.

Points of lines, sections and total are each rounded once from the exact sum (GB/T 8170), never from rounded parts.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any

from qingyuan.base.rounding import exact, round_half_even
from qingyuan.plans.evaluating import points
from qingyuan.plans.evaluating.known import Facts, Trace
from qingyuan.plans.evaluating.rules import Grade, Rules, Section, Veto
from qingyuan.plans.facts import Words


@dataclass(frozen=True)
class Line:
    """One scored thing. full: points it may give; points None: not observed and its weight given to the others.

    state: scored | withheld (not observed, no points) | redistributed (not observed, weight shared out).
    """

    section: str
    key: str
    title: Words
    full: Decimal
    points: Decimal | None
    state: str
    formula: Words
    trace: Trace


@dataclass(frozen=True)
class Scored:
    """A section of the sheet. full: its weight, after what was not observed elsewhere was shared out."""

    section: Section
    full: Decimal
    exact: Fraction | None
    points: Decimal | None
    lines: tuple[Line, ...]

    @property
    def missing(self) -> int:
        """How many lines were not observed."""
        return sum(each.state != "scored" for each in self.lines)


@dataclass(frozen=True)
class Fallen:
    """A veto that fell: why, and where each reason can be followed to."""

    veto: Veto
    why: Words
    traces: tuple[Trace, ...]


@dataclass(frozen=True)
class Sheet:
    """The whole. total None: nothing was observed. grade: after vetoes; by_points: before them."""

    facts: Facts
    rules: Rules
    sections: tuple[Scored, ...]
    total: Decimal | None
    by_points: Grade | None
    grade: Grade | None
    vetoes: tuple[Fallen, ...]

    def lines(self) -> Iterable[Line]:
        """Every line in order."""
        return (line for part in self.sections for line in part.lines)


@dataclass(frozen=True)
class _Found:
    """A line before it has points: its share of them, None when not observed; owed: false where nothing was asked."""

    key: str
    title: Words
    share: Fraction | None
    formula: Words
    trace: Trace
    owed: bool = True


def score(rules: Rules, facts: Facts) -> Sheet:
    """The sheet of what is known under an edition of the rules."""
    found = [(section, _found(section, facts)) for section in rules.sections]
    scale = _scale(found)
    parts = tuple(_scored(section, lines, scale, rules.decimals) for section, lines in found)
    known = [each.exact for each in parts if each.exact is not None]
    total = round_half_even(sum(known, Fraction(0)), rules.decimals) if known else None
    vetoes = tuple(_vetoes(rules, facts))
    by_points = None if total is None else rules.grade(total)
    return Sheet(facts, rules, parts, total, by_points, _lowered(rules, by_points, vetoes), vetoes)


def _found(section: Section, facts: Facts) -> list[_Found]:
    if section.of == "events":
        return [_deducted(section, facts)]
    if section.of == "tasks":
        return [_Found(each.key, each.title, *points.of_task(section, each), each.trace) for each in facts.tasks]
    if section.of == "amounts":
        return [_Found(each.key, each.title, *points.of_amount(each), each.trace) for each in facts.amounts]
    wanted = [each for each in facts.measures if section.nature in ("", each.nature)]
    wanted = [each for each in wanted if not section.keys or each.key in section.keys]
    given = ((each, points.of_measure(section, each, facts.division, facts.on)) for each in wanted)
    return [_Found(each.key, each.title, share, words, each.trace, each.issued) for each, (share, words) in given]


def _deducted(section: Section, facts: Facts) -> _Found:
    """All points less so many for each event, never below none; nothing is known where nobody was asked."""
    source = Trace(
        "case", Words("填报、督办、通报、约谈台账", "reports, supervision, notices, talks"), as_of=str(facts.on)
    )
    if facts.events is None:
        return _Found("events", section.title, None, points.NEVER_ASKED, source)
    counted = [each for each in facts.events if each.kind in section.takes]
    taken = sum((section.takes[each.kind] for each in counted), Decimal(0))
    share = max(Fraction(0), 1 - exact(taken) / exact(section.weight))
    listed = "、".join(f"{each.title.zh}（{each.day}）" for each in counted) or "无扣分事项"
    told = ", ".join(f"{each.title.en} ({each.day})" for each in counted) or "nothing to deduct"
    words = Words(f"满分扣 {taken} 分：{listed}", f"{taken} points taken: {told}")
    return _Found("events", section.title, share, words, source)


def _shared_out(section: Section, lines: list[_Found]) -> bool:
    """Whether the whole section gives its weight away: no line of it bears any."""
    return not any(_bears(section, each) for each in lines)


def _bears(section: Section, line: _Found) -> bool:
    """Whether a line keeps its part of the weight: observed, or owed and the rule withholds what is missing."""
    return line.share is not None or (section.missing == "withhold" and line.owed)


def _scale(found: list[tuple[Section, list[_Found]]]) -> Fraction:
    kept = sum((section.weight for section, lines in found if not _shared_out(section, lines)), Decimal(0))
    return Fraction(100) / exact(kept) if kept else Fraction(1)


def _scored(section: Section, lines: list[_Found], scale: Fraction, decimals: int) -> Scored:
    if _shared_out(section, lines):
        return Scored(section, Decimal(0), None, None, tuple(_gone(section, each) for each in lines))
    weight = exact(section.weight) * scale
    bearing = [each for each in lines if _bears(section, each)]
    full = weight / len(bearing)
    made = tuple(_line(section, each, full, decimals) for each in lines)
    given = full * sum((each.share for each in bearing if each.share is not None), Fraction(0))
    return Scored(section, round_half_even(weight, decimals), given, round_half_even(given, decimals), made)


def _line(section: Section, found: _Found, full: Fraction, decimals: int) -> Line:
    if not _bears(section, found):
        return _gone(section, found)
    state = "withheld" if found.share is None else "scored"
    given = round_half_even(full * (found.share or 0), decimals)
    shown = round_half_even(full, decimals)
    return Line(section.code, found.key, found.title, shown, given, state, found.formula, found.trace)


def _gone(section: Section, found: _Found) -> Line:
    return Line(
        section.code, found.key, found.title, Decimal(0), None, "redistributed", found.formula, found.trace
    )  # fmt: skip


def _vetoes(rules: Rules, facts: Facts) -> Iterable[Fallen]:
    for veto in rules.vetoes:
        why = [(each.title, each.trace) for each in (*(facts.events or ()), *facts.proven) if each.kind == veto.event]
        why += [(each.title, each.trace) for each in facts.measures
                if veto.missed == each.nature and points.met(each) is False]  # fmt: skip
        if why:
            told = Words("、".join(title.zh for title, _ in why), ", ".join(title.en for title, _ in why))
            yield Fallen(veto, told, tuple(trace for _, trace in why))


def _lowered(rules: Rules, grade: Grade | None, vetoes: tuple[Fallen, ...]) -> Grade | None:
    if grade is None or not vetoes:
        return grade
    order = [each.code for each in rules.grades]
    worst = max([order.index(grade.code), *(order.index(each.veto.at_most) for each in vetoes)])
    return rules.grades[worst]


def as_json(sheet: Sheet) -> dict[str, Any]:
    """The sheet as kept with its round: decimals as text, every line with formula and trace."""
    return {
        "edition": sheet.rules.edition,
        "on": sheet.facts.on.isoformat(),
        "total": _text(sheet.total),
        "by_points": sheet.by_points.code if sheet.by_points else None,
        "grade": sheet.grade.code if sheet.grade else None,
        "vetoes": [_fallen_json(each) for each in sheet.vetoes],
        "sections": [
            {"code": each.section.code, "full": _text(each.full), "points": _text(each.points)}
            for each in sheet.sections
        ],
        "lines": [_line_json(each) for each in sheet.lines()],
    }


def _fallen_json(fallen: Fallen) -> dict[str, Any]:
    traces = [_trace_json(each) for each in fallen.traces]
    title = fallen.veto.title._asdict()
    return {"code": fallen.veto.code, **fallen.why._asdict(), "title": title, "traces": traces}


def _line_json(line: Line) -> dict[str, Any]:
    return {
        "section": line.section,
        "key": line.key,
        "title": line.title._asdict(),
        "full": _text(line.full),
        "points": _text(line.points),
        "state": line.state,
        "formula": line.formula._asdict(),
        "trace": _trace_json(line.trace),
    }


def _trace_json(trace: Trace) -> dict[str, Any]:
    return {**vars(trace), "source": trace.source._asdict()}


def of_json(rules: Rules, organisation: Words, division: str, told: Mapping[str, Any]) -> Sheet:
    """A kept sheet again, as far as it was kept: its facts are but name, place and day."""
    codes = {each.code: each for each in rules.grades}
    vetoes = {each.code: each for each in rules.vetoes}
    lines = [_line_of(each) for each in told["lines"]]
    facts = Facts(division, organisation, date.fromisoformat(told["on"]))
    return Sheet(
        facts, rules, tuple(_scored_of(rules, each, lines) for each in told["sections"]), _number(told["total"]),
        codes.get(told["by_points"] or ""), codes.get(told["grade"] or ""),
        tuple(_fallen_of(vetoes[each["code"]], each) for each in told["vetoes"]),
    )  # fmt: skip


def _scored_of(rules: Rules, told: Mapping[str, Any], lines: Iterable[Line]) -> Scored:
    section = next(each for each in rules.sections if each.code == told["code"])
    own = tuple(each for each in lines if each.section == section.code)
    points_, full = _number(told["points"]), _number(told["full"]) or Decimal(0)
    return Scored(section, full, None if points_ is None else exact(points_), points_, own)


def _line_of(told: Mapping[str, Any]) -> Line:
    full, given = _number(told["full"]) or Decimal(0), _number(told["points"])
    title, formula = Words(**told["title"]), Words(**told["formula"])
    return Line(told["section"], told["key"], title, full, given, told["state"], formula, _trace_of(told["trace"]))


def _fallen_of(veto: Veto, told: Mapping[str, Any]) -> Fallen:
    return Fallen(veto, Words(told["zh"], told["en"]), tuple(map(_trace_of, told.get("traces", ()))))


def _trace_of(told: Mapping[str, Any]) -> Trace:
    return Trace(**{**told, "source": Words(**told["source"])})


def _number(text: str | None) -> Decimal | None:
    return None if text is None else Decimal(text)


def _text(value: Decimal | None) -> str | None:
    return None if value is None else str(value)
