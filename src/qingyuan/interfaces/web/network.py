"""How the monitoring network is doing: who should answer, who did, what was missing yesterday."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from qingyuan.domains.air.law import most_values
from qingyuan.interfaces.web import reading
from qingyuan.interfaces.web.context import Context
from qingyuan.interfaces.web.wording import PROPERTIES as ITEMS

RANKS = ("national", "provincial", "local", "micro")
DUE_A_DAY = {item: most_values(item) for item in ITEMS}
"""Values due a day: hours, and for ozone the 8-hour windows."""
ALERT_BELOW, TIGHT_BELOW = 0.85, 0.95


@dataclass(frozen=True)
class Health:
    """Online and expected stations of one rank at an hour."""

    rank: str
    online: int
    expected: int

    @property
    def share(self) -> float:
        """Online share, 0 to 1."""
        return self.online / self.expected if self.expected else 0.0

    @property
    def width(self) -> int:
        """Online share in whole percent, for the bar."""
        return round(self.share * 100)

    @property
    def state(self) -> str:
        """The word of state of the share."""
        return "bad" if self.share < ALERT_BELOW else "tight" if self.share < TIGHT_BELOW else "good"


def stations(ctx: Context) -> list[dict[str, Any]]:
    """Stations of the context's place, as registered."""
    rows = reading.points(ctx.dataset).values()
    return [row for row in rows if row["kind"] == "station" and (ctx.province or row["city"] == ctx.place)]


def present(row: dict[str, Any] | None) -> int:
    """How many of the six items an hourly result holds."""
    return sum(row[item] is not None for item in ITEMS) if row else 0


def health(ctx: Context) -> list[Health]:
    """Online and expected stations at the hour of the context, by rank."""
    answered = {row["point"] for row in reading.hours(ctx.dataset, ctx.time, ctx.time, "station") if present(row)}
    ranks: dict[str, list[bool]] = defaultdict(list)
    for row in stations(ctx):
        ranks[row["rank"]].append(row["point"] in answered)
    ordered = sorted(ranks.items(), key=lambda pair: (*RANKS, pair[0]).index(pair[0]))
    return [Health(rank, sum(online), len(online)) for rank, online in ordered]


def day_completeness(ctx: Context) -> tuple[int, int]:
    """Values that counted and values due of the day before the context's, over the stations of the place."""
    day = (ctx.time - timedelta(days=1)).date()
    rows = {row["point"]: row for row in reading.days(ctx.dataset, day, day, "station")}
    mine = stations(ctx)
    counted = sum(rows[row["point"]][f"{item}_hours"] or 0 for row in mine if row["point"] in rows for item in ITEMS)
    return counted, len(mine) * sum(DUE_A_DAY.values())


@dataclass(frozen=True)
class Line:
    """One station of the network table: when it last answered and how complete the last 24 hours are."""

    point: dict[str, Any]
    last: datetime | None
    row: dict[str, Any] | None
    online: bool
    counted: int

    @property
    def share(self) -> float:
        """Share of the 144 hourly values of the last 24 hours that are there, in percent."""
        return 100 * self.counted / (24 * len(ITEMS))


def lines(ctx: Context) -> list[Line]:
    """The stations of the place at the hour of the context, those that do not answer first."""
    rows: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for row in reading.hours(ctx.dataset, ctx.time - timedelta(hours=23), ctx.time, "station"):
        if present(row):
            rows[row["point"]].append(row)
    made = [_line(point, rows[point["point"]], ctx.time) for point in stations(ctx)]
    return sorted(made, key=lambda line: (line.online, line.counted, line.point["point"]))


def _line(point: dict[str, Any], rows: list[dict[str, Any]], at: datetime) -> Line:
    last = rows[-1] if rows else None
    online = bool(last and last["phenomenon_time"] == at)
    return Line(point, last["phenomenon_time"] if last else None, last, online, sum(map(present, rows)))
