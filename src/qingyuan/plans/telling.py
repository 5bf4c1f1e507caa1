"""A board in plain words and numbers, for JSON: the same from the command and the API. Decimals stay text."""

from __future__ import annotations

from typing import Any

from qingyuan.base.time import isoformat
from qingyuan.plans.facts import Words
from qingyuan.plans.scoreboard import Row, Scoreboard
from qingyuan.plans.told import Came
from qingyuan.plans.values import left_of


def board_as_json(board: Scoreboard) -> dict[str, Any]:
    """The whole board; figures: whose base and targets these are."""
    return {
        "plan": board.plan.code,
        "figures": _words(board.figures),
        "division": board.division,
        "as_of": isoformat(board.as_of),
        "first": board.so_far.first.isoformat(),
        "last": board.so_far.last.isoformat(),
        "indicators": [row_as_json(row) for row in board.rows],
    }


def row_as_json(row: Row) -> dict[str, Any]:
    """One indicator; source null where there is no value, target value null where none was handed down to the place."""
    return {
        "no": row.no,
        "name": _words(row.indicator.name),
        "unit": row.indicator.unit,
        "state": row.state,
        "value": _number(row.value),
        "same_period_last_year": _number(row.last_year),
        "years": {str(year): str(value) for year, value in row.years},
        "base": _base(row),
        "target": {
            "on": row.target.day.isoformat(),
            "value": _number(row.target.value) if row.issued else None,
            "wording": None if row.target.wording is None else _words(row.target.wording),
            "counted": row.share.counted if row.share else "",
        },
        "target_decomposed": row.issued,
        "distance": _number(row.distance),
        "city_days": row.city_days,
        "left": left_of(row),
        "reason": _words(row.reason),
        "source": None if row.came is None else _came(row.came),
        "supplied_by": _words(row.supplier.name),
    }


def _base(row: Row) -> dict[str, Any] | None:
    """Where the plan, or the place's own share, starts from."""
    whole = row.issued and row.share is None
    value = (row.base.value if row.base else None) if whole else (row.share.base if row.share else None)
    return None if value is None or row.base is None else {"year": row.base.year, "value": f"{value:f}"}


def _came(came: Came) -> dict[str, Any]:
    return {"by": came.by, "words": _words(came.words), "record": came.record, "as_of": came.as_of.isoformat()}


def _words(words: Words) -> dict[str, str]:
    return {"zh": words.zh, "en": words.en}


def _number(value: object) -> str | None:
    """Decimals stay text, so that no digit is lost."""
    return None if value is None else str(value)
