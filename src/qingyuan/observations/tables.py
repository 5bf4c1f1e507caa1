"""Delta tables that many processes append to: files first, synced to the disk, then one commit that names them.

deltalake calls no fsync, so both the files and the log entry of a commit are synced here before it counts.
"""

from __future__ import annotations

import json
import os
import threading
import time
import uuid
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from deltalake import CommitProperties, DeltaTable, PostCommitHookProperties
from deltalake.transaction import AddAction, RemoveAction

from qingyuan.base.durable import sync_folder
from qingyuan.base.locking import alone

RETRIES = 1000
"""How often a commit is tried again after another process was first."""

CONFIGURATION = {"delta.checkpointInterval": "100", "delta.logRetentionDuration": "interval 400 days"}
"""A checkpoint each 100 commits; nobody else shortens the log: `LakeTable.tidy` does, where there is a commit every few
seconds, so that refreshes find what changed."""

LOG_KEPT = timedelta(days=2)
"""How long log entries are kept where small files are joined: longer than any reader's and job's own standing."""

_HOOKS = PostCommitHookProperties(create_checkpoint=True, cleanup_expired_logs=False)
_TEXT_STATISTICS = ("point", "property", "averaging", "source")


@dataclass(frozen=True)
class StoredFile:
    """One data file of a table: its path, partition (None in a table without) and what its statistics tell."""

    path: str
    month: str | None
    rows: int
    lowest: Mapping[str, Any]
    highest: Mapping[str, Any]


class LakeTable:
    """One Delta table in a folder, made when first written. Safe for threads; processes each have their own."""

    def __init__(self, folder: Path, schema: pa.Schema, by_month: bool) -> None:
        self.folder, self.schema, self.by_month = folder, schema, by_month
        self._lock = threading.RLock()
        self._opened: DeltaTable | None = None
        self._seen: tuple[int, int] | None = None
        self._listed: tuple[int, list[StoredFile]] = (-1, [])

    def version(self) -> int:
        """Version of the newest commit, -1 before the first."""
        with self._lock:
            return self._now().version() if self._exists() else -1

    def files(self) -> tuple[int, list[StoredFile]]:
        """The newest version and its data files: a consistent snapshot, whatever is written afterwards."""
        with self._lock:
            if not self._exists():
                return -1, []
            table = self._now()
            if self._listed[0] != table.version():
                self._listed = (table.version(), [self._stored(row) for row in _actions(table)])
            return self._listed

    def append(self, rows: pa.Table, note: Mapping[str, str]) -> int:
        """Write rows (sorted as they are) as one commit, durable on return; returns a version that holds them.

        note: kept with the commit.
        """
        return self._commit([*self._write(rows)], note)

    def rewrite(self, month: str, rows: pa.Table, replaced: Sequence[StoredFile], note: Mapping[str, str]) -> int:
        """Put one file with rows in place of the files of a month that hold the same rows, in one commit."""
        added = list(self._write(rows, changes=False))
        stamp = int(time.time() * 1000)
        removed = [
            RemoveAction(
                Path(file.path).relative_to(self.folder).as_posix(), False, stamp, partition_values={"month": month}
            )
            for file in replaced
        ]
        return self._commit([*added, *removed], note)

    def notes_since(self, version: int) -> list[Mapping[str, Any]] | None:
        """The notes of the commits after a version, newest first; None when the log does not reach back so far."""
        with self._lock:
            if not self._exists():
                return []
            table = self._now()
            newer = table.version() - version
            commits = table.history(newer) if newer > 0 else []
        return list(commits) if len(commits) >= newer else None

    def notes(self) -> list[Mapping[str, Any]]:
        """The notes of all commits the log still has, newest first."""
        with self._lock:
            return list(self._now().history()) if self._exists() else []

    def added_since(self, version: int) -> list[str] | None:
        """The files with new rows of the commits after a version; None when the log or a file is not kept any more."""
        found: list[str] = []
        for number in range(version + 1, self.version() + 1):
            entry = self.folder / "_delta_log" / f"{number:020d}.json"
            if not entry.exists():
                return None
            found += [str(self.folder / unquote(path)) for path in _added(entry)]
        return found if all(Path(each).exists() for each in found) else None

    def tidy(self) -> None:
        """Sum up the log, so that opening stays fast, and remove files and log entries nobody has needed for long."""
        with self._lock:
            if self._exists():
                self._now().create_checkpoint()
                self._now().vacuum(retention_hours=24, dry_run=False, enforce_retention_duration=False)
                _shorten_log(self.folder / "_delta_log", time.time() - LOG_KEPT.total_seconds())

    def _exists(self) -> bool:
        # the folder alone is not enough: another process may be about to write the first commit
        return any((self.folder / "_delta_log").glob("*.json"))

    def _now(self) -> DeltaTable:
        if self._opened is None or self._entry(self._opened.version()) != self._seen:
            self._opened, self._listed = DeltaTable(self.folder), (-1, [])
        elif self._entry(self._opened.version() + 1) is not None:
            self._opened.update_incremental()
        self._seen = self._entry(self._opened.version())
        return self._opened

    def _entry(self, version: int) -> tuple[int, int] | None:
        """What tells a log entry from one of the same name in a table made anew; None when there is none."""
        try:
            found = (self.folder / "_delta_log" / f"{version:020d}.json").stat()
        except FileNotFoundError:
            return None
        return found.st_ino, found.st_mtime_ns

    def _made(self) -> DeltaTable:
        if not self._exists():
            # two processes that both make the table would leave it a commit that says nothing
            with alone(self.folder / ".making"):
                self._create()
        return self._now()

    def _create(self) -> None:
        if self._exists():  # another process made it while this one waited
            return
        DeltaTable.create(
            self.folder, self.schema, mode="ignore", partition_by=self._partition(), configuration=CONFIGURATION
        )
        _sync_log(self.folder, 0)

    def _partition(self) -> list[str] | None:
        return ["month"] if self.by_month else None

    def _commit(self, actions: list[AddAction | RemoveAction], note: Mapping[str, str]) -> int:
        with self._lock:
            table = self._made()
            table.create_write_transaction(
                actions,
                "append",
                self.schema,
                self._partition(),
                commit_properties=CommitProperties(custom_metadata=dict(note), max_commit_retries=RETRIES),
                post_commithook_properties=_HOOKS,
            )
            before = table.version()
            newest = self._now().version()
            for version in range(before + 1, newest + 1):
                _sync_log(self.folder, version)
            return newest

    def _write(self, rows: pa.Table, *, changes: bool = True) -> Iterator[AddAction]:
        months = pc.unique(rows.column("month")).to_pylist() if self.by_month else [None]
        for month in months:
            whole = len(months) == 1
            part = rows if whole else rows.filter(pc.equal(rows.column("month"), month))
            yield self._write_file(part.cast(self.schema), month, changes)

    def _write_file(self, rows: pa.Table, month: str | None, changes: bool) -> AddAction:
        folder = self.folder / f"month={month}" if month else self.folder
        new = not folder.exists()
        folder.mkdir(parents=True, exist_ok=True)
        file = folder / f"part-{uuid.uuid4()}.parquet"
        content = rows.drop_columns("month") if self.by_month else rows
        with file.open("wb") as stream:
            pq.write_table(content, stream, compression="zstd", compression_level=1, row_group_size=500_000)
            stream.flush()
            os.fsync(stream.fileno())
        sync_folder(folder)
        if new:
            sync_folder(self.folder)
        return AddAction(
            file.relative_to(self.folder).as_posix(),
            file.stat().st_size,
            {"month": month} if month else {},
            int(time.time() * 1000),
            changes,
            json.dumps(_statistics(content)),
        )

    def _stored(self, action: Mapping[str, Any]) -> StoredFile:
        bounds = [{key[4:]: value for key, value in action.items() if key.startswith(end)} for end in ("min.", "max.")]
        path = str(self.folder / action["path"])
        return StoredFile(path, action.get("partition.month"), action.get("num_records") or 0, *bounds)


