"""Layouts of files, each told from the header alone, and how the rows of each are made long.

A layout writes a DuckDB SELECT over the table ``raw`` (columns ``c0, c1, ... line``) which gives the long form of
its words as they stand: point, word, averaging_word, time_text or moment, value_text or number, unit_word, flag,
city, line, cell. Blank text is the same as none.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa

from qingyuan.base.errors import UnreadableInput
from qingyuan.observations.intake.columns import assign
from qingyuan.observations.intake.spool import literal
from qingyuan.standards import properties

_BRACKET = re.compile(r"\s*[(（\[【]\s*(?P<unit>[^()（）\[\]【】]*)\s*[)）\]】]\s*$")
_CHINESE = re.compile(r"[\u4e00-\u9fff]")


@dataclass(frozen=True)
class Column:
    """One column of ``raw``: its name in the file, its place, its Arrow type."""

    name: str
    place: int
    type: pa.DataType

    @property
    def is_time(self) -> bool:
        """Whether the column holds times."""
        return pa.types.is_timestamp(self.type) or pa.types.is_date(self.type)

    @property
    def is_number(self) -> bool:
        """Whether the column holds numbers."""
        return pa.types.is_floating(self.type) or pa.types.is_integer(self.type) or pa.types.is_decimal(self.type)

    @property
    def sql(self) -> str:
        """The column's name in the engine."""
        return f"c{self.place}"

    def text(self) -> str:
        """SQL of the column as text without blanks around."""
        return f"trim({self.sql}::VARCHAR)"

    def moment(self, sql: str | None = None) -> str:
        """SQL of a time column (found as `sql`) as the naive wall clock of +08:00."""
        if pa.types.is_timestamp(self.type) and self.type.tz:
            return f"make_timestamp(epoch_us({sql or self.sql}) + 28800000000)"
        return (sql or self.sql) if self.type == pa.timestamp("us") else f"{sql or self.sql}::TIMESTAMP"

    def number(self, sql: str | None = None) -> str:
        """SQL of a numeric column (found as `sql`) as double; single precision through its shortest decimal."""
        if self.type == pa.float64():
            return sql or self.sql
        short = pa.types.is_float32(self.type) or pa.types.is_float16(self.type)
        return f"{sql or self.sql}::VARCHAR::DOUBLE" if short else f"{sql or self.sql}::DOUBLE"


@dataclass(frozen=True)
class Layout:
    """A recognised layout.

    name: of the kind; select: the SQL described above; wide: one row becomes many; moments: times come typed;
    zoned: the typed times know their zone; averaging: of rows that do not say it, None to find out from the times;
    bare_unit: rows without unit have the property's; notes: what was taken for granted.
    columns, columns_of_file: of the long kind, by our names and all.
    keys, cells: where a row holds many points, the places of its other columns and of each point.
    """

    name: str
    select: str
    wide: bool = False
    moments: bool = False
    zoned: bool = False
    averaging: str | None = None
    says_averaging: bool = False
    bare_unit: bool = False
    notes: tuple[str, ...] = ()
    columns: Mapping[str, Column] | None = None
    columns_of_file: tuple[Column, ...] = ()
    keys: tuple[int, ...] | None = None
    cells: Mapping[str, int] | None = None


def recognise(file: Path, schema: pa.Schema, mapping: Mapping[str, str] | None, *, outlets: bool = False) -> Layout:
    """The layout of a file by its header (schema: names and types). Raises UnreadableInput when it is none we know.

    outlets: the points are outlets, whose operating tags may stand in a column of their own.
    """
    columns = [Column(field.name, place, _value_type(field.type)) for place, field in enumerate(schema)]
    found = {ours: columns[place] for ours, place in assign(schema.names, mapping, outlets=outlets).items()}
    for layout in (_national, _long, _by_property):
        made = layout(columns, found)
        if made:
            return made
    raise UnreadableInput(
        f"{file}: {_missing(found)}; its columns are {_shortened(schema.names)}",
        "Name the columns with --map OURS=THEIRS, e.g. --map point=站点编码",
    )


def _value_type(kind: pa.DataType) -> pa.DataType:
    return kind.value_type if pa.types.is_dictionary(kind) else kind


def _missing(found: Mapping[str, Column]) -> str:
    needed = ("point", "property", "phenomenon_time", "value", "unit")
    return "no column for " + ", ".join(name for name in needed if name not in found)


def _shortened(names: Sequence[str]) -> str:
    return ", ".join(repr(name) for name in names[:12]) + (" ..." if len(names) > 12 else "")


def _time(found: Mapping[str, Column]) -> str:
    """SQL of time_text and moment; a date and an hour apart are joined."""
    time = found["phenomenon_time"]
    if time.is_time:
        hours = f" + to_hours({found['hour'].sql}::INT)" if "hour" in found else ""
        return f"NULL::VARCHAR AS time_text, {time.moment()}{hours} AS moment"
    text = f"{time.text()} || ' ' || {found['hour'].text()}" if "hour" in found else time.text()
    return f"{text} AS time_text, NULL::TIMESTAMP AS moment"


def _value(value: Column) -> str:
    if value.is_number:
        return f"NULL::VARCHAR AS value_text, {value.number()} AS number"
    return f"nullif({value.text()}, '') AS value_text, TRY_CAST({value.sql} AS DOUBLE) AS number"


def _optional(found: Mapping[str, Column], ours: str) -> str:
    return f"nullif({found[ours].text()}, '')" if ours in found else "NULL::VARCHAR"


