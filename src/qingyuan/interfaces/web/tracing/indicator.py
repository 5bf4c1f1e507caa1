"""Trace of a plan indicator: the plan, the weighting over cities and days, the assessments behind it."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from django.utils.translation import gettext as _

from qingyuan.base.rounding import round_half_even
from qingyuan.interfaces.web import places
from qingyuan.interfaces.web.context import Context
from qingyuan.interfaces.web.scoreboard import address, judged, target_text
from qingyuan.interfaces.web.tracing.errors import NothingToTrace
from qingyuan.interfaces.web.wording import UNITS, english
from qingyuan.plans import facts
from qingyuan.plans.facts import Indicator, Words
from qingyuan.plans.indicators import ASSESSMENT
from qingyuan.plans.scoreboard import Part, Row, Scoreboard, made_of
from qingyuan.plans.told import Piece

PAGE = 31


@dataclass(frozen=True)
class Asked:
    """Which indicator, for which division, and which page of its assessments; city: only this one's days."""

    no: int
    page: int
    city: str


def _words(words: Words | None) -> str:
    return "" if words is None else words.en if english() else words.zh


def indicator_trace(ctx: Context, asked: Asked) -> dict[str, Any]:
    """The trace of an indicator of the plan, of the province or the city the page speaks of."""
    board = judged(ctx)
    row = _row(board, asked.no)
    indicator = row.indicator
    if not row.computed:
        return _told(ctx, board, row)
    parts = made_of(ctx.dataset.path, asked.no, ctx.time, ctx.place)
    if row.value is None or row.exact is None or not parts:
        raise NothingToTrace(_("No city has a daily result this year yet"), _("Compute the results first."))
    by = indicator.method.by if indicator.method else ""
    chosen = [part for part in parts if asked.city in ("", part.city) and part.counted]
    return {
        "kind": "indicator",
        "no": indicator.no,
        "place": places.name(ctx.place),
        "span": [board.so_far.first.isoformat(), board.so_far.last.isoformat()],
        "value": {"name": _words(indicator.short), "text": f"{row.value:f}", "unit": _unit(indicator)},
        "plan": _plan(ctx, row, board),
        "weighting": {"text": _weighting(by), "formula": _sum(by, parts, row.exact, f"{row.value:f}")},
        "cities": [_city(ctx, asked, by, code, parts) for code in _codes(parts)],
        "city": asked.city,
        **_assessments(ctx, asked, chosen),
    }


def _unit(indicator: Indicator) -> str:
    return UNITS.get(indicator.unit, indicator.unit)


def _codes(parts: list[Part]) -> list[str]:
    return sorted({part.city for part in parts})


def _row(board: Scoreboard, no: int) -> Row:
    try:
        return board.row(no)
    except KeyError:
        raise NothingToTrace(_("The plan has no indicator %d") % no, _("See the list of the plan.")) from None


def _told(ctx: Context, board: Scoreboard, row: Row) -> dict[str, Any]:
    """Of sections, of a register, or reported: what it is made of, each piece with its address."""
    indicator, came = row.indicator, row.came
    if row.value is None or came is None:
        raise NothingToTrace(
            _("Indicator %(no)d (%(name)s) has no value here") % {"no": indicator.no, "name": _words(indicator.short)},
            _words(row.reason),
        )
    return {
        "kind": "told",
        "no": indicator.no,
        "place": places.name(ctx.place),
        "span": [board.so_far.first.isoformat(), came.as_of.isoformat()],
        "value": {"name": _words(indicator.short), "text": f"{row.value:f}", "unit": _unit(indicator)},
        "plan": _plan(ctx, row, board),
        "by": came.by,
        "source": _words(came.words),
        "record": came.record,
        "reason": _words(row.reason),
        "pieces": [_piece(each) for each in came.pieces],
    }


def _piece(piece: Piece) -> dict[str, Any]:
    return {
        "name": piece.name, "value": piece.value, "day": piece.day.isoformat() if piece.day else "",
        "note": piece.note, "url": address(piece),
    }  # fmt: skip


