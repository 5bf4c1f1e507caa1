"""What the domains declare, read once and handed down to the engines."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

import qingyuan.domains
import qingyuan.plans
from qingyuan.domains import DOMAINS
from qingyuan.people.declared import duties
from qingyuan.registers.catalogue import Catalogue, load
from qingyuan.registers.flow import wording
from qingyuan.registers.flow.declared import Words

PLAN = Words("规划实施", "Plan")
FOLDER = Path(qingyuan.domains.__file__).parent


@lru_cache(maxsize=1)
def registers() -> Catalogue:
    """Every kind of register, in the order of the domains, then the plans. Raises FaultyLibrary naming file and key."""
    wording.DUTIES.update({code: Words(each.zh, each.en) for code, each in duties().items()})
    files = [(domain.name, FOLDER / domain.name / "registers.yaml") for domain in DOMAINS]
    own = [("plan", Path(qingyuan.plans.__file__).parent / "registers.yaml")]
    return load((name, file) for name, file in [*files, *own] if file.is_file())


def domain_title(name: str) -> Words:
    """Title of a domain; its slug when there is none."""
    if name == "plan":
        return PLAN
    return next((Words(each.title_zh, each.title_en) for each in DOMAINS if each.name == name), Words(name, name))
