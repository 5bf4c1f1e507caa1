"""Which frames were seen before: the keys of the newest records, 16 bytes each, searched a batch at a time.

The newest keys are in a set; older ones in sorted arrays that are merged two and two, so that there are few.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from qingyuan.gateway.journal.blocks import KEY

Keys = npt.NDArray[np.void]
_PAIR = np.dtype([("high", "<u8"), ("low", "<u8")])
SMALLEST = 1 << 16
LARGEST = 1 << 20


class Window:
    """The keys of at least the last `size` records (fewer while there are fewer)."""

    def __init__(self, size: int) -> None:
        self.size = size
        self._fresh: set[bytes] = set()
        self._older: list[Keys] = []

    def add(self, keys: Sequence[bytes]) -> None:
        """Remember keys of records just stored."""
        self._fresh.update(keys)
        if len(self._fresh) >= SMALLEST:
            self._put(b"".join(self._fresh))
            self._fresh = set()

    def load(self, newest_first: Sequence[bytes]) -> None:
        """Begin with the joined keys of stored blocks, newest first."""
        parts: list[bytes] = []
        for joined in reversed(newest_first):
            parts.append(joined)
            if sum(map(len, parts[-4096:])) >= LARGEST * KEY:
                self._put(b"".join(parts))
                parts = []
        if parts:
            self._put(b"".join(parts))

    def known(self, keys: Sequence[bytes]) -> list[bool]:
        """For each key whether it is in the window."""
        found = [key in self._fresh for key in keys]
        if not self._older:
            return found
        asked = np.frombuffer(b"".join(keys), _PAIR)
        among = np.zeros(len(asked), np.bool_)
        for stored in self._older:
            place = np.minimum(np.searchsorted(stored["high"], asked["high"]), len(stored) - 1)
            among |= (stored["high"][place] == asked["high"]) & (stored["low"][place] == asked["low"])
        return (among | np.array(found)).tolist() if among.any() else found

    def _put(self, joined: bytes) -> None:
        self._older.append(_sorted(np.frombuffer(joined, _PAIR)))
        while len(self._older) > 1 and len(self._older[-2]) <= len(self._older[-1]) < LARGEST:
            last, before = self._older.pop(), self._older.pop()
            self._older.append(_sorted(np.concatenate([before, last])))
        while sum(map(len, self._older[1:])) >= self.size:
            self._older.pop(0)


def _sorted(keys: Keys) -> Keys:
    ordered: Keys = keys[np.argsort(keys["high"], kind="stable")]
    # a field of its own lies close together in memory, which is what searching needs
    return np.rec.fromarrays([np.ascontiguousarray(ordered["high"]), ordered["low"]], dtype=_PAIR).view(_PAIR)
