"""Records that are no frames: observations that came through the other doors as CSV or as JSON lines.

The record is what was sent: a CSV with its head, or JSON objects a line; the columns are those of the canonical long
input (``property, phenomenon_time, value, unit``, and ``point``, ``averaging``, ``flag`` where needed).
"""

from __future__ import annotations

import csv
import io
import json
import math
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from fractions import Fraction
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from qingyuan.base.errors import WrongUsage
from qingyuan.base.time import month_of, to_wall_clock
from qingyuan.gateway.sites import Site, SiteOf, at, possible
from qingyuan.observations.schema import OBSERVATION
from qingyuan.standards import properties

if TYPE_CHECKING:
    from qingyuan.gateway.journal import Record

SCHEMA = pa.schema([*OBSERVATION, ("record", pa.int64())])
NEEDED = ("property", "phenomenon_time", "value", "unit")
KNOWN = (*NEEDED, "point", "averaging", "flag")


def add(tables: dict[str, pa.Table], records: Sequence[Record], site_of: SiteOf) -> list[tuple[int, str]]:
    """Read the records into the tables by dataset; gives (record, reason) of those that cannot be read."""
    rows: dict[str, list[dict[str, Any]]] = {}
    faults = []
    for record in records:
        try:
            found = [observation(line, given, site_of(record.mn)) for line, given in lines(record.raw)]
        except WrongUsage as wrong:
            faults.append((record.id, f"document: {wrong.what}"))
            continue
        moment = _arrived(record)
        told = {"result_time": moment, "source": f"journal:{record.id}", "record": record.id}
        rows.setdefault(site_of(record.mn).dataset, []).extend({**each, **told} for each in found)
    for slug, some in rows.items():
        table = pa.Table.from_pylist(some, SCHEMA)
        tables[slug] = pa.concat_tables([_plain(tables[slug]), table]) if slug in tables else table
    return faults


def _arrived(record: Record) -> datetime:
    from qingyuan.gateway.quarantine import wall_clock

    return wall_clock(record.received)


def _plain(table: pa.Table) -> pa.Table:
    return table.select(SCHEMA.names).cast(SCHEMA)


def lines(raw: bytes) -> Iterator[tuple[int, Mapping[str, Any]]]:
    """The rows of a document with their line. WrongUsage for what is neither CSV with the columns nor JSON lines."""
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as wrong:
        raise WrongUsage(f"The document is not UTF-8 ({wrong})", "Send UTF-8") from wrong
    yield from _json_lines(text) if text.lstrip()[:1] == "{" else _csv_lines(text)


def _json_lines(text: str) -> Iterator[tuple[int, Mapping[str, Any]]]:
    for number, line in enumerate(text.splitlines(), 1):
        if not line.strip():
            continue
        try:
            given = json.loads(line)
        except ValueError as wrong:
            raise WrongUsage(f"Line {number} is no JSON ({wrong})", "Send one object a line") from wrong
        if not isinstance(given, dict):
            raise WrongUsage(f"Line {number} is no object", "Send one object a line")
        yield number, given


def _csv_lines(text: str) -> Iterator[tuple[int, Mapping[str, Any]]]:
    reader = csv.DictReader(io.StringIO(text))
    head = reader.fieldnames or ()
    if not set(NEEDED) <= set(head):
        raise WrongUsage(f"The document has the columns {', '.join(head) or 'none'}", f"It needs {', '.join(NEEDED)}")
    for given in reader:
        yield reader.line_num, given


def observation(line: int, given: Mapping[str, Any], site: Site) -> dict[str, Any]:
    """One row as an observation of the site, without source. WrongUsage, naming the line, for what cannot be."""
    word, unit = _text(given, "property"), _text(given, "unit")
    point = _text(given, "point") or site.point
    known = at(word, outlet=point in site.outlets)
    begins = _time(line, _text(given, "phenomenon_time"))
    value = _value(line, given.get("value"))
    target = known.unit if known else unit
    scale = known.factor(unit, begins.date()) if known else Fraction(1)
    if not word or not scale:
        raise WrongUsage(f"Line {line}: property {word!r} in unit {unit!r} cannot be used", "Give a unit that fits")
    return {
        "point": point,
        "property": known.slug if known else word,
        "averaging": _text(given, "averaging") or "1h",
        "phenomenon_time": begins,
        "value": value * scale.numerator / scale.denominator,
        "unit": target,
        "flag": _text(given, "flag") or _own_flag(known, value, scale),
        "line": line,
        "month": month_of(begins),
    }


def _text(given: Mapping[str, Any], name: str) -> str:
    return str(given.get(name) or "").strip()


def _time(line: int, text: str) -> datetime:
    try:
        return to_wall_clock(datetime.fromisoformat(text))
    except ValueError as wrong:
        raise WrongUsage(f"Line {line}: phenomenon_time {text!r} cannot be read", "Write ISO 8601") from wrong


def _value(line: int, given: Any) -> float:
    try:
        value = float(given)
    except (TypeError, ValueError) as wrong:
        raise WrongUsage(
            f"Line {line}: value {given!r} is no number", "Leave the row out where nothing was measured"
        ) from wrong
    if not math.isfinite(value):
        raise WrongUsage(f"Line {line}: value {given!r} is not finite", "Leave the row out")
    return value


def _own_flag(known: properties.ObservedProperty | None, value: float, scale: Fraction | None) -> str | None:
    if known is None or scale is None or possible(known, value * scale.numerator / scale.denominator):
        return None
    return "negative" if value < 0 else "range"
