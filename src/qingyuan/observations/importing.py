"""A file into a dataset: read, kept as evidence, compared with what is stored, appended; nothing twice.

The entry in the list of sources comes last. An import that broke off before it is simply run again: rows of the same
source that are in the lake already count as stored.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv
import pyarrow.parquet as pq
from deltalake import DeltaTable, write_deltalake

from qingyuan.base.errors import UnreadableInput, WrongUsage
from qingyuan.base.locking import alone
from qingyuan.base.time import CST, month_of, now, to_wall_clock
from qingyuan.observations import lake
from qingyuan.observations.datasets import Dataset
from qingyuan.observations.intake import Intake, read_files, rows_as_they_were
from qingyuan.observations.schema import KEY, OBSERVATION, REJECT, SOURCE
from qingyuan.observations.tables import rows_of
from qingyuan.places.outlets import enter, registered_points

Progress = Callable[[str], None]


@dataclass
class ImportReport:
    """What became of a file's rows; they add up to rows_read.

    known: stored before with the same value; amended: entered as amendments; blank: without a value; doubled: the
    same row once more. repeated: the file was imported before and nothing was done. rejects: the CSV of the rejects.
    """

    source: str
    file: str
    rows_read: int = 0
    rows_stored: int = 0
    rows_known: int = 0
    rows_amended: int = 0
    rows_rejected: int = 0
    rows_blank: int = 0
    rows_doubled: int = 0
    repeated: bool = False
    notes: list[str] = field(default_factory=list)
    rejects: Path | None = None


@dataclass(frozen=True)
class Wish:
    """How a file is to be read and what to do with values that differ from stored ones.

    outlets: all its points are outlets, and are entered as such where the dataset's site file does not know them;
    else those are which the site file names.
    """

    mapping: Mapping[str, str] | None = None
    averaging: str | None = None
    amend: bool = False
    reason: str = ""
    outlets: bool = False


def import_file(
    dataset: Dataset, file: Path, wish: Wish, *, by: str, rejects: Path | None = None, progress: Progress | None = None
) -> ImportReport:
    """Import one file; a file imported before changes nothing, unless its values are to amend.

    rejects: where to write the rejected rows (else ``<file>.rejects.csv``, or into the dataset's folder where that
    cannot be written). WrongUsage for a simulated dataset; UnreadableInput for a file that is no table.
    """
    if dataset.simulated:
        raise WrongUsage(
            f"The dataset {dataset.slug} is simulated", "Choose another --dataset: real data never mix with it"
        )
    if not file.is_file():
        raise UnreadableInput(f"There is no file {file}", "Look at the path")
    # one import into a dataset at a time, so that two do not store the same row
    with alone(dataset.path / "import.lock"):
        checksum = _checksum(file)
        report = ImportReport(source=f"import-{checksum[:16]}", file=file.name)
        if report.source in _imported(dataset.path) and not wish.amend:
            report.repeated = True
            report.notes.append(f"{file.name} was imported before: nothing changed")
            return report
        _import(dataset.path, file, checksum, report, wish, by, progress, rejects or Path(f"{file}.rejects.csv"))
    return report


def _import(
    dataset: Path,
    file: Path,
    checksum: str,
    report: ImportReport,
    wish: Wish,
    by: str,
    progress: Progress | None,
    rejects: Path,
) -> None:
    with tempfile.TemporaryDirectory(prefix="qingyuan-import-") as folder:
        intake = read_files(
            [file],
            mapping=wish.mapping,
            averaging=wish.averaging,
            workdir=Path(folder),
            outlets=wish.outlets or registered_points(dataset),
        )
        if wish.outlets:
            enter(dataset, _points(intake))
        _keep(dataset, file, checksum)
        report.rows_read, report.notes = intake.rows_read, list(intake.notes)
        report.rows_blank, report.rows_doubled = intake.rows_blank, intake.rows_repeated + intake.rows_passed_over
        conflicts = _store(dataset, intake, report, wish, by, progress)
        rejected = _rejected(intake, file, wish, report.source, conflicts)
    _put_rejects(dataset, rejected, report, rejects)
    _register(dataset, report, checksum, intake, by)


def _points(intake: Intake) -> list[str]:
    with duckdb.connect() as engine:
        return [row[0] for row in engine.execute(f"SELECT DISTINCT point FROM ({intake.query}) ORDER BY 1").fetchall()]


def _checksum(file: Path) -> str:
    with file.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _imported(dataset: Path) -> set[str]:
    return {row["source"] for row in rows_of(dataset / "sources", ["source"])}


def _keep(dataset: Path, file: Path, checksum: str) -> None:
    """Keep the file as it came: it is the evidence behind every number made of it."""
    kept = dataset / "files" / f"{checksum}{file.suffix}"
    if kept.exists():
        return
    kept.parent.mkdir(parents=True, exist_ok=True)
    part = kept.with_suffix(".part")
    with file.open("rb") as source, part.open("wb") as target:
        shutil.copyfileobj(source, target, 1 << 20)
        target.flush()
        os.fsync(target.fileno())
    part.rename(kept)


def _store(
    dataset: Path, intake: Intake, report: ImportReport, wish: Wish, by: str, progress: Progress | None
) -> list[pa.Table]:
    """Append month by month what is new; gives the rows that contradict stored ones, unless they amend."""
    conflicts = []
    with duckdb.connect() as engine:
        good = f"SELECT *, strftime(phenomenon_time, '%Y-%m') AS month FROM ({intake.query})"
        months = [row[0] for row in engine.execute(f"SELECT DISTINCT month FROM ({good}) ORDER BY 1").fetchall()]
        for month in months:
            if progress:
                progress(f"{report.file}: {month}")
            engine.register("stored", _stored(dataset, month))
            asked = {"month": month, "source": report.source}
            rows = engine.execute(_COMPARED.format(good=good), asked).to_arrow_table()
            fresh, mine, known, other = (rows.filter(pc.equal(rows["outcome"], name)) for name in OUTCOMES)
            report.rows_known += known.num_rows
            report.rows_stored += fresh.num_rows + mine.num_rows
            lake.append(dataset, _observations(fresh, report.source), source=report.source)
            if wish.amend:
                values = _observations(other, report.source)
                lake.amend(dataset, values, reason=wish.reason, by=by, source=report.source)
                report.rows_amended += other.num_rows
            else:
                conflicts.append(other)
    return conflicts


OUTCOMES = ("new", "mine", "known", "other")
_COMPARED = f"""
    SELECT g.*, s.value AS stored_value, s.source AS stored_source, s.line AS stored_line,
           CASE WHEN s.point IS NULL THEN 'new'
                WHEN g.value <> s.value OR g.flag IS DISTINCT FROM s.flag THEN 'other'
                WHEN s.source = $source THEN 'mine' ELSE 'known' END AS outcome
    FROM ({{good}}) g LEFT JOIN stored s USING ({", ".join(KEY)})
    WHERE g.month = $month
