"""Files as batches of columns: CSV of any usual kind, Parquet. Every row keeps its line."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.csv as pcsv
import pyarrow.parquet as pq

from qingyuan.base.errors import UnreadableInput
from qingyuan.observations.intake.text import Broken, Chunk, chunks

PARQUET_ROWS = 1 << 20
"""Rows of a Parquet file taken at a time."""


@dataclass
class Batch:
    """Some rows: columns ``c0, c1, ...`` and ``line``; what was no row at all; the rows as they were."""

    table: pa.Table
    broken: list[Broken]
    chunk: Chunk | None = None

    def fields(self, line: int) -> list[str]:
        """The fields of the row on that line, as text."""
        if self.chunk is not None:
            return next(csv.reader([self.text(line)], delimiter=self.chunk.delimiter))
        index = int(np.searchsorted(self.table.column("line").to_numpy(), line))
        row = self.table.slice(index, 1).drop_columns("line").to_pylist()[0]
        return ["" if value is None else str(value) for value in row.values()]

    def text(self, line: int) -> str:
        """The row on that line as it was; of Parquet its values joined by commas."""
        if self.chunk is None:
            return ",".join(self.fields(line))
        return self.chunk.record(int(np.searchsorted(self.chunk.lines, line)))


class Source(Protocol):
    """A file that can be read in batches. schema: names and types of its columns."""

    file: Path
    schema: pa.Schema

    def batches(self) -> Iterator[Batch]:
        """All rows, in order."""
        ...


def open_source(file: Path) -> Source:
    """The file as a source. Raises UnreadableInput for what is missing, empty or no table."""
    if not file.is_file():
        raise UnreadableInput(f"{file} is not there" if not file.exists() else f"{file} is no file", "Check the name")
    with file.open("rb") as stream:
        head = stream.read(4096)
    if not head.strip():
        raise UnreadableInput(f"{file} is empty", "Ask its sender for it once more")
    if head.startswith(b"PAR1") or file.suffix == ".parquet":
        return ParquetSource(file)
    _refuse_binary(file, head)
    return TextSource(file)


def _refuse_binary(file: Path, head: bytes) -> None:
    if head.startswith((b"PK\x03\x04", b"\xd0\xcf\x11\xe0")):
        raise UnreadableInput(f"{file} is a workbook or an archive", "Save its sheet as CSV (UTF-8), or unpack it")
    if head.startswith(b"\x1f\x8b"):
        raise UnreadableInput(f"{file} is compressed", "Unpack it first")
    if b"\x00" in head and not head.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise UnreadableInput(f"{file} is no text and no Parquet", "Give CSV or Parquet")


class ParquetSource:
    """A Parquet file; its lines are row numbers from 1."""

    def __init__(self, file: Path) -> None:
        self.file = file
        try:
            with pq.ParquetFile(file) as opened:
                self.schema: pa.Schema = opened.schema_arrow
                self.rows: int = opened.metadata.num_rows
        except (pa.ArrowInvalid, OSError) as wrong:
            raise self._damaged(wrong) from None
        if not self.rows:
            raise UnreadableInput(f"{file} has no rows", "Ask its sender for it once more")

    def _damaged(self, wrong: Exception) -> UnreadableInput:
        told = str(wrong).splitlines()[0][:160]
        return UnreadableInput(f"{self.file} is no whole Parquet file ({told})", "Fetch it again: it may be cut off")

    def batches(self) -> Iterator[Batch]:
        """All rows, in order. Raises UnreadableInput where the file is damaged."""
        names = [f"c{place}" for place in range(len(self.schema))]
        line = 1
        try:
            with pq.ParquetFile(self.file) as opened:
                for rows in opened.iter_batches(PARQUET_ROWS):
                    lines = pa.array(np.arange(line, line + rows.num_rows))
                    line += rows.num_rows
                    yield Batch(pa.Table.from_arrays([*rows.columns, lines], names=[*names, "line"]), [])
        except (pa.ArrowInvalid, OSError) as wrong:
            raise self._damaged(wrong) from None


@dataclass
class SomeRows:
    """Chosen rows of a file, as a table of its own (columns ``c0, c1, ... line``)."""

    file: Path
    schema: pa.Schema
    table: pa.Table

    def batches(self) -> Iterator[Batch]:
        """All rows, in order."""
        yield Batch(self.table, [])


class TextSource:
    """Delimited text; its lines are those of the file, the header being the first that is not blank."""

    def __init__(self, file: Path) -> None:
        self.file = file
        first = next(chunks(file, _columns), None)
        filled = np.flatnonzero(first.filled()) if first else np.array([], dtype=np.int64)
        if first is None or not len(filled):
            raise UnreadableInput(f"{file} has no readable line", "Check its encoding: UTF-8 or GB 18030")
        line = first.record(int(filled[0])).strip("\ufeff")
        self._sign = _sign(line)
        header = [name.strip() for name in next(csv.reader([line], delimiter=self._sign))]
        if len(header) < 2:
            raise UnreadableInput(f"{file} is no table: its first line has no columns", "Give CSV with a header")
        self.schema = pa.schema([(name, pa.string()) for name in header])

    def batches(self) -> Iterator[Batch]:
        """All rows after the header, in order."""
        header = True
        for chunk in chunks(self.file, _columns):
            chunk.delimiter = self._sign
            keep = chunk.filled()
            if header and keep.any():
                keep[int(np.argmax(keep))] = False
                header = False
            table, malformed = _parse(chunk, len(self.schema), self._sign)
            lines = malformed.good
            kept = keep[lines]
            whole = table.append_column("line", pa.array(chunk.lines[lines]))
            broken = [each for index, each in malformed.bad if keep[index]]
            yield Batch(whole if kept.all() else whole.filter(pa.array(kept)), chunk.broken + broken, chunk)


def _columns(text: bytes) -> int:
    """How many columns the first line of a text has."""
    line = text.lstrip().split(b"\n", 1)[0].decode("utf-8", "replace")
    return len(next(csv.reader([line], delimiter=_sign(line)), []))


def _sign(line: str) -> str:
    return max(",\t;|", key=line.count)


@dataclass
class _Malformed:
    """Which records became rows, and which did not (by record)."""

    good: npt.NDArray[np.int64]
    bad: list[tuple[int, Broken]]


def _parse(chunk: Chunk, width: int, sign: str) -> tuple[pa.Table, _Malformed]:
    """The records of a chunk as text columns; records with a column too many or too few apart."""
    refused: list[pcsv.InvalidRow] = []

    def refuse(row: pcsv.InvalidRow) -> str:
        refused.append(row)
        return "skip"

    names = [f"c{place}" for place in range(width)]
    table = pcsv.read_csv(
        pa.BufferReader(chunk.text),
        read_options=pcsv.ReadOptions(use_threads=False, column_names=names, block_size=len(chunk.text) + 1),
        parse_options=pcsv.ParseOptions(
            delimiter=sign, invalid_row_handler=refuse, ignore_empty_lines=False, newlines_in_values=chunk.spanning
        ),
        convert_options=pcsv.ConvertOptions(column_types=dict.fromkeys(names, pa.string()), strings_can_be_null=False),
    )
    bad = [(row.number - 1, _refusal(chunk, row)) for row in refused]
    good = np.delete(np.arange(len(chunk.lines)), [index for index, _ in bad])
    return table, _Malformed(good, bad)


def _refusal(chunk: Chunk, row: pcsv.InvalidRow) -> Broken:
    which = "too many" if row.actual_columns > row.expected_columns else "too few"
    reason = f"{row.actual_columns} columns instead of {row.expected_columns}: {which}"
    return Broken(int(chunk.lines[row.number - 1]), reason, chunk.record(row.number - 1))
