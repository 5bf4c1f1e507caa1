"""Where an observation came from: the import, the file as it came, and the line with the value marked."""

from __future__ import annotations

import csv
import hashlib
import json
from itertools import islice
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
from django.utils.translation import gettext as _

from qingyuan.domains.air import simulated
from qingyuan.interfaces.web import reading
from qingyuan.interfaces.web.context import Context
from qingyuan.interfaces.web.tracing.errors import NothingToTrace

Row = dict[str, Any]
ENCODINGS = ("utf-8-sig", "gb18030")


def source_row(ctx: Context, name: str) -> Row:
    """The import of that id. Raises NothingToTrace when the dataset has none."""
    for row in reading.delta_rows(ctx.dataset.path / "sources"):
        if row["source"] == name:
            return row
    raise NothingToTrace(_("There is no import “%s” in this dataset") % name, _("Look at the list of imports."))


def described(ctx: Context, name: str) -> dict[str, Any]:
    """An import in words: file, checksum, layout, who and when; a simulated one names generator and seed."""
    row = source_row(ctx, name)
    file = stored_file(ctx.dataset.path, row)
    made = file is None and ctx.dataset.simulated
    return {
        "source": name,
        "file": row["file"],
        "sha256": row["sha256"],
        "layout": row["layout"],
        "imported_at": row["imported_at"].isoformat(sep=" ", timespec="seconds") if row["imported_at"] else None,
        "imported_by": row["imported_by"],
        "kept": file is not None,
        "simulated": {"generator": simulated.__name__, "seed": simulated.SEED} if made else None,
    }


def of_observations(ctx: Context, rows: list[Row]) -> list[dict[str, Any]]:
    """The imports behind some observations: each with its lines and the line of the largest value."""
    by_source: dict[str, list[Row]] = {}
    for row in rows:
        by_source.setdefault(row["source"], []).append(row)
    return [{**described(ctx, name), **_lines(ctx, name, mine)} for name, mine in by_source.items()]


def _lines(ctx: Context, name: str, rows: list[Row]) -> dict[str, Any]:
    sample = max(rows, key=lambda row: (row["flag"] is None, row["value"] or 0))
    numbers = [row["line"] for row in rows]
    return {
        "lines": len(rows),
        "first_line": min(numbers),
        "last_line": max(numbers),
        "line": sample["line"],
        "text": line_text(ctx, source_row(ctx, name), sample["line"], sample),
        "of": sample["phenomenon_time"].isoformat(sep=" ", timespec="minutes"),
        "url": line_link(ctx, sample),
    }


def line_link(ctx: Context, row: Row) -> str:
    """Address of the trace of an observation's line, with the value to mark."""
    at = row["phenomenon_time"].strftime("%Y-%m-%dT%H:%M")
    return ctx.link("trace_source", row["source"], row["line"], point=row["point"], property=row["property"], hour=at)


def stored_file(dataset: Path, row: Row) -> Path | None:
    """The file of an import as it came; None when it is not kept."""
    return next((dataset / "files").glob(f"{row['sha256']}*"), None) if row["sha256"] else None


def checksum_holds(file: Path, expected: str) -> bool:
    """Whether the kept file still has the checksum of the import."""
    with file.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest() == expected


def line_text(ctx: Context, source: Row, line: int, row: Row | None) -> dict[str, Any] | None:
    """The line in three parts: before, the value, after; None when the file is not kept."""
    file = stored_file(ctx.dataset.path, source)
    if file is None:
        return None
    if file.suffix == ".parquet":
        return _marked(_parquet_row(file, line), "", row)
    head, text = _text_lines(file, line)
    return _marked(text, head, row)


def _parquet_row(file: Path, line: int) -> str:
    table = pq.ParquetFile(file)
    for group in range(table.num_row_groups):
        rows = table.metadata.row_group(group).num_rows
        if line <= rows:
            found = table.read_row_group(group).slice(line - 1, 1).to_pylist()
            return json.dumps(found[0], ensure_ascii=False, default=str) if found else ""
        line -= rows
    return ""


def _text_lines(file: Path, line: int) -> tuple[str, str]:
    for encoding in ENCODINGS:
        try:
            with file.open(encoding=encoding) as stream:
                head = stream.readline().rstrip("\r\n")
                if line == 1:
                    return head, head
                return head, next(islice(stream, line - 2, None), "").rstrip("\r\n")
        except UnicodeDecodeError:
            continue
    with file.open("rb") as stream:
        return "", next(islice(stream, line - 1, None), b"").decode("latin-1").rstrip("\r\n")


def _marked(text: str, head: str, row: Row | None) -> dict[str, Any]:
    place = _place(text, head, row) if row is not None and row["value"] is not None else None
    if place is None:
        return {"before": text, "value": "", "after": ""}
    start, end = place
    return {"before": text[:start], "value": text[start:end], "after": text[end:]}


def _place(text: str, head: str, row: Row) -> tuple[int, int] | None:
    """Where the value stands in the line: the point's own column, else the first cell that equals it."""
    cells = _cells(text)
    names = next(csv.reader([head]), [])
    own = names.index(row["point"]) if row["point"] in names else -1
    if 0 <= own < len(cells):
        return cells[own]
    hits = [span for span in cells if _number(text[span[0] : span[1]]) == row["value"]]
    return hits[-1] if hits else None


def _cells(text: str) -> list[tuple[int, int]]:
    separator = max(",\t;", key=text.count)
    spans, start = [], 0
    for cell in text.split(separator):
        spans.append((start, start + len(cell)))
        start += len(cell) + 1
    return spans


def _number(text: str) -> float | None:
    try:
        return float(text.rpartition(":")[2].strip(' "}]'))
    except ValueError:
        return None


def source_trace(ctx: Context, name: str, line: int, row: Row | None) -> dict[str, Any]:
    """The trace of a line of a file; row: the observation made of it, when known."""
    source = source_row(ctx, name)
    file = stored_file(ctx.dataset.path, source)
    return {
        "kind": "source",
        **described(ctx, name),
        "line": line,
        "text": line_text(ctx, source, line, row),
        "checksum": checksum_holds(file, source["sha256"]) if file else None,
        "rows": {key: source[key] for key in ("rows_read", "rows_stored", "rows_known", "rows_rejected")},
    }
