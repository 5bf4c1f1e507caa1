"""The law library: what stands in it, what each standard says on a day, what changes between two days."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict
from datetime import date
from itertools import groupby
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path
from django.utils.translation import gettext as _

from qingyuan.base.errors import UnknownLaw
from qingyuan.base.time import now
from qingyuan.interfaces.web import access, wording
from qingyuan.interfaces.web.context import BadContext, without_data
from qingyuan.standards import law

KINDS = ("limit", "breakpoint", "level", "rule")


def _day(request: HttpRequest, key: str, default: date) -> date:
    text = request.GET.get(key)
    if not text:
        return default
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise BadContext(_("The day “%s” cannot be read") % text, _("Write it as 2026-03-01.")) from None


def _today(request: HttpRequest) -> date:
    ctx = getattr(request, "ctx", None)
    return ctx.time.date() if ctx else now().date()


@access.needs("law.see")
@without_data
def page(request: HttpRequest) -> HttpResponse:
    """All standards with their editions, and which edition judges data of the chosen day."""
    on = _day(request, "on", _today(request))
    rows = []
    for each in law.standards():
        edition = _edition(each.code, on)
        rows.append({"standard": each, "edition": edition, "name": _named(each.code, edition)})
    return render(request, "law/list.html", {"rows": rows, "on": on})


def _named(code: str, edition: law.Edition | None) -> str:
    """``GB 3095—2012``; a code that carries its own year stays as it is."""
    return f"{code}—{edition.name}" if edition and code[-1].isdigit() else code


def _edition(code: str, on: date) -> law.Edition | None:
    try:
        return law.edition_on(code, on)
    except UnknownLaw:
        return None


@access.needs("law.see")
@without_data
def show(request: HttpRequest, code: str) -> HttpResponse:
    """Every value of one standard on a day, or in a chosen edition, with clause and confidence."""
    on = _day(request, "on", _today(request))
    standard = law.standard(code)
    chosen = request.GET.get("of", "")
    known = {each.name for each in standard.editions}
    edition = chosen if chosen in known else None
    lines = law.as_lines(standard.code, on, edition=edition)
    shown = {
        "standard": standard,
        "on": on,
        "edition": edition,
        "in_force": _edition(standard.code, on),
        "name": _named(standard.code, _edition_named(standard, edition) or _edition(standard.code, on)),
        "groups": _groups(lines),
    }
    return render(request, "law/show.html", shown)


def _edition_named(standard: law.Standard, name: str | None) -> law.Edition | None:
    """The edition of that name; None when there is none."""
    return next((each for each in standard.editions if each.name == name), None)


def _groups(lines: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The lines by kind, each table with its title."""
    titles: dict[str, Callable[[], str]] = {
        "limit": lambda: _("Limits"),
        "breakpoint": lambda: _("Index tables"),
        "level": lambda: _("Levels"),
        "rule": lambda: _("Rules"),
    }
    ordered = sorted(lines, key=lambda line: KINDS.index(line["kind"]))
    return [
        {"kind": kind, "title": titles[kind](), "lines": [_told(line) for line in part]}
        for kind, part in groupby(ordered, key=lambda line: line["kind"])
    ]


def _told(line: dict[str, Any]) -> dict[str, Any]:
    english = wording.english()
    return {
        **line,
        "what": wording.items(line["item"]),
        "average": wording.averaging(line["averaging"]),
        "title": line["title_en"] if english else line["title_zh"],
        "clause_told": line["clause"] if english else line.get("clause_zh") or line["clause"],
        "unit_told": wording.UNITS.get(line["unit"], "" if line["unit"] == "1" else line["unit"]),
        "sure": wording.confidence(line["confidence"]),
    }


@access.needs("law.see")
@without_data
def diff(request: HttpRequest) -> HttpResponse:
    """What the library says otherwise on the second day than on the first."""
    first = _day(request, "from", date(2026, 2, 28))
    second = _day(request, "to", date(2026, 3, 1))
    changes = [_told(asdict(change)) for change in law.changes(first, second)]
    groups = [{"code": code, "lines": list(part)} for code, part in groupby(changes, key=lambda each: each["standard"])]
    return render(request, "law/diff.html", {"first": first, "second": second, "groups": groups, "total": len(changes)})


urlpatterns = [
    path("law/", page, name="law"),
    path("law/changes/", diff, name="law_changes"),
    path("law/<path:code>/", show, name="law_standard"),
]
