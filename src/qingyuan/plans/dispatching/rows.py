"""Rows of a report's table: pre-filled from what is known, judged before they are signed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any

from qingyuan.plans.dispatching.declared import Dispatch
from qingyuan.plans.dispatching.standing import Report
from qingyuan.registers.flow.declared import Words
from qingyuan.registers.flow.reasons import Reason

Row = Mapping[str, Any]
FILLED = ("status", "progress", "value", "amount", "note", "evidence")
"""Columns a person fills; the others are given."""


def prefilled(item: Row, last: Report | None, known: str = "") -> dict[str, Any]:
    """A row as it is sent out. item: kind, key, title, unit; state and progress as last reported, money too."""
    row: dict[str, Any] = {name: item[name] for name in ("kind", "key", "title", "unit") if item.get(name)}
    if known:
        row["known"] = known
    if last is None:
        return row
    row["last"] = told(last, str(item.get("unit", "")))
    kept = {"status": last.status, "progress": last.progress, "amount": last.amount}
    return row | {name: str(value) for name, value in kept.items() if value not in (None, "")}


def told(last: Report, unit: str) -> str:
    """A report in short: ``2025-06-30：64.0%，12.5 万t``."""
    parts = [f"{last.progress}%" if last.progress is not None else ""]
    parts += [f"{last.value.normalize():f} {unit}".strip() if last.value is not None else ""]
    parts += [f"{last.amount} 万元" if last.amount is not None else ""]
    return f"{last.last_day:%Y-%m-%d}：" + "，".join(filter(None, parts))


def same_items(sent: Sequence[Row], filled: Sequence[Row]) -> list[Reason]:
    """Whether a table holds the rows that were asked for, no more and no less, with what was given in them."""
    asked, given = {_key(each): each for each in sent}, {_key(each): each for each in filled}
    other = [key for key in asked if key not in given] + [key for key in given if key not in asked]
    other += [key for key, row in given.items() if key in asked and _given(row) != _given(asked[key])]
    if not other and len(filled) == len(given):
        return []
    named = (other or list(given))[0][1]
    words = Words(
        f"填报表的行与下达的不一致（{named}），请用原表填",
        f"The rows are not those asked for ({named}); fill the table",
    )
    return [Reason("rows", words, "rows")]


def _given(row: Row) -> dict[str, Any]:
    return {name: value for name, value in row.items() if name not in FILLED and value}


def _key(row: Row) -> tuple[str, str]:
    return str(row.get("kind", "")), str(row.get("key", ""))


def faults(row: Row, last: Report | None, planned: Decimal | None, rules: Dispatch) -> Iterator[Reason]:
    """What is wrong with a row that is to be signed; what is unlikely passes with a note that explains it."""
    explained = bool(row.get("note"))
    yield from _lacking(row, explained)
    yield from _bounds(row)
    if not explained:
        yield from _unlikely(row, last, planned, rules)


def _lacking(row: Row, explained: bool) -> Iterator[Reason]:
    if row.get("kind") == "indicator":
        if row.get("value") is None and not explained:
            yield _wrong(row, "value", "没有填完成值；填不了的在说明里写原因", "no value; if there is none, say why")
        return
    if not row.get("status"):
        yield _wrong(row, "status", "没有选状态", "no state was chosen")
    if row.get("progress") is None:
        yield _wrong(row, "progress", "没有填进度", "no progress was given")
    if row.get("status") == "blocked" and not explained:
        yield _wrong(row, "note", "填了受阻，请在说明里写卡在哪里", "it is blocked: say by what")


def _bounds(row: Row) -> Iterator[Reason]:
    progress, amount = _decimal(row, "progress"), _decimal(row, "amount")
    if progress is not None and not 0 <= progress <= 100:
        yield _wrong(row, "progress", f"进度 {progress}% 不在 0–100 之间", f"progress {progress} % is not in 0–100")
    if amount is not None and amount < 0:
        yield _wrong(row, "amount", "累计投资不能是负数", "money spent cannot be negative")
    if row.get("status") == "done" and progress is not None and progress < 100:
        yield _wrong(row, "progress", f"状态是已完成，进度却是 {progress}%", f"done, but progress is {progress} %")
    value = _decimal(row, "value")
    if value is not None and row.get("unit") == "%" and not 0 <= value <= 100:
        yield _wrong(row, "value", f"单位是 %，{value} 不在 0–100 之间", f"the unit is %, {value} is not in 0–100")


def _unlikely(row: Row, last: Report | None, planned: Decimal | None, rules: Dispatch) -> Iterator[Reason]:
    value, progress, amount = (_decimal(row, name) for name in ("value", "progress", "amount"))
    if last and progress is not None and last.progress is not None and progress < last.progress:
        zh, en = f"进度从 {last.progress}% 降到 {progress}%", f"progress fell from {last.progress} % to {progress} %"
        yield _wrong(row, "progress", f"{zh}，请在说明里写原因", f"{en}: say why in the note")
    if last and amount is not None and last.amount is not None and amount < last.amount:
        zh = f"累计投资从 {last.amount} 降到 {amount} 万元（要填累计数，不是当期数）"
        yield _wrong(row, "amount", zh, f"money fell from {last.amount} to {amount}: give the sum so far")
    if amount is not None and planned and amount > planned * rules.over_planned:
        zh, en = f"累计投资 {amount} 万元超过计划 {planned} 万元", f"{amount} is more than the {planned} planned"
        yield _wrong(row, "amount", f"{zh}，请核对单位是否为万元，或写明原因", f"{en}: check the unit or say why")
    if value and last and last.value:
        times = abs(value / last.value)
        if not 1 / rules.times_last <= times <= rules.times_last:
            zh, en = f"完成值 {value} 与上期 {last.value.normalize():f} 相差十倍以上", f"{value} after {last.value}"
            yield _wrong(row, "value", f"{zh}，请核对单位，或写明原因", f"{en}: check the unit or say why")


def _decimal(row: Row, name: str) -> Decimal | None:
    return None if row.get(name) in (None, "") else Decimal(str(row[name]))


def _wrong(row: Row, column: str, zh: str, en: str) -> Reason:
    named = str(row.get("title", row.get("key", "")))[:30]
    return Reason("row", Words(f"{named}：{zh}", f"{named}: {en}"), f"rows.{row.get('kind')}.{row.get('key')}.{column}")
