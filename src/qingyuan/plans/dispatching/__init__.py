"""Asking for the progress of plans: schedules, report cases, what they bring, supervision, notices, talks."""

from __future__ import annotations


def join() -> None:
    """Join what report cases keep back and write along to the engine of cases."""
    from qingyuan.cases import acting
    from qingyuan.plans.dispatching import taking

    acting.GUARDS["plan_report"] = taking.guard
    acting.AFTER["plan_report"] = taking.after
