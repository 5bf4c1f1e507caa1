"""The rows of a finding as a small picture: values as a line with gaps, the limit, the stretch that is bad."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from qingyuan.rules.models import Finding

WIDTH, HEIGHT, TOP = 640.0, 180.0, 12.0


@dataclass(frozen=True)
class Picture:
    """lines: points of unbroken stretches as SVG wants them; bad: x and width of bad rows; limit: its y."""

    lines: tuple[str, ...]
    dots: tuple[tuple[float, float], ...]
    bad: tuple[tuple[float, float], ...]
    limit: float | None
    top: float
    first: str
    last: str


def picture(finding: Finding, column: str) -> Picture | None:
    """The picture of a finding's series; None where fewer than two rows have a number."""
    rows = finding.series
    numbers = [_number(row.get(column)) for row in rows]
    told = [each for each in numbers if each is not None]
    if len(told) < 2:
        return None
    top = max(*told, finding.limit or 0.0, 1e-9) * 1.1
    step = WIDTH / len(rows)
    points = [None if each is None else (step * (n + 0.5), _y(each, top)) for n, each in enumerate(numbers)]
    return Picture(
        lines=tuple(" ".join(f"{x:.1f},{y:.1f}" for x, y in part) for part in _parts(points)),
        dots=tuple(each for each, row in zip(points, rows, strict=True) if each and row["judged"] == "on"),
        bad=tuple((step * n, step) for n, row in enumerate(rows) if row["judged"] == "on"),
        limit=None if finding.limit is None else _y(finding.limit, top),
        top=top,
        first=rows[0]["at"][5:16].replace("T", " "),
        last=rows[-1]["at"][5:16].replace("T", " "),
    )


def _number(value: Any) -> float | None:
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else None


def _y(value: float, top: float) -> float:
    return round(TOP + (HEIGHT - TOP) * (1 - value / top), 1)


def _parts(points: list[tuple[float, float] | None]) -> Iterator[list[tuple[float, float]]]:
    """Stretches without a gap: a missing row is never bridged."""
    part: list[tuple[float, float]] = []
    for point in [*points, None]:
        if point:
            part.append(point)
        elif part:
            yield part
            part = []
