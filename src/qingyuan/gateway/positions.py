"""How far ingest has come, so that every record's rows are in each lake exactly once whatever process is killed when.

Each lake's commit carries, in its note, the two positions it brings the lake to; the database has a row of its own.
The position file comes last and says up to where all of them are. After a crash reading begins there, and each lake
and the database pass over what they have already.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

from qingyuan.observations import lake
from qingyuan.observations.datasets import list_datasets

NOTE = re.compile(r"journal (\d+) late (\d+)")


class Position(NamedTuple):
    """Everything up to record `fresh` is in but back-fill; of the back-fill everything up to record `late`."""

    fresh: int = 0
    late: int = 0

    def note(self) -> str:
        """As the note of a commit."""
        return f"journal {self.fresh} late {self.late}"


@dataclass
class Positions:
    """The position all have reached, and those of the lakes, which may be ahead. versions: of the lakes' logs."""

    file: Path
    reached: Position
    lakes: dict[str, Position] = field(default_factory=dict)
    versions: dict[str, list[int]] = field(default_factory=dict)

    def of(self, slug: str) -> Position:
        """The position of a dataset's lake."""
        own = self.lakes.get(slug, self.reached)
        return Position(max(own.fresh, self.reached.fresh), max(own.late, self.reached.late))

    def save(self, data: Path, slugs: Iterable[str]) -> None:
        """Put the position file in place, on disk when it returns. slugs: lakes written since."""
        for slug in slugs:
            folder = data / "datasets" / slug
            self.versions[slug] = [lake.version(folder, name) for name in lake.TABLES]
        self.file.parent.mkdir(parents=True, exist_ok=True)
        part = self.file.with_suffix(".part")
        with part.open("w", encoding="ascii") as stream:
            json.dump({**self.reached._asdict(), "versions": self.versions}, stream)
            stream.flush()
            os.fsync(stream.fileno())
        part.replace(self.file)


def file_of(data: Path) -> Path:
    """The position file of a data folder."""
    return data / "ingest" / "position.json"


def read(data: Path) -> Positions:
    """The positions as the file and the lakes' logs tell them."""
    file = file_of(data)
    told: dict[str, Any] = {"fresh": 0, "late": 0, "versions": {}}
    if file.exists():
        told = json.loads(file.read_text("ascii"))
    found = Positions(file, Position(told["fresh"], told["late"]), {}, told["versions"])
    for dataset in list_datasets(data):
        since = found.versions.get(dataset.slug, [-1] * len(lake.TABLES))
        found.lakes[dataset.slug] = _in_log(dataset.path, since)
    return found


def _in_log(dataset: Path, since: list[int]) -> Position:
    """The furthest position in the notes of commits after known versions, or of all the log has where it is shorter."""
    found = Position()
    for name, version in zip(lake.TABLES, since, strict=True):
        table, notes = lake.table_of(dataset, name), lake.table_of(dataset, name).notes_since(version)
        for note in table.notes() if notes is None else notes:
            match = NOTE.fullmatch(str(note.get("source", "")))
            if match:
                found = max(found, Position(int(match[1]), int(match[2])), key=sum)
    return found
