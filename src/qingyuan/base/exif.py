"""When and where a camera says that a picture was taken."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from PIL import ExifTags, Image


def taken_at(exif: Image.Exif) -> datetime | None:
    """The wall clock of the camera; None where it is not said."""
    told = exif.get_ifd(ExifTags.IFD.Exif).get(ExifTags.Base.DateTimeOriginal) or exif.get(ExifTags.Base.DateTime)
    try:
        return datetime.strptime(str(told), "%Y:%m:%d %H:%M:%S")
    except ValueError:
        return None


def place(exif: Image.Exif) -> tuple[float | None, float | None]:
    """Longitude and latitude in degrees, WGS 84 as the camera writes them; None, None where they are not said."""
    gps = exif.get_ifd(ExifTags.IFD.GPSInfo)
    try:
        lat = _degrees(gps[ExifTags.GPS.GPSLatitude], gps[ExifTags.GPS.GPSLatitudeRef] == "S")
        lon = _degrees(gps[ExifTags.GPS.GPSLongitude], gps[ExifTags.GPS.GPSLongitudeRef] == "W")
    except (KeyError, ValueError, TypeError, ZeroDivisionError):
        return None, None
    return (lon, lat) if abs(lat) <= 90 and abs(lon) <= 180 else (None, None)


def _degrees(parts: Any, negative: bool) -> float:
    degrees, minutes, seconds = (float(part) for part in parts)
    size = round(degrees + minutes / 60 + seconds / 3600, 6)
    return -size if negative else size
