"""Blocks in SQLite: WAL, synchronous FULL, so that a commit is on disk before it returns; one row a block."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import fields
from pathlib import Path

from qingyuan.gateway.journal.blocks import Block
from qingyuan.gateway.journal.store import Damaged, Tail

_COLUMNS = ", ".join(field.name for field in fields(Block))
_READ = _COLUMNS.replace("raw", "CAST(raw AS BLOB)")  # also where somebody has put a text in its place
_SCHEMA = """
CREATE TABLE IF NOT EXISTS block (
    first INTEGER PRIMARY KEY, last INTEGER NOT NULL, day TEXT NOT NULL, late INTEGER NOT NULL, head BLOB NOT NULL,
    keys BLOB NOT NULL, received BLOB NOT NULL, sizes BLOB NOT NULL, lates BLOB NOT NULL,
    peers TEXT NOT NULL, mns TEXT NOT NULL, raw BLOB NOT NULL
);
CREATE INDEX IF NOT EXISTS late_blocks ON block (first) WHERE late > 0;
"""


class SqliteStore:
    """Blocks in one file. Writing and reading have connections of their own; safe for threads and processes."""

    largest = 8 << 20

    def __init__(self, file: Path) -> None:
        self.file = file
        file.parent.mkdir(parents=True, exist_ok=True)
        self._lock = threading.RLock()
        with self._told():
            self._writing = self._connect()
            self._writing.executescript(_SCHEMA)

    @contextmanager
    def _told(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.OperationalError:  # busy, or the disk is full: it may go by
            raise
        except sqlite3.DatabaseError as wrong:
            raise Damaged(
                f"The journal {self.file} cannot be read ({wrong})", "Put a copy of it in its place"
            ) from wrong

    def _connect(self) -> sqlite3.Connection:
        opened = sqlite3.connect(self.file, timeout=30, isolation_level=None, check_same_thread=False)
        for setting in ("page_size=8192", "journal_mode=WAL", "synchronous=FULL", "wal_autocheckpoint=8000"):
            opened.execute(f"PRAGMA {setting}")
        return opened

    @contextmanager
    def alone(self) -> Iterator[None]:
        """One transaction that nobody else can write in."""
        with self._lock:
            self._writing.execute("BEGIN IMMEDIATE")
            try:
                yield
            except BaseException:
                self._writing.execute("ROLLBACK")
                raise
            self._writing.execute("COMMIT")

    def tail(self) -> Tail:
        """The end of the chain now."""
        with self._lock, self._told():
            row = self._writing.execute("SELECT last, day, head FROM block ORDER BY first DESC LIMIT 1").fetchone()
        return Tail(*row) if row else Tail()

    def append(self, block: Block) -> None:
        """Append the block; on disk when `alone` ends."""
        values = [getattr(block, field.name) for field in fields(Block)]
        self._writing.execute(f"INSERT INTO block ({_COLUMNS}) VALUES ({', '.join('?' * len(values))})", values)

    def blocks(self, after: int, *, late_only: bool = False) -> Iterator[Block]:
        """Blocks with records above `after`, read from one snapshot."""
        with self._told(), closing(self._connect()) as reading:
            begin = "SELECT coalesce(max(first), 0) FROM block WHERE first <= ?"
            first = reading.execute(begin, [after + 1]).fetchone()[0]
            wanted = " AND late > 0" if late_only else ""
            query = f"SELECT {_READ} FROM block WHERE first >= ? AND last > ?{wanted} ORDER BY first"
            for row in reading.execute(query, [first, after]):
                yield Block(*row)

    def newest(self) -> Iterator[Block]:
        """Blocks from the newest on backwards."""
        with self._told(), closing(self._connect()) as reading:
            for row in reading.execute(f"SELECT {_READ} FROM block ORDER BY first DESC"):
                yield Block(*row)

    def newest_keys(self, records: int) -> list[bytes]:
        """The joined keys of the newest blocks, newest first."""
        found: list[bytes] = []
        with self._lock:
            last = self.tail().last
            query = "SELECT keys FROM block WHERE last > ? ORDER BY first DESC"
            found += [keys for (keys,) in self._writing.execute(query, [last - records])]
        return found

    def span(self) -> tuple[int, int]:
        """First and last record kept."""
        with self._lock, self._told():
            first, last = self._writing.execute("SELECT min(first), max(last) FROM block").fetchone()
        return first or 1, last or 0

    def remove(self, upto: int) -> None:
        """Remove blocks that end at or before `upto`."""
        with self._lock:
            self._writing.execute("DELETE FROM block WHERE last <= ?", [upto])

    def close(self) -> None:
        """Close; the write-ahead log goes into the file."""
        with self._lock:
            self._writing.close()
