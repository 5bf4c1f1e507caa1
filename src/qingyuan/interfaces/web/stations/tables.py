"""Tables of a station's page: hours, days, months or years as columns and rows of cells."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from django.utils.translation import gettext as _

from qingyuan.domains.air.law import most_values
from qingyuan.interfaces.web import wording
from qingyuan.interfaces.web.context import Context
from qingyuan.interfaces.web.stations import days as stored
from qingyuan.interfaces.web.stations import evaluation
from qingyuan.interfaces.web.stations.lawful import daily_limit, required
from qingyuan.interfaces.web.stations.words import mean_text, primary, statistic, symbol
from qingyuan.interfaces.web.wording import unit

Row = dict[str, Any]
PAGE = 31
HOURS = 7 * 24


@dataclass(frozen=True)
class Cell:
    """One cell: text, trace address, kind (over, na, name ...), why it is so, value for files."""

    text: str
    value: Any = None
    url: str = ""
    kind: str = ""
    why: str = ""
    level: int | None = None


@dataclass(frozen=True)
class Column:
    """One column: head, limit or unit under it, whether it holds numbers, and its name in files."""

    head: str
    sub: str
    right: bool
    code: str


@dataclass(frozen=True)
class Table:
    """Columns and rows of cells; pages: how many there are, total: rows on all pages."""

    columns: list[Column]
    rows: list[list[Cell]] = field(default_factory=list)
    pages: int = 1
    page: int = 1
    total: int = 0

    @property
    def newer(self) -> int:
        """Number of the page before this one, which holds newer rows."""
        return self.page - 1

    @property
    def older(self) -> int:
        """Number of the page after this one, which holds older rows."""
        return self.page + 1


def day_table(ctx: Context, point: Row, first: date, last: date, page: int) -> Table:
    """Daily results, newest first, a page of 31; page 0 gives all rows."""
    rows = stored.days_of(ctx, point["point"], first, last)[::-1]
    shown, pages, page = _paged(rows, page, PAGE)
    heads = [
        Column(_daily_name(item), _limit_head(item, last, ctx), True, _code(item, "daily"))
        for item in wording.PROPERTIES
    ]
    columns = [Column(_("Date"), "", False, "date"), *heads, *_index_columns()]
    return Table(columns, [_day_row(ctx, point, row, last) for row in shown], pages, page, len(rows))


def _paged(rows: list[Row], page: int, size: int) -> tuple[list[Row], int, int]:
    if page == 0:
        return rows, 1, 0
    pages = max(1, -(-len(rows) // size))
    page = min(max(page, 1), pages)
    return rows[(page - 1) * size : page * size], pages, page


def _daily_name(item: str) -> str:
    return f"{symbol(item)} 8 h" if item == "o3" else symbol(item)


def _code(item: str, what: str) -> str:
    return f"{item}_{what}_{'mg' if item == 'co' else 'ug'}_m3"


def _index_columns() -> list[Column]:
    return [
        Column("AQI", "", True, "aqi"),
        Column(_("Level"), "", False, "level"),
        Column(_("Primary"), "", False, "primary"),
    ]


def _limit_head(item: str, day: date, ctx: Context) -> str:
    return f"≤ {daily_limit(item, day, ctx.edition).value:f}"


def _day_row(ctx: Context, point: Row, row: Row, last: date) -> list[Cell]:
    day: date = row["day"]
    name = f"{day:%m-%d}" if day.year == last.year else day.isoformat()
    cells = [Cell(name, day.isoformat(), ctx.link("trace_day", row["point"], day.isoformat()), "name")]
    cells += [_day_cell(ctx, point, row, item) for item in wording.PROPERTIES]
    return [
        *cells,
        *_index_cells(ctx.link("trace_day", row["point"], day.isoformat()), row, _why_no_index(row)),
    ]


def _day_cell(ctx: Context, point: Row, row: Row, item: str) -> Cell:
    url = ctx.link("trace_day", row["point"], row["day"].isoformat(), property=item)
    if row[item] is None:
        return Cell(_("missing"), None, url, "na", _why_missing(point, row, item))
    over = row[item] > float(daily_limit(item, row["day"], ctx.edition).value)
    return Cell(mean_text(row[item], item), row[item], url, "over" if over else "")


def _why_missing(point: Row, row: Row, item: str) -> str:
    count = row[f"{item}_hours"] or 0
    if point["kind"] == "city":
        return _("%(count)d of %(all)d stations had a valid value") % {"count": count, "all": row["stations"]}
    words = {"count": count, "all": most_values(item), "least": required(item, row["day"])}
    if item == "o3":
        return _("%(count)d of %(all)d windows of 8 h, at least %(least)d are needed") % words
    return _("%(count)d of %(all)d hours, at least %(least)d are needed") % words


def _why_no_index(row: Row) -> str:
    lacking = [symbol(item) for item in wording.PROPERTIES if row[item] is None]
    if len(lacking) == len(wording.PROPERTIES):
        return _("Without all six items")
    return _("Without %s") % _(", ").join(lacking) if lacking else ""


def _index_cells(url: str, row: Row, why: str) -> list[Cell]:
    if row["aqi"] is None:
        return [
            Cell("—", None, "", "na", why),
            Cell(_("invalid"), None, "", "invalid", why),
            Cell(why, why, "", "q"),
        ]
    return [
        Cell(str(row["aqi"]), row["aqi"], url, "b"),
        Cell(wording.level(row["level"], short=True), row["level"], "", "level", "", row["level"]),
        Cell(primary(row["primary"]), row["primary"], "", "q"),
    ]


def hour_table(ctx: Context, point: Row, page: int) -> Table:
    """Hourly results of the last seven days, newest first, a day a page."""
    first = ctx.time - timedelta(hours=HOURS - 1)
    rows = stored.hours_of(ctx, point["point"], first, ctx.time)[::-1]
    shown, pages, page = _paged(rows, page, 24)
    heads = [Column(symbol(item), unit(item), True, _code(item, "1h")) for item in wording.PROPERTIES]
    columns = [Column(_("Hour"), "", False, "phenomenon_time"), *heads, *_index_columns()]
    return Table(columns, [_hour_row(ctx, row) for row in shown], pages, page, len(rows))


def _hour_row(ctx: Context, row: Row) -> list[Cell]:
    moment: datetime = row["phenomenon_time"]
    at = moment.strftime("%Y-%m-%dT%H:%M")
    cells = [Cell(f"{moment:%m-%d %H:%M}", at, "", "name")]
    for item in wording.PROPERTIES:
        url = ctx.link("trace_hour", row["point"], at, item)
        missing = row[item] is None
        why = _("No valid value in this hour") if missing else ""
        cells.append(Cell(mean_text(row[item], item), row[item], url, "na" if missing else "", why))
    lead = (row["primary"] or "").split(";")[0] or "pm25"
    return [*cells, *_index_cells(ctx.link("trace_hour", row["point"], at, lead), row, _why_no_index(row))]


def period_table(ctx: Context, point: Row, periods: list[tuple[date, date]], monthly: bool) -> Table:
    """Statistics of periods: a row a month or year, a column a property and statistic."""
    heads = [Column(symbol(i), statistic(s), True, _code(i, s)) for i, s in evaluation.JUDGED_BY]
    name = Column(_("Month") if monthly else _("Year"), "", False, "period")
    good = Column(_("Good days"), _("of days with AQI"), True, "days_good")
    columns = [name, *heads, good, Column(_("Heavy days"), "", True, "days_heavy")]
    found = evaluation.by_period(ctx, point["point"], periods)
    rows = [_period_row(each, span, monthly) for each, span in zip(found, periods, strict=True)]
    return Table(columns, rows, 1, 1, len(rows))


def _period_row(found: list[Row], span: tuple[date, date], monthly: bool) -> list[Cell]:
    name = f"{span[0]:%Y-%m}" if monthly else str(span[0].year)
    by_key = {(row["property"], row["statistic"]): row for row in found}
    cells = [Cell(name, name, "", "name", f"{span[0]} – {span[1]}")]
    cells += [_statistic_cell(by_key.get(key), key[0]) for key in evaluation.JUDGED_BY]
    if not found:
        return [*cells, Cell(_("missing"), None, "", "na"), Cell(_("missing"), None, "", "na")]
    counts = found[0]
    good = f"{counts['days_good']} / {counts['days_aqi']}"
    return [*cells, Cell(good, counts["days_good"]), Cell(str(counts["days_heavy"]), counts["days_heavy"])]


def _statistic_cell(row: Row | None, item: str) -> Cell:
    if row is None or row["value"] is None:
        return Cell(_("missing"), None, "", "na", _("No valid day in this period"))
    limit = mean_text(row["limit"], item)
    why = _("limit %(limit)s, %(days)d valid days") % {"limit": limit, "days": row["days_valid"]}
    if not row["valid"]:
        why += _("; too few days to be valid for the year")
    kind = ("over " if not row["attains"] else "") + ("" if row["valid"] else "few")
    return Cell(mean_text(row["rounded"], item), row["value"], "", kind.strip(), why)
