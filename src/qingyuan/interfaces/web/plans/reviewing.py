"""The review page: items with what may be done to them, filters, counts of what remains."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from qingyuan.interfaces.web.plans import words
from qingyuan.plans.book import reviewing
from qingyuan.plans.models import Item, Version

SHOWN = ("all", "doubtful", "open", "done", "rejected")
PAGE = 400


@dataclass(frozen=True)
class Line:
    """One item on the review page."""

    item: Item

    @property
    def kind(self) -> str:
        """What it is, in a word."""
        return str(words.KINDS[self.item.kind])

    @property
    def title(self) -> str:
        """Title in the language of the request."""
        return words.title(self.item)

    @property
    def review(self) -> str:
        """What was said of it, in a word."""
        return str(words.REVIEWS[self.item.review])

    @property
    def state(self) -> str:
        """The icon of its review: what is in doubt, what is done."""
        if self.item.review == Item.Review.REJECTED:
            return "none"
        if self.item.doubtful:
            return "tight"
        return "good" if self.item.review in (Item.Review.CONFIRMED, Item.Review.CORRECTED) else "none"

    @property
    def facts(self) -> list[tuple[str, str]]:
        """Its figures."""
        return words.facts(self.item)

    @property
    def doubts(self) -> list[dict[str, Any]]:
        """Each figure in doubt: its field in words, why, the readings."""
        return [
            {
                "field": words.FIELDS.get(doubt["field"], doubt["field"]),
                "why": words.doubt(doubt.get("reason", "")),
                "readings": readings,
            }
            for doubt, readings in reviewing.choices(self.item)
        ]


def lines(version: Version, request: HttpRequest) -> dict[str, Any]:
    """The items of a version as asked for, with the counts of what remains."""
    items = list(version.items.prefetch_related("responsible"))
    kind, show = request.GET.get("kind", ""), request.GET.get("show", "all")
    wanted = [item for item in items if (not kind or item.kind == kind) and _shows(item, show)]
    kinds = {name: sum(item.kind == name for item in items) for name in words.KINDS}
    return {
        "lines": [Line(item) for item in wanted[:PAGE]],
        "found": len(wanted),
        "more": max(0, len(wanted) - PAGE),
        "left": reviewing.left(items),
        "kinds": [(name, words.KINDS[name], number) for name, number in kinds.items() if number],
        "kind": kind,
        "shows": _shown_words(),
        "show": show if show in SHOWN else "all",
    }


def _shown_words() -> list[tuple[str, str]]:
    told = {
        "all": _("all"), "doubtful": _("in doubt"), "open": pgettext("review", "open"),
        "done": pgettext("review", "decided"), "rejected": pgettext("review", "rejected"),
    }  # fmt: skip
    return [(name, told[name]) for name in SHOWN]


def _shows(item: Item, show: str) -> bool:
    rejected = item.review == Item.Review.REJECTED
    return {
        "doubtful": bool(item.doubtful) and not rejected,
        "open": item.review == Item.Review.OPEN and not item.doubtful,
        "done": item.review in (Item.Review.CONFIRMED, Item.Review.CORRECTED) and not item.doubtful,
        "rejected": rejected,
    }.get(show, True)


def form(item: Item) -> dict[str, Any]:
    """What the form of a correction starts from."""
    people = "\n".join(("*" if each.lead else "") + each.name for each in item.responsible.all())
    names = reviewing.NUMBERS.get(item.kind, ())
    figures = [(name, words.FIELDS[name], item.facts.get(name, "")) for name in names]
    return {"line": Line(item), "item": item, "people": people, "figures": figures, "unit": item.facts.get("unit", "")}
