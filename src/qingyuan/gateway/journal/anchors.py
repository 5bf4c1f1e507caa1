"""Anchors: per day a signed note of how far the journal had come, kept outside the journal itself.

What is promised: whoever changes, removes or cuts off records that an anchor covers is found by `verify`, unless he
also holds the signing key. An anchor is written at the first record of a day, then every second while records come
in, and when the journal is closed; so records of the last second before a crash are covered by the next anchor only.
Taking away the newest days together with their anchors is seen only by who kept a copy of an anchor elsewhere.
"""

from __future__ import annotations

import hashlib
import hmac
import json
from dataclasses import asdict, dataclass, replace
from functools import cached_property
from pathlib import Path

from qingyuan.base.durable import kept_secret, write_whole
from qingyuan.base.errors import QingyuanError


@dataclass(frozen=True)
class Anchor:
    """A day's records first ... last (last = first - 1 while there are none); before, head: chain around them, hex.

    removed: the day on which retention took the records away, else empty.
    """

    day: str
    first: int
    last: int
    before: str
    head: str
    removed: str = ""


class Anchors:
    """The anchors of a journal in a folder, signed with a key from a file (made when missing)."""

    def __init__(self, folder: Path, key: Path) -> None:
        self.folder, self.key_file = folder, key

    @cached_property
    def _key(self) -> bytes:
        return bytes.fromhex(kept_secret(self.key_file))

    def write(self, anchor: Anchor) -> None:
        """Put the anchor of a day in place of the one before, on disk when it returns."""
        write_whole(self.folder / f"{anchor.day}.json", json.dumps({**asdict(anchor), "mac": self._mac(anchor)}))

    def mark_removed(self, anchor: Anchor, on: str) -> None:
        """Note that retention took a day's records away."""
        self.write(replace(anchor, removed=on))

    def day(self, day: str) -> Anchor | None:
        """The anchor of a day. QingyuanError when it is not signed with our key."""
        file = self.folder / f"{day}.json"
        return self._read(file) if file.exists() else None

    def all(self) -> list[Anchor]:
        """All anchors, oldest first. QingyuanError for one that is not signed with our key."""
        return [self._read(file) for file in sorted(self.folder.glob("*.json"))]

    def _read(self, file: Path) -> Anchor:
        try:
            told = json.loads(file.read_text("ascii"))
            mac = told.pop("mac")
            anchor = Anchor(**told)
        except (ValueError, TypeError, KeyError) as wrong:
            raise QingyuanError(f"The anchor {file} cannot be read ({wrong})", "It was changed or damaged") from wrong
        if not hmac.compare_digest(mac, self._mac(anchor)) or file.stem != anchor.day:
            raise QingyuanError(f"The anchor {file} is not signed with {self.key_file}", "It was changed, or the key")
        return anchor

    def _mac(self, anchor: Anchor) -> str:
        text = json.dumps(asdict(anchor), sort_keys=True)
        return hmac.new(self._key, text.encode(), hashlib.sha256).hexdigest()
