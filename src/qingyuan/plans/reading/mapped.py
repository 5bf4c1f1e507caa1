"""Text in one spelling, every character of which still knows its place in the file."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

Span = tuple[int, int]
"""[start, end) in characters of the extracted text."""

NOTHING: Span = (0, 0)

GLYPH_POINT = re.compile(r"(?<=\d)[\ue000-\uf8ff](?=\d)")
"""A decimal point whose glyph the file's font gave a private code, invisible in most programs."""

_FULL_WIDTH = {code: chr(code - 0xFEE0) for code in range(0xFF01, 0xFF5F)}
_SPELLINGS = {
    "µ": "μ",
    "㎡": "m2",
    "㎥": "m3",
    "㎞": "km",
    "³": "3",
    "²": "2",
    "〜": "~",
    "∼": "~",
    "≧": "≥",
    "≦": "≤",
    "⩾": "≥",
    "⩽": "≤",
    "﹥": ">",
    "﹤": "<",
    "﹪": "%",
    "–": "—",
    "―": "—",
    "─": "—",
    "．": ".",
    "﹒": ".",
    "｡": "。",
    "､": "、",
    "⼀": "一",
}
_KEPT_WIDE = {"(": "（", ")": "）", ",": "，", ":": "：", ";": "；", "[": "［", "]": "］", "?": "？", "!": "！"}
"""ASCII marks and the wide ones they are read as, so that both widths are one."""

_INVISIBLE = frozenset("\u200b\u200c\u200d\ufeff\u2060\u00ad")
_SPACE = frozenset(" \t\u3000\u00a0\u2002\u2003\u2009\r\x0b\n\x0c")


def _one_spelling(character: str) -> str:
    plain = _FULL_WIDTH.get(ord(character), character)
    plain = _SPELLINGS.get(plain, plain)
    return _KEPT_WIDE.get(plain, plain)


_TABLE = str.maketrans({code: _one_spelling(chr(code)) for code in [*range(0x21, 0x7F), *_FULL_WIDTH]})
_TABLE.update({ord(key): value for key, value in _SPELLINGS.items()})
_SPELT = {chr(code): plain for code, plain in _TABLE.items()}


def spell(text: str) -> str:
    """The text in one spelling, unmapped, spaces gone: for comparing names."""
    return _within_numbers(text.translate(_TABLE)).translate({ord(each): None for each in _SPACE | _INVISIBLE})


def _within_numbers(spelt: str) -> str:
    """A comma that groups digits stays narrow (1,200); a glyph of private code between digits is read as a point."""
    return GLYPH_POINT.sub(".", re.sub(r"(?<=\d)，(?=\d{3}(?!\d))", ",", spelt))


@dataclass(frozen=True)
class Mapped:
    """`text` in one spelling; `at[i]`: the offset in the extracted text that character i came from."""

    text: str
    at: tuple[int, ...]

    def __len__(self) -> int:
        return len(self.text)

    def __bool__(self) -> bool:
        return bool(self.text)

    def __getitem__(self, part: slice) -> Mapped:
        return Mapped(self.text[part], self.at[part])

    @property
    def span(self) -> Span:
        """From its first to its last character."""
        return (self.at[0], self.at[-1] + 1) if self.at else NOTHING

    def strip(self, marks: str = " ") -> Mapped:
        """Without these marks at both ends."""
        left = len(self.text) - len(self.text.lstrip(marks))
        return self[left : max(left, len(self.text.rstrip(marks)))]

    def search(self, pattern: re.Pattern[str]) -> Mapped | None:
        """The first match."""
        found = pattern.search(self.text)
        return self[slice(*found.span())] if found else None

    def split(self, pattern: re.Pattern[str]) -> list[Mapped]:
        """The pieces between the matches, empty ones left out."""
        cuts = [0, *(edge for found in pattern.finditer(self.text) for edge in found.span()), len(self.text)]
        pieces = [self[start:end].strip() for start, end in zip(cuts[::2], cuts[1::2], strict=True)]
        return [piece for piece in pieces if piece]


EMPTY = Mapped("", ())


def join(pieces: Iterable[Mapped]) -> Mapped:
    """Pieces one after the other."""
    parts = list(pieces)
    return Mapped("".join(part.text for part in parts), tuple(place for part in parts for place in part.at))


def mapped(raw: str, start: int = 0, spaces: bool = False) -> Mapped:
    """A stretch of the extracted text that begins at `start`.

    spaces: runs of space are kept as one space; else only between two Latin letters or digits, where they part words.
    """
    characters: list[str] = []
    places: list[int] = []
    gap = False
    for place, character in enumerate(raw, start):
        if character in _INVISIBLE:
            continue
        if character in _SPACE:
            gap = bool(characters)
            continue
        spelt = _SPELT.get(character, character)
        if gap and (spaces or (_latin(characters[-1]) and _latin(spelt))):
            characters.append(" ")
            places.append(place - 1)
        gap = False
        characters.extend(spelt)
        places.extend([place] * len(spelt))
    text = "".join(characters)
    return Mapped(_within_numbers(text), tuple(places))


def _latin(character: str) -> bool:
    return character.isascii() and character.isalnum()


def width(raw: str) -> int:
    """Columns a line takes on paper: wide characters count two."""
    return sum(1 if character < "\u2000" else 2 for character in raw.strip())
