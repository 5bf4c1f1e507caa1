"""What a photograph says of itself: when and where it was taken, and whether that fits its case.

A doubt is told and kept beside the photograph; it does not keep it out, because a clock may be wrong.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from io import BytesIO
from math import asin, cos, radians, sin, sqrt

from PIL import Image

from qingyuan.base.errors import QingyuanError
from qingyuan.base.exif import place, taken_at

FAR_M = 1000
"""Metres from the case's place beyond which a photograph is doubted (GPS of a phone, extent of a site)."""
CLOCK = timedelta(minutes=10)
"""How wrong a phone's clock may be."""
EARTH_M = 6_371_000
MOST_PIXELS = 80_000_000


class BadPhotograph(QingyuanError):
    """A file that is named a picture and is none, or one too large to open."""


@dataclass(frozen=True)
class Photograph:
    """taken: wall clock of the camera; lon, lat in degrees (WGS 84 as written by the camera). None: not said."""

    format: str
    width: int
    height: int
    taken: datetime | None = None
    lon: float | None = None
    lat: float | None = None


def read(content: bytes) -> Photograph:
    """What a picture says of itself. Raises BadPhotograph."""
    try:
        with Image.open(BytesIO(content), formats=("JPEG", "PNG", "WEBP")) as picture:
            if picture.width * picture.height > MOST_PIXELS:
                raise BadPhotograph("The picture has more than 80 million pixels", "Send a smaller one.")
            picture.verify()
        with Image.open(BytesIO(content), formats=("JPEG", "PNG", "WEBP")) as picture:  # what was verified is closed
            exif = picture.getexif()
            told = (str(picture.format), picture.width, picture.height)
    except (OSError, SyntaxError, ValueError, Image.DecompressionBombError) as fault:
        raise BadPhotograph(f"The picture cannot be opened ({fault})", "Take or export it again as JPEG.") from None
    return Photograph(*told, taken_at(exif), *place(exif))


def doubts(photo: Photograph, where: tuple[float, float] | None, since: datetime, at: datetime) -> list[str]:
    """Why a photograph may not show the case: ``no_time early future no_place far``; empty when all fits.

    where: lon, lat of the case, None when it has none; since: when the case's matter began.
    """
    found = []
    if photo.taken is None:
        found.append("no_time")
    elif photo.taken < since - CLOCK:
        found.append("early")
    elif photo.taken > at + CLOCK:
        found.append("future")
    if photo.lon is None or photo.lat is None:
        found.append("no_place")
    elif where and distance_m((photo.lon, photo.lat), where) > FAR_M:
        found.append("far")
    return found


def distance_m(a: tuple[float, float], b: tuple[float, float]) -> float:
    """Great-circle distance of two places (lon, lat in degrees) in metres."""
    lon, lat, lon_b, lat_b = (radians(each) for each in (*a, *b))
    half = sin((lat_b - lat) / 2) ** 2 + cos(lat) * cos(lat_b) * sin((lon_b - lon) / 2) ** 2
    return 2 * EARTH_M * asin(sqrt(half))
