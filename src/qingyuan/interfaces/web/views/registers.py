"""Registers: what there is, a list with filters and views, its map layer, its workbook, acts on many at once."""

from __future__ import annotations

import json
from dataclasses import replace
from functools import lru_cache
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from qingyuan.base.errors import QingyuanError
from qingyuan.base.time import now
from qingyuan.interfaces import loading
from qingyuan.interfaces.web import access, excel
from qingyuan.interfaces.web.context import without_data
from qingyuan.interfaces.web.registers import asking, words, workbook
from qingyuan.registers import acting, drawing, known, listing, scope, tallies
from qingyuan.registers.flow.acts import Given
from qingyuan.registers.flow.declared import CLOSED, VOID, Kind
from qingyuan.registers.flow.fold import Actor
from qingyuan.registers.flow.reasons import Refused
from qingyuan.registers.listing import Asked
from qingyuan.registers.models import SavedView

PAGE = 50
MOST_AT_ONCE = 200
MOST_ON_MAP = 2000


@access.needs("registers.see")
@without_data
@never_cache
def index(request: HttpRequest) -> HttpResponse:
    """Every kind one may see something of, by domain, with how many are open and over their deadline."""
    kinds = []
    for kind in loading.registers().kinds.values():
        seen = asking.scope_of(request, kind)
        if seen.places or seen.few:
            every = asking.asked(request, kind, {})
            kinds.append(
                {
                    "kind": kind,
                    "title": words.of(kind.title),
                    "domain": words.of(loading.domain_title(kind.domain)),
                    "all": listing.count(kind, seen, every, now()),
                    "open": listing.count(kind, seen, replace(every, state="open"), now()),
                    "overdue": listing.count(kind, seen, replace(every, state="overdue"), now()),
                }
            )
    return render(request, "registers/index.html", {"kinds": kinds})


@access.needs("registers.see")
@without_data
@never_cache
def page(request: HttpRequest, kind: str) -> HttpResponse:
    """The list of a kind."""
    found = asking.kind_of(request, kind)
    return render(request, "registers/list.html", listed(request, found))


def listed(request: HttpRequest, kind: Kind) -> dict[str, Any]:
    """What the list shows, also beside a record."""
    asked, seen, moment = asking.asked(request, kind), asking.scope_of(request, kind), now()
    number = _page(request)
    found, count = listing.page(kind, seen, asked, moment, (number - 1) * PAGE, PAGE)
    rows = [_row(kind, record) for record in found[:PAGE]]
    steps = listing.counts(kind, seen, asked, "step")
    return {
        "kind": kind,
        "title": words.of(kind.title),
        "domain": words.of(loading.domain_title(kind.domain)),
        "columns": [(name, words.titled(kind, name)) for name in kind.columns if name not in ("step", "due")],
        "rows": rows,
        "count": count,
        "first": (number - 1) * PAGE + 1,
        "last": (number - 1) * PAGE + len(rows),
        "number": number,
        "next": number + 1 if len(found) > PAGE else 0,
        "asked": asked,
        "states": asking.state_words(),
        "steps": [(name, words.step(kind, name), (steps or {}).get(name)) for name in (*kind.steps, "closed")],
        "counted": steps is not None and any(steps.values()),
        "facets": _facets(kind, seen, asked),
        "counties": asking.counties(asked.place[:4] + "00" if asked.place else ""),
        "views": SavedView.objects.filter(account=asking.account(request), kind=kind.name),
        "query": asking.query_of(kind, asked),
        "told": request.session.pop("register_told", None),
        "may": {each: access.rights(request).can(f"registers.{each}") for each in ("write", "import", "export")},
    }


def _page(request: HttpRequest) -> int:
    asked = request.GET.get("page", "")
    return min(max(1, int(asked)), 2000) if asked.isdecimal() and len(asked) < 6 else 1


