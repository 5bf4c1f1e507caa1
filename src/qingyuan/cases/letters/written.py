"""A letter of a case: a template filled with the case's facts."""

from __future__ import annotations

import string
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from importlib.resources import files
from typing import Any

import yaml

from qingyuan.base.errors import QingyuanError

DIGITS = "〇一二三四五六七八九"


class NoLetter(QingyuanError):
    """There is no such template, or a fact it cannot do without is missing."""


@dataclass(frozen=True)
class Letter:
    """What stands on the sheet. number: of the letter, empty for a draft; sender: who signs; to: who it is for."""

    title: str
    to: str
    paragraphs: tuple[str, ...]
    sender: str
    day: date
    number: str = ""
    simulated: bool = False


@lru_cache(maxsize=1)
def templates() -> dict[str, dict[str, Any]]:
    """The templates by name."""
    return dict(yaml.safe_load(files("qingyuan.cases.letters").joinpath("templates.yaml").read_text("utf-8")))


def names(kind: str) -> list[str]:
    """The letters of a kind of case: its own (``of``), else those of every kind."""
    own = [name for name, each in templates().items() if each.get("of") == kind]
    return own or [name for name, each in templates().items() if "of" not in each]


def main(kind: str) -> str:
    """The letter a case's page offers first."""
    return "supervision" if "supervision" in names(kind) else names(kind)[0]


def write(
    name: str, facts: Mapping[str, str], sender: str, day: date, *, number: str = "", simulated: bool = False
) -> Letter:
    """The letter of a template; a paragraph that lacks a fact is left out.

    Raises NoLetter without title or addressee.
    """
    if name not in templates():
        raise NoLetter(f"There is no letter {name!r}", f"Choose one of {', '.join(templates())}.")
    template = templates()[name]
    lacking = [key for part in ("title", "to") for key in _keys(template[part]) if not facts.get(key)]
    if lacking:
        raise NoLetter(f"The letter needs {', '.join(lacking)}", "Complete the case first.")
    paragraphs = [each for each in template["body"] if all(facts.get(key) for key in _keys(each))]
    filled = tuple(each.format_map(facts) for each in paragraphs)
    return Letter(
        template["title"].format_map(facts), template["to"].format_map(facts), filled, sender, day, number, simulated
    )


def _keys(text: str) -> list[str]:
    return [name for _literal, name, _spec, _conversion in string.Formatter().parse(text) if name]


def chinese_date(day: date) -> str:
    """A date as letters write it: 2026年3月1日 (GB/T 9704: Arabic numerals, no leading zeros)."""
    return f"{day.year}年{day.month}月{day.day}日"
