"""Check sheets of inspections, by domain."""

from __future__ import annotations

from functools import lru_cache
from importlib.resources import files

import yaml


@lru_cache(maxsize=1)
def sheets() -> dict[str, list[str]]:
    """The items of every sheet."""
    return dict(yaml.safe_load(files("qingyuan.cases").joinpath("checks.yaml").read_text("utf-8")))


def items(domain: str) -> list[str]:
    """What an inspector looks at in a domain."""
    return sheets().get(domain, sheets()["usual"])
