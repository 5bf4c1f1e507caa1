"""Outlets 排放口 of pollution sources: which standard, kind of source and permit each has to meet.

Read from a site file (CSV, one row an outlet or a limit; or YAML under ``outlets:``), or from columns of the
observations themselves. Concentrations are in mg/m3 (gas) and mg/L (water), permitted amounts in t a year.
"""

from __future__ import annotations

import csv
import difflib
import io
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from pathlib import Path
from typing import Any, NoReturn

import yaml

from qingyuan.base.durable import write_whole
from qingyuan.base.errors import UnreadableInput, WrongUsage
from qingyuan.standards import properties

STATES = ("dry", "wet", "actual", "corrected")
"""State of the gas a monitor reports: dry standard; standard but wet; as in the stack; already at reference oxygen."""

PLAIN = (
    "point", "name", "medium", "source_type", "grade", "region", "existing_or_new", "state", "judged_by", "protocol",
    "division",
)  # fmt: skip
NUMBERS = ("reference_oxygen", "barometric_pressure", "readings_per_day")
LISTS = ("standard", "checks")
GIVEN = {"limits": "limit", "local": "local", "permitted": "permitted"}
LONG = ("property", "averaging", "limit", "local_limit", "permitted_t")
FIELDS = (*PLAIN, *NUMBERS, *LISTS, "built", "local_standard", "note", *GIVEN)

REGISTERS = ("outlets.yaml", "outlets.csv")
"""Files of a dataset that say what is known of its outlets: site files like those of ``assess --site``."""

_RANGE = re.compile(r"(?P<low>[\d.]+)\s*[-~–]\s*(?P<high>[\d.]+)")
_COLUMN = re.compile(r"(?P<kind>limit|local|permitted)[_.](?P<item>.+?)(?:[_.](?P<averaging>1h|24h))?")


@dataclass(frozen=True)
class OwnLimit:
    """A limit an outlet has of its own. basis: permit, or local (a local standard: citation).

    averaging: 1h, 24h, or empty = the mean by which the outlet is judged. lowest: of a range (pH).
    """

    item: str
    averaging: str
    value: Decimal
    lowest: Decimal | None
    basis: str
    citation: str


@dataclass(frozen=True)
class Outlet:
    """What is known of an outlet; empty or None = not said.

    region: ``special`` where special limits hold; built: when its plant was built; state: one of STATES;
    barometric_pressure in kPa; judged_by: 1h or 24h instead of the standard's own; protocol: edition of HJ 212 of its
    device where the day does not tell; checks: days on which a comparison was passed; permitted: item, t a year;
    division: code of the place it lies in.
    """

    point: str
    medium: str = ""
    standards: tuple[str, ...] = ()
    source_type: str = ""
    grade: str = ""
    region: str = ""
    existing_or_new: str = ""
    built: date | None = None
    reference_oxygen: Decimal | None = None
    state: str = "dry"
    barometric_pressure: Decimal | None = None
    readings_per_day: int | None = None
    judged_by: str = ""
    protocol: str = ""
    checks: tuple[date, ...] = ()
    limits: tuple[OwnLimit, ...] = ()
    permitted: tuple[tuple[str, Decimal], ...] = ()
    division: str = ""


def read_outlets(file: Path) -> tuple[Outlet, ...]:
    """The outlets of a site file; UnreadableInput naming file, outlet and field where it is faulty."""
    try:
        text = file.read_text(encoding="utf-8-sig")
        rows = (
            _of_yaml(text, file) if file.suffix.lower() in (".yaml", ".yml") else list(csv.DictReader(text.split("\n")))
        )
    except (OSError, UnicodeDecodeError, yaml.YAMLError, csv.Error) as wrong:
        raise UnreadableInput(f"The site file {file} cannot be read ({wrong})", "Write it as CSV or YAML") from wrong
    return outlets_of(rows, file.name)


