"""``qingyuan law``: the law of a day (show), what changes between two days (diff), what there is (list)."""

from __future__ import annotations

import argparse
import csv
import json
import re
import sys
from collections.abc import Sequence
from dataclasses import asdict, fields
from datetime import date
from typing import Any

from qingyuan.base.errors import WrongUsage

_HEADS = {
    "en": [
        "item",
        "averaging",
        "name",
        "value",
        "unit",
        "clause",
        "edition",
        "stage",
        "confidence",
        "checked",
        "meaning",
    ],
    "zh": ["项目", "平均时间", "名称", "值", "单位", "条款", "版本", "阶段", "可信度", "核对日期", "含义"],
}
_DIFF_HEADS = {
    "en": [
        "standard",
        "item",
        "averaging",
        "name",
        "old",
        "new",
        "unit",
        "edition",
        "clause",
        "confidence",
        "meaning",
    ],
    "zh": ["标准", "项目", "平均时间", "名称", "原值", "新值", "单位", "版本", "条款", "可信度", "含义"],
}
_LIST_HEADS = {
    "en": ["code", "title", "edition", "from", "to", "values"],
    "zh": ["编号", "名称", "版本", "起", "止", "条数"],
}
_ZH = {
    "annual": "年平均",
    "quarter": "季平均",
    "24h": "24小时平均",
    "8h": "8小时平均",
    "1h": "1小时平均",
    "mda8": "日最大8小时平均",
    "grade 1": "一级",
    "grade 2": "二级",
    "transition": "过渡阶段",
    "final": "2031年起",
    "expected": "预期，不使用",
    "primary": "原文",
    "two_sources": "两个来源",
    "one_source": "一个来源",
    "memory": "未核对",
    "decimals": "位",
    "day": "天",
    "h": "小时",
    "min": "分钟",
    "month": "月",
    "year": "年",
    "ug/m3": "μg/m³",
    "mg/m3": "mg/m³",
    "above": "高于末档",
}
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")


def add(commands: argparse._SubParsersAction) -> None:
    """Register ``law`` with its three verbs."""
    parser = commands.add_parser("law", help="what the law says on a day", description=__doc__)
    verbs = parser.add_subparsers(title="verbs", metavar="VERB", required=True)
    show = verbs.add_parser("show", help="the values of a standard in force on a day, one a line")
    show.add_argument("code", metavar="CODE", help="standard, spelled freely: 'GB 3095', gb3095, 'HJ 633-2026'")
    show.add_argument("--on", metavar="DATE", help="day of the data (default: today, or the edition named)")
    show.set_defaults(run=_show)
    diff = verbs.add_parser("diff", help="what changes between two days, over all standards")
    diff.add_argument("first", metavar="DATE")
    diff.add_argument("second", metavar="DATE")
    diff.set_defaults(run=_diff)
    listing = verbs.add_parser("list", help="the standards of the library and their editions")
    listing.set_defaults(run=_list)
    for verb in (show, diff, listing):
        verb.add_argument("--format", choices=["table", "csv", "json"], default="table")
        verb.add_argument("--lang", choices=["zh", "en"], default="en", help="words of the table (default: en)")


def _show(args: argparse.Namespace) -> int:
    from qingyuan.standards import law

    on = _day(args.on) if args.on else _default_day(args.code)
    _tell_other_edition(args.code, on)
    lines = law.as_lines(args.code, on)
    if not lines:
        print(f"qingyuan: {law.standard(args.code).code} was not yet in force on {on}", file=sys.stderr)
    if args.format != "table":
        return _write(lines, args.format)
    rows = [[*_cells(line, args.lang), _meaning(line, args.lang)] for line in lines]
    return _print(_HEADS[args.lang], rows)


def _default_day(code: str) -> date:
    """Today; for a code with the year of an edition that is over, the last day of that edition."""
    from qingyuan.base.time import now
    from qingyuan.standards import law

    law.standard(code)
    today, edition = now().date(), law.named_edition(code)
    return min(max(today, edition.effective), edition.until or date.max) if edition else today


