"""Datasets of the data folder: each a world of its own, simulated and real data never share one."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from qingyuan.base.errors import QingyuanError, WrongUsage
from qingyuan.base.time import isoformat, now

_SLUG = re.compile(r"[a-z0-9][a-z0-9_-]{0,63}")


@dataclass(frozen=True)
class Dataset:
    """One dataset; path is its folder, now the last hour of a simulated one."""

    slug: str
    title_zh: str
    title_en: str
    simulated: bool
    path: Path
    now: datetime | None = None


def list_datasets(data: Path) -> list[Dataset]:
    """Every dataset below the data folder, by slug."""
    return [_read(file) for file in sorted((data / "datasets").glob("*/dataset.json"))]


def open_dataset(data: Path, slug: str) -> Dataset:
    """The dataset of that slug. Raises QingyuanError when there is none."""
    found = [item for item in list_datasets(data) if item.slug == slug]
    if not found:
        raise QingyuanError(f"There is no dataset {slug!r} in {data}", "Import files into it or fill the demo.")
    return found[0]


def create_dataset(
    data: Path, slug: str, title_zh: str, title_en: str, simulated: bool, last_hour: datetime | None = None
) -> Dataset:
    """Make a new, empty dataset. Raises WrongUsage when the slug is taken.

    last_hour: start of the last hour of a simulated one, its "now" on every screen.
    """
    if not _SLUG.fullmatch(slug):
        raise WrongUsage(f"{slug!r} is no slug", "Use small letters, digits, - and _, such as jilin-2025")
    folder = data / "datasets" / slug
    if (folder / "dataset.json").exists():
        raise WrongUsage(f"Dataset {slug!r} exists already", "Choose another slug.")
    folder.mkdir(parents=True, exist_ok=True)
    words = {"slug": slug, "title": {"zh": title_zh, "en": title_en}, "simulated": simulated}
    if last_hour is not None:
        words["now"] = last_hour.isoformat()
    part = folder / "dataset.json.part"
    part.write_text(json.dumps({**words, "created": isoformat(now())}, ensure_ascii=False), "utf-8")
    part.rename(folder / "dataset.json")
    return open_dataset(data, slug)


def _read(file: Path) -> Dataset:
    words = json.loads(file.read_text("utf-8"))
    last = datetime.fromisoformat(words["now"]) if words.get("now") else None
    title = words["title"]
    return Dataset(words["slug"], title["zh"], title["en"], words["simulated"], file.parent, last)
