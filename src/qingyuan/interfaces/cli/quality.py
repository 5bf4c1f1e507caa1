"""``qingyuan quality``: the quality tests and tampering patterns, on files or on what datasets received lately."""

from __future__ import annotations

import argparse
import sys
import time
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from qingyuan.base.errors import UnreadableInput

if TYPE_CHECKING:
    import pyarrow as pa

_TEXTS = ("point", "property", "averaging", "unit", "flag")


def add(commands: argparse._SubParsersAction) -> None:
    """Register the command."""
    command = commands.add_parser("quality", help="test observations, look for tampering", description=__doc__)
    what = command.add_mutually_exclusive_group(required=True)
    what.add_argument("--input", nargs="+", type=Path, metavar="FILE", help="long form: CSV, Parquet")
    what.add_argument("--data", type=Path, metavar="DIR", help="the last weeks of the datasets: flags into their lakes")
    command.add_argument(
        "--output", type=Path, metavar="FILE", help="the rows with flag and quality: .csv, .parquet or .json"
    )
    command.add_argument("--findings", type=Path, metavar="FILE", help="the findings; else on the terminal")
    command.add_argument("--tests", nargs="+", metavar="CODE", help="only these codes; 'tampering' means all patterns")
    command.add_argument(
        "--sites", type=Path, metavar="FILE", help="YAML: point: {property: {threshold: value}}, over the declared ones"
    )
    command.add_argument(
        "--watch", type=float, metavar="SECONDS", help="with --data: do not stop, test again every so often"
    )
    command.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Read, test, write; a summary by code on standard error."""
    if args.data:
        return _datasets(args.data, args.watch)
    import pyarrow as pa

    from qingyuan.interfaces.cli import tables
    from qingyuan.observations.quality import codes, flag

    for output in (args.output, args.findings):
        tables.check(output)
    patterns = [code for code, one in codes().items() if one.kind == "tampering"]
    wanted = [code for name in args.tests or () for code in (patterns if name == "tampering" else [name])]
    table = pa.concat_tables([read_long(file) for file in args.input], promote_options="default")
    checked = flag(table, sites=_sites(args.sites), tests=wanted or None)
    if args.output:
        tables.write(checked.table.to_batches(), checked.table.schema, args.output)
    tables.write(checked.findings.to_batches(), checked.findings.schema, args.findings)
    _tell(checked.findings, table.num_rows)
    return 0


def _datasets(data: Path, seconds: float | None) -> int:
    from qingyuan.interfaces.cli import serve

    serve.prepare(data)
    while seconds:
        _check(data)
        time.sleep(seconds)
    _check(data)
    return 0


def _check(data: Path) -> None:
    from qingyuan.interfaces.jobs import quality
    from qingyuan.observations.datasets import list_datasets

    for dataset in list_datasets(data):
        done = quality.check(dataset)
        told = f"{done.rows} rows tested, {done.flagged} newly flagged, {done.findings} findings"
        print(f"{dataset.slug}: {told}", file=sys.stderr, flush=True)


def _tell(findings: pa.Table, rows: int) -> None:
    counts: dict[str, int] = {}
    for code in findings.column("code").to_pylist():
        counts[code] = counts.get(code, 0) + 1
    told = ", ".join(f"{code} {count}" for code, count in counts.items()) or "nothing found"
    print(f"{rows} rows tested: {told}", file=sys.stderr)


def _sites(file: Path | None) -> dict[str, Any] | None:
    if file is None:
        return None
    import yaml

    try:
        found = yaml.safe_load(file.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as wrong:
        raise UnreadableInput(f"The sites of {file} cannot be read ({wrong})", "Write YAML") from wrong
    numbers = isinstance(found, dict) and all(
        isinstance(value, int | float)
        for properties in found.values()
        for bounds in (properties or {}).values()
        for value in (bounds or {}).values()
    )
    if not numbers:
        raise UnreadableInput(f"{file} is no record of sites", "Write point: {property: {threshold: number}}")
    return {
        str(point): {str(prop): bounds for prop, bounds in properties.items()} for point, properties in found.items()
    }


def read_long(file: Path) -> pa.Table:
    """A long table with naive +08:00 times and numbers; UnreadableInput naming the file and what is wrong."""
    import pyarrow as pa

    try:
        table = _table(file)
        columns = {name: table.column(name).cast(pa.string()) for name in _TEXTS if name in table.column_names}
        values = table.column("value").cast(pa.float64())
        times = {
            name: _wall_clock(table.column(name))
            for name in ("phenomenon_time", "result_time")
            if name in table.column_names
        }
        return pa.table({**columns, **times, "value": values})
    except (OSError, KeyError, ValueError) as wrong:
        raise UnreadableInput(
            f"{file} cannot be read ({wrong})",
            "It needs point, property, averaging, phenomenon_time (ISO 8601), value[, unit, flag, result_time]",
        ) from wrong


def _table(file: Path) -> pa.Table:
    import pyarrow.csv as reader
    import pyarrow.parquet as pq

    if file.suffix.lower() == ".parquet":
        return pq.read_table(file)
    import pyarrow as pa

    with file.open("rb") as stream:
        header = stream.readline().decode("utf-8-sig").strip()
    names = [name.strip().strip('"') for name in header.split(",")]
    kinds = {name: pa.float64() if name == "value" else pa.string() for name in names}
    options = reader.ConvertOptions(
        column_types=kinds, null_values=["", "NaN", "nan", "null"], strings_can_be_null=True
    )
    return reader.read_csv(file, reader.ReadOptions(column_names=names, skip_rows=1), convert_options=options)


def _wall_clock(column: pa.ChunkedArray) -> pa.ChunkedArray:
    """Times of +08:00 without zone, from texts or times with or without one."""
    import pyarrow as pa

    from qingyuan.base.time import to_wall_clock

    encoded = column.combine_chunks().dictionary_encode()
    words = encoded.dictionary.to_pylist()
    moments = [to_wall_clock(word if isinstance(word, datetime) else datetime.fromisoformat(word)) for word in words]
    return pa.chunked_array([pa.array(moments, pa.timestamp("us")).take(encoded.indices)])
