"""A Parquet file of the long layout, looked through once: whether its rows can be used where they lie.

The rows are grouped by their words and by year; each group's extremes and the bit set of its hours tell that nothing
in it needs rejecting and that no hour stands twice. Then the file is read through a SELECT, without a copy.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

import duckdb
import pyarrow as pa

from qingyuan.base import units
from qingyuan.observations.intake.layouts import Column, Layout
from qingyuan.observations.intake.meanings import STEP_US, Meaning, Reading, meaning
from qingyuan.observations.intake.spool import literal

HOURS = 8760
"""Hours of one bucket of the bit sets, a year without leap day."""

Words = tuple[str, str, str]
Series = tuple[str, str, str]


@dataclass(frozen=True)
class Group:
    """One point, property, averaging and year: how many values, on how many hours of the clock, from when to when."""

    series: Series
    bucket: int
    rows: int
    hours: int
    first: datetime
    last: datetime


@dataclass
class Surveyed:
    """A file found whole: the SELECT of its good rows, its groups, and what was counted."""

    select: str = ""
    groups: list[Group] = field(default_factory=list)
    good: int = 0
    blank: int = 0
    passed_over: Counter[str] = field(default_factory=Counter)


def survey(engine: duckdb.DuckDBPyConnection, file: Path, layout: Layout, reading: Reading) -> Surveyed | None:
    """The file as a SELECT when each row is good, blank or passed over; else None.

    None as well when it is not of the long layout with typed times and numbers.
    """
    if layout.columns is None or not layout.moments or not layout.columns["value"].is_number:
        return None
    raw = _RawColumns(layout.columns, file)
    try:
        rows = engine.execute(_look(raw)).fetchall()
    except duckdb.OutOfMemoryException:
        return None
    meanings = {row[1:4]: meaning(*row[1:4], reading) for row in rows}
    if not all(_clean(row, meanings[row[1:4]]) for row in rows) or not _days_begin_at_midnight(engine, raw, meanings):
        return None
    found = Surveyed(select=_select(raw, meanings))
    for row in rows:
        _count(found, row, meanings[row[1:4]])
    return found


class _RawColumns:
    """SQL of the columns of a Parquet file as they lie, without trimming or judging."""

    def __init__(self, columns: Mapping[str, Column], file: Path) -> None:
        self._columns, self.file = columns, file
        self.number = columns["value"].number(quoted_name(columns["value"]))
        hours = f" + to_hours({quoted_name(columns['hour'])}::INT)" if "hour" in columns else ""
        self.moment = columns["phenomenon_time"].moment(quoted_name(columns["phenomenon_time"])) + hours
        self.source = f"read_parquet({literal(str(file))}, file_row_number = true)"

    def word(self, ours: str) -> str:
        """SQL of a column of words, '' where the file has none."""
        column = self._columns.get(ours)
        if column is None:
            return "''"
        name = quoted_name(column)
        return name if pa.types.is_string(column.type) else f"{name}::VARCHAR"

    def optional(self, ours: str) -> str:
        """SQL of a column that may be missing, blank made null."""
        return f"nullif({self.word(ours)}, '')"


def quoted_name(column: Column) -> str:
    """The name of a column of a file inside SQL."""
    return '"' + column.name.replace('"', '""') + '"'


def _look(raw: _RawColumns) -> str:
    return f"""SELECT {raw.word("point")} AS point, coalesce({raw.word("property")}, '') AS word,
      coalesce({raw.word("averaging")}, '') AS averaging_word, coalesce({raw.word("unit")}, '') AS unit_word,
      hour // {HOURS} AS bucket, count(*), count(moment), count(number), min(number), max(number), min(moment), max(moment),
      max(us % 3600000000), bit_count(bitstring_agg((hour % {HOURS})::INT, 0, {HOURS - 1}) FILTER (number IS NOT NULL))
    FROM (SELECT *, epoch_us(moment) AS us, epoch_us(moment) // 3600000000 AS hour
      FROM (SELECT *, {raw.moment} AS moment, {raw.number} AS number FROM {raw.source})) GROUP BY ALL"""


def _clean(row: tuple, meant: Meaning) -> bool:
    """Whether nothing in a group needs a closer look."""
    point, word, averaging, unit, _, rows, timed, valued, low, high, _, _, beyond_hour, _ = row
    if not meant.serves:
        return True
    if meant.trouble or not point or any(text != text.strip() for text in (point, word, averaging, unit)):
        return False
    if timed < rows or STEP_US.get(meant.averaging or "") is None or beyond_hour:
        return False
    return not valued or _plausible(low, high, meant)


def _plausible(low: float, high: float, meant: Meaning) -> bool:
    if not (math.isfinite(low) and math.isfinite(high)):
        return False
    factors = float(meant.before), float(meant.after)
    lowest, highest = min(low * each for each in factors), max(high * each for each in factors)
    return (meant.low is None or lowest >= meant.low) and (meant.high is None or highest <= meant.high)


def _days_begin_at_midnight(
    engine: duckdb.DuckDBPyConnection, raw: _RawColumns, meanings: Mapping[Words, Meaning]
) -> bool:
    daily = [
        words
        for words, meant in meanings.items()
        if meant.serves and STEP_US.get(meant.averaging or "") != 3_600_000_000
    ]
    if not daily:
        return True
    pairs = sorted({(word, averaging) for word, averaging, _ in daily})
    asked = " OR ".join(_of_words(raw, pair) for pair in pairs)
    late = f"SELECT count(*) FROM {raw.source} WHERE ({asked}) AND epoch_us({raw.moment}) % 86400000000 <> 0"
    found = engine.execute(late).fetchone()
    return found is not None and found[0] == 0


def _of_words(raw: _RawColumns, words: tuple[str, str]) -> str:
    names = (raw.word("property"), raw.word("averaging"))
    return "(" + " AND ".join(f"coalesce({n}, '') = {literal(w)}" for n, w in zip(names, words, strict=True)) + ")"


def _count(found: Surveyed, row: tuple, meant: Meaning) -> None:
    point, _, _, _, bucket, rows, _, valued, _, _, first, last, _, hours = row
    found.blank += rows - valued
    if not meant.serves:
        found.passed_over[meant.because or ""] += valued
        return
    found.good += valued
    if valued:
        series = (point, meant.slug or "", meant.averaging or "")
        found.groups.append(Group(series, bucket, valued, hours, first, last))


def _select(raw: _RawColumns, meanings: Mapping[Words, Meaning]) -> str:
    """SELECT of the good rows in the columns of GOOD; words that already are ours cost nothing."""
    serving = {words: meant for words, meant in meanings.items() if meant.serves}
    where = "value IS NOT NULL" if len(serving) == len(meanings) else f"value IS NOT NULL AND {_served(raw, serving)}"
    return f"""SELECT {raw.word("point")} AS point, {_case(raw, serving, lambda meant: meant.slug, "property")} AS property,
      {_case(raw, serving, lambda meant: meant.averaging, "averaging")} AS averaging, {raw.moment} AS phenomenon_time,
      {_value(raw, serving)} AS value, {_case(raw, serving, lambda meant: meant.unit, "unit")} AS unit,
      {raw.optional("flag")} AS flag, {raw.optional("city")} AS city, {literal(str(raw.file))} AS file,
      file_row_number + 1 AS line FROM {raw.source} WHERE {where.replace("value IS", f"{raw.number} IS")}"""


def _served(raw: _RawColumns, serving: Mapping[Words, Meaning]) -> str:
    words = ", ".join(sorted({literal(word) for word, _, _ in serving})) or "''"
    return f"{raw.word('property')} IN ({words})"


def _case(raw: _RawColumns, serving: Mapping[Words, Meaning], of: Callable[[Meaning], str | None], ours: str) -> str:
    """The column itself where its words are ours already, one literal where all mean one, else a CASE."""
    place = ("property", "averaging", "unit").index(ours)
    meant = {(words[place], of(meaning_)) for words, meaning_ in serving.items()}
    if all(word == result for word, result in meant):
        return raw.word(ours)
    results = {result for _, result in meant}
    if len(results) == 1:
        return literal(results.pop() or "")
    whens = " ".join(f"WHEN {_when(raw, words)} THEN {literal(of(found) or '')}" for words, found in serving.items())
    return f"CASE {whens} END"


def _when(raw: _RawColumns, words: Words) -> str:
    names = (raw.word("property"), raw.word("averaging"), raw.word("unit"))
    pairs = [(name, word) for name, word in zip(names, words, strict=True) if name != "''"]
    return " AND ".join(f"coalesce({name}, '') = {literal(word)}" for name, word in pairs)


def _value(raw: _RawColumns, serving: Mapping[Words, Meaning]) -> str:
    converted = {words: meant for words, meant in serving.items() if not meant.exact}
    if not converted:
        return raw.number
    whens = " ".join(f"WHEN {_when(raw, words)} THEN {conversion(raw, meant)}" for words, meant in converted.items())
    return f"CASE {whens} ELSE {raw.number} END"


def conversion(raw: _RawColumns, meant: Meaning) -> str:
    """SQL of a value in the unit of its property, to 15 digits."""

    def by(factor: object) -> str:
        top, bottom = getattr(factor, "numerator", 1), getattr(factor, "denominator", 1)
        return f"printf('%.15g', {raw.number} * {float(top)!r}::DOUBLE / {float(bottom)!r}::DOUBLE)::DOUBLE"

    if meant.before == meant.after:
        return by(meant.after)
    return (
        f"CASE WHEN {raw.moment} < TIMESTAMP '{units.AMENDED_FROM}' THEN {by(meant.before)} ELSE {by(meant.after)} END"
    )
