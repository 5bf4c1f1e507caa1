"""The public form as typed: read into a `Told`, or given back with what has to be mended."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.core import signing
from django.http import HttpRequest

from qingyuan.interfaces.web import places
from qingyuan.interfaces.web.reports import words
from qingyuan.places import divisions
from qingyuan.reports.declared import categories, declared
from qingyuan.reports.taking import Told, faults

IDENTITY = ("name", "telephone", "mail")
LONGEST = 120
SALT, OPEN_SECONDS = "report-form", 6 * 3600
FIELDS = ("category", "text", "place", "photos", "seen_at")


def read(request: HttpRequest, at: datetime) -> tuple[Told, dict[str, str]]:
    """What was typed, and the faults by field in words."""
    typed = request.POST
    found: dict[str, str] = {}
    told = Told(
        category=typed.get("category", ""),
        text=typed.get("text", ""),
        place=typed.get("place", ""),
        division=typed.get("division", ""),
        longitude=_degrees(typed.get("longitude", ""), 180),
        latitude=_degrees(typed.get("latitude", ""), 90),
        seen_at=_moment(typed.get("seen_at", ""), found),
        identity={name: typed.get(name, "").strip()[:LONGEST] for name in IDENTITY},
        pictures=[file.read(declared()["limits"]["photo_bytes"] + 1) for file in request.FILES.getlist("photos")],
    )
    if told.latitude is None:
        told.longitude = None
    found = {**faults(told, at), **found}
    return told, {name: words.fault(name, found[name]) for name in FIELDS if name in found}


def _degrees(text: str, most: int) -> float | None:
    try:
        value = float(text)
    except ValueError:
        return None
    return value if abs(value) <= most else None


def _moment(text: str, found: dict[str, str]) -> datetime | None:
    if not text:
        return None
    try:
        return datetime.fromisoformat(text).replace(tzinfo=None)
    except ValueError:
        found["seen_at"] = "unreadable"
        return None


def shown(typed: Any, at: datetime) -> dict[str, Any]:
    """What the form's template needs: what was typed, and what there is to choose from."""
    counties = [
        (places.name(city), [(each.code, words.division(each.code)) for each in divisions.children(city)])
        for city in places.CITIES
    ]
    return {
        "typed": typed,
        "categories": [(code, words.category(code)) for code in categories()],
        "counties": counties,
        "stamp": signing.dumps(at.isoformat(), salt=SALT),
        "limits": declared()["limits"],
        "latest": f"{at:%Y-%m-%dT%H:%M}",
        "retention": declared()["retention"],
    }


def started(stamp: str) -> datetime | None:
    """When a form was given out, by its signed stamp; None when it is not ours or too old."""
    try:
        return datetime.fromisoformat(signing.loads(stamp, salt=SALT, max_age=OPEN_SECONDS))
    except signing.BadSignature:
        return None
