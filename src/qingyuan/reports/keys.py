"""The platform's secret for digests that must not be guessed from outside: addresses, links of rewards."""

from __future__ import annotations

import hashlib
import hmac
import os
import secrets
from pathlib import Path


def keyed(data: Path, what: str, text: str) -> str:
    """HMAC-SHA-256 of a text under the platform's own key; `what` keeps digests of different kinds apart."""
    return hmac.new(_key(data), f"{what}\0{text}".encode(), hashlib.sha256).hexdigest()


def _key(data: Path) -> bytes:
    kept = data / "keys" / "reports.key"
    kept.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    try:
        handle = os.open(kept, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return bytes.fromhex(kept.read_text("ascii"))
    key = secrets.token_bytes(32)
    with os.fdopen(handle, "w") as file:
        file.write(key.hex())
        file.flush()
        os.fsync(file.fileno())
    return key
