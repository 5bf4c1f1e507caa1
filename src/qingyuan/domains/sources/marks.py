"""What flags and tags say of a reading: nothing wrong, the monitor not in order, or the plant not in normal running."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import Any

import ibis
import ibis.expr.types as ir
import yaml

from qingyuan.places.outlets import Outlet
from qingyuan.standards import law

FILE = Path(__file__).parent / "marks.yaml"

SOURCE_STOPPED = "source_stopped"


@cache
def vocabulary() -> dict[str, Any]:
    """Words of `marks.yaml`: normal, monitor and plant."""
    words: dict[str, Any] = yaml.safe_load(FILE.read_text(encoding="utf-8"))
    return words


def _has(text: ir.StringValue, words: Iterable[str]) -> ir.BooleanValue:
    spelled = "|".join(re.escape(word) for word in words)
    return text.re_search(f";({spelled});")


def _tokens(flag: ir.StringValue) -> ir.StringValue:
    return ibis.literal(";") + flag.lower().replace(",", ";").replace(" ", "") + ibis.literal(";")


def source_stopped(rows: ibis.Table, outlets: tuple[Outlet, ...]) -> ir.BooleanValue:
    """Whether the mark F means that the source stands still: in the edition of 2005, not since (HJ 212)."""
    means = {each.name: law.rule("HJ 212", "flag.F", edition=each.name).value for each in law.editions("HJ 212")}
    first = min(each.effective for each in law.editions("HJ 212") if means[each.name] != SOURCE_STOPPED)
    by_day = rows.phenomenon_time < ibis.timestamp(f"{first} 00:00:00")
    said = {each.point: means.get(each.protocol) == SOURCE_STOPPED for each in outlets if each.protocol}
    old, new = ([point for point, stopped in said.items() if stopped is kind] for kind in (True, False))
    if old:
        by_day |= rows.point.isin(old)
    return by_day & ~rows.point.isin(new) if new else by_day


def with_marks(rows: ibis.Table, outlets: tuple[Outlet, ...]) -> ibis.Table:
    """Add ``mark`` (why the monitor's value is not used) and ``tag`` (how the plant ran); null = nothing to say."""
    words, text = vocabulary(), _tokens(rows.flag)
    f_stopped = _has(text, ["f"]) & source_stopped(rows, outlets)
    plant = [(_has(text, spelled), name) for name, spelled in words["plant"].items()]
    tag = ibis.cases((rows.flag.isnull(), ibis.null("string")), *plant, (f_stopped, "stopped"))
    monitor = [(_has(text, spelled), name) for name, spelled in words["monitor"].items()]
    innocent = [word for spelled in words["plant"].values() for word in spelled]
    harmless = _has(text, [*innocent, *words["normal"]]) | f_stopped
    mark = ibis.cases(
        (rows.flag.isnull(), ibis.null("string")),
        *monitor,
        (_has(text, ["f"]) & ~f_stopped, "monitor_stopped"),
        (harmless, ibis.null("string")),
        else_="other",
    )
    return rows.mutate(mark=mark, tag=tag)