def registered(dataset: Path) -> tuple[Outlet, ...]:
    """The outlets of a dataset, from ``outlets.yaml`` or ``outlets.csv`` in its folder; none without such a file.

    Read once for as long as the file stands. UnreadableInput where it is faulty.
    """
    file = next((dataset / name for name in REGISTERS if (dataset / name).is_file()), None)
    return _registered(file, file.stat().st_mtime_ns) if file else ()


def registered_points(dataset: Path) -> frozenset[str]:
    """The points of a dataset that are outlets; see `registered`."""
    return frozenset(outlet.point for outlet in registered(dataset))


def enter(dataset: Path, points: Iterable[str]) -> list[str]:
    """Enter points a dataset does not know as outlets into its site file, with nothing said of them; gives which.

    WrongUsage where the site file is YAML: a person keeps it.
    """
    fresh = enterable(dataset, points)
    if not fresh:
        return []
    file = dataset / REGISTERS[1]
    head, rows = ["point"], list[dict[str, str]]()
    if file.exists():
        with file.open(encoding="utf-8-sig", newline="") as stream:
            reader = csv.DictReader(stream)
            rows, head = list(reader), list(reader.fieldnames or head)
    text = io.StringIO()
    writer = csv.DictWriter(text, head, extrasaction="ignore", lineterminator="\n")
    writer.writeheader()
    writer.writerows([*rows, *({"point": point} for point in fresh)])
    write_whole(file, text.getvalue())
    return fresh


def enterable(dataset: Path, points: Iterable[str]) -> list[str]:
    """The points that `enter` would enter; WrongUsage where a person has to."""
    fresh = sorted(set(points) - registered_points(dataset))
    kept = dataset / REGISTERS[0]
    if fresh and kept.exists():
        raise WrongUsage(f"{', '.join(fresh[:5])}: no outlets of {kept.name}", "Enter them there first")
    return fresh


def keep(dataset: Path, file: Path) -> tuple[Outlet, ...]:
    """Make a site file that of a dataset, in place of the one it had. UnreadableInput where it is faulty."""
    found = read_outlets(file)
    yaml_file, csv_file = (dataset / name for name in REGISTERS)
    target, other = (yaml_file, csv_file) if file.suffix.lower() in (".yaml", ".yml") else (csv_file, yaml_file)
    write_whole(target, file.read_text(encoding="utf-8-sig"))
    other.unlink(missing_ok=True)
    return found


@lru_cache(maxsize=16)
def _registered(file: Path, _written: int) -> tuple[Outlet, ...]:
    return read_outlets(file)


def _of_yaml(text: str, file: Path) -> list[dict[str, Any]]:
    content = yaml.safe_load(text)
    rows = content.get("outlets") if isinstance(content, dict) else content
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise UnreadableInput(f"The site file {file} has no list of outlets", "Write them under outlets:")
    return rows


def outlets_of(rows: Iterable[Mapping[str, Any]], file: str) -> tuple[Outlet, ...]:
    """One outlet a point from rows of words; several rows of a point add up and must not contradict one another."""
    by_point: dict[str, dict[str, Any]] = {}
    for row in rows:
        told = {str(key).strip(): value for key, value in row.items() if key is not None and _said(value)}
        if not told:
            continue
        point = str(told.get("point", "")).strip()
        if not point:
            raise UnreadableInput(f"{file}: a row has no point", "Name the outlet in the column point")
        _merge(by_point.setdefault(point, {}), _normal(told, file, point), file, point)
    return tuple(_outlet(record, file, point) for point, record in by_point.items())


def _said(value: Any) -> bool:
    return value is not None and str(value).strip().casefold() not in ("", "nan")


