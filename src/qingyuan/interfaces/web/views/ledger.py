"""The ledger: of all devices by day, of one device by property and day, and the account of a day."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from django.core.paginator import Page, Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path, reverse
from django.utils.translation import gettext as _

from qingyuan.base.errors import QingyuanError
from qingyuan.base.time import isoformat, now
from qingyuan.interfaces.web import access, excel
from qingyuan.interfaces.web.context import without_data
from qingyuan.interfaces.web.devices import ledger, words
from qingyuan.interfaces.web.views.devices import device_of, headed

DAYS = 31
PAGE = 50


def _last(request: HttpRequest) -> date:
    """The last day shown: the one of the address, else today."""
    asked = request.GET.get("day", "")
    try:
        return date.fromisoformat(asked) if asked else now().date()
    except ValueError as wrong:
        raise QingyuanError(_("The day “%s” cannot be read") % asked, _("Write it as 2026-03-01.")) from wrong


def _span(chosen: date) -> tuple[date, date]:
    """The days around the chosen one that stand on the page."""
    last = min(now().date(), max(chosen, chosen + timedelta(days=DAYS // 2)))
    return last - timedelta(days=DAYS - 1), last


@access.needs("devices.see")
@without_data
def everything(request: HttpRequest) -> HttpResponse:
    """All devices, a row each, a cell a day."""
    first, last = _span(_last(request))
    made = ledger.of_all(access.rights(request), first, last)
    part: Page[Any] = Paginator(made, PAGE).get_page(request.GET.get("page"))
    shown = {
        "rows": part,
        "lines": [(device, words.name(device), _linked(request, device.mn, cells)) for device, cells in part],
        "days": ledger.days_of(first, last),
        "uneven": sum(cell.uneven for _device, cells in made for cell in cells),
        "any": any(cell.share is not None for _device, cells in made for cell in cells),
        "earlier": first - timedelta(days=1),
        "later": min(now().date(), last + timedelta(days=DAYS)) if last < now().date() else None,
    }
    return render(request, "devices/ledgers.html", shown)


def _linked(request: HttpRequest, mn: str, cells: list[ledger.Cell]) -> list[tuple[ledger.Cell, str]]:
    """Each cell with the address of the device's account of that day, holding the context."""
    ctx = getattr(request, "ctx", None)
    base = reverse("device_ledger", args=[mn])
    return [(cell, base + (ctx.query(day=cell.day) if ctx else f"?day={cell.day}")) for cell in cells]


@access.needs("devices.see")
@without_data
def page(request: HttpRequest, mn: str) -> HttpResponse:
    """One device: a calendar of properties, and the account of the chosen day."""
    device = device_of(request, mn)
    chosen = _last(request)
    first, last = _span(chosen)
    rows = ledger.rows_of(device, first, last)
    if "day" not in request.GET and rows:
        chosen = max(row["day"] for row in rows)
    lines = ledger.account(rows, chosen)
    if request.GET.get("export") == "xlsx":
        return _workbook(request, device.mn, rows)
    shown = {
        **headed(device),
        "chosen": chosen,
        "days": ledger.days_of(first, last),
        "series": ledger.calendar(rows, ledger.days_of(first, last)),
        "lines": lines,
        "totals": ledger.totals(lines),
        "any": bool(rows),
        "earlier": first - timedelta(days=1),
        "later": min(now().date(), last + timedelta(days=DAYS)) if last < now().date() else None,
    }
    return render(request, "devices/ledger.html", shown)


def _workbook(request: HttpRequest, mn: str, rows: list[ledger.Row]) -> HttpResponse:
    counts = [_("Expected"), _("Received"), _("Stored"), _("Set aside"), _("Repeated"), _("Valid"), _("Difference")]
    top = [
        _("Day"),
        _("Property"),
        _("Averaging"),
        *counts,
        _("Transmission rate") + " %",
        _("Valid rate") + " %",
        _("Effective rate") + " %",
    ]
    shares = ("transmission_rate", "valid_rate", "effective_rate")
    table = [
        [
            row["day"].isoformat(), row["property"] or "", row["averaging"] or "",
            *[row[name] for name in ledger.COUNTS],
            *[None if row[name] is None else 100 * row[name] for name in shares],
        ]
        for row in rows
    ]  # fmt: skip
    sheet = excel.Sheet(_("Ledger"), top, table, [12, 18, 12, *[11] * 7, 14, 14, 14])
    basis = [
        ["MN", mn, ""],
        [_("Made"), isoformat(now()), request.user.get_username()],
        [_("Difference"), "", _("received less stored, set aside and repeated: must be 0")],
        [_("Effective rate") + " %", "", _("transmission rate times valid rate")],
    ]
    codes = excel.Sheet(_("Codes and basis"), [_("What"), _("Value"), _("Remark")], basis, [24, 30, 60])
    return excel.download(excel.workbook(sheet, codes), f"qingyuan-ledger-{now():%Y%m%d}.xlsx")


urlpatterns = [
    path("devices/ledger/", everything, name="ledgers"),
    path("devices/<path:mn>/ledger/", page, name="device_ledger"),
]
