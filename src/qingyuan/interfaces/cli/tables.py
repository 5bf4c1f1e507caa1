"""Result tables on their way out: CSV, Parquet or JSON by the suffix, or a readable table on the terminal."""

from __future__ import annotations

import json
import sys
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv
import pyarrow.parquet as pq

from qingyuan.base.errors import WrongUsage

SUFFIXES = (".csv", ".parquet", ".json")
SHOWN = 100


def check(output: Path | None) -> None:
    """Refuse an output whose suffix or folder cannot serve, before any work is done."""
    if output is None:
        return
    if output.suffix.lower() not in SUFFIXES:
        raise WrongUsage(f"The output {output} has no known suffix", f"End it with one of {', '.join(SUFFIXES)}")
    if not output.parent.is_dir():
        raise WrongUsage(f"The folder of the output {output} does not exist", "Create it first")


def write(batches: Iterable[pa.RecordBatch], schema: pa.Schema, output: Path | None) -> int:
    """Write batches of naive +08:00 times with their offset; returns the number of rows."""
    if output is None:
        return _show(batches)
    outside = _outside_schema(schema, text=output.suffix.lower() != ".parquet")
    moved = (_outside(batch, outside) for batch in batches)
    if output.suffix.lower() == ".json":
        return _write_json(moved, output)
    if output.suffix.lower() == ".parquet":
        return _write_with(pq.ParquetWriter(output, outside, compression="zstd"), moved)
    options = pyarrow.csv.WriteOptions(quoting_style="needed")
    return _write_with(pyarrow.csv.CSVWriter(output, outside, write_options=options), moved)


def _outside_schema(schema: pa.Schema, *, text: bool) -> pa.Schema:
    fields = []
    for field in schema:
        is_time = pa.types.is_timestamp(field.type)
        kind = (pa.string() if text else pa.timestamp("us", "+08:00")) if is_time else field.type
        fields.append(pa.field(field.name, kind))
    return pa.schema(fields)


def _outside(batch: pa.RecordBatch, schema: pa.Schema) -> pa.RecordBatch:
    columns = [_outside_column(batch.column(field.name), field.type) for field in schema]
    return pa.record_batch(columns, schema=schema)


def _outside_column(column: pa.Array, kind: pa.DataType) -> pa.Array:
    if pa.types.is_timestamp(column.type):
        if pa.types.is_string(kind):
            seconds = column.cast(pa.timestamp("s"), safe=False)
            return pc.binary_join_element_wise(pc.strftime(seconds, "%Y-%m-%dT%H:%M:%S"), "+08:00", "")
        return pc.assume_timezone(column.cast(pa.timestamp("us"), safe=False), "Etc/GMT-8").cast(kind)
    return column.cast(kind)


def _write_with(writer: Any, batches: Iterator[pa.RecordBatch]) -> int:
    rows = 0
    with writer:
        for batch in batches:
            writer.write_batch(batch)
            rows += batch.num_rows
    return rows


def _write_json(batches: Iterator[pa.RecordBatch], output: Path) -> int:
    rows = 0
    with output.open("w", encoding="utf-8") as stream:
        stream.write("[")
        for batch in batches:
            for row in batch.to_pylist():
                stream.write((",\n" if rows else "\n") + json.dumps(row, ensure_ascii=False))
                rows += 1
        stream.write("\n]\n")
    return rows


def _show(batches: Iterable[pa.RecordBatch]) -> int:
    rows = 0
    shown: list[dict[str, Any]] = []
    for batch in batches:
        if len(shown) < SHOWN:
            shown += batch.slice(0, SHOWN - len(shown)).to_pylist()
        rows += batch.num_rows
    if shown:
        print_table(list(shown[0]), [[cell(value) for value in row.values()] for row in shown])
    if rows > len(shown):
        print(f"… {rows - len(shown)} more rows: write them to a file with --output")
    return rows


def cell(value: Any) -> str:
    """A value as a table cell: empty for none, true/false, times to the minute."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, float):
        return f"{value:.6g}"
    return value.strftime("%Y-%m-%d %H:%M") if hasattr(value, "strftime") else str(value)


def width(text: str) -> int:
    """Columns a text takes on a terminal; Chinese characters take two."""
    return sum(2 if unicodedata.east_asian_width(sign) in "WF" else 1 for sign in text)


def print_table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """Print rows under a head, columns aligned by their width on the terminal."""
    widths = [max(width(text) for text in column) for column in zip(head, *rows, strict=True)]
    for row in (head, ["-" * each for each in widths], *rows):
        line = "  ".join(text + " " * (wide - width(text)) for text, wide in zip(row, widths, strict=True))
        sys.stdout.write(line.rstrip() + "\n")
