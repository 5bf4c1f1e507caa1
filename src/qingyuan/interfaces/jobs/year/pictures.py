"""Photographs of the year: drawn, marked as simulated, with the place and time a phone would write into them."""

from __future__ import annotations

import io
from datetime import datetime
from random import Random
from typing import Any

from PIL import ExifTags, Image, ImageDraw

WIDTH, HEIGHT = 640, 480
GROUNDS = {"hot_spot": (150, 120, 70), "water_event": (70, 100, 120)}


def drawn(kind: str, chance: Random, at: datetime, place: tuple[float, float] | None) -> bytes:
    """A JPEG of a kind of matter; place: lon, lat in degrees WGS 84."""
    sky = tuple(chance.randrange(150, 215) for _ in range(3))
    picture = Image.new("RGB", (WIDTH, HEIGHT), sky)
    pen = ImageDraw.Draw(picture)
    pen.rectangle((0, 300, WIDTH, HEIGHT), fill=GROUNDS.get(kind, (110, 125, 95)))
    _smoke(pen, chance) if kind in ("hot_spot", "exceedance", "public_report", "straw", "smoke") else None
    _works(pen, chance)
    pen.rectangle((0, HEIGHT - 30, WIDTH, HEIGHT), fill=(20, 20, 20))
    pen.text((12, HEIGHT - 22), f"SIMULATED  {at:%Y-%m-%d %H:%M}", fill=(255, 255, 255))
    out = io.BytesIO()
    picture.save(out, "JPEG", quality=70, exif=_exif(at, place))
    return out.getvalue()


def _smoke(pen: ImageDraw.ImageDraw, chance: Random) -> None:
    for puff in range(9):
        x, y, size = 380 + puff * 14 + chance.randrange(-12, 12), 210 - puff * 20, 20 + puff * 5
        grey = 120 + puff * 8
        pen.ellipse((x, y, x + size, y + size), fill=(grey, grey, grey))


def _works(pen: ImageDraw.ImageDraw, chance: Random) -> None:
    for place in range(3):
        left = 60 + place * 150 + chance.randrange(-20, 20)
        top = chance.randrange(180, 250)
        pen.rectangle((left, top, left + 100, 330), fill=(125, 115, 110), outline=(80, 75, 70))
    pen.rectangle((382, 225, 402, 330), fill=(140, 90, 80))


def _exif(at: datetime, place: tuple[float, float] | None) -> Image.Exif:
    exif = Image.Exif()
    exif[ExifTags.Base.DateTime] = f"{at:%Y:%m:%d %H:%M:%S}"
    if place:
        gps: dict[int, Any] = {
            ExifTags.GPS.GPSLatitudeRef: "N", ExifTags.GPS.GPSLatitude: _parts(place[1]),
            ExifTags.GPS.GPSLongitudeRef: "E", ExifTags.GPS.GPSLongitude: _parts(place[0]),
        }  # fmt: skip
        exif.get_ifd(ExifTags.IFD.GPSInfo).update(gps)
        exif[ExifTags.IFD.GPSInfo] = gps
    return exif


def _parts(degrees: float) -> tuple[float, float, float]:
    minutes = degrees % 1 * 60
    return float(int(degrees)), float(int(minutes)), round(minutes % 1 * 60, 2)
