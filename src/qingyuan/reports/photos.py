"""Photos from the public: checked, their place and time read, everything hidden in them taken away.

The picture that is shown is drawn anew, so no name, serial number or thumbnail of the camera is left in it. The file as
sent is kept apart for a while as evidence, then removed (``declared.yaml``, retention).
"""

from __future__ import annotations

import io
import warnings
from dataclasses import dataclass
from datetime import datetime

from PIL import Image, ImageOps

from qingyuan.base.errors import QingyuanError
from qingyuan.base.exif import place, taken_at

LARGEST_PIXELS = 80_000_000
SHOWN = 2000
"""Pixels of the longer edge of the picture that is shown."""
FORMATS = ("JPEG", "PNG", "WEBP")


class NoPhoto(QingyuanError):
    """A file that is no photo, or too large."""


@dataclass(frozen=True)
class Taken:
    """A photo ready to be kept: JPEG bytes to show, and what it told of itself. Degrees WGS 84; wall clock as set."""

    shown: bytes
    width: int
    height: int
    taken_at: datetime | None
    longitude: float | None
    latitude: float | None


def read(content: bytes) -> Taken:
    """Check a file and draw it anew. Raises NoPhoto."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            picture = Image.open(io.BytesIO(content), formats=FORMATS)
            if picture.width * picture.height > LARGEST_PIXELS:
                raise NoPhoto("The photo has more than 80 million pixels", "Send a smaller one.")
            exif = picture.getexif()
            drawn = ImageOps.exif_transpose(picture).convert("RGB")
    except NoPhoto:
        raise
    except Exception:
        raise NoPhoto("The file is no photo that can be read", "Send it as JPEG, PNG or WebP.") from None
    drawn.thumbnail((SHOWN, SHOWN))
    out = io.BytesIO()
    Image.frombytes("RGB", drawn.size, drawn.tobytes()).save(out, "JPEG", quality=82)
    longitude, latitude = place(exif)
    return Taken(out.getvalue(), *drawn.size, taken_at(exif), longitude, latitude)
