"""What plans do by themselves: ask for the reports of every period that is over, once; end the days to appeal."""

from __future__ import annotations

from datetime import datetime

from qingyuan.plans.dispatching import asking
from qingyuan.plans.evaluating import rounds


def look(at: datetime) -> asking.Asked:
    """Let sheets stand whose days to appeal are over, and ask for what is due.

    Reminders, overdue and supervision stages are those of every case (`jobs.cases`).
    """
    rounds.close_unappealed(at)
    return asking.look(at)
