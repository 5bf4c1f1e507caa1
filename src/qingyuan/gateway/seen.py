"""What the gateway has seen of each device: totals in memory, told to the register every few seconds."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace


@dataclass
class Seen:
    """Totals of one device. connected, last: microseconds since 1970; profile: deviation -> [times, example record],
    since the last telling.
    """

    mn: str
    peer: str = ""
    connections: int = 0
    connected: int = 0
    last: int = 0
    edition: str = ""
    system: str = ""
    frames: int = 0
    repeated: int = 0
    quarantined: int = 0
    skipped_bytes: int = 0
    received_bytes: int = 0
    changed: bool = False
    profile: dict[str, list[int]] = field(default_factory=dict)

    def note(self, names: Iterable[str], record: int) -> None:
        """Add to the nonconformity profile, with the record as an example."""
        for name in names:
            line = self.profile.setdefault(name, [0, record])
            line[0] += 1


def take(seen: Iterable[Seen]) -> list[Seen]:
    """What has changed, as it stands now; profiles begin again."""
    told = []
    for each in seen:
        if each.changed:
            told.append(replace(each))
            each.profile, each.changed = {}, False
    return told
