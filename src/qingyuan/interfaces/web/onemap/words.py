"""Texts the scripts of the map need, in the language of the request."""

from __future__ import annotations

from django.utils.translation import gettext as _

from qingyuan.interfaces.web import places, wording

AROUND = [
    (121.9, 44.35, "Inner Mongolia"),
    (127.75, 45.75, "Heilongjiang"),
    (123.75, 42.0, "Liaoning"),
    (131.15, 43.85, "Russia"),
    (128.4, 41.1, "DPR Korea"),
]
"""Neighbours: where their name stands (lon, lat) and its text."""


def neighbours() -> list[dict[str, object]]:
    """Names around the province, each at its place."""
    names = {
        "Inner Mongolia": _("Inner Mongolia"),
        "Heilongjiang": _("Heilongjiang"),
        "Liaoning": _("Liaoning"),
        "Russia": _("Russia"),
        "DPR Korea": _("DPR Korea"),
    }
    return [{"lon": lon, "lat": lat, "name": names[key]} for lon, lat, key in AROUND]


def city_names() -> dict[str, str]:
    """Short names of the cities by code, as they stand on the map."""
    return {code: places.name(code, short=True) for code in places.CITIES}


def states() -> dict[str, str]:
    """Words of the states a symbol may have: levels 1 to 6, 0 not observed, x could not ask."""
    levels = {str(level): wording.level(level, short=True) for level in range(1, 7)}
    return {**levels, "0": _("Not observed"), "x": _("Could not ask")}


def texts() -> dict[str, str]:
    """Sentences and labels by key."""
    return {
        "play": _("Play"),
        "pause": _("Pause"),
        "stations": _("%(count)s stations"),
        "worst": _("worst: %(word)s"),
        "no_hour": _("No station has a result at %(hour)s."),
        "not_asked": _("The map data could not be fetched. The map shows the last answer (%(hour)s)."),
        "never_asked": _("The map data could not be fetched. What the stations measured is not known here."),
        "panel_failed": _("The numbers of this station could not be fetched."),
        "no_webgl": _("This browser cannot draw the map. The table holds the same data."),
        "shown": _("%(count)s of %(total)s stations shown"),
        "missing": _("missing"),
        "layer_failed": _("The layer “%(name)s” could not be fetched. Switch it on again."),
        "press_to_open": _("Press to open"),
        "zoom_hint": _("Press to zoom in"),
    }
