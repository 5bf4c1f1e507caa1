"""The declared words of the reader (`vocabulary.yaml`), read once."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml

FILE = Path(__file__).with_name("vocabulary.yaml")


@lru_cache(maxsize=1)
def vocabulary() -> dict[str, Any]:
    """All sections of the file."""
    words: dict[str, Any] = yaml.safe_load(FILE.read_text(encoding="utf-8"))
    return words


def any_of(words: Iterable[str]) -> str:
    """A pattern of these words, longest first."""
    return "|".join(re.escape(word) for word in sorted(words, key=len, reverse=True))