def _row(kind: Kind, record: Any) -> dict[str, Any]:
    state, word = words.due(record, now())
    own = {"number": record.number, "division": words.place(record.division)}
    cells = [
        own.get(name) or words.value(kind.fields[name], record.values.get(name))
        for name in kind.columns
        if name not in ("step", "due")
    ]
    return {"record": record, "cells": cells, "step": words.step(kind, record.step), "state": state, "due": word}


def _facets(kind: Kind, seen: listing.Scope, asked: Asked) -> list[dict[str, Any]]:
    made = []
    for name in tallies.facets(kind):
        field = kind.fields[name]
        values: list[tuple[str, str]] = [(code, words.of(title)) for code, title in field.codes.items()]
        if field.type == "yes_no":
            values = [("1", _("yes")), ("0", _("no"))]
        counts = (listing.counts(kind, seen, asked, name) if values else None) or {}
        options = [(code, title, counts.get(code)) for code, title in values]
        chosen = asked.facets.get(name, "")
        made.append({"name": name, "title": words.of(field.title), "options": options, "chosen": chosen})
    return made


@access.needs("registers.see")
@without_data
def layer(request: HttpRequest, kind: str) -> HttpResponse:
    """The records of a list as a layer of the one map: GeoJSON points with number, title, step and state."""
    found = asking.kind_of(request, kind)
    rows = listing.records(found, asking.scope_of(request, found), asking.asked(request, found), now()).filter(
        lon__isnull=False
    )
    by = found.symbol.colour_by if found.symbol else "step"
    colour = tallies.facets(found).get(by, "step")
    columns = ("pk", "number", "title", "step", "lon", "lat", "due", "closed_at", "simulated", colour)
    steps = {name: words.step(found, name) for name in (*found.steps, CLOSED, VOID)}
    features = [_feature(found.name, steps, row) for row in rows.values_list(*columns)[:MOST_ON_MAP]]
    symbol = found.symbol
    told = {"type": "FeatureCollection", "shape": symbol.shape if symbol else "circle", "features": features}
    return HttpResponse(json.dumps(told, ensure_ascii=False), content_type="application/geo+json")


def _feature(kind: str, steps: dict[str, str], row: tuple[Any, ...]) -> dict[str, Any]:
    pk, number, title, step, lon, lat, due, closed, simulated, colour = row
    state = "good" if closed else "bad" if due and due < now() else ""
    told = {
        "number": number, "title": title, "step": step, "step_title": steps.get(step, step), "state": state,
        "colour_by": colour, "url": _address(kind) + f"{pk}/", "simulated": simulated,
    }  # fmt: skip
    return {"type": "Feature", "geometry": {"type": "Point", "coordinates": [lon, lat]}, "properties": told}


@lru_cache
def _address(kind: str) -> str:
    return reverse("register", args=[kind])


@access.needs("registers.export")
@without_data
def export(request: HttpRequest, kind: str) -> HttpResponse:
    """The list as a workbook: what its address asks for, within the right to export."""
    found = asking.kind_of(request, kind)
    asked = asking.asked(request, found)
    mine = asking.scope_of(request, found, "registers.export")
    records, count = listing.page(found, mine, asked, now(), 0, workbook.MOST)
    by, more = access.actor(request).name, count.cut or len(records) > workbook.MOST
    content = workbook.export(found, records[: workbook.MOST], by, more, asking.query_of(found, asked))
    return excel.download(content, f"qingyuan-{found.name}-{now():%Y%m%d%H%M}.xlsx")


@access.needs("registers.import")
@without_data
def template(request: HttpRequest, kind: str) -> HttpResponse:
    """The empty workbook of a kind."""
    found = asking.kind_of(request, kind)
    return excel.download(workbook.template(found), f"qingyuan-{found.name}.xlsx")