def _normal(row: Mapping[str, Any], file: str, point: str) -> dict[str, Any]:
    """A row with the limits of its columns gathered: ``limit_so2``, or ``property`` and ``limit``."""
    record: dict[str, Any] = {}
    long = {key: row[key] for key in LONG if key in row}
    for key, value in row.items():
        column = _COLUMN.fullmatch(key)
        if key in FIELDS:
            record[key] = value
        elif column:
            name = ".".join(part for part in (column["item"], column["averaging"]) if part)
            record.setdefault(_section(column["kind"]), {})[name] = value
        elif key not in LONG:
            near = difflib.get_close_matches(key, FIELDS, 2) or list(FIELDS)
            _wrong(file, point, key, f"is no field of an outlet; near: {', '.join(near)}")
    for column_name, section in (("limit", "limits"), ("local_limit", "local"), ("permitted_t", "permitted")):
        if column_name in long:
            name = ".".join(str(long[key]) for key in ("property", "averaging") if key in long)
            record.setdefault(section, {})[name] = long[column_name]
    return record


def _section(kind: str) -> str:
    return next(section for section, word in GIVEN.items() if word == kind)


def _merge(whole: dict[str, Any], part: dict[str, Any], file: str, point: str) -> None:
    for key, value in part.items():
        if isinstance(value, dict):
            _merge(whole.setdefault(key, {}), value, file, point)
        elif str(whole.setdefault(key, value)) != str(value):
            _wrong(file, point, key, f"is given as {whole[key]!r} and as {value!r}")


def _outlet(record: Mapping[str, Any], file: str, point: str) -> Outlet:
    plain: dict[str, Any] = {
        key: str(record[key]).strip() for key in PLAIN if key in record and key not in ("point", "name")
    }
    for key, known in (("state", STATES), ("medium", ("gas", "water")), ("judged_by", ("1h", "24h"))):
        if plain.get(key, known[0]) not in known:
            _wrong(file, point, key, f"is {plain[key]!r}, none of {', '.join(known)}")
    numbers = {key: _number(record[key], file, point, key) for key in NUMBERS if key in record}
    if "readings_per_day" in numbers:
        numbers["readings_per_day"] = int(numbers["readings_per_day"])
    local = str(record.get("local_standard", "local standard"))
    limits = (
        *_limits(record, "limits", "permit", "permit", file, point),
        *_limits(record, "local", "local", local, file, point),
    )
    return Outlet(
        point=point,
        standards=tuple(_listed(record.get("standard", ""))),
        built=_day(record["built"], file, point) if "built" in record else None,
        checks=tuple(_day(each, file, point) for each in _listed(record.get("checks", ""))),
        limits=limits,
        permitted=tuple(
            (_slug(item, file, point), _number(value, file, point, item))
            for item, value in record.get("permitted", {}).items()
        ),
        **plain,
        **numbers,
    )


def _limits(
    record: Mapping[str, Any], section: str, basis: str, citation: str, file: str, point: str
) -> list[OwnLimit]:
    found = []
    for name, value in record.get(section, {}).items():
        item, _, averaging = str(name).partition(".")
        span = _RANGE.fullmatch(str(value).strip())
        high = _number(span["high"] if span else value, file, point, name)
        lowest = _number(span["low"], file, point, name) if span else None
        found.append(OwnLimit(_slug(item, file, point), averaging, high, lowest, basis, citation))
    return found


def _slug(word: str, file: str, point: str) -> str:
    found = properties.find(str(word))
    return found.slug if found else _wrong(file, point, word, "is no observed property")


def _listed(value: Any) -> list[str]:
    words = value if isinstance(value, list) else str(value).split(";")
    return [str(word).strip() for word in words if str(word).strip()]


def _number(value: Any, file: str, point: str, key: object) -> Any:
    try:
        number = Decimal(str(value).strip())
    except InvalidOperation:
        _wrong(file, point, key, f"is {value!r}, no number")
    return number if number.is_finite() and number >= 0 else _wrong(file, point, key, f"is {value!r}")


def _day(value: Any, file: str, point: str) -> date:
    text = str(value).strip()
    try:
        return date(int(text), 1, 1) if re.fullmatch(r"\d{4}", text) else date.fromisoformat(text[:10])
    except ValueError:
        _wrong(file, point, "a day", f"is {value!r}: write it as 2026-03-01")


def _wrong(file: str, point: str, key: object, what: str) -> NoReturn:
    raise UnreadableInput(f"{file}: outlet {point}: {key} {what}", "Correct the site file")
