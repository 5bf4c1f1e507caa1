"""Units as plans print them: 万吨, 微克/立方米, 个百分点."""

from __future__ import annotations

import re
from functools import lru_cache

from qingyuan.plans.reading.vocabulary import any_of, vocabulary


@lru_cache(maxsize=1)
def pattern() -> str:
    """A regular expression (without groups) of all units."""
    words = vocabulary()["units"]
    one = rf"(?:{any_of(words['prefixes'])})?(?:{any_of(words['measures'] + words['counts'])})"
    under = rf"(?:{any_of(words['prefixes'])})?(?:{any_of(words['measures'] + words['counts'] + words['spans'])})"
    return rf"{one}(?:(?: ?/ ?|每){under}3?)?(?:[/·]{under})?(?:（A）)?"


@lru_cache(maxsize=1)
def _whole() -> re.Pattern[str]:
    spans = any_of(vocabulary()["units"]["spans"])
    return re.compile(rf"{pattern()}|{spans}|(?:\d+)?[一-龥]{{0,6}}/[一-龥\w]{{1,6}}|[万亿][一-龥]{{1,3}}")


def is_unit(text: str) -> bool:
    """The text is a unit and nothing else."""
    return bool(text) and bool(_whole().fullmatch(text))


@lru_cache(maxsize=1)
def _count() -> re.Pattern[str]:
    return re.compile(rf"(?:{any_of(vocabulary()['units']['counts'])})(?:/.*)?")


def counts(unit: str | None) -> bool:
    """Things are counted in it: a whole number by nature."""
    return bool(unit) and bool(_count().fullmatch(unit or ""))


def is_share(name: str, unit: str | None) -> bool:
    """A share of a whole: never above 100 %."""
    if unit != "%":
        return False
    return bool(re.search(rf"(?:{any_of(vocabulary()['units']['shares'])})", name))


def is_index(name: str, unit: str | None) -> bool:
    """An index between 0 and 100."""
    return not unit and bool(re.search(rf"(?:{any_of(vocabulary()['units']['indices'])})", name))
