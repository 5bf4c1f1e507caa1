"""``qingyuan plan``: a plan's text read into a draft, its indicators and what is left, asking for reports on it."""

from __future__ import annotations

import argparse
import json
import sys
from datetime import date, datetime, time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from qingyuan.base.errors import WrongUsage
from qingyuan.base.time import isoformat, to_wall_clock
from qingyuan.interfaces.cli import plan_book, plan_forecast, plan_normalise, plan_report

if TYPE_CHECKING:
    from qingyuan.observations.datasets import Dataset
    from qingyuan.plans.reading import Draft
    from qingyuan.plans.scoreboard import Row, Scoreboard

MARKS = {"good": "good", "tight": "tight", "bad": "may be missed", "not_observed": "not observed"}
MARKS |= {"not_judged": "not judged"}


def add(commands: argparse._SubParsersAction) -> None:
    """Register the command."""
    command = commands.add_parser("plan", help="the five-year plan", description=__doc__)
    parts = command.add_subparsers(title="parts", metavar="PART", required=True)
    board = parts.add_parser("scoreboard", help="indicators, targets, and what is left")
    board.add_argument("--data", type=Path, metavar="DIR", help="data folder (else QINGYUAN_DATA, else ./var)")
    board.add_argument("--dataset", metavar="SLUG", help="dataset; needed when there are several")
    board.add_argument("--on", metavar="TIME", help="newest hour, or a day with its last hour; else the latest")
    board.add_argument("--place", default="22", metavar="CODE", help="province (22), city (220100) or county")
    board.add_argument("--format", default="table", choices=["table", "json"])
    board.set_defaults(run=run)
    asking = parts.add_parser("dispatch", help="ask for the reports of every period that is over, once")
    asking.add_argument("--data", type=Path, metavar="DIR", help="data folder (else QINGYUAN_DATA, else ./var)")
    asking.add_argument("--at", metavar="TIME", help="as if it were then; else now")
    asking.set_defaults(run=dispatch)
    taken = parts.add_parser("import", help="read a plan's text into a draft", description=_import.__doc__)
    taken.add_argument("file", type=Path, metavar="FILE", help="the plan: .txt, .docx, or .pdf with a text layer")
    taken.add_argument("--output", type=Path, metavar="FILE", help="the draft, as .json; else what was found is told")
    taken.set_defaults(run=_import)
    plan_book.add_storing(taken)
    plan_book.add(parts)
    plan_report.add(parts)
    plan_forecast.add(parts)
    plan_normalise.add(parts)


def dispatch(args: argparse.Namespace) -> int:
    """Open the report cases that are due, and say of which items nobody could be asked."""
    from qingyuan.base.time import now
    from qingyuan.interfaces.cli import serve

    serve.prepare(args.data)
    from qingyuan.interfaces.jobs import plan_dispatch

    done = plan_dispatch.look(_moment(args.at) if args.at else now())
    print(f"plan: {done.opened} reports asked for", file=sys.stderr)
    if done.nobody:
        print(f"nobody to ask for {len(done.nobody)} items: {', '.join(done.nobody[:20])}", file=sys.stderr)
    return 0


def _import(args: argparse.Namespace) -> int:
    """Read chapters, tasks with their departments, boxes, indicators and targets of a plan into a draft for review.

    Every item points at its place in the text (characters, from 0, end not included). With --store the draft is
    entered as a version to be reviewed on the page that is printed.
    """
    from qingyuan.plans.reading import read

    _check_draft(args.output)
    plan_book.check_storing(args)
    draft = read(args.file)
    if args.output:
        text = json.dumps(draft.as_json(), ensure_ascii=False, indent=1)
        args.output.write_text(text + "\n", encoding="utf-8")
    print(_told(draft))
    if args.store:
        print(f"review 审阅: {plan_book.stored(args)}")
    return 0


def _check_draft(output: Path | None) -> None:
    if output is None:
        return
    if output.suffix.lower() != ".json":
        raise WrongUsage(f"The draft {output} has no known suffix", "End it with .json")
    if not output.parent.is_dir():
        raise WrongUsage(f"The folder of the draft {output} does not exist", "Create it first")


def _told(draft: Draft) -> str:
    """One line a kind of item, and how many figures are doubtful."""
    doubts = sum(len(each.doubtful) for each in draft.indicators) + sum(len(each.doubtful) for each in draft.targets)
    years = f" ({draft.first_year}-{draft.last_year})" if draft.first_year else ""
    return "\n".join(
        [
            f"{draft.title or draft.origin.name}{years}",
            f"chapters 章: {len(draft.chapters)}",
            f"tasks 任务: {len(draft.tasks)}",
            f"boxes 专栏: {len(draft.boxes)} with {sum(len(box.items) for box in draft.boxes)} items",
            f"indicators 指标: {len(draft.indicators)}",
            f"targets 目标: {len(draft.targets)}",
            f"doubtful figures 存疑数字: {doubts}",
            *(f"warning 注意: {each}" for each in draft.warnings),
        ]
    )


def run(args: argparse.Namespace) -> int:
    """Print the scoreboard: by the version in force where there is a database with one, else by the library."""
    from qingyuan.base.settings import data_dir

    data = args.data or data_dir()
    dataset = dataset_of(data, args.dataset)
    board = _board(data, dataset, _moment(args.on) if args.on else None, args.place)
    if args.format == "json":
        json.dump(_as_json(board, dataset), sys.stdout, ensure_ascii=False, indent=2)
        print()
    else:
        _print(board, dataset)
    return 0


def _board(data: Path, dataset: Dataset, on: datetime | None, place: str) -> Scoreboard:
    from qingyuan.base.time import now
    from qingyuan.interfaces.cli import serve
    from qingyuan.plans.forecast.kept import judged
    from qingyuan.plans.scoreboard import scoreboard

    as_of = on or _latest(dataset)
    if not serve.has_database(data):
        return judged(scoreboard(dataset.path, as_of, place), dataset.path)
    serve.prepare(data)
    from qingyuan.plans import live

    return live.of(dataset.path, as_of, place, live.look(dataset.simulated, as_of, None if on else now()))


def dataset_of(data: Path, slug: str | None) -> Dataset:
    """The dataset of that slug, or the only one; WrongUsage when none was named and there are several."""
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
    print(f"figures 指标口径: {board.figures.zh} / {board.figures.en}")
    titles = ["no", "indicator", "so far", "last year", "target", "left", "state", "why", "source"]
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
        f"{row.came.told().zh} {row.came.record}" if row.came else "",
    ]


def _target(row: Row) -> str:
    if not row.issued:
        return ""
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
    from qingyuan.plans.telling import board_as_json

    return {"dataset": dataset.slug, "simulated": dataset.simulated, **board_as_json(board)}
