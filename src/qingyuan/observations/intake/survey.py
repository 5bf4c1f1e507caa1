"""A Parquet file of the long layout, looked through once: which of its rows can be used where they lie.

The rows are grouped by their words and by year; each group's extremes and the bit set of its hours tell whether
anything in it needs a closer look and whether an hour stands twice. The file is then read through a SELECT, without a
copy; only rows that need the closer look are judged one by one.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from qingyuan.base import units
from qingyuan.observations.intake.layouts import Column, Layout, flag_sql
from qingyuan.observations.intake.meanings import STEP_US, Meaning, Reading, meaning
from qingyuan.observations.intake.spool import literal

HOURS = 8760
"""Hours of one bucket of the bit sets, a year without leap day."""

Words = tuple[str, str, str]
Series = tuple[str, str, str]


@dataclass(frozen=True)
class Group:
    """One point, property, averaging and year: how many values, on how many hours of the clock, from when to when.

    Records by the minute are counted by minutes, in buckets of HOURS minutes.
    """

    series: Series
    bucket: int
    rows: int
    hours: int
    first: datetime
    last: datetime


def slot_us(averaging: str) -> str:
    """SQL of the length of a slot of the bit sets in microseconds: a minute for minute records, else an hour."""
    return f"CASE WHEN {averaging} ILIKE '%min%' OR {averaging} LIKE '%分%' THEN 60000000 ELSE 3600000000 END"


WORDS = 200
"""Most combinations of words that are written into one SELECT."""


@dataclass
class Surveyed:
    """What was found: the SELECT of good rows, their groups, what was counted.

    closer: SELECT (columns ``c0, c1, ... line``) of the rows that need a closer look; they are counted as good.
    """

    select: str = ""
    closer: str | None = None
    groups: list[Group] = field(default_factory=list)
    good: int = 0
    blank: int = 0
    passed_over: Counter[str] = field(default_factory=Counter)


def survey(engine: duckdb.DuckDBPyConnection, file: Path, layout: Layout, reading: Reading) -> Surveyed | None:
    """The file as a SELECT of rows that are good beyond doubt, and one of those that need a closer look.

    None when the file is not of the long layout with typed times and numbers, has too many words or points, or
    outlets beside other points.
    """
    if layout.columns is None or not layout.moments or not layout.columns["value"].is_number:
        return None
    raw = _RawColumns(layout.columns, file)
    try:
        rows = engine.execute(_look(raw)).fetchall()
    except duckdb.OutOfMemoryException:
        return None
    one_kind = reading.of(row[0] for row in rows)
    if one_kind is None:
        return None
    meanings = {row[1:4]: meaning(*row[1:4], one_kind) for row in rows}
    if len(meanings) > WORDS:
        return None
    found = Surveyed()
    for row in rows:
        _count(found, row, meanings[row[1:4]])
    taken = {words: meant for words, meant in meanings.items() if meant.serves and not meant.trouble}
    clean = all(_clean(row, meanings[row[1:4]]) for row in rows) and _days_begin_at_midnight(engine, raw, taken)
    over = [words for words, meant in meanings.items() if not meant.serves]
    good = None if clean else " OR ".join(_good_when(raw, *each) for each in taken.items()) or "false"
    found.select = _select(raw, taken, good if good else _served(raw, taken) if over else "true")
    found.closer = _closer(raw, layout.columns_of_file, good, over) if good else None
    return found


class _RawColumns:
    """SQL of the columns of a Parquet file as they lie, without trimming or judging."""

    def __init__(self, columns: Mapping[str, Column], file: Path) -> None:
        self._columns, self.file = columns, file
        self.all_valued = _all_valued(file, columns["value"])
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

    def flag(self) -> str:
        """SQL of the flag, with an outlet's operating tag behind it."""
        return flag_sql(self.optional("flag"), self.optional("tag") if "tag" in self._columns else None)


def quoted_name(column: Column) -> str:
    """The name of a column of a file inside SQL."""
    return '"' + column.name.replace('"', '""') + '"'


