"""Charts of a report as PNG, after the tokens of the look: one accent, thin lines, labels at the line."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from functools import cache
from io import BytesIO
from typing import TYPE_CHECKING, Any

from qingyuan.base.errors import QingyuanError
from qingyuan.plans.facts import Words

if TYPE_CHECKING:
    from matplotlib.figure import Figure

INK, QUIET, LINE, LAW = "#18211f", "#5f6a66", "#e0e4de", "#a8321f"
ACCENT, SECOND, MIST = "#0b6b7a", "#b0721a", "#c6ccc5"
LIGHTS = {"good": "#1f7152", "tight": "#b0721a", "bad": "#a8321f", "none": "#c6ccc5"}
FACES = ("Noto Sans CJK SC", "Source Han Sans SC", "WenQuanYi Zen Hei", "Microsoft YaHei", "SimHei", "PingFang SC",
         "Noto Sans CJK JP")  # fmt: skip
WIDTH, DPI = 6.1, 150
"""Inches of the text's width on A4, and dots to an inch."""


class NoFont(QingyuanError):
    """The server has no Chinese face to draw charts with. words: the same in both languages."""

    words = Words("服务器上没有中文字体，画不了报告里的图；请安装 fonts-noto-cjk 再试",
                  "There is no Chinese font to draw charts with. Install fonts-noto-cjk, then try again.")  # fmt: skip


@cache
def face() -> str:
    """The first Chinese face that is installed. Raises NoFont."""
    from matplotlib import font_manager

    known = {each.name for each in font_manager.fontManager.ttflist}
    found = next((each for each in FACES if each in known), None)
    if found is None:
        raise NoFont("There is no Chinese font for the charts of the report", "Install fonts-noto-cjk, then try again.")
    return found


def _drawn(height: float) -> tuple[Figure, Any]:
    import matplotlib as mpl
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    mpl.rcParams.update({"font.family": face(), "font.size": 8.5, "axes.unicode_minus": False})
    figure = Figure(figsize=(WIDTH, height), dpi=DPI, layout="constrained")
    FigureCanvasAgg(figure)
    axes = figure.add_subplot()
    for side in ("top", "right", "left"):
        axes.spines[side].set_visible(False)
    axes.spines["bottom"].set_color(LINE)
    axes.tick_params(length=0, colors=QUIET)
    axes.grid(axis="y", color=LINE, linewidth=0.6)
    axes.set_axisbelow(True)
    return figure, axes


def _png(figure: Figure) -> bytes:
    kept = BytesIO()
    figure.savefig(kept, format="png", facecolor="white")
    return kept.getvalue()


def path(
    values: Sequence[tuple[int, Decimal, bool]],
    base: tuple[int, Decimal] | None,
    targets: Sequence[tuple[date, Decimal]],
    unit: str,
    words: tuple[str, str, str],
) -> bytes:
    """An indicator by year against the line from base to target.

    values: year, value, whether the year is still running (hollow); words: of target, value, unfinished year.
    """
    figure, axes = _drawn(2.55 if values else 1.9)
    line = [(base[0], float(base[1]))] if base else []
    line += [(day.year, float(value)) for day, value in targets]
    axes.plot(*zip(*line, strict=True), color=LAW, linewidth=1.1, marker="_", markersize=7, linestyle=(0, (4, 2)))
    axes.annotate(f"{words[0]} {targets[-1][1]}", line[-1], (0, 7), textcoords="offset points", ha="right", color=LAW)
    if base:
        axes.annotate(str(base[1]), line[0], (0, 7), textcoords="offset points", ha="center", color=QUIET)
    if values:
        years, shown = [each[0] for each in values], [float(each[1]) for each in values]
        axes.plot(years, shown, color=ACCENT, linewidth=1.8)
        for year, value, running in values:
            axes.plot(year, float(value), "o", color=ACCENT, markerfacecolor="white" if running else ACCENT)
            told = f"{value}{words[2] if running else ''}"
            axes.annotate(told, (year, float(value)), (0, -13), textcoords="offset points", ha="center", color=ACCENT)
    numbers = [each[1] for each in line] + [float(each[1]) for each in values]
    room = (max(numbers) - min(numbers)) * 0.3 or abs(max(numbers)) * 0.1 or 1
    axes.set_ylim(min(numbers) - room, max(numbers) + room)
    axes.set_xticks(range(line[0][0] if base else targets[0][0].year, targets[-1][0].year + 1))
    axes.yaxis.set_major_locator(_five())
    axes.set_ylabel(unit, color=QUIET)
    return _png(figure)


