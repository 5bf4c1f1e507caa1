"""What a cell of an indicator table says: a number, words, or nothing."""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache

from qingyuan.plans.reading import units
from qingyuan.plans.reading.mapped import NOTHING, Mapped, Span
from qingyuan.plans.reading.numerals import decimal
from qingyuan.plans.reading.vocabulary import vocabulary

_SIGNS = {"≥": ">=", "≤": "<=", ">": ">", "<": "<", ">=": ">=", "<=": "<=", "=": None, "±": None}
_BEFORE = {
    "大于等于": ">=",
    "小于等于": "<=",
    "不低于": ">=",
    "不少于": ">=",
    "不小于": ">=",
    "不高于": "<=",
    "不超过": "<=",
    "不大于": "<=",
    "大于": ">",
    "高于": ">",
    "超过": ">",
    "小于": "<",
    "低于": "<",
    "约": "~",
}
_AFTER = {"左右": "~", "以上": ">=", "及以上": ">=", "以下": "<=", "以内": "<=", "及以下": "<=", "以内（含）": "<="}
_CHANGES = {
    "下降": "down",
    "降低": "down",
    "减少": "down",
    "削减": "down",
    "提高": "up",
    "增加": "up",
    "增长": "up",
    "提升": "up",
    "新增": "up",
}
_LONGEST = 60
"""Characters of a cell that is a figure or a word of nature."""
_BRACKETS = re.compile(r"[［〔【（]([^］〕】）]*)[］〕】）]")


@dataclass(frozen=True)
class Cell:
    """value: a number, words as printed, or None; printed: its own digits; cumulative: it stood in brackets."""

    value: Decimal | str | None
    operator: str | None = None
    printed: str | None = None
    unit: str | None = None
    cumulative: bool = False
    change: str | None = None
    span: Span = NOTHING


@lru_cache(maxsize=1)
def _figure() -> re.Pattern[str]:
    before = "|".join(sorted(_BEFORE, key=len, reverse=True))
    after = "|".join(sorted(_AFTER, key=len, reverse=True))
    changes = "|".join(_CHANGES)
    return re.compile(
        rf"(?P<sum>累计)?(?P<change>{changes})?(?P<before>>=|<=|[≥≤><=±]|{before})?(?P<change2>{changes})?"
        rf"(?P<number>[+-]?\d[\d,]*(?:\.\d+)?)(?:[—~-](?P<upper>\d[\d,]*(?:\.\d+)?))?"
        rf"(?P<unit>{units.pattern()})?(?P<after>{after})?"
    )


def nothing(text: str) -> bool:
    """A dash, or what else stands where there is no value."""
    return not text or text in vocabulary()["table"]["nothing"]


def is_figure(text: str) -> bool:
    """The cell is a number with no more than signs and a unit around it."""
    return len(text) <= _LONGEST and bool(_figure().fullmatch(_BRACKETS.sub(r"\1", text)))


def read_cell(cell: Mapped) -> Cell:
    """The value of a cell; a range keeps its lower end as value and is printed whole."""
    text = cell.text.replace(" ", "")
    if nothing(text):
        return Cell(None)
    bare = _BRACKETS.sub(r"\1", text)
    found = _figure().fullmatch(bare)
    if found is None or found["upper"]:
        return Cell(text, printed=text, span=cell.span)
    number = decimal(found["number"].lstrip("+-"))
    negative = found["number"].startswith("-")
    operator = (
        _SIGNS.get(found["before"] or "") or _BEFORE.get(found["before"] or "") or _AFTER.get(found["after"] or "")
    )
    return Cell(
        value=-number if negative and number is not None else number,
        operator=operator,
        printed=found["number"],
        unit=found["unit"],
        cumulative=bare != text or bool(found["sum"]),
        change=_CHANGES.get(found["change"] or found["change2"] or ""),
        span=cell.span,
    )


def nature(text: str) -> str | None:
    """binding, expected, or None when the cell says neither; its last letters may stand on the next line."""
    if not 2 <= len(text) <= _LONGEST:
        return None
    bare = _BRACKETS.sub(r"\1", text)
    for kind, words in vocabulary()["table"]["natures"].items():
        if any(word == bare or (len(bare) > 3 and word.startswith(bare)) for word in words):
            return str(kind)
    return None


def is_nature(text: str) -> bool:
    """The text is the whole word of a nature."""
    return any(text in words for words in vocabulary()["table"]["natures"].values())
