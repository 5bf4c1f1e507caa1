"""Kinds of arguments that several commands take."""

from __future__ import annotations

import argparse
from datetime import date


def day(text: str) -> date:
    """A calendar day in ISO 8601; ArgumentTypeError for anything else."""
    try:
        return date.fromisoformat(text)
    except ValueError as wrong:
        raise argparse.ArgumentTypeError(f"{text!r} is not a day: write it as 2026-03-01") from wrong
