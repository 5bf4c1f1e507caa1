"""The indicators of a version, as figures to be laid over the facts."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from qingyuan.plans import facts
from qingyuan.plans.models import Item, Version
from qingyuan.plans.overlay import Figure


def of(version: Version) -> tuple[Figure, ...]:
    """The figures of a version, by number of the indicator."""
    rows = version.items.filter(kind=Item.Kind.INDICATOR).exclude(review=Item.Review.REJECTED)
    told = [(row.number, row.facts) for row in rows.order_by("order") if row.number.isdecimal()]
    return tuple(Figure(int(no), _number(no, "base", each), _number(no, "target", each)) for no, each in told)


def _number(no: str, name: str, told: dict[str, Any]) -> Decimal | None:
    """As many digits as the indicator is published with, so that 25 and 25.0 read alike."""
    value = told.get(name)
    if not isinstance(value, int | float):
        return None
    known = {each.no: each.decimals for each in facts.plan().indicators}
    exact = Decimal(str(value))
    digits = max(known.get(int(no), 0), -int(exact.as_tuple().exponent))
    return exact.quantize(Decimal(1).scaleb(-digits))
