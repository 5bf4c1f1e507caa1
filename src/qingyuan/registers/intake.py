"""Workbooks taken in: read row by row, every fault named, prepared on disk, opened in batches that can be resumed."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from io import BytesIO
from itertools import islice
from pathlib import Path
from typing import Any
from zipfile import BadZipFile

from django.db import transaction
from openpyxl import load_workbook
from openpyxl.utils.exceptions import InvalidFileException

from qingyuan.base.errors import UnreadableInput
from qingyuan.registers import acting, known
from qingyuan.registers.flow import checking, values
from qingyuan.registers.flow.acts import Given
from qingyuan.registers.flow.declared import Field, Kind, Signer, Words
from qingyuan.registers.flow.fold import Actor
from qingyuan.registers.flow.reasons import Reason
from qingyuan.registers.models import Import

BATCH = 2000
MOST_ROWS = 60_000
MOST_FAULTS = 500
DIVISION = Words("区划代码", "Division code")
SITE = Words("所属单位代码", "Site code")


@dataclass(frozen=True)
class Row:
    """One row of a workbook. number: as the sheet shows it; reasons: what keeps it out."""

    number: int
    division: str
    site: str
    values: dict[str, Any]
    known: dict[str, str]
    reasons: tuple[Reason, ...]


def asked(kind: Kind) -> list[Field]:
    """The fields a workbook has columns for: all but files and areas; a table stands in one cell."""
    return [each for each in kind.fields.values() if each.type not in ("file", "polygon")]


def titled(field: Field, title: str, language: str) -> str:
    """The title of a field's column, with its unit, or of a table with the columns its cell holds."""
    inner = "|".join(each.title.of(language) for each in field.columns)
    return f"{title} ({inner or field.unit})" if inner or field.unit else title


def in_cell(field: Field, rows: Sequence[Mapping[str, Any]]) -> str:
    """A table as one cell: ``2024|1200|800；2025|600|0``."""
    return "；".join("|".join(str(row.get(each.name, "")) for each in field.columns) for row in rows)


def from_cell(field: Field, cell: Any) -> Any:
    """A cell as a value is given: the rows of a table, one a line or divided by ``；``; others as they are."""
    if field.type != "table" or not isinstance(cell, str):
        return cell
    lines = [each for each in cell.replace("\n", "；").replace(";", "；").split("；") if each.strip()]
    names = [each.name for each in field.columns]
    return [dict(zip(names, map(str.strip, line.replace("｜", "|").split("|")), strict=False)) for line in lines]


def rows(kind: Kind, content: bytes, default: str, at: datetime) -> Iterator[Row]:
    """Every row of the first sheet, judged as opening a record would be. default: division of rows that name none.

    Raises UnreadableInput for a file that is no workbook or whose first row names no field.
    """
    try:
        book = load_workbook(BytesIO(content), read_only=True, data_only=True)
    except (BadZipFile, InvalidFileException, KeyError, OSError, ValueError):
        raise UnreadableInput("This is no Excel workbook (.xlsx)", "Fill in the template.") from None
    lines = book.worksheets[0].iter_rows(values_only=True)
    columns = _columns(kind, next(lines, ()))
    for number, line in enumerate(lines, 2):
        if any(cell not in (None, "") for cell in line):
            if number > MOST_ROWS + 1:
                raise UnreadableInput(f"The sheet has more than {MOST_ROWS} rows", "Cut it into parts.")
            yield _row(kind, number, columns, line, default, at)


def _columns(kind: Kind, head: Sequence[Any]) -> list[str]:
    """Field (or ``*division``, ``*site``) of each column; empty for one that is not read."""
    meant: dict[str, str] = {}
    for field in asked(kind):
        for language, title in zip(("zh", "en"), field.title, strict=True):
            meant |= {title: field.name, titled(field, title, language): field.name}
    meant |= dict.fromkeys(DIVISION, "*division") | dict.fromkeys(SITE, "*site")
    found = [meant.get(str(cell or "").strip().removesuffix("*").strip(), "") for cell in head]
    if not any(name and not name.startswith("*") for name in found):
        titles = "、".join(field.title.zh for field in asked(kind)[:4])
        raise UnreadableInput(f"The first row names no field of this register ({titles} …)", "Fill in the template.")
    twice = next((name for name in found if name and found.count(name) > 1), "")
    if twice:
        raise UnreadableInput(f"The first row names {twice!r} twice", "Leave one of the columns out.")
    return found


