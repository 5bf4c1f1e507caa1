"""The journal: every frame as it came, on disk before it is answered, chained by hash, read again by ingest.

`open_journal` gives the one the settings name: SQLite in the data folder, or NATS JetStream.
"""

from __future__ import annotations

import os
from pathlib import Path

from qingyuan.base.errors import WrongUsage
from qingyuan.gateway.journal.anchors import Anchors
from qingyuan.gateway.journal.blocks import Block, Columns, Entry, Record
from qingyuan.gateway.journal.journal import Appended, Journal
from qingyuan.gateway.journal.store import Damaged
from qingyuan.gateway.journal.verify import Fault, verify

__all__ = [
    "Appended",
    "Block",
    "Columns",
    "Damaged",
    "Entry",
    "Fault",
    "Journal",
    "Record",
    "exists",
    "open_journal",
    "verify",
]

MAIN, QUARANTINE = "journal", "quarantine"
"""The journal of accepted frames, and that of frames set aside at the door; both in the same form."""

SETTING = "QINGYUAN_JOURNAL"
"""Environment: ``sqlite`` (default) or ``nats://host:port[,host:port]?replicas=3``."""

KEY_SETTING = "QINGYUAN_JOURNAL_KEY"
"""Environment: file of the key that signs the anchors; default ``<data>/journal.key``. Keep it off the journal's disk
where you can."""


def open_journal(data: Path, name: str = MAIN, window: int = 4_000_000) -> Journal:
    """Open (or make) a journal of a data folder. window: how many of the newest frames a repeat is looked for in.

    Safe for several processes at once. WrongUsage for a setting that names no kind of journal.
    """
    setting = os.environ.get(SETTING, "sqlite")
    anchors = Anchors(data / name / "anchors", Path(os.environ.get(KEY_SETTING, data / "journal.key")))
    if setting == "sqlite":
        from qingyuan.gateway.journal.sqlite import SqliteStore

        return Journal(SqliteStore(data / name / "journal.sqlite3"), anchors, window)
    if setting.startswith(("nats://", "tls://")):
        from qingyuan.gateway.journal.nats import NatsStore

        return Journal(NatsStore(setting, name), anchors, window)
    raise WrongUsage(f"{SETTING}={setting!r} names no journal", "Set it to sqlite or nats://host:port?replicas=3")


def exists(data: Path, name: str = MAIN) -> bool:
    """Whether a journal of that name was ever opened in the data folder."""
    return (data / name).is_dir()
