"""What plans do by themselves: ask for the reports of every period that is over, once."""

from __future__ import annotations

from datetime import datetime

from qingyuan.plans.dispatching import asking


def look(at: datetime) -> asking.Asked:
    """Ask for what is due; reminders, overdue and supervision stages are those of every case (`jobs.cases`)."""
    return asking.look(at)