def _flag(found: Mapping[str, Column]) -> str:
    """The flag, with an outlet's operating tag behind it; N of HJ 212 means normal, which is no flag."""
    return flag_sql(_optional(found, "flag"), _optional(found, "tag") if "tag" in found else None)


def flag_sql(flag: str, tag: str | None) -> str:
    """SQL of the flag from SQL of both columns, blank made null already."""
    plain = f"nullif({flag}, 'N')"
    return plain if tag is None else f"nullif(concat_ws(';', {plain}, nullif({tag}, 'N')), '')"


def _typed(found: Mapping[str, Column]) -> dict[str, Any]:
    time = found["phenomenon_time"]
    return {"moments": time.is_time, "zoned": bool(pa.types.is_timestamp(time.type) and time.type.tz)}


def _long(columns: list[Column], found: Mapping[str, Column]) -> Layout | None:
    """One row a value: point, property, time, value, unit in any order, other columns allowed."""
    if not {"point", "property", "phenomenon_time", "value", "unit"} <= set(found):
        return None
    words = ", ".join(
        f"coalesce({_optional(found, ours)}, '') AS {name}"
        for ours, name in [("property", "word"), ("averaging", "averaging_word"), ("unit", "unit_word")]
    )
    select = (
        f"SELECT {_optional(found, 'point')} AS point, {words}, {_time(found)}, {_value(found['value'])},"
        f" {_flag(found)} AS flag, {_optional(found, 'city')} AS city, line, NULL::VARCHAR AS cell FROM raw"
    )
    return Layout(
        "long",
        select,
        says_averaging="averaging" in found,
        columns=found,
        columns_of_file=tuple(columns),
        **_typed(found),
    )


def _national(columns: list[Column], found: Mapping[str, Column]) -> Layout | None:
    """``date,hour,type,<stations or cities ...>``: one row an hour and type, one column a point."""
    if not {"phenomenon_time", "hour", "type"} <= set(found) or {"value", "property"} & set(found):
        return None
    known = {found[ours].place for ours in ("phenomenon_time", "hour", "type")}
    points = [column for column in columns if column.place not in known and column.name.strip()]
    if not points:
        return None
    _check_once(points)
    cities = bool(_CHINESE.search(points[0].name))
    renamed = ", ".join(f"{point.text()} AS {_quoted(point.name.strip())}" for point in points)
    select = (
        f"SELECT name AS point, {found['type'].text()} AS word, '' AS averaging_word, time_text, moment,"
        " nullif(cell_value, '') AS value_text, TRY_CAST(cell_value AS DOUBLE) AS number, '' AS unit_word,"
        f" NULL::VARCHAR AS flag, {'name' if cities else 'NULL::VARCHAR'} AS city, line, name AS cell"
        f" FROM (SELECT line, {found['type'].sql}, {_time(found)}, {renamed} FROM raw)"
        f" UNPIVOT INCLUDE NULLS (cell_value FOR name IN ({_listed(points)}))"
    )
    return Layout(
        "national wide",
        select,
        wide=True,
        averaging="1h",
        bare_unit=True,
        notes=("the layout has no units: taken as ug/m3, CO as mg/m3",),
        keys=tuple(sorted(known)),
        cells={point.name.strip(): point.place for point in points},
        **_typed(found),
    )


def _check_once(points: list[Column]) -> None:
    names = [point.name.strip() for point in points]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise UnreadableInput(f"The columns {', '.join(twice[:8])} stand twice", "Keep one column a point")


def _check_one_each(measured: list[Column]) -> None:
    meant: dict[object, str] = {}
    for column in measured:
        known = properties.find_with_averaging(_property_word(column.name))
        if meant.setdefault(known, column.name) != column.name:
            raise UnreadableInput(
                f"The columns {meant[known]} and {column.name} mean the same property", "Keep one of them"
            )


def _by_property(columns: list[Column], found: Mapping[str, Column]) -> Layout | None:
    """One row a point and time, one column a property (``PM2.5(μg/m³)``)."""
    if not {"point", "phenomenon_time"} <= set(found) or {"property", "value"} & set(found):
        return None
    known = {column.place for column in found.values()}
    measured = [column for column in columns if column.place not in known and _property_word(column.name)]
    if not measured:
        return None
    _check_one_each(measured)
    bare = [column.name for column in measured if not _unit_word(column.name)]
    note = f"no unit in the header of {', '.join(bare[:8])}: taken as the unit of the property"
    selects = [_of_property(found, column) for column in measured]
    return Layout(
        "wide by property",
        " UNION ALL ".join(selects),
        wide=True,
        says_averaging="averaging" in found,
        bare_unit=True,
        notes=(note,) if bare else (),
        **_typed(found),
    )


def _of_property(found: Mapping[str, Column], column: Column) -> str:
    return (
        f"SELECT {_optional(found, 'point')} AS point, {literal(_property_word(column.name))} AS word,"
        f" coalesce({_optional(found, 'averaging')}, '') AS averaging_word, {_time(found)}, {_value(column)},"
        f" {literal(_unit_word(column.name))} AS unit_word, {_flag(found)} AS flag,"
        f" {_optional(found, 'city')} AS city, line, {literal(column.name.strip())} AS cell FROM raw"
    )


def _property_word(name: str) -> str:
    """The word of a header that means a property, without a unit in brackets; '' when it means none."""
    for word in (name.strip(), _BRACKET.sub("", name.strip())):
        if properties.find_with_averaging(word):
            return word
    return ""


def _unit_word(name: str) -> str:
    found = _BRACKET.search(name)
    return found["unit"].strip() if found and not properties.find_with_averaging(name) else ""


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _listed(points: list[Column]) -> str:
    return ", ".join(_quoted(point.name.strip()) for point in points)
