"""Widths of the columns of a table, so that no word, number or code is broken in the middle where there is room."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

LETTER, MARGINS = 1.95, 4.2
"""Millimetres of a letter of a bold head at 8.5 pt, and of both margins of a cell."""
MOST = 0.3
"""Part of the table one column may claim: a longer code is broken all the same."""
_WHOLE = re.compile(r"[^\s\u2e80-\u9fff\uff00-\uffef，。；、（）：·×÷−/-]+")


def fitted(parts: Sequence[float], rows: Sequence[Sequence[Any]], room: float) -> list[float]:
    """Millimetres of each column. parts: as asked for; rows: head and body; room: of the whole table.

    A column that is too narrow for its longest word takes from the others, in proportion to what they were given.
    """
    least = [min(max(map(_need, column)), MOST * room) for column in zip(*rows, strict=True)]
    fixed: set[int] = set()
    while True:
        free = [index for index in range(len(parts)) if index not in fixed]
        rest, whole = room - sum(least[index] for index in fixed), sum(parts[index] for index in free)
        sizes = [least[n] if n in fixed else rest * part / whole for n, part in enumerate(parts)]
        narrow = {index for index in free if sizes[index] < least[index]}
        if not narrow:
            return sizes
        if len(narrow) == len(free) or sum(least) > room:
            return [room * part / sum(parts) for part in parts]
        fixed |= narrow


def _need(cell: Any) -> float:
    """Millimetres of the longest run of letters and figures in a cell, with its reference."""
    text, ref = cell if isinstance(cell, tuple) else (cell, None)
    runs = _WHOLE.findall("" if text is None else str(text))
    longest = max(map(len, runs), default=0) + (0.6 * (len(str(ref)) + 2) if ref is not None else 0)
    return MARGINS + LETTER * longest
