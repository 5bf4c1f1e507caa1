"""What the domains declare, read once and handed down to the engines."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

import qingyuan.domains
import qingyuan.plans
from qingyuan.cases import kinds
from qingyuan.domains import DOMAINS
from qingyuan.people.declared import duties
from qingyuan.plans import letters
from qingyuan.registers.catalogue import Catalogue, load
from qingyuan.registers.flow import wording
from qingyuan.registers.flow.declared import Words

PLAN = Words("规划实施", "Plan")
FOLDER = Path(qingyuan.domains.__file__).parent
PLANS = Path(qingyuan.plans.__file__).parent


@lru_cache(maxsize=1)
def registers() -> Catalogue:
    """Every kind of register, in the order of the domains, then the plans. Raises FaultyLibrary naming file and key."""
    wording.DUTIES.update({code: Words(each.zh, each.en) for code, each in duties().items()})
    letters.join()
    files = ((domain.name, FOLDER / domain.name / "registers.yaml") for domain in DOMAINS)
    return load((name, file) for name, file in (*files, ("plan", PLANS / "registers.yaml")) if file.is_file())


def cases() -> None:
    """Hand down the kinds of cases of the rooms above them, with what these keep back and write along."""
    from qingyuan.plans import dispatching

    kinds.join(PLANS / "kinds.yaml")
    dispatching.join()


def domain_title(name: str) -> Words:
    """Title of a domain; its slug when there is none."""
    if name == "plan":
        return PLAN
    return next((Words(each.title_zh, each.title_en) for each in DOMAINS if each.name == name), Words(name, name))
