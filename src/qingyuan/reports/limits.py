"""How often the public form takes a report, and what looks like a machine: nobody is asked for a name to be let in."""

from __future__ import annotations

from datetime import datetime, timedelta

from qingyuan.reports.declared import declared
from qingyuan.reports.models import Report

TRAP = "website"
"""A field people do not see; what fills it is a machine."""


def refused(address: str, at: datetime, started: datetime | None, trap: str) -> str:
    """Why a report is not taken now: ``machine``, ``too_fast``, ``address``, ``everybody``; empty when it is.

    address: keyed digest; started: when the form was given out.
    """
    limits = declared()["limits"]
    if trap:
        return "machine"
    if started is None or (at - started).total_seconds() < limits["seconds_to_write"]:
        return "too_fast"
    hour, day = at - timedelta(hours=1), at - timedelta(days=1)
    own = Report.objects.filter(address=address, received_at__gt=day).values_list("received_at", flat=True)
    lately = sum(moment > hour for moment in own)
    if len(own) >= limits["from_one_address"]["day"] or lately >= limits["from_one_address"]["hour"]:
        return "address"
    web = Report.objects.filter(received_at__gt=hour, channel=Report.Channel.WEB)
    return "everybody" if web.count() >= limits["from_everybody"]["hour"] else ""
