"""What the quality tests found in the series of one outlet: a suspicion is looked at by a person, it is no verdict."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from qingyuan.interfaces.web import wording
from qingyuan.interfaces.web.context import Context
from qingyuan.interfaces.web.sources import words
from qingyuan.observations.quality import codes, kept

NEWEST = 20


@dataclass(frozen=True)
class Found:
    """One finding for the page. state: the look of its word; end: of the last interval."""

    title: str
    basis: str
    state: str
    symbol: str
    begin: datetime
    end: datetime
    statistic: float
    threshold: float


def of_point(ctx: Context, point: str) -> list[Found]:
    """The newest findings of a point; gaps are told by the ledger and left out here."""
    rows = [row for row in kept.findings(ctx.dataset.path, point) if row["code"] != "missing"]
    return [_found(row) for row in rows[:NEWEST]]


def _found(row: dict[str, object]) -> Found:
    code = codes()[str(row["code"])]
    title = code.title_en if wording.english() else code.title_zh
    state = "tight" if code.kind == "tampering" else "none"
    told = {name: row[name] for name in ("begin", "end", "statistic", "threshold")}
    return Found(title, code.basis, state, words.symbol(str(row["property"])), **told)  # type: ignore[arg-type]
