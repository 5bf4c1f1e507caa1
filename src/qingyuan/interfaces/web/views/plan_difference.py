"""What differs between two versions, of one plan or of two: on the screen, on paper, as a workbook."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path
from django.utils.translation import gettext as _
from django.utils.translation import pgettext, pgettext_lazy
from django.views.decorators.cache import never_cache

from qingyuan.interfaces.web import access, excel
from qingyuan.interfaces.web.context import without_data
from qingyuan.interfaces.web.plans import words
from qingyuan.interfaces.web.views.plan_book import readable
from qingyuan.plans.book import keeping
from qingyuan.plans.book.difference import Line, difference
from qingyuan.plans.book.entries import Entry
from qingyuan.plans.models import Version

WHAT = {
    "added": pgettext_lazy("difference", "added"),
    "dropped": pgettext_lazy("difference", "dropped"),
    "changed": pgettext_lazy("difference", "changed"),
}


@access.needs("plan.see")
@without_data
@never_cache
def page(request: HttpRequest) -> HttpResponse:
    """The difference of ``?a=…&b=…``, the older one first; ``export=xlsx`` as a workbook."""
    pair = [readable(access.rights(request), request.GET.get(name, "")) for name in ("a", "b")]
    if pair[0] is None or pair[1] is None:
        raise Http404(_("Choose two versions to compare."))
    old, new = sorted((pair[0], pair[1]), key=lambda each: (each.plan.first_day, each.plan_id, each.number))
    before, after = keeping.entries(old), keeping.entries(new)
    lines = difference(before, after, same_plan=old.plan_id == new.plan_id)
    if request.GET.get("export") == "xlsx":
        return _workbook(request, old, new, [_shown(each, before, after) for each in lines])
    kind = request.GET.get("kind", "")
    shown = {
        "tabs": words.tabs(request),
        "old": old,
        "new": new,
        "same_plan": old.plan_id == new.plan_id,
        "titles": [(words.plan_title(each.plan), words.version_title(each)) for each in (old, new)],
        "counts": [(WHAT[what], sum(each.what == what for each in lines)) for what in WHAT],
        "kinds": [
            (name, text, number)
            for name, text in words.KINDS.items()
            if (number := sum(each.kind == name for each in lines))
        ],
        "kind": kind,
        "lines": [_shown(each, before, after) for each in lines if kind in ("", each.kind)],
    }
    return render(request, "plans/difference.html", shown)


def _shown(line: Line, before: list[Entry], after: list[Entry]) -> dict[str, Any]:
    old = None if line.old is None else before[line.old]
    entry = before[line.old or 0] if line.new is None else after[line.new]
    return {
        "what": line.what,
        "word": WHAT[line.what],
        "kind": words.KINDS[line.kind],
        "number": entry.number,
        "key": entry.key,
        "title": entry.title,
        "was": old.title if old and old.title != entry.title else "",
        "departments": "、".join(entry.departments),
        "text": entry.text,
        "fields": [(words.FIELDS.get(each.field, each.field), each) for each in line.fields],
    }


def _workbook(request: HttpRequest, old: Version, new: Version, lines: list[dict[str, Any]]) -> HttpResponse:
    if not access.rights(request).can("plan.export"):
        raise Http404
    head = [
        _("What"), _("Kind"), _("No."), _("Key"), _("Title"), pgettext("difference", "Field"),
        pgettext("difference", "Before"), pgettext("difference", "After"),
    ]  # fmt: skip
    rows = [row for line in lines for row in _rows(line)]
    about = [
        [words.plan_title(each.plan), words.version_title(each), words.day(each.in_force_from), each.digest]
        for each in (old, new)
    ]
    sheets = (
        excel.Sheet(pgettext("plan", "Difference"), head, rows, [8, 10, 8, 8, 36, 14, 60, 60]),
        excel.Sheet(
            _("Basis"),
            [_("Plan"), pgettext("plan", "Version"), _("In force from"), _("Digest")],
            about,
            [44, 24, 14, 70],
        ),
    )
    return excel.download(excel.workbook(*sheets), f"{old.plan.code}-v{old.number}-{new.plan.code}-v{new.number}.xlsx")


def _rows(line: dict[str, Any]) -> list[list[object]]:
    start = [str(line["word"]), str(line["kind"]), line["number"], line["key"], line["title"]]
    if line["fields"]:
        return [[*start, str(field), each.before, each.after] for field, each in line["fields"]]
    sides = ["", line["text"]] if line["what"] == "added" else [line["text"], ""]
    return [[*start, "", *sides]]


urlpatterns = [path("plan/difference/", page, name="plan_difference")]
