"""``qingyuan plan scoreboard``: the indicators of the five-year plan and what is left to meet them."""

from __future__ import annotations

import argparse
import json
import sys
from datetime import date, datetime, time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from qingyuan.base.errors import WrongUsage
from qingyuan.base.time import isoformat, to_wall_clock
from qingyuan.interfaces.cli import plan_book

if TYPE_CHECKING:
    from qingyuan.observations.datasets import Dataset
    from qingyuan.plans.scoreboard import Row, Scoreboard

MARKS = {"good": "good", "tight": "tight", "bad": "may be missed", "not_observed": "not observed"}


def add(commands: argparse._SubParsersAction) -> None:
    """Register the command."""
    command = commands.add_parser("plan", help="the five-year plan", description=__doc__)
    parts = command.add_subparsers(title="parts", metavar="PART", required=True)
    board = parts.add_parser("scoreboard", help="indicators, targets, and what is left")
    board.add_argument("--data", type=Path, metavar="DIR", help="data folder (else QINGYUAN_DATA, else ./var)")
    board.add_argument("--dataset", metavar="SLUG", help="dataset; needed when there are several")
    board.add_argument("--on", metavar="TIME", help="newest hour, or a day with its last hour; else the latest")
    board.add_argument("--place", default="22", metavar="CODE", help="province (22) or city (220100)")
    board.add_argument("--format", default="table", choices=["table", "json"])
    board.set_defaults(run=run)
    plan_book.add(parts)


def run(args: argparse.Namespace) -> int:
    """Print the scoreboard."""
    from qingyuan.base.settings import data_dir
    from qingyuan.plans.scoreboard import scoreboard

    dataset = _dataset(args.data or data_dir(), args.dataset)
    board = scoreboard(dataset.path, _moment(args.on) if args.on else _latest(dataset), args.place)
    if args.format == "json":
        json.dump(_as_json(board, dataset), sys.stdout, ensure_ascii=False, indent=2)
        print()
    else:
        _print(board, dataset)
    return 0


def _dataset(data: Path, slug: str | None) -> Dataset:
    from qingyuan.observations.datasets import list_datasets, open_dataset

    if slug:
        return open_dataset(data, slug)
    known = list_datasets(data)
    if len(known) != 1:
        names = ", ".join(each.slug for each in known) or "none"
        raise WrongUsage(f"{data} holds {len(known)} datasets ({names})", "Name one with --dataset")
    return known[0]


def _latest(dataset: Dataset) -> datetime:
    from qingyuan.base.time import now
    from qingyuan.plans.indicators import newest_hour

    return newest_hour(dataset) or now()


def _moment(text: str) -> datetime:
    """A day means its last hour."""
    try:
        if len(text) == len("2025-10-28"):
            return datetime.combine(date.fromisoformat(text), time(23))
        return to_wall_clock(datetime.fromisoformat(text))
    except ValueError as wrong:
        raise WrongUsage(f"{text!r} is no time", "Write 2025-10-28 or 2025-10-28T14:00") from wrong


def _print(board: Scoreboard, dataset: Dataset) -> None:
    from qingyuan.interfaces.cli.tables import print_table

    simulated = " · simulated data 模拟数据" if dataset.simulated else ""
    print(f"{board.plan.title.zh} · {dataset.title_zh}{simulated} · {board.division}")
    print(f"{board.so_far.first} .. {board.so_far.last}, as of {isoformat(board.as_of)}")
    titles = ["no", "indicator", "so far", "last year", "target", "left", "state", "why"]
    print_table(titles, [_line(row) for row in board.rows])


def _line(row: Row) -> list[str]:
    return [
        str(row.no),
        row.indicator.short.zh,
        _text(row.value),
        _text(row.last_year),
        _target(row),
        _left(row),
        MARKS[row.state],
        row.reason.zh,
    ]


def _target(row: Row) -> str:
    if row.target.value is None:
        return row.target.wording.zh if row.target.wording else ""
    sign = {"down": "≤", "up": ">" if row.target.bound == "above" else "≥"}[row.indicator.direction]
    return f"{sign} {row.target.value} {row.indicator.unit}"


def _left(row: Row) -> str:
    if row.left is None or row.left.allowed is None:
        return ""
    return f"{row.left.allowed} (last year {_text(row.left.compared)})"


def _text(value: object) -> str:
    return "" if value is None else str(value)


def _as_json(board: Scoreboard, dataset: Dataset) -> dict[str, Any]:
    return {
        "plan": board.plan.code,
        "dataset": dataset.slug,
        "simulated": dataset.simulated,
        "division": board.division,
        "as_of": isoformat(board.as_of),
        "first": board.so_far.first.isoformat(),
        "last": board.so_far.last.isoformat(),
        "indicators": [_row(row) for row in board.rows],
    }


def _row(row: Row) -> dict[str, Any]:
    from qingyuan.plans.values import left_of

    wording = row.target.wording
    return {
        "no": row.no,
        "name": {"zh": row.indicator.name.zh, "en": row.indicator.name.en},
        "unit": row.indicator.unit,
        "state": row.state,
        "value": _number(row.value),
        "same_period_last_year": _number(row.last_year),
        "base": None if row.base is None else {"year": row.base.year, "value": _number(row.base.value)},
        "target": {
            "on": row.target.day.isoformat(),
            "value": _number(row.target.value),
            "wording": None if wording is None else {"zh": wording.zh, "en": wording.en},
        },
        "distance": _number(row.distance),
        "city_days": row.city_days,
        "left": left_of(row),
        "reason": {"zh": row.reason.zh, "en": row.reason.en},
        "supplied_by": {"zh": row.supplier.name.zh, "en": row.supplier.name.en},
    }


def _number(value: object) -> str | None:
    """Decimals stay text, so that no digit is lost."""
    return None if value is None else str(value)
