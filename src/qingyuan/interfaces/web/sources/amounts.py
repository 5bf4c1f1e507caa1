"""Amounts of an outlet by month and year against what its permit allows."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import date

from qingyuan.interfaces.web import wording
from qingyuan.interfaces.web.context import Context
from qingyuan.interfaces.web.sources import outlets, words
from qingyuan.places.outlets import Outlet


@dataclass(frozen=True)
class Amount:
    """One pollutant in a year so far, in tonnes. substituted: of it put in for missing hours; even: what an even year
    would have used by now; months: (month, tonnes), the present one not over.
    """

    item: str
    name: str
    tonnes: float
    substituted: float
    permitted: float | None
    even: float | None
    months: tuple[tuple[int, float], ...]

    @property
    def used(self) -> float | None:
        """Share of the permitted amount, in percent."""
        return 100 * self.tonnes / self.permitted if self.permitted else None

    @property
    def text(self) -> str:
        """Tonnes as written on screen: kilograms below one tonne can be told."""
        return wording.number(self.tonnes, 3 if self.tonnes < 1 else 2)

    @property
    def width(self) -> int:
        """For the bar: at most 100."""
        return min(100, round(self.used or 0))

    @property
    def even_at(self) -> int:
        """Where the mark of an even year stands on the bar, in percent."""
        return round(100 * self.even / self.permitted) if self.even and self.permitted else 0

    @property
    def state(self) -> str:
        """The word of state of what is left."""
        if self.used is None or self.even is None or self.permitted is None:
            return "none"
        if self.used > 100:
            return "bad"
        return "tight" if self.tonnes > self.even * 1.05 or self.used > 90 else "good"

    @property
    def left(self) -> float | None:
        """Tonnes left of the permitted amount; negative beyond it."""
        return None if self.permitted is None else self.permitted - self.tonnes


def amounts_of(ctx: Context, outlet: Outlet) -> list[Amount]:
    """The pollutants with an amount this year, those with a permitted total first."""
    first = date(ctx.time.year, 1, 1)
    by_item: dict[str, dict[int, float]] = defaultdict(lambda: defaultdict(float))
    stood_in: dict[str, float] = defaultdict(float)
    for row in outlets.results(ctx, outlets.DAILY, first, ctx.time.date(), outlet.point):
        amount, substitute = row["amount_kg"] or 0.0, row["substituted_kg"] or 0.0
        if row["amount_kg"] is not None or row["substituted_kg"] is not None:
            by_item[row["property"]][row["phenomenon_time"].month] += (amount + substitute) / 1000
            stood_in[row["property"]] += substitute / 1000
    permitted = {item: float(value) for item, value in outlet.permitted}
    passed = ((ctx.time.date() - first).days + 1) / 365
    made = [
        Amount(
            item,
            words.property_name(item),
            sum(by_item[item].values()),
            stood_in[item],
            permitted.get(item),
            permitted[item] * passed if item in permitted else None,
            tuple(sorted(by_item[item].items())),
        )
        for item in {*by_item, *permitted}
    ]
    return sorted(made, key=lambda each: (each.permitted is None, -(each.used or 0), each.item))
