"""Numbers as Chinese documents write them: digits, 十二, 三千, 二〇二五, 1.5."""

from __future__ import annotations

import re
from decimal import Decimal

DIGITS = {character: value for value, character in enumerate("零一二三四五六七八九")} | {"〇": 0, "○": 0, "两": 2}
TENS = {"十": 10, "百": 100, "千": 1000}
MYRIADS = {"万": 10**4, "亿": 10**8}

WORDS = "零〇○一二两三四五六七八九十百千"
PLAIN = re.compile(r"\d+(?:,\d{3})*(?:\.\d+)?")


def whole(text: str) -> int | None:
    """十二 → 12, 二〇二五 → 2025, 三千万 → 30000000, "12" → 12; None when it is no whole number."""
    if text.isdecimal():
        return int(text)
    if not text or any(character not in DIGITS | TENS | MYRIADS for character in text):
        return None
    if not any(character in TENS | MYRIADS for character in text):
        return int("".join(str(DIGITS[character]) for character in text))
    return _added(text)


def _added(text: str) -> int:
    total = section = digit = 0
    for character in text:
        if character in DIGITS:
            digit = DIGITS[character]
        elif character in TENS:
            section += (digit or 1) * TENS[character]
            digit = 0
        else:
            total += (section + digit or 1) * MYRIADS[character]
            section = digit = 0
    return total + section + digit


def decimal(text: str) -> Decimal | None:
    """1,200.5 → 1200.5; Chinese words by `whole`, 十点五 too."""
    if PLAIN.fullmatch(text):
        return Decimal(text.replace(",", ""))
    before, point, after = text.partition("点")
    head = whole(before)
    if head is None or not point:
        return None if head is None else Decimal(head)
    tail = "".join(str(DIGITS.get(character, "")) for character in after)
    return Decimal(f"{head}.{tail}") if len(tail) == len(after) and tail else None
