"""Keeping a dataset fresh: changed windows are assessed again, then the indicators of the plan."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
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


def refresh(dataset: Dataset, progress: Progress | None = None) -> Refreshed:
    """Bring assessments and indicators up to the dataset's observations; nothing new, nothing done."""
    assessments = [each for domain in DOMAINS for each in domain.assessments]
    windows = refresh_dataset(dataset.path, assessments, progress)
    as_of = newest_hour(dataset)
    values = refresh_indicators(dataset.path, as_of) if as_of else 0
    if as_of:
        refresh_forecasts(dataset.path, as_of)
    return Refreshed(sum(len(each) for each in windows.values()), values)


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
) -> None:
    """Refresh again and again, `seconds` apart; rounds: how often, None = until it is stopped."""
    done = 0
    while rounds is None or done < rounds:
        for dataset in chosen(data, slug):
            result = refresh(dataset)
            if result.windows or result.values:
                tell(dataset, result)
            lake.join_small_files(dataset.path)
        done += 1
        if rounds is None or done < rounds:
            sleep(seconds)
