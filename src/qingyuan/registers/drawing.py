"""The steps of a kind as text and as a drawing: who signs, what is asked and sealed, how long, where it leads."""

from __future__ import annotations

from collections.abc import Iterator
from html import escape

from qingyuan.registers.flow.declared import CLOSED, Deadline, Kind, Step, Words
from qingyuan.registers.flow.wording import signers

_BOX = 'fill="white" stroke="black"'
_TITLE = 'font-family="sans-serif" font-size="14" font-weight="600" fill="black"'
_SMALL = 'font-family="sans-serif" font-size="11" fill="dimgray"'
_NAMES = {
    "signs": Words("签章", "signs"),
    "requires": Words("必填", "requires"),
    "asks": Words("可填", "asks"),
    "seals": Words("封存", "seals"),
    "needs": Words("须证", "needs"),
    "within": Words("期限", "within"),
    "next": Words("下一步", "next"),
    "effect": Words("并且", "effect"),
}
_LINE = 'fill="none" stroke="black" marker-end="url(#a)"'
_WIDE, _HIGH, _GAP, _LEFT = 300, 112, 34, 90


def text(kind: Kind, language: str) -> str:
    """One paragraph a step."""
    return "\n".join(_lines(kind, language))


def _lines(kind: Kind, language: str) -> Iterator[str]:
    yield f"{kind.name}  {kind.title.of(language)}  {len(kind.fields)} fields, {len(kind.steps)} steps"
    for number, step in enumerate(kind.steps.values(), 1):
        yield f"  {number}. {step.name}  {step.title.of(language)}"
        for name, told in _facts(kind, step, language):
            yield f"     {_NAMES[name].of(language)}  {told}"


def _facts(kind: Kind, step: Step, language: str) -> Iterator[tuple[str, str]]:
    def titles(names: tuple[str, ...]) -> str:
        return ", ".join(kind.fields[name].title.of(language) for name in names)

    yield "signs", signers(step.signs).of(language)
    if step.requires:
        yield "requires", titles(step.requires)
    if asked := tuple(name for name in step.asks if name not in step.requires):
        yield "asks", titles(asked)
    if step.seals:
        yield "seals", titles(step.seals)
    if step.needs:
        yield "needs", ", ".join(each.text for each in step.needs)
    if step.deadline:
        yield "within", within(kind, step.deadline, language)
    for branch in step.next:
        yield "next", branch.to + (f"  when {branch.when.text}" if branch.when else "")
    for effect in step.effects:
        yield "effect", f"{effect.does} {effect.what}" + (f" = {effect.value.text}" if effect.value else "")


def within(kind: Kind, deadline: Deadline, language: str) -> str:
    """A deadline in words."""
    zh = language.startswith("zh")
    if deadline.by:
        return kind.fields[deadline.by].title.of(language)
    unit = {"hours": ("小时", "hours"), "days": ("天", "days"), "working_days": ("个工作日", "working days")}
    words = unit[deadline.unit]
    return f"{deadline.amount} {words[0]}" if zh else f"{deadline.amount} {words[1]}"


def svg(kind: Kind, language: str) -> str:
    """The steps from top to bottom, ways on at the left, ways back at the right; black on white, to be printed."""
    places = {name: 20 + number * (_HIGH + _GAP) for number, name in enumerate([*kind.steps, CLOSED])}
    height = places[CLOSED] + 60
    boxes = "".join(_box(kind, step, places[step.name], language) for step in kind.steps.values())
    ends = (
        f'<rect x="{_LEFT}" y="{places[CLOSED]}" width="{_WIDE}" height="36" rx="18" {_BOX}/>'
        f'<text x="{_LEFT + _WIDE / 2}" y="{places[CLOSED] + 23}" {_TITLE} text-anchor="middle">'
        f"{escape(kind.title_of(CLOSED).of(language))}</text>"
    )
    ways = "".join(
        _way(step, branch.to, branch.when.text if branch.when else "", places)
        for step in kind.steps.values()
        for branch in step.next
    )
    arrow = (
        '<marker id="a" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="8" markerHeight="8" orient="auto">'
        '<path d="M0 0L8 4L0 8z"/></marker>'
    )
    head = f"<title>{escape(kind.title.of(language))}</title><defs>{arrow}</defs>"
    opening = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 640 {height}" role="img">'
    return f"{opening}{head}{ways}{boxes}{ends}</svg>\n"


def _box(kind: Kind, step: Step, top: int, language: str) -> str:
    lines = [
        f"{_NAMES[name].of(language)}  {told}"
        for name, told in _facts(kind, step, language)
        if name not in ("next", "effect")
    ][:5]
    told = "".join(
        f'<text x="{_LEFT + 12}" y="{top + 42 + 15 * number}" {_SMALL}>{escape(line[:46])}</text>'
        for number, line in enumerate(lines)
    )
    title = escape(step.title.of(language))
    return (
        f'<rect x="{_LEFT}" y="{top}" width="{_WIDE}" height="{_HIGH}" rx="6" {_BOX}/>'
        f'<text x="{_LEFT + 12}" y="{top + 22}" {_TITLE}>{title}</text>{told}'
    )


def _way(step: Step, to: str, when: str, places: dict[str, int]) -> str:
    """Straight down to the next step, else around: forward at the left, back at the right."""
    start, end = places[step.name], places[to]
    if end == start + _HIGH + _GAP:
        middle = _LEFT + _WIDE / 2
        path = f"M{middle} {start + _HIGH}V{end}"
        spot: tuple[float, float] = (middle + 6, start + _HIGH + 20)
    elif end > start:
        path = f"M{_LEFT} {start + _HIGH - 16}H{_LEFT - 40}V{end + 16}H{_LEFT}"
        spot = (4, start + _HIGH + 4)
    else:
        right = _LEFT + _WIDE
        path = f"M{right} {start + _HIGH - 16}H{right + 40}V{end + 16}H{right}"
        spot = (right + 46, (start + end) / 2 + _HIGH / 2)
    label = f'<text x="{spot[0]}" y="{spot[1]}" {_SMALL}>{escape(when[:36])}</text>' if when else ""
    return f'<path d="{path}" {_LINE}/>{label}'