@access.needs("registers.see")
@without_data
def steps(request: HttpRequest, kind: str) -> HttpResponse:
    """How a kind works: its steps drawn, who signs, its basis; and how many stand where, by county."""
    found = asking.kind_of(request, kind)
    counted = listing.by_county(found, asking.scope_of(request, found), asking.asked(request, found)) or {}
    table: dict[str, dict[str, int]] = {}
    for (county, step), number in counted.items():
        table.setdefault(county, {})[step] = number
    names = [*found.steps, "closed", "void"]
    shown = {
        "kind": found,
        "title": words.of(found.title),
        "drawing": drawing.svg(found, words.language()),
        "heads": [words.step(found, name) for name in names],
        "lines": [
            (words.place(county), [row.get(name, 0) for name in names], sum(row.values()))
            for county, row in sorted(table.items())
        ],
    }
    return render(request, "registers/steps.html", shown)


@access.needs("registers.see")
@require_POST
@without_data
def save_view(request: HttpRequest, kind: str) -> HttpResponse:
    """Keep the present list under a name, or take a kept one away (``drop``)."""
    found = asking.kind_of(request, kind)
    mine = SavedView.objects.filter(account=asking.account(request), kind=found.name)
    if request.POST.get("drop", "").isdecimal():
        mine.filter(pk=int(request.POST["drop"][:18])).delete()
    title = request.POST.get("title", "").strip()[:60]
    if title:
        query = asking.query_of(found, asking.asked(request, found, request.POST))
        try:
            with transaction.atomic():
                SavedView.objects.create(account=asking.account(request), kind=found.name, title=title, query=query)
        except IntegrityError:
            mine.filter(title=title).update(query=query)
    return redirect(back(request, found))


def back(request: HttpRequest, kind: Kind) -> str:
    """The list one came from."""
    ctx = getattr(request, "ctx", None)
    query = asking.query_of(kind, asking.asked(request, kind, request.POST))
    home = ctx.link("register", kind.name) if ctx else reverse("register", args=[kind.name])
    return home + (("&" if "?" in home else "?") + query if query else "")


@access.needs("registers.write")
@require_POST
@without_data
def many(request: HttpRequest, kind: str) -> HttpResponse:
    """Do one act on each record that was ticked: sign, return, note or void; what became of each is told."""
    found, verb = asking.kind_of(request, kind), request.POST.get("do", "")
    if verb not in ("sign", "note", "void"):
        raise PermissionDenied
    ticked = [int(each) for each in request.POST.getlist("id") if each.isdecimal()][:MOST_AT_ONCE]
    if not ticked:
        raise QingyuanError(_("No record was chosen"), _("Tick records in the list."))
    seen = asking.scope_of(request, found, "registers.write")
    done, told = 0, []
    for record in listing.records(found, seen, Asked(), now()).filter(pk__in=ticked):
        try:
            act(request, found, record, verb, note=request.POST.get("note", ""))
            done += 1
        except Refused as why:
            told.append(f"{record.number}: {why.of(words.language())[0]}")
    sentence = ngettext("%(count)s record done.", "%(count)s records done.", done) % {"count": done}
    request.session["register_told"] = ("tight" if told else "good", sentence, told[:20])
    return redirect(back(request, found))


def act(request: HttpRequest, kind: Kind, record: Any, verb: Any, version: int | None = None, **given: Any) -> Any:
    """Do one act as the person of the request. Raises Refused, Conflict."""
    who = access.actor(request)
    holds = scope.holds(access.rights(request), record)
    kinds = loading.registers().kinds
    asked = Given(
        verb,
        Actor(who.account, who.name, who.organisation),
        now(),
        record.version if version is None else version,
        holds,
        context=known.context(kind, record.values, kinds),
        **given,
    )
    return acting.act(kind, record.pk, asked)


urlpatterns = [
    path("registers/", index, name="registers"),
    path("registers/<slug:kind>/", page, name="register"),
    path("registers/<slug:kind>/layer.geojson", layer, name="register_layer"),
    path("registers/<slug:kind>/export.xlsx", export, name="register_export"),
    path("registers/<slug:kind>/template.xlsx", template, name="register_template"),
    path("registers/<slug:kind>/steps/", steps, name="register_steps"),
    path("registers/<slug:kind>/views/", save_view, name="register_views"),
    path("registers/<slug:kind>/many/", many, name="register_many"),
]
