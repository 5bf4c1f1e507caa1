"""All rules of the platform: those of the domains, handed down by the interfaces, and those of any domain."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from qingyuan.base.errors import QingyuanError
from qingyuan.rules import reading
from qingyuan.rules.declared import Rule, Source

ANY = "any"
COMMON = Path(__file__).parent / "common.yaml"
"""Rules that hold in every domain: of registers and devices."""


@dataclass(frozen=True)
class Catalogue:
    """Rules by code."""

    rules: dict[str, Rule]

    def of(self, *sources: Source) -> list[Rule]:
        """The rules that watch some of these."""
        return [each for each in self.rules.values() if each.when.source in sources]

    def rule(self, code: str) -> Rule:
        """A rule by its code. QingyuanError when nobody declares it (any more)."""
        if code not in self.rules:
            raise QingyuanError(f"There is no rule {code!r}", f"There are {', '.join(sorted(self.rules))}")
        return self.rules[code]

    def digest(self) -> str:
        """Changes whenever a rule does."""
        text = "\n".join(f"{code} {each.text}" for code, each in sorted(self.rules.items()))
        return hashlib.sha256(text.encode()).hexdigest()[:16]


@lru_cache(maxsize=8)
def catalogue(files: tuple[tuple[str, Path], ...]) -> Catalogue:
    """The rules of files, given as (domain, file), and the common ones. FaultyLibrary for a wrong declaration."""
    found: dict[str, Rule] = {}
    for domain, path in ((ANY, COMMON), *files):
        found |= reading.rules(path, domain)
    return Catalogue(found)
