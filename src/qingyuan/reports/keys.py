"""The platform's secret for digests that must not be guessed from outside: addresses, links of rewards."""

from __future__ import annotations

import hashlib
import hmac
from pathlib import Path

from qingyuan.base.durable import kept_secret


def keyed(data: Path, what: str, text: str) -> str:
    """HMAC-SHA-256 of a text under the platform's own key; `what` keeps digests of different kinds apart."""
    key = bytes.fromhex(kept_secret(data / "keys" / "reports.key"))
    return hmac.new(key, f"{what}\0{text}".encode(), hashlib.sha256).hexdigest()
