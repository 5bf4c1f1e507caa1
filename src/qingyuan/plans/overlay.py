"""The figures of the version in force laid over the facts, which keep how an indicator is computed and named."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from qingyuan.plans.facts import Base, Indicator, Plan, Target


@dataclass(frozen=True)
class Figure:
    """What a version says of an indicator: base and final target; None where it says no number."""

    no: int
    base: Decimal | None
    target: Decimal | None


def applied(plan: Plan, figures: Sequence[Figure]) -> Plan:
    """The plan with the figures of a version; an indicator the version does not number stays as the library has it."""
    by_no = {each.no: each for each in figures}
    return replace(plan, indicators=tuple(_applied(each, by_no.get(each.no)) for each in plan.indicators))


def _applied(indicator: Indicator, figure: Figure | None) -> Indicator:
    if figure is None:
        return indicator
    return replace(indicator, base=_base(indicator.base, figure), targets=_targets(indicator.targets, figure))


def _base(base: Base | None, figure: Figure) -> Base | None:
    if base is None or figure.base is None or figure.base == base.value:
        return base
    return replace(base, value=figure.base, doubtful=())


def _targets(targets: tuple[Target, ...], figure: Figure) -> tuple[Target, ...]:
    final = targets[-1]
    if figure.target is None or final.value is None or figure.target == final.value:
        return targets
    return (*targets[:-1], replace(final, value=figure.target))
