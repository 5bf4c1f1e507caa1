"""``qingyuan assess NAME --input FILE...``: the law applied to files, without a platform."""

from __future__ import annotations

import argparse
import csv
import shutil
import sys
import tempfile
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from qingyuan.base.errors import UnreadableInput, WrongUsage
from qingyuan.base.time import to_wall_clock
from qingyuan.interfaces.cli.arguments import day

if TYPE_CHECKING:
    from qingyuan.assessments.declaration import Assessment, DustPeriod, Options
    from qingyuan.observations.intake import Intake
    from qingyuan.places.outlets import Outlet


def add(commands: argparse._SubParsersAction) -> None:
    """Register the command."""
    command = commands.add_parser("assess", help="apply the law to files", description=__doc__)
    command.add_argument("name", metavar="NAME", help="assessment, e.g. air.daily_aqi ('list' names them all)")
    command.add_argument(
        "--input", nargs="+", type=Path, default=[], metavar="FILE", help="observations: CSV or Parquet"
    )
    command.add_argument("--output", type=Path, metavar="FILE", help=".csv, .parquet or .json; else the terminal")
    command.add_argument("--edition", default="by-date", choices=["2012", "2026", "by-date"], help="edition of the law")
    command.add_argument("--engine", default="duckdb", choices=["duckdb", "spark"])
    command.add_argument("--from", dest="first", type=day, metavar="DATE", help="first day of the period")
    command.add_argument("--to", dest="last", type=day, metavar="DATE", help="last day of the period, included")
    command.add_argument("--by", default="point", choices=["point", "city"])
    command.add_argument(
        "--rule", default="ranking", choices=["ranking", "hj663_2013"], help="which composite index to rank by"
    )
    command.add_argument("--dust", type=Path, metavar="FILE", help="declared dust periods: CSV from,to[,place]")
    command.add_argument(
        "--site", type=Path, metavar="FILE", help="outlets of sources: CSV or YAML of standard, kind of source, permit"
    )
    command.add_argument("--map", action="append", default=[], metavar="OURS=THEIRS", help="name a column")
    command.add_argument("--averaging", metavar="1h|24h|mda8", help="averaging of a file that does not say it")
    command.add_argument("--strict", action="store_true", help="exit status 3 when anything was rejected")
    command.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Read, assess, write; tell rejects and notes."""
    from qingyuan.interfaces.cli import tables
    from qingyuan.observations.intake import read_files

    if args.name == "list":
        return _list()
    assessment = _find(args.name)
    if not args.input:
        raise WrongUsage("No input was named", "Add --input FILE")
    tables.check(args.output)
    options = _options(args, assessment)
    with tempfile.TemporaryDirectory(prefix="qingyuan-") as folder:
        intake = read_files(
            args.input,
            mapping=column_map(args.map),
            averaging=args.averaging,
            workdir=Path(folder),
            needed=set(assessment.inputs),
            outlets=assessment.subject == "outlet",
        )
        rejects = _keep_rejects(intake, args.output)
        rows = _assess(assessment, intake, options, args, Path(folder))
    _tell(intake, rejects, rows, args)
    return 3 if args.strict and intake.rows_rejected else 0


def _list() -> int:
    from qingyuan.interfaces.cli import tables

    tables.print_table(["name", "what", "law"], [[a.name, a.title_en, ", ".join(a.law)] for a in _assessments()])
    return 0


def _assessments() -> list[Assessment]:
    from qingyuan.domains import DOMAINS

    return [assessment for domain in DOMAINS for assessment in domain.assessments]


def _find(name: str) -> Assessment:
    known = {assessment.name: assessment for assessment in _assessments()}
    if name not in known:
        raise WrongUsage(f"There is no assessment {name}", f"Use one of {', '.join(known)}")
    return known[name]


def column_map(pairs: list[str]) -> dict[str, str]:
    """Pairs OURS=THEIRS of --map as a mapping; WrongUsage for anything else."""
    split = [pair.split("=", 1) for pair in pairs]
    if any(len(pair) != 2 for pair in split):
        raise WrongUsage("--map takes OURS=THEIRS", "For example --map point=站点编码")
    return {pair[0]: pair[1] for pair in split}


def _options(args: argparse.Namespace, assessment: Assessment) -> Options:
    from qingyuan.assessments.declaration import Options

    return Options(
        edition=args.edition,
        first=args.first,
        last=args.last,
        by=args.by,
        rule=args.rule,
        dust=_dust(args.dust) if args.dust else (),
        outlets=_outlets(args) if assessment.subject == "outlet" else (),
    )


def _outlets(args: argparse.Namespace) -> tuple[Outlet, ...]:
    """The outlets of the site file; without one those the input itself tells of in columns of its own."""
    from qingyuan.observations.intake.told import outlets_told
    from qingyuan.places.outlets import read_outlets

    return read_outlets(args.site) if args.site else outlets_told(args.input)


def _dust(file: Path) -> tuple[DustPeriod, ...]:
    from qingyuan.assessments.declaration import DustPeriod

    try:
        with file.open(encoding="utf-8-sig", newline="") as stream:
            rows = list(csv.DictReader(stream))
        return tuple(
            DustPeriod(_moment(row["from"]), _moment(row["to"]), (row.get("place") or "").strip() or None)
            for row in rows
        )
    except (OSError, KeyError, ValueError) as wrong:
        raise UnreadableInput(
            f"The dust periods of {file} cannot be read ({wrong})",
            "Write CSV with columns from,to[,place], times ISO 8601",
        ) from wrong


def _moment(text: str) -> str:
    return to_wall_clock(datetime.fromisoformat(text)).strftime("%Y-%m-%d %H:%M:%S")


def _assess(assessment: Assessment, intake: Intake, options: Options, args: argparse.Namespace, folder: Path) -> int:
    from qingyuan.assessments import engines, running
    from qingyuan.interfaces.cli import tables

    with engines.connect(args.engine, spill=folder) as backend:
        spark = args.engine == "spark"
        observations = engines.read_parquet(backend, intake.good) if spark else backend.sql(intake.query)
        result = running.run(assessment, observations, options)
        schema = result.schema().to_pyarrow()
        batches = result.to_pyarrow_batches(chunk_size=100_000)
        return tables.write(batches, schema, args.output)


def _keep_rejects(intake: Intake, output: Path | None) -> Path | None:
    """Put the rejects beside the output (or beside the first input's name in the present folder)."""
    if not intake.rows_rejected or intake.rejects is None:
        return None
    import pyarrow.csv
    import pyarrow.parquet as pq

    target = Path(f"{output}.rejects.csv") if output else Path("qingyuan.rejects.csv")
    part = target.with_suffix(".part")
    with pq.ParquetFile(intake.rejects) as rejected, pyarrow.csv.CSVWriter(part, rejected.schema_arrow) as writer:
        for batch in rejected.iter_batches():
            writer.write_batch(batch)
    shutil.move(part, target)
    return target


def _tell(intake: Intake, rejects: Path | None, rows: int, args: argparse.Namespace) -> None:
    for note in intake.notes:
        print(f"note: {note}", file=sys.stderr)
    print(f"{intake.rows_read} rows read, {intake.rows_good} used, {rows} results", file=sys.stderr)
    if rejects:
        print(f"{intake.rows_rejected} rows rejected: see {rejects}", file=sys.stderr)
    if args.output:
        print(f"written to {args.output}", file=sys.stderr)
