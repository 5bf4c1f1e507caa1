"""The declaration ``declared.yaml`` as records: categories, limits, deadlines, retention."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from typing import Any

import yaml


@dataclass(frozen=True)
class Category:
    """What a report is about. domain: whose duty it becomes."""

    code: str
    domain: str
    zh: str
    en: str


@lru_cache(maxsize=1)
def declared() -> dict[str, Any]:
    """The whole declaration as it stands in the file."""
    return yaml.safe_load(files("qingyuan.reports").joinpath("declared.yaml").read_text("utf-8"))


@lru_cache(maxsize=1)
def categories() -> dict[str, Category]:
    """Categories by code, in the order of the form."""
    return {code: Category(code, **row) for code, row in declared()["categories"].items()}
