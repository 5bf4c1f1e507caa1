"""The monitoring network: which stations answer, what was imported, what was turned away and why."""

from __future__ import annotations

import csv
from io import StringIO
from typing import Any

from django.core.paginator import Page, Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path

from qingyuan.interfaces.web import access, excel, network, reading, wording
from qingyuan.interfaces.web.context import Context
from qingyuan.interfaces.web.keeping import kept
from qingyuan.interfaces.web.places import PROVINCE

PAGE = 50
COLUMNS = ("source", "file", "line", "reason", "row")


@access.needs("network.see", "air")
@kept
def page(request: HttpRequest) -> HttpResponse:
    """Stations of the place, those that do not answer first; the imports of the dataset, newest first."""
    ctx: Context = request.ctx  # type: ignore[attr-defined]
    lines = [line for line in network.lines(ctx) if _mine(request, line.point)]
    part: Page[network.Line] = Paginator(lines, PAGE).get_page(request.GET.get("page"))
    shown: dict[str, Any] = {
        "rows": part,
        "names": {line.point["point"]: wording.point(line.point) for line in part},
        "online": sum(line.online for line in lines),
        "expected": len(lines),
        "items": [(item, wording.SYMBOLS[item], wording.unit(item)) for item in network.ITEMS],
        "imports": imports(ctx) if _whole(request) else [],
    }
    return render(request, "network.html", shown)


def _mine(request: HttpRequest, point: reading.Row) -> bool:
    return access.rights(request).may("network.see", point["county"] or point["city"] or PROVINCE, "air")


def _whole(request: HttpRequest) -> bool:
    """Whether what concerns a whole dataset, as its imports do, may be seen."""
    return access.rights(request).may("network.see", PROVINCE, "air")


def imports(ctx: Context) -> list[reading.Row]:
    """The imports of the dataset, newest first."""
    rows = reading.delta_rows(ctx.dataset.path / "sources")
    return sorted(rows, key=lambda row: row["imported_at"], reverse=True)


def _rejects(request: HttpRequest, source: str) -> list[reading.Row]:
    ctx: Context = request.ctx  # type: ignore[attr-defined]
    if not _whole(request) or source not in {row["source"] for row in imports(ctx)}:
        raise Http404
    rows = reading.delta_rows(ctx.dataset.path / "rejects")
    return sorted((row for row in rows if row["source"] == source), key=lambda row: row["line"] or 0)


@access.needs("network.see", "air")
def rejects(request: HttpRequest, source: str) -> HttpResponse:
    """Rows of one import that were turned away, each with its line and reason."""
    ctx: Context = request.ctx  # type: ignore[attr-defined]
    rows = _rejects(request, source)
    about = next(row for row in imports(ctx) if row["source"] == source)
    part: Page[reading.Row] = Paginator(rows, PAGE).get_page(request.GET.get("page"))
    return render(request, "rejects.html", {"about": about, "rows": part, "total": len(rows)})


@access.needs("network.see", "air")
def rejects_file(request: HttpRequest, source: str) -> HttpResponse:
    """The same rows as CSV, to be mended and imported again."""
    ctx: Context = request.ctx  # type: ignore[attr-defined]
    made = StringIO()
    writer = csv.writer(made)
    writer.writerow(COLUMNS)
    writer.writerows([excel.plain(row[column]) for column in COLUMNS] for row in _rejects(request, source))
    response = HttpResponse("\ufeff" + made.getvalue(), content_type="text/csv; charset=utf-8")
    response.headers["Content-Disposition"] = f'attachment; filename="rejects-{ctx.dataset.slug}.csv"'
    return response


urlpatterns = [
    path("network/", page, name="network"),
    path("network/imports/<str:source>/", rejects, name="rejects"),
    path("network/imports/<str:source>/rejects.csv", rejects_file, name="rejects_file"),
]