def _tell_other_edition(code: str, on: date) -> None:
    """The day decides: say so where the code names another edition than the day does."""
    from qingyuan.standards import law

    named, judged = law.named_edition(code), law.edition_on(code, on)
    if named and named != judged:
        told = f"{named.standard}-{named.name} does not judge data of {on}: edition {judged.name} is shown"
        print(f"qingyuan: {told}", file=sys.stderr)


def _cells(line: dict[str, Any], lang: str) -> list[str]:
    clause = line["clause_zh"] if lang == "zh" else line["clause"]
    stage = line["stage"] or (line["status"] if line["status"] == "expected" else "")
    own = [
        line["item"],
        line["averaging"],
        line["name"],
        line["value"],
        line["unit"],
        clause,
        line["edition"],
        stage,
    ]
    words = [*own, line["confidence"], str(line["checked"])]
    return [_word(word, lang) for word in words]


def _diff(args: argparse.Namespace) -> int:
    from qingyuan.standards import law

    found = law.changes(_day(args.first), _day(args.second))
    if args.format != "table":
        return _write([asdict(change) for change in found], args.format, [f.name for f in fields(law.Change)])
    rows = []
    for change in found:
        line = asdict(change)
        line["clause"] = line["clause_zh"] if args.lang == "zh" else line["clause"]
        cells = [line[key] or "-" if key in ("old", "new") else line[key] for key in _DIFF_HEADS["en"][:-1]]
        rows.append([*(_word(cell, args.lang) for cell in cells), _meaning(line, args.lang)])
    if not rows:
        print("没有变化" if args.lang == "zh" else "nothing changes")
        return 0
    return _print(_DIFF_HEADS[args.lang], rows)


def _list(args: argparse.Namespace) -> int:
    from qingyuan.standards import law

    lines = [
        {
            "code": each.code,
            "title": edition.title_zh if args.lang == "zh" else edition.title_en,
            "edition": edition.name,
            "from": str(edition.effective),
            "to": str(edition.until or ""),
            "values": str(len(law.as_lines(each.code, edition.effective))),
        }
        for each in law.standards()
        for edition in each.editions
    ]
    if args.format != "table":
        return _write(lines, args.format)
    return _print(_LIST_HEADS[args.lang], [list(line.values()) for line in lines])


def _day(text: str) -> date:
    try:
        if not _DAY.fullmatch(text):
            raise ValueError(text)
        return date.fromisoformat(text)
    except ValueError:
        raise WrongUsage(f"{text!r} is no day", "Write it like 2026-03-01") from None


def _word(word: str, lang: str) -> str:
    return _ZH.get(word, word) if lang == "zh" else word


def _meaning(line: dict[str, Any], lang: str) -> str:
    """The item by its symbol, and what the value is of it."""
    from qingyuan.standards import properties

    found = properties.find(line["item"]) if ";" not in line["item"] else None
    symbol = "" if found is None or line["kind"] not in ("limit", "breakpoint") else f"{found.symbol} "
    if symbol and lang == "zh" and found:
        symbol = f"{found.name_zh} {symbol}"
    return f"{symbol}{line[f'title_{lang}']}"


def _print(head: Sequence[str], rows: Sequence[Sequence[str]]) -> int:
    from qingyuan.interfaces.cli import tables

    tables.print_table(head, rows)
    return 0


def _write(lines: Sequence[dict[str, Any]], kind: str, columns: Sequence[str] = ()) -> int:
    """Lines as CSV (empty cell = no value) or JSON (null) on standard output; days as ISO 8601."""
    from qingyuan.standards.listing import COLUMNS

    told = [{key: str(v) if isinstance(v, date) else v for key, v in line.items()} for line in lines]
    if kind == "json":
        print(json.dumps(told, ensure_ascii=False, indent=1))
        return 0
    head = columns or (list(told[0]) if told else COLUMNS)
    writer = csv.DictWriter(sys.stdout, head, lineterminator="\n")
    writer.writeheader()
    writer.writerows(told)
    return 0
