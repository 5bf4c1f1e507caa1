"""What the observations' own files tell of their outlets: columns like ``standard``, ``source_type`` and ``limit``."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import duckdb

from qingyuan.observations.intake.columns import assign
from qingyuan.observations.intake.layouts import Column
from qingyuan.observations.intake.sources import Source, open_source
from qingyuan.places.outlets import FIELDS, LONG, Outlet, outlets_of

OF_AN_OUTLET = {*FIELDS, *LONG} - {"point", "property", "averaging", "note", "name"}


def outlets_told(files: list[Path]) -> tuple[Outlet, ...]:
    """The outlets of the files that have such columns; none where no file has. UnreadableInput where rows contradict."""
    rows = [row for file in dict.fromkeys(files) for row in _rows(file)]
    return outlets_of(rows, ", ".join(sorted({file.name for file in files})))


def _rows(file: Path) -> list[Mapping[str, object]]:
    source = open_source(file)
    columns = [Column(field.name, place, field.type) for place, field in enumerate(source.schema)]
    ours = {name: columns[place] for name, place in assign(source.schema.names).items()}
    told = {column.name.strip(): column for column in columns if column.name.strip() in OF_AN_OUTLET}
    if not told or "point" not in ours:
        return []
    chosen = {"point": ours["point"], **told}
    # the limit of a row is that of its item; all else is the outlet's
    if {"limit", "local_limit", "permitted_t"} & set(told):
        chosen |= {name: ours[name] for name in ("property", "averaging") if name in ours}
    return _by_mean(_distinct(source, chosen))


def _by_mean(rows: list[dict[str, object]]) -> list[Mapping[str, object]]:
    """One limit of an item is that of the mean the outlet is judged by, whatever records bear it; two are by averaging."""
    limits: dict[tuple[object, object], set[object]] = {}
    for row in rows:
        limits.setdefault((row["point"], row.get("property")), set()).add(row.get("limit"))
    for row in rows:
        if len(limits[row["point"], row.get("property")] - {None}) <= 1:
            row.pop("averaging", None)
    return [*rows]


def _distinct(source: Source, chosen: Mapping[str, Column]) -> list[dict[str, object]]:
    """The different combinations of the chosen columns, as text."""
    named = ", ".join(f"nullif({column.text()}, '') AS {name}" for name, column in chosen.items())
    found: dict[tuple[object, ...], None] = {}
    with duckdb.connect() as engine:
        for batch in source.batches():
            engine.register("raw", batch.table)
            found |= dict.fromkeys(engine.execute(f"SELECT DISTINCT {named} FROM raw").fetchall())
    rows = [dict(zip(chosen, row, strict=True)) for row in found]
    return [row for row in rows if row["point"]]
