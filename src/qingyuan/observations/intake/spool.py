"""The folder of one intake: good rows and rejects as Parquet files, written as they are judged."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

GOOD = pa.schema(
    [
        ("point", pa.string()),
        ("property", pa.string()),
        ("averaging", pa.string()),
        ("phenomenon_time", pa.timestamp("us")),
        ("value", pa.float64()),
        ("unit", pa.string()),
        ("flag", pa.string()),
        ("city", pa.string()),
        ("file", pa.string()),
        ("line", pa.int64()),
    ]
)
"""Arrow schema of good rows: slug, canonical unit, naive +08:00 wall clock; line: of the file, row number of Parquet."""

REJECT = pa.schema([("file", pa.string()), ("line", pa.int64()), ("reason", pa.string()), ("row", pa.string())])
"""Arrow schema of rejects; row: as it was."""

COLUMNS = ", ".join(GOOD.names)


class Spool:
    """Writes Parquet files into a folder, numbered."""

    def __init__(self, engine: duckdb.DuckDBPyConnection, folder: Path) -> None:
        self.engine, self.folder = engine, folder
        self.rejected = 0
        self._files = 0
        self._rejects: pq.ParquetWriter | None = None

    @property
    def rejects(self) -> Path:
        """The file of the rejects, whole once closed."""
        return self.folder / "rejects.parquet"

    def put(self, select: str) -> tuple[Path, int]:
        """Write the rows of a SELECT (columns of GOOD) into a new file; returns it and their number."""
        self._files += 1
        file = self.folder / f"good-{self._files:05d}.parquet"
        copy = f"COPY (SELECT {COLUMNS} FROM ({select})) TO {literal(str(file))} (FORMAT parquet, COMPRESSION snappy)"
        rows = self.engine.execute(copy).fetchall()[0][0]
        return file, int(rows)

    def put_empty(self) -> Path:
        """A file of no rows."""
        pq.write_table(GOOD.empty_table(), self.folder / "good-00000.parquet")
        return self.folder / "good-00000.parquet"

    def reject(self, rows: Iterable[tuple[str, int, str, str]]) -> None:
        """Set rows aside: file, line, reason, row as it was."""
        listed = list(rows)
        if not listed:
            return
        columns = [list(column) for column in zip(*listed, strict=True)]
        table = pa.table([pa.array(c, kind) for c, kind in zip(columns, REJECT.types, strict=True)], schema=REJECT)
        self._rejects = self._rejects or pq.ParquetWriter(self.rejects, REJECT)
        self._rejects.write_table(table)
        self.rejected += len(listed)

    def close(self) -> None:
        """Finish the file of the rejects."""
        if self._rejects:
            self._rejects.close()


def literal(text: str) -> str:
    """A text as SQL literal."""
    return "'" + text.replace("'", "''") + "'"
