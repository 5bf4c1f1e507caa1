"""A file into a dataset: kept as evidence, read, compared with what is stored, appended; nothing twice."""

from __future__ import annotations

import hashlib
import shutil
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.compute
import pyarrow.csv
import pyarrow.parquet
from deltalake import DeltaTable, write_deltalake

from qingyuan.base.errors import UnreadableInput, WrongUsage
from qingyuan.base.time import month_of, now
from qingyuan.observations import lake
from qingyuan.observations.datasets import Dataset
from qingyuan.observations.intake import Intake, read_files
from qingyuan.observations.schema import KEY, OBSERVATION, REJECT, SOURCE

Progress = Callable[[str], None]


@dataclass
class ImportReport:
    """What became of a file's rows. known: stored before with the same value; amended: entered as amendments."""

    source: str
    file: str
    rows_read: int = 0
    rows_stored: int = 0
    rows_known: int = 0
    rows_amended: int = 0
    rows_rejected: int = 0
    repeated: bool = False
    notes: list[str] = field(default_factory=list)
    rejects: Path | None = None


@dataclass(frozen=True)
class Wish:
    """How a file is to be read and what to do with values that differ from stored ones."""

    mapping: Mapping[str, str] | None = None
    averaging: str | None = None
    amend: bool = False
    reason: str = ""


def import_file(
    dataset: Dataset, file: Path, wish: Wish, *, by: str, rejects: Path | None = None, progress: Progress | None = None
) -> ImportReport:
    """Import one file; a file imported before changes nothing.

    rejects: where to write the rejected rows (else beside the file's name, ``<file>.rejects.csv``).
    WrongUsage for a simulated dataset; UnreadableInput for a file that is no table.
    """
    if dataset.simulated:
        raise WrongUsage(
            f"The dataset {dataset.slug} is simulated", "Choose another --dataset: real data never mix with it"
        )
    if not file.is_file():
        raise UnreadableInput(f"There is no file {file}", "Look at the path")
    checksum = _checksum(file)
    report = ImportReport(source=f"import-{checksum[:16]}", file=file.name)
    if report.source in _imported(dataset.path) and not wish.amend:
        report.repeated = True
        report.notes.append(f"{file.name} was imported before: nothing changed")
        return report
    _keep(dataset.path, file, checksum)
    with tempfile.TemporaryDirectory(prefix="qingyuan-import-") as folder:
        intake = read_files(
            [file], mapping=dict(wish.mapping or {}), averaging=wish.averaging, workdir=Path(folder), needed=None
        )
        report.rows_read, report.notes = intake.rows_read, list(intake.notes)
        conflicts = _store(dataset.path, intake, report, wish, by, progress)
        rejected = _rejected(intake, report.source, conflicts)
    _put_rejects(dataset.path, rejected, report, rejects or Path(f"{file}.rejects.csv"))
    _register(dataset.path, report, checksum, intake, by)
    return report


def _checksum(file: Path) -> str:
    with file.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _imported(dataset: Path) -> set[str]:
    folder = dataset / "sources"
    if not DeltaTable.is_deltatable(str(folder)):
        return set()
    files = DeltaTable(folder).file_uris()
    return {row for file in files for row in pa.parquet.read_table(file, columns=["source"])["source"].to_pylist()}


def _keep(dataset: Path, file: Path, checksum: str) -> None:
    """Keep the file as it came: it is the evidence behind every number made of it."""
    kept = dataset / "files" / f"{checksum}{file.suffix}"
    if not kept.exists():
        kept.parent.mkdir(parents=True, exist_ok=True)
        part = kept.with_suffix(".part")
        shutil.copyfile(file, part)
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
            rows = engine.execute(_COMPARED.format(good=good), {"month": month}).to_arrow_table()
            fresh, known, other = (rows.filter(pa.compute.equal(rows["outcome"], name)) for name in OUTCOMES)
            report.rows_known += known.num_rows
            if fresh.num_rows:
                lake.append(dataset, _observations(fresh, report.source), source=report.source)
                report.rows_stored += fresh.num_rows
            if other.num_rows and wish.amend:
                lake.amend(
                    dataset, _observations(other, report.source), reason=wish.reason, by=by, source=report.source
                )
                report.rows_amended += other.num_rows
            elif other.num_rows:
                conflicts.append(other)
    return conflicts


OUTCOMES = ("new", "known", "other")
_COMPARED = f"""
    SELECT g.*, s.value AS stored_value, s.source AS stored_source, s.line AS stored_line,
           CASE WHEN s.point IS NULL THEN 'new'
                WHEN g.value = s.value AND g.flag IS NOT DISTINCT FROM s.flag THEN 'known' ELSE 'other' END AS outcome
    FROM ({{good}}) g LEFT JOIN stored s USING ({", ".join(KEY)})
    WHERE g.month = $month
"""


def _stored(dataset: Path, month: str) -> pa.Table:
    first = now().replace(year=int(month[:4]), month=int(month[5:]), day=1, hour=0, minute=0, second=0)
    after = first.replace(year=first.year + first.month // 12, month=first.month % 12 + 1)
    rows = lake.read_arrow(dataset, first=first, last=after, flagged=True)
    return rows.filter(pa.compute.equal(rows["month"], month_of(first)))


def _observations(rows: pa.Table, source: str) -> pa.Table:
    arrived = pa.array([now()] * rows.num_rows, pa.timestamp("us"))
    named = rows.append_column("result_time", arrived)
    named = named.append_column("source", pa.array([source] * rows.num_rows, pa.string()))
    return named.select(OBSERVATION.names).cast(OBSERVATION)


def _rejected(intake: Intake, source: str, conflicts: list[pa.Table]) -> pa.Table:
    parts = []
    if intake.rejects is not None:
        rows = pa.parquet.read_table(intake.rejects)
        parts.append(rows.append_column("source", pa.array([source] * rows.num_rows, pa.string())))
    for rows in conflicts:
        parts.append(pa.Table.from_pylist([_contradiction(row, source) for row in rows.to_pylist()], REJECT))
    return (
        pa.concat_tables([part.select(REJECT.names).cast(REJECT) for part in parts]) if parts else REJECT.empty_table()
    )


def _contradiction(row: dict[str, object], source: str) -> dict[str, object]:
    where = f"line {row['stored_line']} of {row['stored_source']}"
    key = ", ".join(str(row[name]) for name in (*KEY, "value", "unit"))
    reason = f"stored before with the value {row['stored_value']} ({where}); import with --amend to correct it"
    return {"source": source, "file": row["file"], "line": row["line"], "reason": reason, "row": key}


def _put_rejects(dataset: Path, rejected: pa.Table, report: ImportReport, file: Path) -> None:
    report.rows_rejected = rejected.num_rows
    if rejected.num_rows:
        write_deltalake(dataset / "rejects", rejected, mode="append")
        pyarrow.csv.write_csv(rejected.drop(["source"]), file)
        report.rejects = file


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
    write_deltalake(dataset / "sources", pa.Table.from_pylist([row], SOURCE), mode="append")
