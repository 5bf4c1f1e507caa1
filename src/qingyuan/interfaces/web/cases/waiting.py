"""My work 待办: the cases that wait for the person of a request, the most urgent first."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest

from qingyuan.base.time import now
from qingyuan.cases import listing
from qingyuan.interfaces.web import access
from qingyuan.interfaces.web.cases import words

SHOWN = 5


def of(request: HttpRequest) -> dict[str, Any] | None:
    """How many, how many of them late, the first few; None for who has nothing to do with cases."""
    if not request.user.is_authenticated or not access.rights(request).can("cases.see"):
        return None
    who, at = access.actor(request), now()
    me, scope = listing.Me(who.account, who.organisation), access.rights(request).where("cases.see")
    asked = listing.Asked(view="mine")
    counts = listing.counts(scope, asked, me, at)
    first = listing.rows(listing.numbers(scope, asked, me, at)[:SHOWN])
    return {
        "count": counts["shown"],
        "late": counts["group_late"],
        "lines": [(case, words.step(case), words.due(case, at)) for case in first],
    }
