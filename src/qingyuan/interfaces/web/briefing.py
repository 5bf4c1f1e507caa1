"""The overview in words: what the air is like now, said from the data alone."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from qingyuan.interfaces.web import wording

GOOD_LEVELS = (1, 2)


def air_now(cards: Sequence[dict[str, Any]], place: str, url: str, cities: bool) -> SafeString:
    """One sentence about the latest air of the cities (or of the stations of one city).

    cards: name, level (None when there is no result); url: the list behind the count.
    """
    good = sum(card["level"] in GOOD_LEVELS for card in cards)
    known = sum(card["level"] is not None for card in cards)
    if not known:
        return format_html(_("{place}: no result for this hour."), place=place)
    count = format_html('<a class="num b" href="{}">{}</a>', url, good)
    sentence = (
        ngettext(
            "{place}: air is good in {count} of {known} city",
            "{place}: air is good in {count} of {known} cities",
            known,
        )
        if cities
        else ngettext(
            "{place}: air is good at {count} of {known} station",
            "{place}: air is good at {count} of {known} stations",
            known,
        )
    )
    return format_html(
        sentence + "{worse}{end}", place=place, count=count, known=known, worse=_worse(cards), end=_(".")
    )


def _worse(cards: Sequence[dict[str, Any]]) -> SafeString:
    """The places not good, worst level first, each level with the names of at most four."""
    by_level: dict[int, list[str]] = defaultdict(list)
    for card in cards:
        if card["level"] and card["level"] not in GOOD_LEVELS:
            by_level[card["level"]].append(card["name"])
    told = [
        (_("; ") if index else _(", but "), _told(names, level))
        for index, (level, names) in enumerate(sorted(by_level.items(), reverse=True))
    ]
    return format_html_join("", "{}{}", told)


def _told(names: list[str], level: int) -> SafeString:
    named = format_html("<b>{}</b>", _some(names))
    return format_html(_("{names}: {level}"), names=named, level=wording.level(level))


def _some(names: list[str], most: int = 4) -> str:
    if len(names) <= most:
        return wording.listed(names)
    return _("%(names)s and %(rest)d more") % {"names": wording.listed(names[:most]), "rest": len(names) - most}
