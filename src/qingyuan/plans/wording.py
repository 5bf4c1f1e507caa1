"""Why a state is what it is, in both languages."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

from qingyuan.base.rounding import round_half_even
from qingyuan.plans.facts import Supplier, Words
from qingyuan.plans.measures import Measured

NO_DAYS = Words("今年尚无有效的城市日评价", "no valid city-day has been assessed this year")

NO_STATION = Words("本县域内没有监测点有日评价", "no station of this county has a daily assessment")
NOT_HERE = Words("本地没有填报或台账的值", "nothing was reported or registered for this place")


def made_of(measured: Measured, county: bool) -> Words:
    """What a value of city-days (in a county: station-days) is made of."""
    cities, days = measured.cities, measured.days
    if county:
        return Words(
            f"县域内 {cities} 个站点 {days} 个站·天的日评价", f"{days} station-days of {cities} stations in the county"
        )
    return Words(f"{cities} 个城市 {days} 个城·天的日评价", f"{days} city-days of {cities} cities")


def to_be_supplied(supplier: Supplier) -> Words:
    """Not observed: who has to supply the value."""
    return Words(f"待{supplier.name.zh}提供", f"to be supplied by {supplier.name.en}")


def reason(measured: Measured, rest_days: int) -> Words:
    """One sentence that gives the verdict its ground."""
    if measured.over:
        return _over(measured)
    if measured.allowed is None:
        return Words("余下各日即使全部最好，全年也不能达标", "missed even if every remaining day were at its best")
    if measured.compared is None:
        return Words("没有可比的同段数据", "no stretch to compare with")
    return _left(measured, rest_days)


def _over(measured: Measured) -> Words:
    if measured.verdict == "good":
        return Words("全年已结束，达到目标", "the year is over and the target was met")
    return Words("全年已结束，未达到目标", "the year is over and the target was missed")


def _left(measured: Measured, rest_days: int) -> Words:
    against_zh = "去年同段" if measured.basis == "last_year" else "按今年至今水平"
    against_en = "last year's same stretch" if measured.basis == "last_year" else "this year's rate so far"
    used = _number(measured.compared or Fraction(0), measured.kind)
    unit_zh = "µg/m³" if measured.kind == "mean" else "城·天"
    unit_en = "µg/m³" if measured.kind == "mean" else "city-days"
    what_zh = "均值可至" if measured.kind == "mean" else "还可有"
    return Words(
        f"余 {rest_days} 天{what_zh} {measured.allowed} {unit_zh}，{against_zh} {used}：{_JUDGED_ZH[measured.verdict]}",
        f"{rest_days} days left, {measured.allowed} {unit_en} allowed, {against_en} {used}: "
        f"{_JUDGED_EN[measured.verdict]}",
    )


def _number(value: Fraction, kind: str) -> Decimal:
    return round_half_even(value, 1 if kind == "mean" else 0)


_JUDGED_ZH = {"good": "余量不少于一成", "tight": "余量不足一成", "bad": "若重演则不能达标"}
_JUDGED_EN = {
    "good": "a tenth or more to spare",
    "tight": "less than a tenth to spare",
    "bad": "if repeated, missed",
}
