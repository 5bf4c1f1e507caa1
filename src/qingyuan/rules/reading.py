"""Rules from YAML: strict, every fault told with file and key."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from datetime import date, datetime, timedelta
from decimal import Decimal
from itertools import zip_longest
from pathlib import Path
from typing import Any, Literal, cast

from qingyuan.base.errors import UnknownLaw
from qingyuan.registers.flow.expressions import Expression, NotUnderstood, parse
from qingyuan.rules.declared import SEVERITIES, SOURCES, Basis, Join, Rule, Severity, Spec, Threshold, When, Words
from qingyuan.standards import law
from qingyuan.standards.records import CONFIDENCES
from qingyuan.standards.schema import Entry, read

_LENGTH = re.compile(r"(\d+)\s*(min|h|d)")
_UNITS = {"min": "minutes", "h": "hours", "d": "days"}
_OWN: tuple[Literal["house", "practice"], ...] = ("house", "practice")
_NAME = re.compile(r"[a-z][a-z0-9_]*")


def rules(path: Path, domain: str) -> dict[str, Rule]:
    """The rules a file declares under ``rules``, by code. Raises FaultyLibrary naming file, key and what is wrong."""
    file = read(path)
    found = [_rule(str(name), entry, domain) for name, entry in file.entries("rules")]
    file.done()
    return {each.code: each for each in found}


def _rule(name: str, entry: Entry, domain: str) -> Rule:
    if not _NAME.fullmatch(name):
        entry.wrong("", "a rule's name is small letters, digits and _")
    when = _when(entry.inner("when"))
    thresholds = tuple(_threshold(str(key), inner) for key, inner in entry.entries("thresholds", optional=True))
    found = Rule(
        code=f"{domain}.{name}",
        domain=domain,
        title=_words(entry, "title"),
        basis=tuple(_basis(entry, each) for each in entry.take("basis", list)),
        when=when,
        severity=_severity(entry),
        opens=entry.take("opens", str, ""),
        join=_join(entry.inner("joins", optional=True)),
        relapse=_length(entry, "relapse", "30d"),
        value_column=entry.take("value", str, "value"),
        limit_column=entry.take("limit", str, "limit"),
        rank_column=entry.take("worst_by", str, ""),
        thresholds=thresholds,
        method=_words(entry, "method") if "method" in entry.content else None,
        specs=tuple(_spec(entry, each) for each in entry.take("specs", list, [])),
        text=json.dumps(_plain(entry.content), ensure_ascii=False, sort_keys=True),
    )
    entry.done()
    if not found.basis:
        entry.wrong("basis", "a rule without basis: name a standard, or say that it is a rule of the house")
    return found


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {str(key): _plain(each) for key, each in value.items() if key != "specs"}
    if isinstance(value, list):
        return [_plain(each) for each in value]
    return str(value) if isinstance(value, Decimal | date) else value


def _when(entry: Entry) -> When:
    source = [each for each in SOURCES if each in entry.content]
    if len(source) != 1:
        entry.wrong("", f"say what is watched, one of {', '.join(SOURCES)}")
    given = entry.take(source[0], (str, list))
    many = source[0] in ("observation", "missing", "quality", "register")
    items = tuple(str(each) for each in (given if isinstance(given, list) else [given])) if many else ()
    if source[0] == "assessment" and entry.one_of("of", ("point", "city"), "point") == "city":
        items = ("city",)
    stretches = source[0] == "quality"
    found = When(
        source=source[0],
        name="" if many else str(given),
        items=items,
        subject=entry.one_of("subject", ("", "station", "outlet"), ""),
        averaging=entry.take("averaging", str, "1h" if source[0] in ("observation", "missing", "ledger") else ""),
        on=None if stretches else _expression(entry, "bad", "missing" if source[0] == "missing" else None),
        off=_expression(entry, "good", ""),
        where=_expression(entry, "where", ""),
        valid=_expression(entry, "valid", ""),
        hold=_count(entry, "for"),
        ends_after=_count(entry, "ends_after"),
        gap=_length(entry, "gap", "24h"),
        step=_length(entry, "step", "1d" if source[0] == "ledger" else "1h"),
        late=_length(entry, "late", "1h"),
    )
    entry.done()
    return found


def _count(entry: Entry, key: str) -> int:
    number = entry.take(key, int, 1)
    return number if number >= 1 else entry.wrong(key, f"{number} rows: give 1 or more")


def _expression(entry: Entry, key: str, default: str | None) -> Expression | None:
    text = entry.take(key, str, *([] if default is None else [default]))
    return _parsed(entry, key, text) if text else None


def _parsed(entry: Entry, key: str, text: str) -> Expression:
    try:
        return parse(text)
    except NotUnderstood as problem:
        entry.wrong(key, str(problem))


def _length(entry: Entry, key: str, default: str) -> timedelta:
    text = entry.take(key, str, default)
    match = _LENGTH.fullmatch(text)
    if not match:
        entry.wrong(key, f"{text!r} is no length of time: write 30min, 24h or 30d")
    return timedelta(**{_UNITS[match[2]]: int(match[1])})


def _words(entry: Entry, key: str) -> Words:
    return Words(*entry.words(key))


def _basis(entry: Entry, content: object) -> Basis:
    inner = Entry(content, entry.file, f"{entry.place}.basis")
    for kind in _OWN:
        if kind in inner.content:
            sure = inner.take("confidence", str, "") if kind == "practice" else ""
            if kind == "practice" and sure not in CONFIDENCES:
                inner.wrong("confidence", f"{sure!r} is none of {', '.join(CONFIDENCES)}")
            found = Basis(kind, words=_words(inner, kind), confidence=sure)
            inner.done()
            return found
    found = Basis("law", inner.take("law", str), inner.take("rule", str, ""))
    inner.done()
    _known(inner, found.standard, found.rule)
    return found


def _known(entry: Entry, code: str, name: str) -> None:
    try:
        names = {each.name for each in law.standard(code).rules}
    except UnknownLaw as problem:
        entry.wrong("law", str(problem))
    if name and name not in names:
        entry.wrong("rule", f"{code} has no rule {name!r}; it has {', '.join(sorted(names)) or 'none'}")


def _threshold(name: str, entry: Entry) -> Threshold:
    if "house" in entry.content:
        found = Threshold(name, house=entry.number("house"), why=_words(entry, "why"))
    else:
        found = Threshold(name, standard=entry.take("law", str), rule=entry.take("rule", str))
        _known(entry, found.standard, found.rule)
    entry.done()
    return found


def _severity(entry: Entry) -> tuple[tuple[Expression | None, Severity], ...]:
    given = entry.take("severity", (str, dict), "normal")
    listed: Mapping[str, str] = given if isinstance(given, dict) else {"otherwise": given}
    if list(listed)[-1] != "otherwise":
        entry.wrong("severity", "the last line must be otherwise")
    found: list[tuple[Expression | None, Severity]] = []
    for text, word in listed.items():
        if word not in SEVERITIES:
            entry.wrong("severity", f"{word!r} is none of {', '.join(SEVERITIES)}")
        condition = None if text == "otherwise" else _parsed(entry, "severity", text)
        found.append((condition, cast("Severity", word)))
    return tuple(found)


def _join(entry: Entry) -> Join:
    near = entry.take("neighbours_km", (int, Decimal), None)
    found = Join(_length(entry, "within", "24h"), None if near is None else float(near), entry.yes("along"))
    entry.done()
    return found


def _spec(entry: Entry, content: object) -> Spec:
    inner = Entry(content, entry.file, f"{entry.place}.specs")
    title, start = inner.take("title", str), _moment(inner, "from")
    every = _length(inner, "every", "1h")
    columns = {str(key): value for key, value in inner.inner("given").content.items()}
    rows = tuple(_rows(columns, start, every))
    finds = tuple(dict(each) for each in inner.take("finds", list))
    inner.done()
    return Spec(title, rows, finds)


def _moment(entry: Entry, key: str) -> datetime:
    value = entry.take(key, (str, datetime))
    try:
        return value if isinstance(value, datetime) else datetime.fromisoformat(value)
    except ValueError:
        entry.wrong(key, f"{value!r} is no moment: write it as 2026-03-01T00:00")


def _rows(columns: Mapping[str, Any], start: datetime, every: timedelta) -> Iterable[dict[str, Any]]:
    """A row an interval from lists of values; one value stands for all rows."""
    lists = {key: value for key, value in columns.items() if isinstance(value, list)}
    count = max((len(each) for each in lists.values()), default=1)
    fixed = {key: value for key, value in columns.items() if key not in lists}
    for number, values in enumerate(zip_longest(*lists.values())) if lists else enumerate([()] * count):
        yield {"at": start + number * every, **fixed, **dict(zip(lists, values, strict=True))}
