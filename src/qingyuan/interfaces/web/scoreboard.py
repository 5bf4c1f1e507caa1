"""The plan scoreboard as the pages show it: indicators with a value as rows, the others as tiles."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from qingyuan.base.time import now
from qingyuan.interfaces.web import places, traces, wording
from qingyuan.interfaces.web.context import Context
from qingyuan.plans import live, scoreboard
from qingyuan.plans.budget import Verdict
from qingyuan.plans.facts import Target, Words
from qingyuan.plans.told import Known, Piece

ICONS: dict[str, str] = {"good": "good", "tight": "tight", "bad": "bad", "not_observed": "none", "not_judged": "none"}
ORDER: tuple[Verdict, ...] = ("good", "tight", "bad", "not_judged", "not_observed")


def unit(raw: str) -> str:
    """A unit of the plan as written on screen."""
    return {**wording.UNITS, "10^4 t": _("10⁴ t"), "km2": "km²"}.get(raw, raw)


def said(words: Words | None) -> str:
    """A wording of the plan in the language of the request."""
    return "" if words is None else words.en if wording.english() else words.zh


def verdict(state: Verdict) -> str:
    """The verdict on an indicator in a word."""
    return {
        "good": _("steady"),
        "tight": pgettext("verdict", "tight"),
        "bad": _("may be missed"),
        "not_observed": _("not observed"),
        "not_judged": _("not judged"),
    }[state]


def word(row: scoreboard.Row) -> str:
    """The verdict on a row: what is not there was not observed, or not reported."""
    reported = row.state == "not_observed" and row.indicator.method is None
    return _("not reported") if reported else verdict(row.state)


def address(piece: Piece) -> str:
    """Of the report or record a piece stands in; a section has no page of its own."""
    kind, number = piece.link or ("", "")
    if kind in ("", "section"):
        return ""
    return (
        reverse("plan_report", args=[int(number)])
        if kind == "case"
        else reverse("register_record", args=[kind, number])
    )


def grounds(row: scoreboard.Row) -> str:
    """Why the state is what it is, and where the value comes from."""
    told = [said(row.reason), said(row.came.told()) if row.came else ""]
    return pgettext("between sentences", "; ").join(each for each in told if each)


def target_text(target: Target, direction: str) -> str:
    """A target as tables write it: ``≤ 29.5``, ``≥ 92.3``, or its wording."""
    if target.value is None:
        return said(target.wording)
    sign = ">" if target.bound == "above" else "≥" if direction == "up" else "≤"
    return f"{sign} {target.value}"


@dataclass(frozen=True)
class Shown:
    """One indicator on screen; used and more: percent of the year's allowance already used, and last year's rest."""

    row: scoreboard.Row
    trace: str
    used: int
    more: int

    @property
    def no(self) -> int:
        """Number in the plan."""
        return self.row.no

    @property
    def name(self) -> str:
        """Short name."""
        return said(self.row.indicator.short)

    @property
    def full_name(self) -> str:
        """Name as the plan has it."""
        return said(self.row.indicator.name)

    @property
    def unit(self) -> str:
        """Unit as written on screen."""
        return unit(self.row.indicator.unit)

    @property
    def nature(self) -> str:
        """Binding or expected."""
        return _("binding") if self.row.indicator.nature == "binding" else _("expected")

    @property
    def target(self) -> str:
        """The target of the plan's last year; of a place below, its own share, or that it has none."""
        if not self.row.issued:
            return _("not decomposed")
        if self.row.share is None:
            return target_text(self.row.indicator.targets[-1], self.row.indicator.direction)
        shown = target_text(self.row.target, self.row.indicator.direction)
        return f"{shown} ({self.row.share.counted})" if self.row.share.counted else shown

    @property
    def milestone(self) -> str:
        """The interim target, if there was one."""
        interim = [each for each in self.row.indicator.targets if each.milestone]
        whole = self.row.issued and self.row.share is None
        return f"{interim[0].value}" if interim and whole else ""

    @property
    def base(self) -> str:
        """Where the plan started from; several readings of a damaged print are all told; below, that of the share."""
        if self.row.share is not None or not self.row.issued:
            own = self.row.share.base if self.row.share else None
            return "" if own is None else f"{own.normalize():f}"
        base = self.row.base
        return "" if base is None else " / ".join(str(each) for each in (base.value, *base.doubtful))

    @property
    def icon(self) -> str:
        """Name of the state."""
        return ICONS[self.row.state]

    @property
    def word(self) -> str:
        """The verdict in a word."""
        return word(self.row)

    @property
    def source(self) -> str:
        """Where the value comes from, and as of which day."""
        return said(self.row.came.told()) if self.row.came else ""

    @property
    def reason(self) -> str:
        """Why the state is what it is."""
        return said(self.row.reason)

    @property
    def supplier(self) -> str:
        """Who supplies the value."""
        return said(self.row.supplier.name)

    @property
    def distance(self) -> str:
        """Value less target with a sign, one digit as published."""
        return "" if self.row.distance is None else f"{self.row.distance:+}".replace("-", "\u2212")

    @property
    def left(self) -> SafeString:
        """What is left, and what the same stretch used last year."""
        left = self.row.left
        if left is None:
            return format_html("{}", self.reason)
        if left.allowed is None:
            return format_html("{}", _("nothing is left"))
        told = (
            _("the rest may have a mean of {allowed}")
            if left.kind == "mean"
            else _("{allowed} more city-days may go beyond")
        )
        text = format_html(told, allowed=format_html("<b>{}</b>", left.allowed))
        if left.compared is None:
            return text
        than = _("last year's rest {compared}") if left.basis == "last_year" else _("at this year's rate {compared}")
        return format_html("{}{}{}", text, pgettext("between clauses", ", "), format_html(than, compared=left.compared))


