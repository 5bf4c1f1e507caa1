"""What a list's address asks for, and the links that ask otherwise."""

from __future__ import annotations

from collections.abc import Mapping
from typing import cast
from urllib.parse import urlencode

from django.http import Http404, HttpRequest
from django.utils.translation import gettext as _

from qingyuan.base.time import now
from qingyuan.interfaces import loading
from qingyuan.interfaces.web import access
from qingyuan.places import divisions
from qingyuan.registers import listing, scope, tallies
from qingyuan.registers.catalogue import UnknownKind
from qingyuan.registers.flow.declared import CLOSED, VOID, Kind
from qingyuan.registers.listing import Asked, Scope
from qingyuan.registers.models import RegisterRecord

STATES = ("open", "overdue", "soon", "closed")
PREFIX = "f_"


def kind_of(request: HttpRequest, name: str) -> Kind:
    """The kind of an address; 404 where there is none, or none of its records could be seen."""
    try:
        kind = loading.registers().kind(name)
    except UnknownKind:
        raise Http404 from None
    if not scope_of(request, kind).places and not scope_of(request, kind).few:
        raise Http404
    return kind


def scope_of(request: HttpRequest, kind: Kind, action: str = scope.SEE) -> Scope:
    """What the person of the request may see of a kind."""
    return scope.of(access.rights(request), kind, action)


def account(request: HttpRequest) -> int:
    """Number of the account of the request."""
    return int(request.user.pk or 0)


def asked(request: HttpRequest, kind: Kind, given: Mapping[str, str] | None = None) -> Asked:
    """The list an address asks for; what cannot be read is not asked."""
    query = request.GET if given is None else given
    ctx = getattr(request, "ctx", None)
    facets = {name: query.get(PREFIX + name, "").replace("\x00", "")[:80] for name in tallies.facets(kind)}
    state, order = query.get("state", ""), query.get("order", "due")
    county = query.get("county", "")
    place = county if county.isdecimal() and len(county) in (6, 9, 12) else ctx.place if ctx else ""
    step = query.get("step", "")
    return Asked(
        place="" if place.endswith("0000") else place,
        step=step if step in (*kind.steps, CLOSED, VOID) else "",
        state=state if state in STATES else "",
        facets={name: value for name, value in facets.items() if value},
        text=query.get("q", "").strip()[:60],
        order=cast(listing.Order, order if order in listing.ORDERS else "due"),
        simulated=ctx.simulated if ctx else None,
    )


def query_of(kind: Kind, wanted: Asked) -> str:
    """The part of an address that asks for a list again."""
    pairs = {"step": wanted.step, "state": wanted.state, "q": wanted.text}
    pairs |= {PREFIX + name: value for name, value in wanted.facets.items()}
    pairs |= {"order": wanted.order if wanted.order != "due" else ""}
    return urlencode({name: value for name, value in pairs.items() if value})


def record_of(request: HttpRequest, kind: Kind, number: int, action: str = scope.SEE) -> RegisterRecord:
    """A record the person may see (or do `action` on); 404 for every other, as for one that does not exist."""
    found = listing.records(kind, scope_of(request, kind, action), Asked(), now()).filter(pk=number).first()
    if found is None:
        raise Http404
    return found


def counties(place: str) -> list[tuple[str, str]]:
    """Counties of a prefecture, to choose from; none for the province."""
    from django.utils.translation import get_language

    if not place or place.endswith("0000") or not place.endswith("00"):
        return []
    english = (get_language() or "").startswith("en")
    return [(each.code, each.name_en if english else each.name_zh) for each in divisions.children(place)]


def state_words() -> dict[str, str]:
    """Words of the states of a list."""
    return {"open": _("Open"), "overdue": _("Overdue"), "soon": _("Due within 7 days"), "closed": _("Closed")}
