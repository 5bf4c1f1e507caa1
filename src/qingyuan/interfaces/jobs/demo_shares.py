"""The demo's decompositions: simulated bases and weights, split and issued through the same door as real ones."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

from qingyuan.people.audit import SYSTEM
from qingyuan.people.rights import ANY, Grant, Rights
from qingyuan.places.divisions import children
from qingyuan.plans import sharing
from qingyuan.plans.decomposing.whole import Part
from qingyuan.plans.facts import plan
from qingyuan.plans.sharing import Asked

PROVINCE = "220000"
PLANNER = Rights([Grant("planning", "province", PROVINCE, ANY, 0)])
SOURCE = "模拟基数与权重，不是实测或统计数"

FINE = ("38.0", "34.5", "32.0", "33.0", "28.0", "28.5", "30.5", "30.0", "24.5")
GOOD = ("84.5", "87.0", "88.0", "87.5", "93.0", "92.5", "90.0", "89.5", "96.0")
SECTIONS = ((15, 24), (15, 20), (6, 12), (5, 7), (10, 10), (8, 8), (8, 11), (5, 8), (10, 11))
"""Good sections and all of each city: 82 of 111, the plan's base of 73.9 %."""
PULLS = (30, 22, 12, 6, 7, 6, 6, 6, 5)
SPLITS = {1: ("base", FINE), 2: ("base", GOOD), 4: ("base", None), 10: ("share", None), 11: ("share", None),
          12: ("share", None), 13: ("share", None)}  # fmt: skip


def issue_shares(at: datetime) -> int:
    """Issue the simulated decompositions that are not in force yet; returns how many were."""
    day = plan().last_day
    missing = [no for no in SPLITS if sharing.in_force(no, PROVINCE, day, simulated=True) is None]
    for no in missing:
        sharing.issue(PLANNER, SYSTEM, at, sharing.save(PLANNER, SYSTEM, at, asked(no)))
    return len(missing)


def asked(no: int) -> Asked:
    """The simulated request of one indicator."""
    method, bases = SPLITS[no]
    parts = tuple(_part(no, index, code.code, bases) for index, code in enumerate(children(PROVINCE)))
    return Asked(no, PROVINCE, plan().last_day, parts, method, weights=SOURCE, simulated=True)


def _part(no: int, index: int, code: str, bases: tuple[str, ...] | None) -> Part:
    if no == 4:
        good, all_ = SECTIONS[index]
        return Part(code, Decimal(good), Decimal(all_), Decimal(all_))
    weight = Decimal(365 if no == 2 else 1)
    return Part(code, Decimal(bases[index] if bases else 0), weight, Decimal(PULLS[index]))