"""


def _stored(dataset: Path, month: str) -> pa.Table:
    first = now().replace(year=int(month[:4]), month=int(month[5:]), day=1, hour=0, minute=0, second=0)
    after = first.replace(year=first.year + first.month // 12, month=first.month % 12 + 1)
    rows = lake.read_arrow(dataset, first=first, last=after, flagged=True)
    return rows.filter(pc.equal(rows["month"], month_of(first)))


def _observations(rows: pa.Table, source: str) -> pa.Table:
    # to the microsecond: of two amendments in one second the later must win
    moment = to_wall_clock(datetime.now(CST))
    arrived = pa.array([moment] * rows.num_rows, pa.timestamp("us"))
    named = rows.append_column("result_time", arrived)
    named = named.append_column("source", pa.array([source] * rows.num_rows, pa.string()))
    return named.select(OBSERVATION.names).cast(OBSERVATION)


def _rejected(intake: Intake, file: Path, wish: Wish, source: str, conflicts: list[pa.Table]) -> pa.Table:
    parts = [REJECT.empty_table()]
    if intake.rejects is not None:
        rows = pq.read_table(intake.rejects)
        parts.append(rows.append_column("source", pa.array([source] * rows.num_rows, pa.string())))
    contrary = [row for rows in conflicts for row in rows.to_pylist()]
    texts = rows_as_they_were(file, wish.mapping, [(row["line"], row["point"]) for row in contrary])
    told = [_contradiction(row, text, source) for row, text in zip(contrary, texts, strict=True)]
    parts.append(pa.Table.from_pylist(told, REJECT))
    return pa.concat_tables([part.select(REJECT.names).cast(REJECT) for part in parts])


def _contradiction(row: dict[str, object], text: str, source: str) -> dict[str, object]:
    what = f"{row['point']}, {row['property']}, {row['averaging']}, {row['phenomenon_time']}"
    where = f"line {row['stored_line']} of {row['stored_source']}"
    reason = f"{what} is stored with the value {row['stored_value']} ({where}); import with --amend to correct it"
    return {"source": source, "file": row["file"], "line": row["line"], "reason": reason, "row": text}


def _put_rejects(dataset: Path, rejected: pa.Table, report: ImportReport, file: Path) -> None:
    report.rows_rejected = rejected.num_rows
    _replace(dataset / "rejects", rejected, report.source)
    if not rejected.num_rows:
        return
    for target in (file, dataset / f"{report.source}.rejects.csv"):
        try:
            pyarrow.csv.write_csv(rejected.drop_columns("source"), target)
        except OSError:
            continue
        report.rejects = target
        return


def _register(dataset: Path, report: ImportReport, checksum: str, intake: Intake, by: str) -> None:
    row = {
        "source": report.source,
        "file": report.file,
        "sha256": checksum,
        "layout": ", ".join(sorted(set(intake.layouts.values()))),
        "rows_read": report.rows_read,
        "rows_stored": report.rows_stored + report.rows_amended,
        "rows_known": report.rows_known,
        "rows_rejected": report.rows_rejected,
        "imported_at": now(),
        "imported_by": by,
    }
    _replace(dataset / "sources", pa.Table.from_pylist([row], SOURCE), report.source)


def _replace(folder: Path, rows: pa.Table, source: str) -> None:
    """Put the rows of a source in place of those an earlier run of the same source has left."""
    if DeltaTable.is_deltatable(str(folder)):
        write_deltalake(folder, rows, mode="overwrite", predicate=f"source = '{source}'")
    elif rows.num_rows:
        write_deltalake(folder, rows)
