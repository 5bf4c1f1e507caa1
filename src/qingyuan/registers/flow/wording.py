"""Words of the flow: verbs, signers, values and times as a person reads them."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from qingyuan.registers.flow.declared import Field, Signer, Words

VERBS = {
    "open": Words("新建", "open"),
    "fill": Words("填写", "fill"),
    "sign": Words("签章", "sign"),
    "return": Words("退回", "return"),
    "amend": Words("更正", "correct"),
    "void": Words("作废", "void"),
    "note": Words("留言", "note"),
    "hand_over": Words("移交", "hand over"),
    "reopen": Words("重开", "reopen"),
}
LEVELS = {
    "province": Words("省级", "the province's"),
    "city": Words("市级", "the city's"),
    "county": Words("县级", "the county's"),
    "township": Words("乡镇", "the township's"),
    "grid": Words("网格", "the grid's"),
    "facility": Words("企业", "the enterprise's"),
    "any": Words("", "any"),
}
WHOSE = {"": Words("", ""), "own": Words("本", "the party's own "), "above": Words("上一级", "the next above: ")}
DUTIES: dict[str, Words] = {}
"""Titles of duties by code; the interfaces fill them in from `people` at start."""


def signers(alternatives: Iterable[Signer]) -> Words:
    """``县级水环境或市级水环境``."""
    named = [
        (WHOSE[each.of], LEVELS[each.level], DUTIES.get(each.duty, Words(each.duty, each.duty)))
        for each in alternatives
    ]
    return Words(
        "或".join(f"{of.zh}{level.zh}“{duty.zh}”" for of, level, duty in named) or "（无人）",
        " or ".join(f"{of.en}{level.en} {duty.en}" for of, level, duty in named) or "nobody",
    )


def clock(moment: datetime) -> str:
    """``2026-03-01 14:06``."""
    return moment.strftime("%Y-%m-%d %H:%M")


def shown(field: Field, value: Any, language: str) -> str:
    """A kept value as text, with its unit."""
    if value is None or value == "":
        return ""
    zh = language.startswith("zh")
    if field.type == "choice":
        return field.codes[value].of(language) if value in field.codes else str(value)
    if field.type == "yes_no":
        return ("是" if value else "否") if zh else ("yes" if value else "no")
    if field.type == "point":
        return f"{value[0]:.4f}° E, {value[1]:.4f}° N"
    if field.type == "polygon":
        count = sum(len(ring) - 1 for ring in value)
        return f"{count} 个节点的范围" if zh else f"polygon of {count} vertices"
    if field.type == "file":
        return ", ".join(each["name"] for each in value)
    if field.type == "table":
        return f"{len(value)} 行" if zh else f"{len(value)} rows"
    return f"{value} {field.unit}" if field.unit else str(value)
