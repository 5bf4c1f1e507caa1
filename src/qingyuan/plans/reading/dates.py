"""Times that a plan sets: 到2025年, 2022年6月底前, “十四五”期间, 每年."""

from __future__ import annotations

import calendar
import re
from collections import Counter
from dataclasses import dataclass

from qingyuan.plans.reading.numerals import whole

EACH_YEAR = "each year"

_YEAR = r"(?:20\d\d|二[〇○零][一二三四五六七八九〇○零十]{2})"
_CN_PLAN = r"“?十(?P<plan>[一二三四五六七八九])五”?"
DATE = re.compile(
    rf"(?P<from>自|从|由|比|较|以|与|和|在)?(?P<to>到|至|截至|截止到?)?"
    rf"(?P<year>{_YEAR})年?(?:—|~|-|至|到)?(?P<year2>{_YEAR})?年(?:(?P<month>\d{{1,2}})月)?(?:(?P<day>\d{{1,2}})日)?"
    rf"(?P<end>年?底|年?末|上半年)?(?P<before>之?前|以前)?(?P<span>起|以来|期间|以后)?"
)
_PLAN = re.compile(rf"{_CN_PLAN}(?P<end>末|期末|规划期末)?(?P<span>期间|时期|以来)?")
_YEARLY = re.compile(r"每年|当年|逐年|各年度|(?<!\d)年年")
_PERIOD = re.compile(rf"(?P<first>{_YEAR})年?(?:—{{1,2}}|~|-|至|到)(?P<last>{_YEAR})年")


@dataclass(frozen=True)
class Moment:
    """A time in a clause: year, day or each year; compared: it is only what something is compared with; its place."""

    by: str
    year: int | None
    compared: bool
    start: int
    end: int


def moments(text: str) -> list[Moment]:
    """All times of a clause, in order; a year after 比 or 较 is only compared with."""
    found = [_moment(each) for each in DATE.finditer(text)]
    plans = [_of_plan(each) for each in _PLAN.finditer(text) if each["span"] or each["end"]]
    yearly = [Moment(EACH_YEAR, None, False, *each.span()) for each in _YEARLY.finditer(text)]
    return sorted([*found, *plans, *yearly], key=lambda each: each.start)


def _moment(found: re.Match[str]) -> Moment:
    year = whole(found["year2"] or found["year"]) or 0
    begins = found["span"] == "起" and found["month"] is None
    compared = found["from"] in ("比", "较", "以", "与", "从", "由", "和") or found["span"] == "以来" or begins
    compared = compared or (found["from"] == "自" and found["month"] is None)
    start = found.start() if found["from"] != "和" else found.start() + 1
    return Moment(_by(year, found), year, compared and found["from"] != "和", start, found.end())


def day_of(text: str) -> str | None:
    """The last time of a text as a year or day; None when it names none."""
    found = [each.by for each in moments(text) if each.year]
    return found[-1] if found else None


def _by(year: int, found: re.Match[str]) -> str:
    month = int(found["month"]) if found["month"] else None
    if month and 1 <= month <= 12:
        day = int(found["day"]) if found["day"] else calendar.monthrange(year, month)[1]
        return f"{year}-{month:02}-{day:02}"
    if found["end"] == "上半年":
        return f"{year}-06-30"
    return f"{year}-12-31" if found["end"] else str(year)


def _of_plan(found: re.Match[str]) -> Moment:
    last = plan_years(whole("十" + found["plan"]) or 14)[1]
    return Moment(str(last), last, False, *found.span())


def plan_years(number: int) -> tuple[int, int]:
    """First and last year of the n-th five-year plan, from the sixth (1981) on."""
    first = 1981 + 5 * (number - 6)
    return first, first + 4


def period(title: str, text: str) -> tuple[int | None, int | None]:
    """First and last year of a plan: from its title, else from the plan most often named in the text."""
    for stretch in (title, text[:3000]):
        named = _PERIOD.search(stretch)
        if named:
            return whole(named["first"]), whole(named["last"])
        numbered = Counter(each["plan"] for each in re.finditer(_CN_PLAN, stretch))
        if numbered:
            return plan_years(whole("十" + numbered.most_common(1)[0][0]) or 14)
    numbered = Counter(each["plan"] for each in re.finditer(_CN_PLAN, text))
    return plan_years(whole("十" + numbered.most_common(1)[0][0]) or 14) if numbered else (None, None)
