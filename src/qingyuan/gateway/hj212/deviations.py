"""The nonconformity profile's vocabulary: what a device does otherwise than HJ 212, one name a kind.

A deviation is told as a code, its kind with a detail after a colon where there is one (``length_digits:3``).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from qingyuan.standards.schema import read

FILE = Path(__file__).parent / "deviations.yaml"
"""The table of kinds."""


@dataclass(frozen=True)
class Deviation:
    """One kind. printed: its words for a frame, {} for the detail; zh, en: one sentence for people."""

    kind: str
    printed: str
    zh: str
    en: str


@cache
def table() -> dict[str, Deviation]:
    """All kinds by name, in the order they are told."""
    file = read(FILE)
    kinds = {}
    for kind in file.content:
        entry = file.inner(kind)
        kinds[kind] = Deviation(kind, *(entry.take(key, str) for key in ("printed", "zh", "en")))
        entry.done()
    return kinds


def kind(code: str) -> Deviation:
    """The kind of a code, with or without detail; KeyError for a word that is none."""
    return table()[code.partition(":")[0]]


def printed(code: str) -> str:
    """The words for a frame: ``length field has 3 digits``."""
    return kind(code).printed.replace("{}", code.partition(":")[2])


def in_order(codes: Iterable[str]) -> tuple[str, ...]:
    """Codes in the order of the table, each once."""
    places = _places()
    return tuple(sorted(dict.fromkeys(codes), key=lambda code: places[code.partition(":")[0]]))


@cache
def _places() -> dict[str, int]:
    return {name: place for place, name in enumerate(table())}