def _look(raw: _RawColumns) -> str:
    hours = f"bitstring_agg((slot % {HOURS})::INT, 0, {HOURS - 1})"
    averaging = raw.word("averaging")
    if not raw.all_valued:
        hours += " FILTER (number IS NOT NULL)"
    return f"""SELECT {raw.word("point")} AS point, coalesce({raw.word("property")}, '') AS word,
      coalesce({raw.word("averaging")}, '') AS averaging_word, coalesce({raw.word("unit")}, '') AS unit_word,
      slot // {HOURS} AS bucket, count(*), count(moment), {"count(*)" if raw.all_valued else "count(number)"}, min(number),
      max(number), min(moment), max(moment), max(us % 3600000000), bit_count({hours})
    FROM (SELECT *, epoch_us(moment) AS us, epoch_us(moment) // {slot_us(averaging)} AS slot
      FROM (SELECT *, {raw.moment} AS moment, {raw.number} AS number FROM {raw.source})) GROUP BY ALL"""


def _all_valued(file: Path, column: Column) -> bool:
    """Whether the file itself says that a column has no nulls."""
    with pq.ParquetFile(file) as opened:
        groups = [opened.metadata.row_group(group).to_dict()["columns"] for group in range(opened.num_row_groups)]
    told = [each["statistics"] for group in groups for each in group if each["path_in_schema"] == column.name]
    return len(told) == len(groups) and all(each and each["null_count"] == 0 for each in told)


def _clean(row: tuple, meant: Meaning) -> bool:
    """Whether nothing in a group needs a closer look."""
    point, word, averaging, unit, _, rows, timed, valued, low, high, _, _, beyond_hour, _ = row
    if not meant.serves:
        return True
    if meant.trouble or not point or any(text != text.strip() for text in (point, word, averaging, unit)):
        return False
    if timed < rows or (beyond_hour and STEP_US.get(meant.averaging or "")):
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
    daily = [words for words, meant in meanings.items() if STEP_US.get(meant.averaging or "") == 86_400_000_000]
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
    if valued and point and first and not meant.trouble:
        series = (point, meant.slug or "", meant.averaging or "")
        found.groups.append(Group(series, bucket, valued, hours, first, last))


def _good_when(raw: _RawColumns, words: Words, meant: Meaning) -> str:
    """SQL that a row has these words and nothing wrong with it."""
    value = raw.number if meant.exact else conversion(raw, meant)
    step = STEP_US.get(meant.averaging or "")
    point = raw.word("point")
    conditions = [
        _when(raw, words),
        *([f"{value} >= {meant.low!r}::DOUBLE"] if meant.low is not None else []),
        *([f"{value} <= {meant.high!r}::DOUBLE"] if meant.high is not None else []),
        f"isfinite({raw.number})",
        f"{raw.moment} IS NOT NULL" if step is None else f"epoch_us({raw.moment}) % {step} = 0",
        f"{point} = trim({point}) AND {point} <> ''",
    ]
    return "(" + " AND ".join(conditions) + ")" if all(word == word.strip() for word in words) else "false"


def _closer(raw: _RawColumns, columns: Sequence[Column], good: str, over: Sequence[Words]) -> str:
    """SELECT of the rows with a value that are neither good beyond doubt nor passed over."""
    named = ", ".join(f"{quoted_name(column)} AS {column.sql}" for column in columns)
    passed = " OR ".join(f"({_when(raw, words)})" for words in over) or "false"
    return (
        f"SELECT {named}, file_row_number + 1 AS line FROM {raw.source}"
        f" WHERE {raw.number} IS NOT NULL AND NOT ({passed}) AND NOT coalesce({good}, false) ORDER BY line"
    )


def _select(raw: _RawColumns, serving: Mapping[Words, Meaning], condition: str) -> str:
    """SELECT of the good rows in the columns of GOOD; words that already are ours cost nothing."""
    return f"""SELECT {raw.word("point")} AS point, {_case(raw, serving, lambda meant: meant.slug, "property")} AS property,
      {_case(raw, serving, lambda meant: meant.averaging, "averaging")} AS averaging, {raw.moment} AS phenomenon_time,
      {_value(raw, serving)} AS value, {_case(raw, serving, lambda meant: meant.unit, "unit")} AS unit,
      {raw.flag()} AS flag, {raw.optional("city")} AS city, {literal(str(raw.file))} AS file,
      file_row_number + 1 AS line FROM {raw.source} WHERE {raw.number} IS NOT NULL AND ({condition})"""


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
