"""For everybody: closed cases that were made public, and the public fields of registers."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import path, reverse
from django.utils.translation import gettext as _

from qingyuan.cases import publishing as published
from qingyuan.interfaces import loading
from qingyuan.interfaces.web import access
from qingyuan.interfaces.web.context import without_data
from qingyuan.interfaces.web.plans import evaluating
from qingyuan.interfaces.web.plans.words import plan_title
from qingyuan.interfaces.web.registers import words
from qingyuan.places.divisions import next_stem, stem, subtree
from qingyuan.plans.models import Evaluation
from qingyuan.registers import publishing
from qingyuan.registers.catalogue import UnknownKind
from qingyuan.registers.flow.declared import Kind

PAGE = 30
CODES = frozenset(each.code for each in subtree("220000"))


class Line(NamedTuple):
    """A record as everybody reads it. facts: title and text of each public value."""

    url: str
    number: str
    title: str
    place: str
    step: str
    simulated: bool
    facts: list[tuple[str, str]]


@access.public
@without_data
def index(request: HttpRequest) -> HttpResponse:
    """What there is to read."""
    open_kinds = [each for each in loading.registers().kinds.values() if publishing.is_public(each)]
    ledgers = [(reverse("public_register", args=[each.name]), words.of(each.title)) for each in open_kinds]
    return render(request, "public/index.html", {"ledgers": ledgers, "rounds": list(_rounds())})


def _rounds() -> Iterator[dict[str, Any]]:
    """The newest published evaluations of plans."""
    found = Evaluation.objects.filter(state=evaluating.PUBLISHED).select_related("plan").order_by("-published_at")
    for each in found[:PAGE]:
        yield {"round": each, "kind": evaluating.KINDS[each.kind], "plan": plan_title(each.plan)}


@access.public
@without_data
def cases(request: HttpRequest) -> HttpResponse:
    """Closed cases, the last closed first."""
    return _listed(request, _("Cases that were closed"), published.cases(), _case)


@access.public
@without_data
def case(request: HttpRequest, number: int) -> HttpResponse:
    """One closed case; one that is not public is answered like one that does not exist."""
    found = get_object_or_404(published.cases(), pk=min(number, 2**62))
    return _one(request, _case(found), _("Cases that were closed"), reverse("public_cases"))


@access.public
@without_data
def register(request: HttpRequest, kind: str) -> HttpResponse:
    """The records of a kind."""
    declared = _kind(kind)
    return _listed(request, words.of(declared.title), publishing.records(declared), lambda row: _record(declared, row))


@access.public
@without_data
def record(request: HttpRequest, kind: str, number: int) -> HttpResponse:
    """One record; one that is not public is answered like one that does not exist."""
    declared = _kind(kind)
    found = get_object_or_404(publishing.records(declared), pk=min(number, 2**62))
    above = reverse("public_register", args=[kind])
    return _one(request, _record(declared, found), words.of(declared.title), above)


def _kind(name: str) -> Kind:
    try:
        found = loading.registers().kind(name)
    except UnknownKind:
        raise Http404 from None
    if not publishing.is_public(found):
        raise Http404
    return found


def _listed(request: HttpRequest, title: str, rows: QuerySet[Any], line: Callable[[Any], Line]) -> HttpResponse:
    place = request.GET.get("place", "")
    if place in CODES:
        rows = rows.filter(division__gte=stem(place), division__lt=next_stem(stem(place)))
    part = Paginator(rows, PAGE).get_page(request.GET.get("page"))
    cities = [(each.code, words.place(each.code)) for each in subtree("220000") if each.code.endswith("00")]
    shown = {"title": title, "rows": part, "lines": [line(each) for each in part], "place": place, "cities": cities}
    return render(request, "public/list.html", shown)


def _one(request: HttpRequest, line: Line, above: str, back: str) -> HttpResponse:
    return render(request, "public/one.html", {"line": line, "above": above, "back": back})


def _case(row: Any) -> Line:
    flow = row.declared.flow
    facts = _facts(flow, published.values(row))
    facts += [(_("Kind"), words.of(flow.title)), (_("Closed on"), f"{row.closed_at:%Y-%m-%d}")]
    url = reverse("public_case", args=[row.pk])
    title = published.titled(row)
    return Line(url, row.number, title, words.place(row.division[:6]), words.step(flow, row.step), row.simulated, facts)


def _record(kind: Kind, row: Any) -> Line:
    step = words.step(kind, row.step) if "step" in kind.public else ""
    url, place = reverse("public_record", args=[kind.name, row.pk]), words.place(row.division[:6])
    facts = _facts(kind, publishing.values(kind, row))
    return Line(url, row.number, publishing.titled(kind, row), place, step, row.simulated, facts)


def _facts(kind: Kind, values: dict[str, Any]) -> list[tuple[str, str]]:
    return [(words.titled(kind, name), _text(kind, name, value)) for name, value in values.items()]


def _text(kind: Kind, name: str, value: Any) -> str:
    if kind.fields[name].type == "point":
        return f"{value[0]:.2f}° E, {value[1]:.2f}° N"
    return words.value(kind.fields[name], value)


urlpatterns = [
    path("public/", index, name="public"),
    path("public/cases/", cases, name="public_cases"),
    path("public/cases/<int:number>/", case, name="public_case"),
    path("public/registers/<slug:kind>/", register, name="public_register"),
    path("public/registers/<slug:kind>/<int:number>/", record, name="public_record"),
]