def _row(kind: Kind, number: int, columns: list[str], line: Sequence[Any], default: str, at: datetime) -> Row:
    cells = {name: cell for name, cell in zip(columns, line, strict=False) if name and cell not in (None, "")}
    division, site = str(cells.pop("*division", "")).strip(), str(cells.pop("*site", "")).strip()[:64]
    given = {name: from_cell(kind.fields[name], cell) for name, cell in cells.items()}
    kept, reasons = values.kept_all(kind.fields, given)
    kept = {name: value for name, value in kept.items() if value is not None}
    division = division or _placed(kind, kept) or default
    if not (division.isdecimal() and len(division) in acting.DIGITS):
        reasons.append(
            Reason("division", Words(f"区划代码“{division}”不对", f"The division {division!r} is no code"), "*division")
        )
    found, sources = known.values(kind, division, site, kept, at)
    reasons += checking.bounds(kind, {**found, **kept}, kept, {})
    reasons += checking.lacking(kind, {**found, **kept})
    return Row(number, division, site, {**found, **kept}, sources, tuple(reasons))


def _placed(kind: Kind, kept: Mapping[str, Any]) -> str:
    """The county the record's point lies in."""
    point = kept.get(kind.place) if kind.place else None
    return known.county_of(*point) if point else ""


def prepare(
    run: Import, kind: Kind, content: bytes, folder: Path, may: Callable[[str, str], bool], at: datetime
) -> None:
    """Read a workbook into a prepared file and note on `run` what was found.

    may: whether a record of a division and site may be opened. Raises UnreadableInput.
    """
    folder.mkdir(parents=True, exist_ok=True)
    faults: list[list[Any]] = []
    part = prepared(run, folder).with_suffix(".part")
    with part.open("w", encoding="utf-8") as file:
        for row in rows(kind, content, run.division, at):
            reasons = list(row.reasons)
            if not reasons and not may(row.division, row.site):
                told = Words(f"您不能在 {row.division} 新建", f"You may not open records in {row.division}")
                reasons = [Reason("not_yours", told, "*division")]
            if reasons:
                run.faulty += 1
                faults += [[row.number, each.field, each.words.zh, each.words.en] for each in reasons]
            else:
                run.rows += 1
                file.write(json.dumps([row.division, row.site, row.values, row.known], ensure_ascii=False) + "\n")
    run.faults = faults[:MOST_FAULTS]
    run.save()
    part.replace(prepared(run, folder))


def prepared(run: Import, folder: Path) -> Path:
    """The file of the rows that will be opened."""
    return folder / f"import-{run.pk}.jsonl"


def advance(
    run_id: int,
    kind: Kind,
    folder: Path,
    actor: Actor,
    holds: Callable[[str, str], Callable[[Signer], bool]],
    at: datetime,
) -> Import:
    """Open the next batch of a prepared import; in one transaction with the note of how far it has come.

    holds: what the actor may sign as, by division and site. Raises Refused where rights or balances forbid a row, and
    UnreadableInput where the prepared rows are gone. Who comes second waits, and opens the batch after.
    """
    with transaction.atomic():
        run = Import.objects.select_for_update().get(pk=run_id)
        if run.state not in ("read", "running"):
            return run
        lines = _next(run, folder)
        batch = [_given(json.loads(line), actor, holds, at, run.simulated) for line in lines]
        if batch:
            acting.open_many(kind, batch, imported=True)
        run.done += len(batch)
        run.state = "done" if run.done >= run.rows else "running"
        run.save()
    if run.state == "done":
        prepared(run, folder).unlink(missing_ok=True)
    return run


def _next(run: Import, folder: Path) -> list[str]:
    """The lines of the next batch."""
    try:
        with prepared(run, folder).open(encoding="utf-8") as file:
            return list(islice(file, run.done, run.done + BATCH))
    except FileNotFoundError:
        raise UnreadableInput("The prepared rows of this import are gone", "Import the workbook again.") from None


def failed(run_id: int, why: Words) -> Import:
    """Note why an import stopped; what it has opened stays, and it can be resumed from there."""
    Import.objects.filter(pk=run_id, state__in=("read", "running")).update(state="failed", why=[*why])
    return Import.objects.get(pk=run_id)


def resume(run_id: int) -> Import:
    """Let an import that has failed run again."""
    Import.objects.filter(pk=run_id, state="failed").update(state="running", why=[])
    return Import.objects.get(pk=run_id)


def _given(
    line: list[Any],
    actor: Actor,
    holds: Callable[[str, str], Callable[[Signer], bool]],
    at: datetime,
    simulated: bool,
) -> tuple[acting.Place, Given]:
    division, site, kept, sources = line
    given = Given("open", actor, at, 0, holds(division, site), values=kept, known=sources)
    return acting.Place(division, site, simulated), given
