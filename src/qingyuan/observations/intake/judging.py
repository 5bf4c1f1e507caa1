"""Judging long rows: typed, converted to the unit of the property, and told good, blank, passed over or rejected."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

import duckdb
import pyarrow as pa

from qingyuan.base import units
from qingyuan.observations.intake.meanings import STEP_US, Meaning, Reading, meaning
from qingyuan.observations.intake.spool import literal
from qingyuan.observations.intake.times import Moment, read_time

FORGET = 500_000
"""Distinct texts of times remembered before the memory is emptied."""

_MEANINGS = pa.schema(
    [
        *((name, pa.string()) for name in ("word", "averaging_word", "unit_word", "slug", "averaging", "unit")),
        *((name, pa.float64()) for name in ("low", "high", "before", "before_by", "after", "after_by")),
        *((name, pa.bool_()) for name in ("outlet", "exact", "serves")),
        ("step", pa.int64()),
        ("trouble", pa.string()),
    ]
)
_TIMES = pa.schema(
    [("time_text", pa.string()), ("begins", pa.timestamp("us")), ("zoned", pa.bool_()), ("trouble", pa.string())]
)

CONVERTED = """CASE WHEN m.exact THEN l.number
  WHEN begins < TIMESTAMP '{amended}' THEN printf('%.15g', l.number * m.before / m.before_by)::DOUBLE
  ELSE printf('%.15g', l.number * m.after / m.after_by)::DOUBLE END"""
"""The value in the unit of the property: the nearest double of 15 digits, as the decimal product has them."""

_ALIGNED = {
    60_000_000: "time ' || strftime(begins, '%H:%M:%S') || ' is not on the full minute, where ' || averaging || ' begins",
    3_600_000_000: "time ' || strftime(begins, '%H:%M:%S') || ' is not on the full hour, where ' || averaging || ' begins",
    86_400_000_000: "time ' || strftime(begins, '%H:%M:%S') || ' is not 00:00, where ' || averaging || ' begins",
}

_REASON = """CASE
  WHEN blank OR NOT serves THEN NULL
  WHEN point IS NULL THEN 'no point'
  WHEN trouble IS NOT NULL THEN trouble
  WHEN time_trouble IS NOT NULL THEN time_trouble
  WHEN begins IS NULL THEN 'no time'
  WHEN number IS NULL THEN 'value ''' || value_text || ''' is no number'
  WHEN NOT isfinite(number) THEN 'value ' || number::VARCHAR || ' is not finite'
  WHEN value < 0 AND low = 0 THEN 'value ' || value::VARCHAR || ' ' || unit || ' is negative'
  WHEN value < low THEN 'value ' || value::VARCHAR || ' ' || unit || ' is impossible: below ' || low::VARCHAR
  WHEN value > high THEN 'value ' || value::VARCHAR || ' ' || unit || ' is impossible: above ' || high::VARCHAR
  {aligned}
  END"""

_JUDGED = """CREATE OR REPLACE TEMP TABLE judged AS
WITH timed AS (SELECT l.*, coalesce(l.moment, t.begins) AS begins, t.trouble AS time_trouble,
    coalesce(t.zoned, {zoned}) AS zoned, {outlet} AS outlet FROM long l LEFT JOIN times t USING (time_text)),
meant AS (SELECT l.*, m.slug, m.averaging, m.unit, m.low, m.high, m.trouble, m.serves, m.step, {converted} AS value,
    l.number IS NULL AND l.value_text IS NULL AS blank
  FROM timed l LEFT JOIN meanings m
    ON l.word = m.word AND l.averaging_word = m.averaging_word AND l.unit_word = m.unit_word AND l.outlet = m.outlet)
SELECT point, slug AS property, averaging, begins AS phenomenon_time, value, unit, flag, city, {file} AS file, line, cell,
  zoned, word, serves, CASE WHEN blank THEN 'blank' WHEN NOT serves THEN 'passed over'
    WHEN reason IS NULL THEN 'good' ELSE 'rejected' END AS outcome, reason
FROM (SELECT *, {reason} AS reason FROM meant)"""


@dataclass
class Tally:
    """What became of the rows of a file."""

    outcomes: Counter[str] = field(default_factory=Counter)
    passed_over: Counter[str] = field(default_factory=Counter)
    unzoned: int = 0


class Judge:
    """Judges long rows of one file in a DuckDB connection, remembering the words and times met."""

    def __init__(self, engine: duckdb.DuckDBPyConnection, reading: Reading, file: str, zoned: bool) -> None:
        self.engine, self.reading, self.tally = engine, reading, Tally()
        self._times = 0
        engine.register("none_meant", _MEANINGS.empty_table())
        engine.execute("CREATE OR REPLACE TEMP TABLE meanings AS FROM none_meant")
        self._forget_times()
        self._outlet = self._kind(reading.outlets)
        self._sql = _JUDGED.format(
            zoned=str(zoned),
            file=literal(file),
            outlet=self._outlet,
            reason=_reason(),
            converted=CONVERTED.format(amended=units.AMENDED_FROM),
        )

    def _kind(self, outlets: bool | frozenset[str]) -> str:
        """SQL of whether a row is of an outlet."""
        if isinstance(outlets, bool):
            return str(outlets)
        self.engine.register("outlets", pa.table({"point": pa.array(sorted(outlets), pa.string())}))
        return "coalesce(l.point IN (SELECT point FROM outlets), false)"

    def judge(self) -> int:
        """Make the temporary table ``judged`` from ``long``, count its outcomes; returns how many rows are good."""
        before = self.tally.outcomes["good"]
        self._learn_words()
        self._learn_times()
        self.engine.execute(self._sql)
        counts = self.engine.execute(
            "SELECT outcome, word, count(*), count(*) FILTER (NOT zoned AND outcome = 'good') FROM judged GROUP BY ALL"
        ).fetchall()
        for outcome, word, rows, unzoned in counts:
            self.tally.outcomes[outcome] += rows
            self.tally.unzoned += unzoned
            if outcome == "passed over":
                self.tally.passed_over[_because(word, self.reading)] += rows
        return self.tally.outcomes["good"] - before

    def _learn_words(self) -> None:
        fresh = self.engine.execute(
            f"""FROM (SELECT DISTINCT word, averaging_word, unit_word, {self._outlet} AS outlet FROM long l)
            ANTI JOIN meanings USING (word, averaging_word, unit_word, outlet)"""
        ).fetchall()
        if fresh:
            self._insert("meanings", [meant(words, self.reading) for words in fresh], _MEANINGS)

    def _learn_times(self) -> None:
        if self._times > FORGET:
            self._forget_times()
        fresh = self.engine.execute(
            "SELECT DISTINCT time_text FROM long ANTI JOIN times USING (time_text) WHERE time_text IS NOT NULL"
        ).fetchall()
        self._times += len(fresh)
        if fresh:
            self._insert("times", [_time_row(text, read_time(text)) for (text,) in fresh], _TIMES)

    def _forget_times(self) -> None:
        self.engine.register("no_times", _TIMES.empty_table())
        self.engine.execute("CREATE OR REPLACE TEMP TABLE times AS FROM no_times")
        self._times = 0

    def _insert(self, table: str, rows: list[dict[str, object]], schema: pa.Schema) -> None:
        self.engine.register("fresh", pa.Table.from_pylist(rows, schema=schema))
        self.engine.execute(f"INSERT INTO {table} FROM fresh")
        self.engine.unregister("fresh")


def meant(words: tuple[str, str, str, bool], reading: Reading) -> dict[str, object]:
    """The meaning of a row's words, at an outlet or not, as a row of the table ``meanings``."""
    found = meaning(*words[:3], reading.at(words[3]))
    row: dict[str, object] = dict(zip(("word", "averaging_word", "unit_word", "outlet"), words, strict=True))
    row |= {
        name: getattr(found, name)
        for name in ("slug", "averaging", "unit", "low", "high", "exact", "serves", "trouble")
    }
    return row | _factors(found) | {"step": STEP_US.get(found.averaging or "")}


def _factors(found: Meaning) -> dict[str, object]:
    return {
        "before": float(found.before.numerator),
        "before_by": float(found.before.denominator),
        "after": float(found.after.numerator),
        "after_by": float(found.after.denominator),
    }


def _because(word: str, reading: Reading) -> str:
    return meaning(word, "", "", reading.at(False)).because or word


def _time_row(text: str, moment: Moment) -> dict[str, object]:
    return {"time_text": text, "begins": moment.at, "zoned": moment.zoned, "trouble": moment.trouble}


def _reason() -> str:
    aligned = " ".join(
        f"WHEN step = {step} AND epoch_us(begins) % {step} <> 0 THEN '{told}'" for step, told in _ALIGNED.items()
    )
    return _REASON.format(aligned=aligned)
