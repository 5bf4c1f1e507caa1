"""Values of fields: how a typed one is read, how it is kept (plain JSON) and how it is compared.

Kept: text, choice, reference, date as text; number and money as decimal text; yes_no as true or false; point as
[lon, lat]; polygon as rings of points; file as a list of ``{name, sha256, size, media}``; table as a list of rows.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from qingyuan.base import units
from qingyuan.registers.flow.declared import Field, Words
from qingyuan.registers.flow.reasons import Reason

_NUMBER = re.compile(r"([+-]?\d+(?:\.\d+)?(?:[eE][+-]?\d{1,2})?)\s*(\D.*)?", re.ASCII)
_MOST_CHARACTERS = 4000
_MOST_DIGITS = 60
_MOST_POINTS = 20_000
_MOST_ROWS = 500


class Unfit(ValueError):
    """A typed value that does not fit its field; words: what is wrong and how to mend it."""

    def __init__(self, zh: str, en: str) -> None:
        super().__init__(en)
        self.words = Words(zh, en)


def kept(field: Field, given: Any) -> Any:
    """A typed or sent value as it is kept; None when nothing was given. Raises Unfit."""
    if given is None or (isinstance(given, str) and not given.strip()) or given in ([], ()):
        return None
    return _KEPT[field.type](field, given)


def kept_all(fields: Mapping[str, Field], given: Mapping[str, Any]) -> tuple[dict[str, Any], list[Reason]]:
    """All given values as kept, and a reason for each that does not fit or belongs to no field."""
    values: dict[str, Any] = {}
    reasons = []
    for name, raw in given.items():
        field = fields.get(name)
        if field is None:
            reasons.append(Reason("unknown_field", Words(f"没有“{name}”这一项", f"There is no field {name!r}"), name))
            continue
        try:
            values[name] = kept(field, raw)
        except Unfit as problem:
            reasons.append(Reason("unfit", told(field, problem.words), name))
    return values, reasons


def told(field: Field, what: Words) -> Words:
    """What is wrong with a field: its title, what, and the declared hint how to mend it."""
    zh, en = f"{field.title.zh}：{what.zh}", f"{field.title.en}: {what.en}"
    return Words(f"{zh}。{field.hint.zh}" if field.hint.zh else zh, f"{en}. {field.hint.en}" if field.hint.en else en)


def plain(fields: Mapping[str, Field], values: Mapping[str, Any]) -> dict[str, Any]:
    """Kept values as expressions compare them: decimals and dates."""
    return {name: _plain(fields[name], value) for name, value in values.items() if name in fields and value is not None}


def _plain(field: Field, value: Any) -> Any:
    if field.type in ("number", "money"):
        return Decimal(value)
    if field.type == "date":
        return date.fromisoformat(value)
    if field.type == "table":
        columns = {each.name: each for each in field.columns}
        return [plain(columns, row) for row in value]
    return value


def _text(field: Field, given: Any) -> str:
    text = str(given).replace("\r\n", "\n").strip()
    most = field.longest or _MOST_CHARACTERS
    if len(text) > most:
        raise Unfit(f"写了 {len(text)} 字，最多 {most} 字", f"{len(text)} characters, at most {most} fit")
    if any(unicodedata.category(each) == "Cc" and each not in "\n\t" for each in text):
        raise Unfit("含有不可见的控制字符，请重新键入", "Holds control characters; type it anew")
    return text


def _number(field: Field, given: Any) -> str:
    """Decimal text in the field's unit; a unit behind the number is converted."""
    text = unicodedata.normalize("NFKC", str(given)).replace(" ", "").replace(",", "").replace("−", "-").strip()
    found = _NUMBER.fullmatch(text)
    if isinstance(given, bool) or not found or len(text) > _MOST_DIGITS:
        raise Unfit(f"要填数，给的是“{str(given)[:40]}”", f"A number is expected, not {str(given)[:40]!r}")
    try:
        number = Decimal(found[1])
    except InvalidOperation:  # pragma: no cover - the pattern lets only numbers through
        raise Unfit("要填数", "A number is expected") from None
    if found[2]:
        number = _converted(number, found[2].strip(), field)
    if abs(number.adjusted()) > 30:
        raise Unfit("数太大或太小", "The number is too large or too small")
    _at_most_decimals(field, number)
    return format(number, "f")


def _converted(number: Decimal, unit: str, field: Field) -> Decimal:
    if unit == field.unit:
        return number
    factor = units.factor(unit, field.unit) if field.unit else None
    if factor is None:
        want = field.unit or "—"
        raise Unfit(f"单位“{unit[:20]}”换不成 {want}", f"The unit {unit[:20]!r} cannot be converted to {want}")
    return (number * factor.numerator / factor.denominator).normalize()


def _at_most_decimals(field: Field, number: Decimal) -> None:
    exponent = number.as_tuple().exponent
    if field.decimals is not None and isinstance(exponent, int) and -exponent > field.decimals:
        raise Unfit(f"小数最多 {field.decimals} 位", f"At most {field.decimals} decimals")


