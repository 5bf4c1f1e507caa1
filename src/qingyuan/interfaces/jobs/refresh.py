"""Keeping a dataset fresh: changed windows are assessed again, then the indicators of the plan."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from time import sleep as wait

from qingyuan.assessments.refresh import Progress, refresh_dataset
from qingyuan.domains import DOMAINS
from qingyuan.observations import lake
from qingyuan.observations.datasets import Dataset, list_datasets, open_dataset
from qingyuan.plans.forecast.kept import refresh_forecasts
from qingyuan.plans.indicators import newest_hour
from qingyuan.plans.values import refresh_indicators


@dataclass(frozen=True)
class Refreshed:
    """What a refresh did: windows assessed again, new indicator values."""

    windows: int
    values: int


Values = Callable[[Dataset, datetime], int]
"""Makes forecasts and values of the plan's indicators anew; the number of new values."""


def of_library(dataset: Dataset, as_of: datetime) -> int:
    """By the library's figures, for a data folder without a database."""
    refresh_forecasts(dataset.path, as_of)
    return refresh_indicators(dataset.path, as_of)


def refresh(dataset: Dataset, progress: Progress | None = None, values: Values = of_library) -> Refreshed:
    """Bring assessments and indicators up to the dataset's observations; nothing new, nothing done.

    values: `live.refreshed` where there is a database, whose version of the plan is then in force.
    """
    assessments = [each for domain in DOMAINS for each in domain.assessments]
    windows = refresh_dataset(dataset.path, assessments, progress)
    as_of = newest_hour(dataset)
    made = values(dataset, as_of) if as_of else 0
    return Refreshed(sum(len(each) for each in windows.values()), made)


def chosen(data: Path, slug: str | None) -> list[Dataset]:
    """The dataset of that slug, or all of the data folder. QingyuanError when the slug is unknown."""
    return [open_dataset(data, slug)] if slug else list_datasets(data)


def watch(
    data: Path,
    slug: str | None,
    seconds: float,
    tell: Callable[[Dataset, Refreshed], None],
    sleep: Callable[[float], None] = wait,
    rounds: int | None = None,
    values: Values = of_library,
) -> None:
    """Refresh again and again, `seconds` apart; rounds: how often, None = until it is stopped."""
    done = 0
    while rounds is None or done < rounds:
        for dataset in chosen(data, slug):
            result = refresh(dataset, values=values)
            if result.windows or result.values:
                tell(dataset, result)
            lake.join_small_files(dataset.path)
        done += 1
        if rounds is None or done < rounds:
            sleep(seconds)
