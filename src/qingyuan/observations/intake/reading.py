"""Reading foreign files into good rows and rejects: nothing is lost, and nothing is used that is not understood."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

import duckdb
import pyarrow as pa

from qingyuan.base.errors import WrongUsage
from qingyuan.observations.intake import duplicates
from qingyuan.observations.intake.judging import Judge
from qingyuan.observations.intake.layouts import Layout, recognise
from qingyuan.observations.intake.meanings import Reading, averaging_of
from qingyuan.observations.intake.sources import (
    PARQUET_ROWS,
    Batch,
    ParquetSource,
    SomeRows,
    Source,
    open_source,
)
from qingyuan.observations.intake.spool import COLUMNS, Spool, literal
from qingyuan.observations.intake.survey import Group, Surveyed, survey
from qingyuan.observations.intake.times import read_time

MEMORY = "1GB"
"""What DuckDB may hold before it spills into the work folder."""

SCANNED = 1 << 16
"""Rows of a batch one thread takes at a time."""


@dataclass
class Intake:
    """What was read. Always rows_read = rows_good + rows_rejected + rows_blank + rows_repeated + rows_passed_over.

    query: DuckDB SELECT of the good rows with the columns of GOOD, in part from the given files as they lie;
    rejects: Parquet file (columns of REJECT), None when there are none; rows_blank: without a value;
    rows_repeated: the same once more; rows_passed_over: of properties not needed; notes: what the user should know;
    layouts: name of the layout of each file.
    """

    workdir: Path
    query: str
    rejects: Path | None
    rows_read: int = 0
    rows_good: int = 0
    rows_rejected: int = 0
    rows_blank: int = 0
    rows_repeated: int = 0
    rows_passed_over: int = 0
    notes: list[str] = field(default_factory=list)
    layouts: dict[str, str] = field(default_factory=dict)
    spooled: list[Path] | None = None

    @cached_property
    def good(self) -> list[Path]:
        """Parquet files of the good rows (columns of GOOD); what lies in given files only is copied now."""
        if self.spooled is not None:
            return self.spooled
        with _engine(self.workdir) as engine:
            return [Spool(engine, _folder(self.workdir, "whole")).put(self.query)[0]]


def read_files(
    files: list[Path],
    *,
    mapping: Mapping[str, str] | None = None,
    averaging: str | None = None,
    workdir: Path,
    needed: set[str] | None = None,
    check_duplicates: bool = True,
    outlets: bool | Collection[str] = False,
) -> Intake:
    """Read files of any known layout into `workdir`.

    mapping: our column -> theirs; averaging: of files that do not say it; needed: slugs wanted, all when None.
    outlets: the points are outlets of sources, where units, bounds and marks are others; or which of the points are.
    Raises UnreadableInput for a file that cannot be read at all, WrongUsage for a wrong mapping or averaging.
    """
    if averaging is not None and averaging_of(averaging) is None:
        raise WrongUsage(f"Averaging {averaging!r} is unknown", "Use 1h, 24h, mda8 ...")
    kinds = outlets if isinstance(outlets, bool) else frozenset(outlets) or False
    with _engine(workdir) as engine:
        reader = _Reader(engine, workdir, mapping, averaging and averaging_of(averaging), needed, kinds)
        for file in dict.fromkeys(files):
            reader.read(file)
        return reader.finish(check_duplicates)


def _folder(workdir: Path, name: str) -> Path:
    folder = workdir / name
    folder.mkdir(parents=True, exist_ok=True)
    return folder


@contextmanager
def _engine(workdir: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    settings: dict[str, str | bool | int | float | list[str]] = {
        "memory_limit": MEMORY,
        "preserve_insertion_order": False,
        "temp_directory": str(_folder(workdir, "spill")),
        # the tables of words and times are the small side of every join: hash those
        "disabled_optimizers": "build_side_probe_side,join_order",
    }
    with duckdb.connect(config=settings) as engine:
        yield engine


class _Reader:
    """The state of one read_files call."""

    def __init__(
        self,
        engine: duckdb.DuckDBPyConnection,
        workdir: Path,
        mapping: Mapping[str, str] | None,
        averaging: str | None,
        needed: set[str] | None,
        outlets: bool | frozenset[str],
    ) -> None:
        self.engine, self.workdir, self.mapping, self.averaging = engine, workdir, mapping, averaging
        self.outlets = outlets
        self.needed = None if needed is None else frozenset(needed)
        self.spool = Spool(engine, _folder(workdir, "intake"))
        self.outcomes: Counter[str] = Counter()
        self.passed_over: Counter[str] = Counter()
        self.selects: list[str] = []
        self.spooled: list[Path] = []
        self.groups: list[Group] = []
        self.sources: dict[str, tuple[Source, Layout]] = {}
        self.notes: list[str] = []
        self.lying = False

    def read(self, file: Path) -> None:
        """Read one file: where it lies when it is a clean Parquet file, else row by row into the spool."""
        source = open_source(file)
        layout = recognise(file, source.schema, self.mapping, outlets=bool(self.outlets))
        self.sources[str(file)] = source, layout
        self.notes += [f"{file.name}: {note}" for note in layout.notes]
        reading = self._reading(source, layout)
        found = survey(self.engine, file, layout, reading) if isinstance(source, ParquetSource) else None
        doubtful = self._rows_in_doubt(found)
        if found is None or doubtful > PARQUET_ROWS:
            self._read_rows(source, layout, reading)
            return
        self._take_as_it_lies(file, layout, found, found.good - doubtful)
        if found.closer and doubtful:
            rows = self.engine.execute(found.closer).to_arrow_table()
            self._read_rows(SomeRows(file, source.schema, rows), layout, reading)

    def _rows_in_doubt(self, found: Surveyed | None) -> int:
        if found is None or found.closer is None:
            return 0
        counted = self.engine.execute(f"SELECT count(*) FROM ({found.closer})").fetchone()
        return int(counted[0]) if counted else 0

    def _take_as_it_lies(self, file: Path, layout: Layout, found: Surveyed, good: int) -> None:
        self.outcomes.update(good=good, blank=found.blank, **{"passed over": found.passed_over.total()})
        self.passed_over += found.passed_over
        self.groups += found.groups
        self.selects.append(found.select)
        self.lying = True
        self._note_zone(file, 0 if layout.zoned else good)

    def _reading(self, source: Source, layout: Layout) -> Reading:
        averaging = layout.averaging or self.averaging
        if averaging is None and not layout.says_averaging:
            averaging = self._infer_averaging(source, layout)
            self.notes.append(f"{source.file.name}: has no averaging; by its times taken as {averaging}")
        running = not layout.says_averaging and averaging == "1h"
        return Reading(averaging or "1h", running, layout.bare_unit, self.needed, self.outlets)

    def _infer_averaging(self, source: Source, layout: Layout) -> str:
        """24h when all times of more than one day are 00:00, else 1h."""
        days: set[object] = set()
        for _ in self._long(source, layout):
            for moment, text in self.engine.execute("SELECT DISTINCT moment, time_text FROM long").fetchall():
                at = moment or read_time(text or "").at
                if at and (at.hour, at.minute, at.second) != (0, 0, 0):
                    return "1h"
                days.add(at)
        return "24h" if len(days - {None}) > 1 else "1h"

    def _long(self, source: Source, layout: Layout) -> Iterator[Batch]:
        for batch in source.batches():
            self.engine.register("raw", pa.Table.from_batches(batch.table.to_batches(SCANNED), batch.table.schema))
            kind = "TABLE" if layout.wide else "VIEW"
            self.engine.execute(f"DROP {kind} IF EXISTS long")
            self.engine.execute(f"CREATE TEMP {kind} long AS {layout.select}")
            yield batch
            self.engine.execute(f"DROP {kind} IF EXISTS long")

    def _read_rows(self, source: Source, layout: Layout, reading: Reading) -> None:
        judge = Judge(self.engine, reading, str(source.file), layout.zoned)
        files: list[Path] = []
        for batch in self._long(source, layout):
            if judge.judge():
                files.append(self.spool.put("FROM judged WHERE outcome = 'good'")[0])
            self._reject(source, layout, batch)
        self.outcomes += judge.tally.outcomes
        self.passed_over += judge.tally.passed_over
        self._note_zone(source.file, judge.tally.unzoned)
        if files:
            select = f"SELECT {COLUMNS} FROM read_parquet([{', '.join(literal(str(file)) for file in files)}])"
            self.selects.append(select)
            self.spooled += files
            self.groups += duplicates.groups_of(self.engine, select)

    def _reject(self, source: Source, layout: Layout, batch: Batch) -> None:
        name = str(source.file)
        self.outcomes["rejected"] += len(batch.broken)
        self.spool.reject((name, broken.line, broken.reason, broken.text) for broken in batch.broken)
        rows = self.engine.execute(
            "SELECT line, cell, reason FROM judged WHERE outcome = 'rejected' ORDER BY line"
        ).fetchall()
        self.spool.reject((name, line, reason, _as_it_was(batch, layout, line, cell)) for line, cell, reason in rows)

    def _note_zone(self, file: Path, rows: int) -> None:
        if rows:
            self.notes.append(f"{file.name}: {rows:,} times without zone read as +08:00")

    def finish(self, check_duplicates: bool) -> Intake:
        """Settle the keys given twice and sum up."""
        query = " UNION ALL ".join(self.selects) or f"FROM read_parquet({literal(str(self.spool.put_empty()))})"
        whole = bool(self.spooled) and not self.lying
        series = duplicates.suspected(self.groups) if check_duplicates else set()
        if series:
            settled = self._settle(query, series)
            whole, query = whole and settled == query, settled
        self.spool.close()
        return Intake(
            self.workdir,
            query,
            self.spool.rejects if self.spool.rejected else None,
            rows_read=self.outcomes.total(),
            rows_good=self.outcomes["good"],
            rows_rejected=self.outcomes["rejected"],
            rows_blank=self.outcomes["blank"],
            rows_repeated=self.outcomes["repeated"],
            rows_passed_over=self.outcomes["passed over"],
            notes=self.notes + _told(self.outcomes, self.passed_over),
            layouts={name: layout.name for name, (_, layout) in self.sources.items()},
            spooled=self.spooled if whole else None,
        )

    def _settle(self, query: str, series: set[tuple[str, str, str]]) -> str:
        found = duplicates.find_twice(self.engine, query, series)
        if not found.rows:
            return query
        self.outcomes["repeated"] += found.repeating
        self.outcomes["good"] -= found.repeating + found.differing
        self.outcomes["rejected"] += found.differing
        for source, layout in self.sources.values():
            self._reject_conflicts(source, layout)
        kept = self.spool.folder / "twice.parquet"
        self.engine.execute(f"COPY twice TO {literal(str(kept))} (FORMAT parquet)")
        return duplicates.without_twice(query, f"read_parquet({literal(str(kept))})")

    def _reject_conflicts(self, source: Source, layout: Layout) -> None:
        asked = "SELECT line, point, reason FROM conflicts WHERE file = ? AND line BETWEEN ? AND ? ORDER BY line"
        name = str(source.file)
        if not self.engine.execute("SELECT 1 FROM conflicts WHERE file = ? LIMIT 1", [name]).fetchone():
            return
        for batch in source.batches():
            if not batch.table.num_rows:
                continue
            ends = [batch.table.column("line")[place].as_py() for place in (0, -1)]
            rows = self.engine.execute(asked, [name, *ends]).fetchall()
            self.spool.reject(
                (name, line, reason, _as_it_was(batch, layout, line, point)) for line, point, reason in rows
            )


def _as_it_was(batch: Batch, layout: Layout, line: int, cell: str | None) -> str:
    """The row; of a layout with many points in a row its keys and the cell."""
    if layout.keys is None or layout.cells is None or cell is None:
        return batch.text(line)
    fields = batch.fields(line)
    place = layout.cells[cell]
    return ",".join([*(fields[key] for key in layout.keys), f"{cell}={fields[place]}"])


def _told(outcomes: Counter[str], passed_over: Counter[str]) -> list[str]:
    notes = [f"ignored {rows:,} rows of {because}" for because, rows in sorted(passed_over.items())]
    if outcomes["blank"]:
        notes.append(f"{outcomes['blank']:,} rows without a value (not observed)")
    if outcomes["repeated"]:
        notes.append(f"{outcomes['repeated']:,} rows given more than once with the same value, used once")
    return notes


def rows_as_they_were(
    file: Path, mapping: Mapping[str, str] | None, asked: Sequence[tuple[int, str | None]]
) -> list[str]:
    """The texts of some rows of a file, each asked for by line and point, in the order asked."""
    if not asked:
        return []
    source = open_source(file)
    layout = recognise(file, source.schema, mapping)
    texts: dict[tuple[int, str | None], str] = {}
    for batch in source.batches():
        present = set(batch.table.column("line").to_pylist()) if batch.table.num_rows else set()
        texts |= {each: _as_it_was(batch, layout, *each) for each in asked if each[0] in present}
    return [texts[each] for each in asked]
