"""What keeps the blocks: SQLite or JetStream, anything that can append one block durably after a known one."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager
from typing import NamedTuple, Protocol

from qingyuan.base.errors import QingyuanError
from qingyuan.gateway.journal.blocks import START, Block


class Tail(NamedTuple):
    """Where the chain ends: the last record, its day, the head."""

    last: int = 0
    day: str = ""
    head: bytes = START


class Overtaken(Exception):
    """Another process has appended since the tail was asked for: ask again."""


class Damaged(QingyuanError):
    """What keeps the blocks cannot be read."""


class Store(Protocol):
    """Blocks in order, appended one at a time."""

    largest: int
    """Most bytes of frames a block may hold."""

    def alone(self) -> AbstractContextManager[None]:
        """No other process appends meanwhile; what was appended is durable when the context ends without error."""
        ...

    def tail(self) -> Tail:
        """The end of the chain now."""
        ...

    def append(self, block: Block) -> None:
        """Append the block that follows the tail; inside `alone` only. Raises Overtaken."""
        ...

    def blocks(self, after: int, *, late_only: bool = False) -> Iterator[Block]:
        """Blocks that hold records numbered above `after`, in order. late_only: with back-fill in them."""
        ...

    def newest(self) -> Iterator[Block]:
        """Blocks from the newest on backwards."""
        ...

    def newest_keys(self, records: int) -> list[bytes]:
        """The joined keys of the newest blocks, newest first, of about so many records."""
        ...

    def span(self) -> tuple[int, int]:
        """Number of the first record that is still kept (1 in an empty journal), and of the last (0)."""
        ...

    def remove(self, upto: int) -> None:
        """Remove the blocks of records up to a number."""
        ...

    def close(self) -> None:
        """Let go of the files or the connection."""
        ...
