"""How points are given: the share of a line's points, exact, with the formula in words; None = not observed."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from fractions import Fraction

from qingyuan.base.rounding import exact, round_half_even
from qingyuan.plans.evaluating.known import Amount, Measure, Task
from qingyuan.plans.evaluating.rules import Section
from qingyuan.plans.facts import Words
from qingyuan.plans.units import printed

Given = tuple[Fraction | None, Words]
"""Share of the points (0 to 1) and how it was found."""

MISSING = Words("未观测", "not observed")
NO_TARGET = Words("未下达本地区目标，不计分", "no target of its own was issued: not scored")
NEVER_ASKED = Words("未观测：期内没有调度", "not observed: nothing was asked in the period")
ONE, NONE = Fraction(1), Fraction(0)


def met(measure: Measure) -> bool | None:
    """Whether the target holds; None when value or target is not known."""
    if measure.value is None or measure.target is None:
        return None
    value = round_half_even(measure.value, measure.decimals)
    if measure.direction == "down":
        return value <= measure.target
    return value > measure.target if measure.above else value >= measure.target


def of_measure(section: Section, measure: Measure, division: str, on: date) -> Given:
    """Points of an indicator by the section's way: met, share of the way, or rank."""
    if section.points == "ranked":
        return _ranked(section, measure, division)
    reached = met(measure)
    if reached is None:
        return None, MISSING if measure.issued else NO_TARGET
    if section.points == "met" or reached:
        return (ONE if reached else NONE), _told(measure, "达标得满分，不达标不得分", "all points when met, none else")
    return _way(measure, on if section.against == "path" else measure.target_day)


def _way(measure: Measure, on: date) -> Given:
    """Share of the way from base to what is asked on a day, which lies on the straight line to the target."""
    if measure.value is None or measure.target is None or measure.base is None or measure.base_day is None:
        return NONE, _told(measure, "没有基数可比，未达标不得分", "no base to compare with; not met, no points")
    asked = asked_on(measure, on)
    base, value = exact(measure.base), exact(measure.value)
    if asked == base:
        return NONE, _told(measure, "应保持基数水平，未保持不得分", "the base was to be kept and was not")
    if (asked > base) != (measure.direction == "up"):
        return NONE, _told(
            measure, "目标宽于基数，未达标不得分", "the target is looser than the base; not met, no points"
        )
    share = min(max((value - base) / (asked - base), NONE), ONE)
    at = round_half_even(asked, measure.decimals + 1)
    zh = f"（现值 {measure.value} − 基数 {measure.base}）÷（应达 {at} − 基数 {measure.base}）＝ {_percent(share)}"
    en = f"(value {measure.value} − base {measure.base}) ÷ (asked {at} − base {measure.base}) = {_percent(share)}"
    return share, Words(zh, en)


def asked_on(measure: Measure, on: date) -> Fraction:
    """What the straight line from base to target asks on a day; the target from its day on."""
    if measure.target is None or measure.base is None or measure.base_day is None:
        raise ValueError(f"indicator {measure.key} has no path")
    base, target = exact(measure.base), exact(measure.target)
    span = (measure.target_day - measure.base_day).days
    passed = min(max((on - measure.base_day).days, 0), span)
    return base + (target - base) * Fraction(passed, span) if span > 0 else target


def _ranked(section: Section, measure: Measure, division: str) -> Given:
    """First in rank: all; last: the least share; equal values share the better rank."""
    own = measure.peers.get(division)
    if own is None or len(measure.peers) < 2:
        return None, MISSING
    better = [each for each in measure.peers.values() if (each > own if measure.direction == "up" else each < own)]
    rank, count = len(better) + 1, len(measure.peers)
    least = exact(section.least)
    share = ONE - (ONE - least) * Fraction(rank - 1, count - 1)
    zh = f"{count} 个地区中第 {rank} 位：1 −（1 − {section.least}）×（{rank} − 1）÷（{count} − 1）＝ {_percent(share)}"
    en = f"rank {rank} of {count}: 1 − (1 − {section.least}) × ({rank} − 1) ÷ ({count} − 1) = {_percent(share)}"
    return share, Words(zh, en)


def of_task(section: Section, task: Task) -> Given:
    """Points of a task by its light."""
    if task.light not in section.lights:
        return None, MISSING
    share = section.lights[task.light]
    names = {"good": ("绿灯", "green"), "tight": ("黄灯", "amber"), "bad": ("红灯", "red")}[task.light]
    return exact(share), Words(f"{names[0]}，得 {share} 倍", f"{names[1]}: times {share}")


def of_amount(amount: Amount) -> Given:
    """Points of money: spent of what was planned, at most all."""
    if amount.spent is None or not amount.planned:
        return None, MISSING
    share = min(exact(amount.spent) / exact(amount.planned), ONE)
    zh = f"已付 {amount.spent} ÷ 计划 {amount.planned}（万元），至多 1"
    return share, Words(zh, f"spent {amount.spent} ÷ planned {amount.planned} (10 000 yuan), at most 1")


def _told(measure: Measure, zh: str, en: str) -> Words:
    sign = {"down": "≤"}.get(measure.direction, ">" if measure.above else "≥")
    unit, target = printed(measure.unit), f"{sign} {measure.target}"
    return Words(
        f"现值 {measure.value} {unit.zh}，目标 {target}；{zh}",
        f"value {measure.value} {unit.en}, target {target}; {en}",
    )


def _percent(share: Fraction) -> Decimal | str:
    return f"{round_half_even(share * 100, 1)}%"
