"""Limits of the door, all of them settings: environment ``QINGYUAN_GATEWAY_<NAME>``."""

from __future__ import annotations

import os
from dataclasses import dataclass, fields

from qingyuan.base.errors import WrongUsage


@dataclass(frozen=True)
class Limits:
    """Who exceeds a rate is not cut off but read more slowly; who only costs is cut off."""

    connections: int = 50_000
    """Connections at once."""
    connections_per_address: int = 20_000
    """Of one address."""
    frames_per_device: int = 20_000
    """Frames a second of one connection."""
    frames_per_address: int = 400_000
    """Frames a second of one address."""
    unknown_per_address: int = 2_000
    """Frames a second of one address that go into quarantine."""
    idle_seconds: int = 7_200
    """Silence after which a connection is closed; a device may report every 3,600 s only."""
    pause_seconds: int = 3
    """Silence after which a frame without its line end is taken as it is."""
    frame_seconds: int = 60
    """Longest time the bytes of one frame may take."""
    noise_bytes: int = 65_536
    """Bytes in a row that belong to no frame, after which a connection is closed."""
    waiting_frames: int = 20_000
    """Frames waiting for the disk, above which nobody is read."""
    unsent_bytes: int = 1 << 20
    """Replies a device has not taken, above which it is not read."""


def from_environment() -> Limits:
    """The limits with what the environment changes. WrongUsage for a value that is no number."""
    given = {}
    for field in fields(Limits):
        name = f"QINGYUAN_GATEWAY_{field.name.upper()}"
        text = os.environ.get(name)
        if text is None:
            continue
        if not text.isdigit():
            raise WrongUsage(f"{name}={text!r} is no number", f"Write a whole number, such as {field.default}")
        given[field.name] = int(text)
    return Limits(**given)
