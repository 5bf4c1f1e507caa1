"""The small chart of the panel: 24 hours of one item as shapes on a 300 x 92 sheet."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby

from qingyuan.base.errors import UnknownLaw
from qingyuan.interfaces.web import wording
from qingyuan.interfaces.web.context import Context
from qingyuan.interfaces.web.stations.lawful import limit_label
from qingyuan.interfaces.web.stations.words import symbol
from qingyuan.standards import law
from qingyuan.standards.records import Limit

HOURS = 24
WIDTH, TOP, BASE = 296.0, 14.0, 76.0
STEP = WIDTH / (HOURS - 1)
NICE = (1, 2, 5, 10, 20, 50, 100, 200, 300, 500, 1000, 2000, 5000)


@dataclass(frozen=True)
class Gap:
    """A stretch without values: left edge and width on the sheet."""

    x: float
    width: float

    @property
    def middle(self) -> float:
        """Where its word stands."""
        return round(self.x + self.width / 2, 1)


@dataclass(frozen=True)
class Tick:
    """A time below the axis."""

    x: float
    text: str
    anchor: str


@dataclass(frozen=True)
class Curve:
    """lines: paths; dots: single hours and the last one (x, y); limit_y and limit_label: the 1-h limit or None."""

    item: str
    symbol: str
    unit: str
    top: float
    lines: list[str]
    dots: list[tuple[float, float]]
    gaps: list[Gap]
    ticks: list[Tick]
    limit_y: float | None
    limit_label: str

    @property
    def limit_text_y(self) -> float | None:
        """Base line of the words on the limit: above it, below it at the top of the sheet."""
        if self.limit_y is None:
            return None
        return self.limit_y - 4 if self.limit_y > TOP + 12 else self.limit_y + 13


def curve_of(ctx: Context, item: str, values: Mapping[datetime, float | None]) -> Curve:
    """The hours up to the context's time; a limit is drawn only where the law limits hourly values."""
    hours = [ctx.time - timedelta(hours=HOURS - 1 - back) for back in range(HOURS)]
    series = [values.get(hour) for hour in hours]
    limit = _hourly_limit(ctx, item)
    top = _top([*(value for value in series if value is not None), float(limit.value) if limit else 0])
    runs = [(there, list(run)) for there, run in groupby(enumerate(series), lambda each: each[1] is not None)]
    known = [[(index, value) for index, value in run if value is not None] for there, run in runs if there]
    return Curve(
        item=item,
        symbol=symbol(item),
        unit=wording.unit(item),
        top=top,
        lines=[_path(run, top) for run in known if len(run) > 1],
        dots=[_place(*run[-1], top) for run in known if len(run) == 1 or run[-1][0] == HOURS - 1],
        gaps=[_gap(run[0][0], run[-1][0]) for there, run in runs if not there],
        ticks=[_tick(index, hour) for index, hour in enumerate(hours) if index in (0, HOURS - 1) or hour.hour == 0],
        limit_y=_y(float(limit.value), top) if limit else None,
        limit_label=limit_label(limit) if limit else "",
    )


def _hourly_limit(ctx: Context, item: str) -> Limit | None:
    try:
        return law.limit("GB 3095", item, "1h", on=ctx.time.date(), edition=ctx.edition_in_force)
    except UnknownLaw:
        return None


def _top(values: list[float]) -> float:
    return next((float(step) for step in NICE if step >= max(values)), max(values))


def _y(value: float, top: float) -> float:
    return round(BASE - (BASE - TOP) * value / top, 1)


def _place(index: int, value: float, top: float) -> tuple[float, float]:
    return round(index * STEP, 1), _y(value, top)


def _path(run: list[tuple[int, float]], top: float) -> str:
    return "M" + "L".join("{} {}".format(*_place(index, value, top)) for index, value in run)


def _gap(first: int, last: int) -> Gap:
    left = max(0.0, (first - 1) * STEP)
    return Gap(round(left, 1), round(min(WIDTH, (last + 1) * STEP) - left, 1))


def _tick(index: int, hour: datetime) -> Tick:
    anchor = {0: "start", HOURS - 1: "end"}.get(index, "middle")
    return Tick(round(index * STEP, 1), f"{hour:%m-%d}" if hour.hour == 0 else f"{hour:%H:00}", anchor)
