"""Numbers that paragraphs begin with, and the outline that they make."""

from __future__ import annotations

import re
from dataclasses import dataclass

from qingyuan.plans.reading import numerals
from qingyuan.plans.reading.mapped import EMPTY, Mapped

_COUNT = r"[一二三四五六七八九十百〇零]{1,4}|\d{1,3}"
_CN = r"[一二三四五六七八九十]{1,3}"

KINDS: dict[str, re.Pattern[str]] = {
    "篇": re.compile(rf"第(?P<no>{_COUNT})篇"),
    "部分": re.compile(rf"第(?P<no>{_COUNT})部分"),
    "章": re.compile(rf"第(?P<no>{_COUNT})章"),
    "节": re.compile(rf"第(?P<no>{_COUNT})节"),
    "条": re.compile(rf"第(?P<no>{_COUNT})条"),
    "1.1.1": re.compile(r"(?P<path>\d{1,2}\.\d{1,2}\.)(?P<no>\d{1,2})(?:\.\d{1,2})?(?![\d.%])[.、 ]?"),
    "1.1": re.compile(r"(?P<path>\d{1,2}\.)(?P<no>\d{1,2})(?![\d.%])[.、 ]?"),
    "一、": re.compile(rf"(?P<no>{_CN})[、.](?!\d)"),
    "（一）": re.compile(rf"（(?P<no>{_CN})）[、.]?"),
    "1.": re.compile(r"(?P<no>\d{1,2})[.、]"),
    "（1）": re.compile(r"（(?P<no>\d{1,2})）[、.]?|(?P<no2>\d{1,2})）"),
    "①": re.compile(r"(?P<no>[①-⑳])"),
    "1": re.compile(r"(?P<no>\d{1,2}) ?(?=[一-龥“])"),
}
"""Ways of numbering; a pattern matches at the start of a paragraph."""

STRONG = frozenset({"篇", "部分", "章", "节"})
"""Kinds that say themselves that they are headings."""

RANK = [
    "篇",
    "部分",
    "章",
    "h1",
    "1",
    "节",
    "条",
    "h2",
    "一、",
    "1.1",
    "h3",
    "（一）",
    "1.1.1",
    "h4",
    "1.",
    "（1）",
    "①",
]
"""From the outermost kind of heading to the innermost; h1, h2, ...: without number, by the file's own level."""

_AFTER = "　 ：:、.．"
_UNITS = re.compile(r"[万亿个项座处家套吨米公年月日号千百余多%]|小时|立方|平方")
LONGEST = 46
"""Characters of a heading or of a first sentence that is one."""


@dataclass(frozen=True)
class Marker:
    """The number at the start of a paragraph: its kind, value, and the length of what is printed of it."""

    kind: str
    no: int
    length: int

    @property
    def strong(self) -> bool:
        """No running text begins like that."""
        return self.kind in STRONG


def marker(text: Mapped) -> Marker | None:
    """The number the text begins with, if any."""
    for kind, pattern in KINDS.items():
        found = pattern.match(text.text)
        if found and _plausible(kind, text, found):
            groups = found.groupdict()
            return Marker(kind, _value(groups.get("no") or groups.get("no2") or ""), found.end())
    return None


def _plausible(kind: str, text: Mapped, found: re.Match[str]) -> bool:
    rest = text.text[found.end() :].lstrip()
    if kind == "1." and rest[:1].isdecimal():
        return _gap(text, found.end())
    if kind in ("1.1", "1.1.1") and _gap(text, found.end("path")):
        return False
    if kind in STRONG:
        return not re.match(r"[，。）》所的和至]|、第", rest)
    if kind == "条":
        return bool(rest) and _gap(text, found.end())
    if kind in ("1", "1.1", "1.1.1") and (not rest or _UNITS.match(rest) or not _gap(text, found.end())):
        return kind == "1.1.1" and bool(rest) and not _UNITS.match(rest)
    return (bool(rest) and not rest[0].isdecimal()) or kind == "（一）"


def _gap(text: Mapped, end: int) -> bool:
    """Space was printed between the number and what follows."""
    found = text.text[end - 1] == " "
    return found or (end < len(text.at) and text.at[end] - text.at[end - 1] > 1)


def _value(printed: str) -> int:
    if printed and "①" <= printed <= "⑳":
        return ord(printed) - ord("①") + 1
    return numerals.whole(printed) or 0


@dataclass(frozen=True)
class Heading:
    """A heading; paragraph: its index; title: its place in the text; run_in: text follows it on the line."""

    kind: str
    no: int | None
    paragraph: int
    title: Mapped
    run_in: bool


def heading_of(text: Mapped, found: Marker | None, level: int | None, index: int) -> Heading | None:
    """The paragraph as a heading, numbered or styled: its title is the line or the short first sentence."""
    if found is None and not level:
        return None
    rest = text[found.length :] if found else text
    rest = rest.strip(_AFTER)
    end = re.search(r"[。：；！？]", rest.text)
    title = rest[: end.start()] if end else rest
    kind = found.kind if found else f"h{level}"
    if len(title) > LONGEST and not (found and found.strong):
        title = EMPTY
    return Heading(kind, found.no if found else None, index, title, bool(end and end.end() < len(rest.text)))


def rank(kind: str) -> int:
    """0 for the outermost."""
    return RANK.index(kind) if kind in RANK else len(RANK)
