"""The law behind a number: clause, row of the index table with the interval marked, dates, confidence."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.utils.translation import gettext as _

from qingyuan.domains.air.law import validity_rule
from qingyuan.interfaces.web.stations.lawful import averaging, clause, limit_label
from qingyuan.interfaces.web.stations.words import symbol
from qingyuan.interfaces.web.tracing.formula import Formula
from qingyuan.interfaces.web.wording import english
from qingyuan.standards import law
from qingyuan.standards.records import Breakpoints, Limit, Provision, Rule


def confidence(code: str) -> str:
    """How sure the library is of a value, in words."""
    words = {
        "primary": _("read in the text of the standard"),
        "two_sources": _("two independent sources"),
        "one_source": _("one source"),
        "memory": _("not yet compared with a source"),
    }
    return words[code]


def provision(each: Provision) -> dict[str, Any]:
    """Clause, days it holds for, confidence and last comparison of a value of the law."""
    return {
        "clause": clause(each),
        "effective": each.effective.isoformat(),
        "until": each.until.isoformat() if each.until else None,
        "confidence": confidence(each.confidence),
        "sure": each.confidence in ("primary", "two_sources"),
        "checked": each.checked.isoformat(),
    }


def index_basis(table: Breakpoints, formula: Formula | None) -> dict[str, Any]:
    """The column of the index table, with the interval used."""
    interval = formula.interval if formula else None
    marked = {interval, interval - 1} if interval is not None else set()
    heads = [(index, position in marked) for position, index in enumerate(table.index)]
    cells = [(f"{value:f}", position in marked) for position, value in enumerate(table.values)]
    title = f"{symbol(table.item)} {averaging(table.averaging)}"
    return {**provision(table), "title": title, "heads": heads, "cells": cells, "said": _said(table)}


def _said(table: Breakpoints) -> list[dict[str, Any]]:
    names = ["iaqi.rounding", f"digits.{table.item}"]
    return [rule_line(law.rule("HJ 633", name, edition=table.edition)) for name in names]


def rule_line(rule: Rule) -> dict[str, Any]:
    """A rule in one line: title, value, note, clause."""
    words = {"up": _("always up")}
    value = words.get(str(rule.value), f"{rule.value}")
    return {
        "title": rule.title_en if english() else rule.title_zh,
        "value": value,
        "note": rule.note if english() else rule.note_zh,
        **provision(rule),
    }


def limit_basis(limit: Limit, value: float | None) -> dict[str, Any]:
    """The limit a daily value is judged by, and whether it holds."""
    over = value is not None and value > float(limit.value)
    return {**provision(limit), "label": limit_label(limit), "over": over, "judged": value is not None}


def validity_basis(item: str, day: date) -> dict[str, Any]:
    """The rule that says how many hours or windows a valid day needs."""
    return rule_line(validity_rule(item, day))