def _date(_field: Field, given: Any) -> str:
    if isinstance(given, datetime):
        given = given.date()
    text = str(given).strip().replace("/", "-").replace(".", "-").rstrip("日").replace("年", "-").replace("月", "-")
    parts = text.split("-")
    try:
        day = date(*(int(part) for part in parts)) if len(parts) == 3 else date.fromisoformat(text)
    except (ValueError, TypeError, OverflowError):
        raise Unfit(f"“{str(given)[:40]}”不是日期，写成 2026-03-01", "No date; write it as 2026-03-01") from None
    if not 1900 <= day.year <= 2200:
        raise Unfit(f"年份 {day.year} 不对", f"The year {day.year} cannot be right")
    return day.isoformat()


def _choice(field: Field, given: Any) -> str:
    text = str(given).strip()
    for code, words in field.codes.items():
        if text in (code, words.zh) or text.casefold() == words.en.casefold():
            return code
    listed = "、".join(words.zh for words in field.codes.values())[:120]
    english = ", ".join(words.en for words in field.codes.values())[:120]
    raise Unfit(f"“{text[:40]}”不在可选项里：{listed}", f"{text[:40]!r} is none of: {english}")


_YES = {"true": True, "yes": True, "on": True, "1": True, "是": True, "有": True}
_NO = {"false": False, "no": False, "off": False, "0": False, "否": False, "无": False}


def _yes_no(_field: Field, given: Any) -> bool:
    if isinstance(given, bool):
        return given
    answer = (_YES | _NO).get(str(given).strip().casefold())
    if answer is None:
        raise Unfit("要填是或否", "Yes or no is expected")
    return answer


def _reference(field: Field, given: Any) -> str:
    text = str(given).strip()
    if len(text) > 80 or not text.isprintable():
        raise Unfit("编号太长", "The code is too long")
    return text


def _point(_field: Field, given: Any) -> list[float]:
    """[lon, lat] of a pair, ``125.3, 43.9`` or a GeoJSON point; degrees (CGCS2000)."""
    if isinstance(given, Mapping):
        given = given.get("coordinates")
    parts = re.split(r"[,，\s;；]+", given.strip()) if isinstance(given, str) else given
    try:
        lon, lat = (float(part) for part in parts)
    except (TypeError, ValueError, OverflowError):
        raise Unfit("要写成“经度, 纬度”，如 125.3235, 43.8171", "Write it as longitude, latitude") from None
    if not (73 <= lon <= 136 and 3 <= lat <= 54):
        swapped = 73 <= lat <= 136 and 3 <= lon <= 54
        hint = ("，经度和纬度写反了", "; longitude and latitude are exchanged") if swapped else ("", "")
        raise Unfit(f"{lon}, {lat} 不在中国境内{hint[0]}", f"{lon}, {lat} is outside China{hint[1]}")
    return [round(lon, 7), round(lat, 7)]


def _polygon(field: Field, given: Any) -> list[list[list[float]]]:
    """Rings of points, each closed; of a GeoJSON polygon or of its coordinates."""
    rings = given.get("coordinates") if isinstance(given, Mapping) else given
    if not isinstance(rings, list) or not rings or not all(isinstance(ring, list) for ring in rings):
        raise Unfit("要给 GeoJSON 的 Polygon", "A GeoJSON Polygon is expected")
    if sum(map(len, rings)) > _MOST_POINTS:
        raise Unfit(f"节点太多，最多 {_MOST_POINTS} 个", f"Too many vertices, at most {_MOST_POINTS}")
    read = [[_point(field, each) for each in ring] for ring in rings]
    if any(len(ring) < 4 or ring[0] != ring[-1] for ring in read):
        raise Unfit("每一圈至少 4 点且首尾相同", "Each ring needs four points and ends where it begins")
    return read


_FILE = {"name": str, "sha256": str, "size": int, "media": str}


def _file(_field: Field, given: Any) -> list[dict[str, Any]]:
    """Files already stored, by digest."""
    files = given if isinstance(given, list) else [given]
    for each in files:
        fits = isinstance(each, Mapping) and all(isinstance(each.get(key), kind) for key, kind in _FILE.items())
        if not fits or not re.fullmatch(r"[0-9a-f]{64}", each["sha256"]):
            raise Unfit("附件没有存好，请重新上传", "The file was not stored; upload it again")
    return [{key: each[key] for key in _FILE} for each in files]


def _table(field: Field, given: Any) -> list[dict[str, Any]]:
    if not isinstance(given, list) or not all(isinstance(row, Mapping) for row in given):
        raise Unfit("要给逐行的表", "Rows are expected")
    if len(given) > _MOST_ROWS:
        raise Unfit(f"最多 {_MOST_ROWS} 行", f"At most {_MOST_ROWS} rows")
    columns = {each.name: each for each in field.columns}
    rows = []
    for number, row in enumerate(given, 1):
        values, reasons = kept_all(columns, row)
        if reasons:
            words = reasons[0].words
            raise Unfit(f"第 {number} 行，{words.zh}", f"Row {number}, {words.en}")
        present = {name: value for name, value in values.items() if value is not None}
        if present:
            rows.append(present)
    return rows


_KEPT: dict[str, Callable[[Field, Any], Any]] = {
    "text": _text,
    "number": _number,
    "money": _number,
    "date": _date,
    "choice": _choice,
    "yes_no": _yes_no,
    "reference": _reference,
    "point": _point,
    "polygon": _polygon,
    "file": _file,
    "table": _table,
}
