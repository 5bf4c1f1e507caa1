"""Responsibility letters 目标责任书: what a place or department has to reach, signed from both sides, sealed."""

from __future__ import annotations


def join() -> None:
    """Join what letters keep back and write along to the engine of registers."""
    from qingyuan.plans.letters import keeping
    from qingyuan.plans.letters.parties import DEPARTMENT, PLACE
    from qingyuan.registers import acting

    for kind in (PLACE, DEPARTMENT):
        acting.GUARDS[kind] = keeping.guard
        acting.AFTER[kind] = keeping.after