def _five() -> Any:
    from matplotlib.ticker import MaxNLocator

    return MaxNLocator(5)


def ranked(names: Sequence[str], values: Sequence[Decimal], target: Decimal | None, unit: str, words: str) -> bytes:
    """Places side by side, as points with a stem from the target; words: of the target."""
    figure, axes = _drawn(0.62 + 0.235 * len(names))
    axes.grid(visible=False, axis="y")
    axes.grid(axis="x", color=LINE, linewidth=0.6)
    places, shown = range(len(names)), [float(each) for each in values]
    if target is not None:
        axes.hlines(places, [float(target)] * len(shown), shown, color=MIST, linewidth=2)
        axes.axvline(float(target), color=LAW, linewidth=1)
        axes.set_xlabel(f"{unit}（{words} {target}）", color=QUIET)
    axes.plot(shown, places, "o", color=ACCENT)
    for place, value in enumerate(values):
        axes.annotate(str(value), (shown[place], place), (7, 0), textcoords="offset points", va="center", color=INK)
    axes.set_yticks(places, names, color=INK)
    axes.invert_yaxis()
    axes.margins(x=0.12)
    return _png(figure)


def lights(names: Sequence[str], counts: Sequence[dict[str, int]], words: dict[str, str]) -> bytes:
    """Lights of tasks by chapter or department, one bar each; words: title of each light."""
    figure, axes = _drawn(0.8 + 0.25 * len(names))
    axes.grid(visible=False, axis="y")
    left = [0] * len(names)
    for state, colour in LIGHTS.items():
        width = [each.get(state, 0) for each in counts]
        bars = axes.barh(range(len(names)), width, left=left, color=colour, height=0.62, label=words[state])
        axes.bar_label(bars, [str(each) if each else "" for each in width], label_type="center",
                       color=INK if state == "none" else "white", fontsize=8)  # fmt: skip
        left = [one + other for one, other in zip(left, width, strict=True)]
    axes.set_yticks(range(len(names)), names, color=INK)
    axes.xaxis.set_visible(False)
    axes.spines["bottom"].set_visible(False)
    axes.invert_yaxis()
    axes.legend(ncol=4, frameon=False, loc="upper center", bbox_to_anchor=(0.4, 0), handlelength=1, fontsize=8)
    return _png(figure)


def shares(names: Sequence[str], points: Sequence[Decimal | None], full: Sequence[Decimal], missing: str) -> bytes:
    """Sections of a score sheet: points on the weight they may reach; missing: word where nothing was observed."""
    figure, axes = _drawn(0.45 + 0.27 * len(names))
    axes.grid(visible=False, axis="y")
    places = range(len(names))
    axes.barh(places, [float(each) for each in full], color=LINE, height=0.55)
    axes.barh(places, [float(each or 0) for each in points], color=ACCENT, height=0.55)
    for place, (got, may) in enumerate(zip(points, full, strict=True)):
        told = missing if got is None else f"{got} / {may}"
        axes.annotate(told, (float(may), place), (5, 0), textcoords="offset points", va="center", color=INK)
    axes.set_yticks(places, names, color=INK)
    axes.xaxis.set_visible(False)
    axes.spines["bottom"].set_visible(False)
    axes.invert_yaxis()
    axes.margins(x=0.16)
    return _png(figure)