@dataclass(frozen=True)
class Board:
    """The scoreboard of a place: rows with a value, tiles without; days: what remains of the year."""

    board: scoreboard.Scoreboard
    rows: list[Shown]
    tiles: list[Shown]
    days: int

    @property
    def counts(self) -> list[tuple[str, int, str]]:
        """How many indicators are in each state: (state, number, word), empty states left out."""
        ordered = sorted(self.board.rows, key=lambda row: ORDER.index(row.state))
        counted = Counter((ICONS[row.state], word(row)) for row in ordered)
        return [(icon, number, told) for (icon, told), number in counted.items()]

    @property
    def sentence(self) -> SafeString:
        """The plan in one sentence: how many are steady, which may be missed."""
        told = _("Of {all} indicators of the plan {known} have a value here")
        known = sum(each.row.value is not None for each in self.rows)
        start = format_html(told, all=len(self.board.rows), known=known)
        bad = [each.name for each in self.rows if each.row.state == "bad"]
        tight = [each.name for each in self.rows if each.row.state == "tight"]
        named: list[tuple[list[str], Verdict]] = [(bad, "bad"), (tight, "tight")]
        told_of = [_named(names, state) for names, state in named if names]
        if not told_of and any(each.row.state == "good" for each in self.rows):
            told_of = [format_html("{}", _("all of them steady"))]
        joint = pgettext("between clauses", ", ")
        return format_html("{}{}{}", start, format_html_join("", "{}{}", ((joint, each) for each in told_of)), _("."))

    @property
    def title(self) -> str:
        """Title of the plan."""
        return said(self.board.plan.title)

    @property
    def figures(self) -> str:
        """Whose base and targets these are."""
        return said(self.board.figures)

    def item(self, no: int) -> Shown:
        """The indicator of that number; KeyError when the plan has none."""
        return {each.no: each for each in (*self.rows, *self.tiles)}[no]

    def groups(self) -> list[tuple[str, list[Shown]]]:
        """All indicators by group of the plan."""
        every = sorted([*self.rows, *self.tiles], key=lambda each: each.no)
        return [
            (said(words), [each for each in every if each.row.indicator.group == key])
            for key, words in self.board.plan.groups.items()
        ]


def _named(names: Sequence[str], state: Verdict) -> SafeString:
    told = _("{names} may be missed") if state == "bad" else _("{names} is tight")
    return format_html(told, names=format_html('<b class="{}">{}</b>', state, wording.listed(list(names))))


def known(ctx: Context) -> Known:
    """All that the store knows beside the dataset, looked up once for a page; at the latest hour with all since."""
    key = f"plan {ctx.simulated} {ctx.time} {ctx.is_latest}"
    if key not in ctx.held:
        ctx.held[key] = live.look(ctx.simulated, ctx.time, now() if ctx.is_latest else None)
    found: Known = ctx.held[key]
    return found


def standing(request: HttpRequest) -> tuple[object, ...]:
    """Where all that a scoreboard shows beside the air's results stands, for pages that are kept."""
    ctx: Context = request.ctx  # type: ignore[attr-defined]
    return live.standing(ctx.dataset.path)


def judged(ctx: Context, place: str = "") -> scoreboard.Scoreboard:
    """The live figures, for the context's place or another, a county too."""
    return live.of(ctx.dataset.path, ctx.time, place or ctx.place, known(ctx))


def of(ctx: Context, place: str = "") -> Board:
    """The scoreboard of the context's place (or another) as of its hour."""
    board = judged(ctx, place)
    shown = [_shown(ctx, row, board, place) for row in board.rows]
    days = next((each.row.left.days for each in shown if each.row.left), 0)
    return Board(
        board, [each for each in shown if _told(each.row)], [each for each in shown if not _told(each.row)], days
    )


def _told(row: scoreboard.Row) -> bool:
    """Whether it has a line of its own: what is computed of city-days always, all others once there is a value."""
    return row.computed or row.value is not None


def _shown(ctx: Context, row: scoreboard.Row, board: scoreboard.Scoreboard, place: str) -> Shown:
    used, more = _bar(row, board.so_far.days)
    trace = traces.of_indicator(ctx, row.no, place) if row.value is not None else ""
    return Shown(row, trace, used, more)


def _bar(row: scoreboard.Row, days: int) -> tuple[int, int]:
    """Percent of the allowance of the year: used so far, and what the same rest used last year."""
    left = row.left
    if left is None:
        return 0, 0
    if left.allowed is None:
        return 100, 0
    if left.kind == "mean":
        used, rest = Fraction(row.exact or 0) * days, Fraction(left.days)
    else:
        used, rest = Fraction(row.bad_days or 0), Fraction(1)
    whole = used + Fraction(left.allowed) * rest
    if not whole:
        return 100, 0
    more = Fraction(Decimal(left.compared or 0)) * rest
    return round(100 * used / whole), min(100 - round(100 * used / whole), round(100 * more / whole))


def cities(ctx: Context) -> list[tuple[str, str, Board]]:
    """The scoreboard of every city: code, name, board."""
    return [(code, places.name(code, short=True), of(ctx, code)) for code in places.CITIES]
