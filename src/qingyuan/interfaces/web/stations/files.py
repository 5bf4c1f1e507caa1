"""A table as a file: CSV, and Excel with a second sheet that says codes, units, law and dataset."""

from __future__ import annotations

import csv
import io
from datetime import datetime, timedelta
from typing import Any

from django.http import HttpResponse
from django.utils.translation import gettext as _

from qingyuan.base.time import isoformat, now
from qingyuan.interfaces.web.context import Context
from qingyuan.interfaces.web.downloads import download
from qingyuan.interfaces.web.excel import CONTENT_TYPE, Sheet, workbook
from qingyuan.interfaces.web.stations.tables import Table

Fact = tuple[str, str]


def about(ctx: Context, title: str, point: str) -> list[Fact]:
    """What a file says about itself: what, where, when, by which law, from which dataset."""
    dataset = ctx.dataset
    named = f"{dataset.title_zh} {dataset.title_en} ({dataset.slug})"
    return [
        (_("Title"), title),
        (_("Point"), point),
        (_("Time"), isoformat(ctx.time)),
        (_("Law"), " · ".join(ctx.law_names) + (f" ({_('what if')})" if ctx.what_if else "")),
        (_("Dataset"), named + (f" · {_('simulated data')}" if dataset.simulated else "")),
        (_("Units"), "CO mg/m3; SO2 NO2 PM10 PM2.5 O3 ug/m3"),
        (_("Written"), isoformat(now())),
    ]


def as_csv(table: Table, name: str) -> HttpResponse:
    """The rows as UTF-8 CSV, units in the header; an empty cell is a missing value."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow([column.code for column in table.columns])
    writer.writerows([["" if cell.value is None else cell.value for cell in row] for row in table.rows])
    return download(text.getvalue().encode("utf-8-sig"), "text/csv; charset=utf-8", f"{name}.csv")


def as_workbook(table: Table, facts: list[Fact], name: str) -> HttpResponse:
    """The rows as an Excel sheet; a second sheet holds the facts."""
    head = [" ".join(part for part in (column.head, column.sub) if part) for column in table.columns]
    results = Sheet(_("Results"), head, [[cell.value for cell in row] for row in table.rows])
    notes = Sheet(_("About"), None, [*facts, *((column.head, column.code) for column in table.columns)])
    return download(workbook(results, notes), CONTENT_TYPE, f"{name}.xlsx")


def series_csv(record: dict[str, Any]) -> HttpResponse:
    """Hours of a series as CSV: value, and the flag of a value that is shown but not used."""
    start = datetime.fromisoformat(record["start"])
    flagged = {index: (value, flag) for index, value, _words, flag in record["excluded"]}
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(["point", "property", "averaging", "phenomenon_time", "value", "unit", "flag"])
    for index, value in enumerate(record["hours"]):
        shown, flag = flagged.get(index, (value, None))
        moment = isoformat(start + timedelta(hours=index))
        written = ["" if shown is None else shown, record["unit"], flag or ""]
        writer.writerow([record["point"], record["property"], "1h", moment, *written])
    name = f"{record['point']}_{record['property']}_{start:%Y-%m-%d}"
    return download(text.getvalue().encode("utf-8-sig"), "text/csv; charset=utf-8", f"{name}.csv")
