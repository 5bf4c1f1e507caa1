"""What acts on registers leave in the audit chain."""

from __future__ import annotations

from collections.abc import Sequence

from qingyuan.registers.flow.store import Change


def tell(changes: Sequence[Change]) -> None:
    """Append an entry for each change, in the transaction of the acts."""
