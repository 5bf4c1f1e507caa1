"""The accounts of a demo: kept in the data folder of a demo only, told at its start and on its login page."""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

FILE = "demo-accounts.json"


@dataclass(frozen=True)
class Account:
    """An account of the demo: its name and password, whose it is, what to try with it."""

    account: str
    password: str
    name: str
    organisation: str
    zh: str
    en: str


def accounts(data: Path) -> list[Account]:
    """The accounts of the demo in a data folder; none when it is no demo."""
    file = data / FILE
    return [Account(**row) for row in json.loads(file.read_text("utf-8"))] if file.exists() else []


def keep(data: Path, made: Sequence[Account]) -> None:
    """Keep them, readable by their owner only."""
    handle = os.open(data / FILE, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        json.dump([asdict(each) for each in made], file, ensure_ascii=False, indent=1)