def _plan(ctx: Context, row: Row, board: Scoreboard) -> dict[str, Any]:
    indicator, target, base = row.indicator, row.target, row.indicator.base
    return {
        "title": _words(facts.plan().title),
        "name": _words(indicator.name),
        "nature": _("binding") if indicator.nature == "binding" else _("expected"),
        "target": target_text(target, indicator.direction) if row.issued else _("no target decomposed"),
        "figures": _words(board.figures),
        "by": target.day.isoformat(),
        "clause": _words(target.cited),
        "base": f"{base.value:f}" if base else None,
        "base_year": base.year if base else None,
    }


def _value(by: str, parts: list[Part]) -> Fraction | None:
    """The share of one city, or its mean, of the parts that count."""
    counted = [part for part in parts if part.counted]
    if not counted:
        return None
    if by == "city_mean":
        return sum((Fraction(part.pm25) for part in counted if part.pm25 is not None), Fraction(0)) / len(counted)
    return Fraction(100 * _share(by, counted), len(counted))


def _share(by: str, counted: list[Part]) -> int:
    bad = sum(part.bad for part in counted)
    return len(counted) - bad if by == "good_days" else bad


def _weighting(by: str) -> str:
    words = {
        "city_mean": _("Each city weighs the same: the mean of its valid daily means, then the mean of the cities."),
        "good_days": _("Every city-day with an AQI weighs the same: days with AQI up to 100 in all."),
        "heavy_days": _("Every city-day with an AQI weighs the same: days with AQI above 200 in all."),
    }
    return words[by]


def _sum(by: str, parts: list[Part], exact: Fraction, text: str) -> str:
    counted = [part for part in parts if part.counted]
    if by != "city_mean":
        return f"{_share(by, counted)} / {len(counted)} × 100 = {round_half_even(exact, 3):f} → {text}"
    means = [_value(by, [part for part in counted if part.city == code]) for code in _codes(counted)]
    known = [f"{round_half_even(mean, 2):f}" for mean in means if mean is not None]
    return f"({' + '.join(known)}) / {len(known)} = {round_half_even(exact, 2):f} → {text}"


def _city(ctx: Context, asked: Asked, by: str, code: str, parts: list[Part]) -> dict[str, Any]:
    mine = [part for part in parts if part.city == code]
    exact = _value(by, mine)
    return {
        "code": code,
        "name": places.name(code, short=True),
        "days": sum(part.counted for part in mine),
        "text": f"{round_half_even(exact, 1):f}" if exact is not None else "—",
        "url": ctx.link("trace_indicator", asked.no, city=code),
        "chosen": asked.city == code,
    }


def _assessments(ctx: Context, asked: Asked, rows: list[Part]) -> dict[str, Any]:
    newest = sorted(rows, key=lambda row: (row.day, row.city), reverse=True)
    pages = max(1, -(-len(newest) // PAGE))
    page = min(max(asked.page, 1), pages)
    shown = newest[(page - 1) * PAGE : page * PAGE]
    more = {"city": asked.city} if asked.city else {}
    return {
        "assessment": ASSESSMENT,
        "count": len(newest),
        "page": page,
        "pages": pages,
        "before": ctx.link("trace_indicator", asked.no, page=page - 1, **more) if page > 1 else "",
        "after": ctx.link("trace_indicator", asked.no, page=page + 1, **more) if page < pages else "",
        "days": [_day(ctx, asked, row) for row in shown],
    }


def _day(ctx: Context, asked: Asked, row: Part) -> dict[str, Any]:
    changes = {"indicator": asked.no, "page": asked.page, **({"property": "pm25"} if asked.no == 1 else {})}
    return {
        "day": row.day.isoformat(),
        "city": places.name(row.city, short=True),
        "aqi": row.aqi,
        "level": row.level,
        "pm25": f"{round_half_even(row.pm25, 2):f}" if row.pm25 is not None else None,
        "url": ctx.link("trace_day", row.city, row.day.isoformat(), **changes),
    }