def _added(entry: Path) -> Iterator[str]:
    """Paths of the files a commit adds with rows that were not there before."""
    for line in entry.read_text("utf-8").splitlines():
        action = json.loads(line).get("add")
        if action and action.get("dataChange", True):
            yield action["path"]


def _actions(table: DeltaTable) -> list[dict[str, Any]]:
    return pa.table(table.get_add_actions(flatten=True)).to_pylist()


def _statistics(rows: pa.Table) -> dict[str, Any]:
    """Extremes of the columns that readers select by, in the form of the Delta protocol."""
    names = [name for name in (*_TEXT_STATISTICS, "phenomenon_time") if name in rows.column_names]
    bounds = {name: pc.min_max(rows.column(name)).as_py() for name in names}
    told = {name: bound for name, bound in bounds.items() if bound["min"] is not None}
    return {
        "numRecords": rows.num_rows,
        "minValues": {name: _plain(bound["min"]) for name, bound in told.items()},
        "maxValues": {name: _plain(bound["max"]) for name, bound in told.items()},
    }


def _plain(value: Any) -> Any:
    return value.isoformat(timespec="milliseconds") + "Z" if isinstance(value, datetime) else value


def rows_of(folder: Path, columns: Sequence[str] | None = None) -> list[dict[str, Any]]:
    """All rows of a small Delta table; none when it was never written.

    Read file by file: deltalake's dataset reader leaves threads behind that abort a process which ends right after.
    """
    if not DeltaTable.is_deltatable(str(folder)):
        return []
    files = DeltaTable(folder).file_uris()
    return [row for file in files for row in pq.read_table(file, columns=columns).to_pylist()]


def _shorten_log(log: Path, before: float) -> None:
    """Remove what stands before the newest checkpoint that is older than a moment (seconds since 1970).

    Every version from that checkpoint on can still be read; the oldest goes first, so that who is broken off leaves a
    log without a gap. deltalake's own cleanup goes up to the newest checkpoint whatever its age.
    """
    summed_up = [file for file in log.glob("*.checkpoint.parquet") if file.stat().st_mtime < before]
    if not summed_up:
        return
    oldest_kept = max(_version_of(file) for file in summed_up)
    entries = [file for file in log.iterdir() if file.name[:20].isdigit() and _version_of(file) < oldest_kept]
    for file in sorted(entries):
        file.unlink(missing_ok=True)


def _version_of(entry: Path) -> int:
    return int(entry.name[:20])


def _sync_log(folder: Path, version: int) -> None:
    log = folder / "_delta_log"
    entry = log / f"{version:020d}.json"
    if entry.exists():
        with entry.open("rb") as stream:
            os.fsync(stream.fileno())
    sync_folder(log)
