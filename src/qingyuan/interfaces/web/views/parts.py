"""The parts of the look, in both lights: the page to compare a new screen with."""

from __future__ import annotations

import re

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from qingyuan.base.time import now
from qingyuan.interfaces.web import access, wording
from qingyuan.interfaces.web.context import without_data
from qingyuan.interfaces.web.templatetags import qy
from qingyuan.standards import law


def _colours() -> list[tuple[str, str]]:
    return [
        (_("paper"), "paper"),
        (_("surface"), "surface"),
        (_("sunken"), "sunken"),
        (_("line"), "line"),
        (_("ink"), "ink"),
        (_("ink, second"), "ink-2"),
        (_("ink, third"), "ink-3"),
        (_("source, accent"), "accent"),
        (_("pine, good"), "good"),
        (_("ochre, tight"), "tight"),
        (_("cinnabar, law and beyond"), "bad"),
        (_("mist, not observed"), "none"),
        (_("wisteria, could not ask"), "unknown"),
        *[(_("series %d") % number, f"s{number}") for number in range(1, 6)],
    ]


@access.signed_in
@without_data
def page(request: HttpRequest) -> HttpResponse:
    """Colours, levels, states, controls, icons."""
    levels = [
        {"level": each.level, "name": wording.level(each.level), "low": each.low, "high": each.high}
        for each in law.levels("HJ 633", on=now().date())
    ]
    names = re.findall(r'id="i-([a-z]+)"', qy.icons())
    return render(request, "parts.html", {"colours": _colours(), "levels": levels, "names": names})
