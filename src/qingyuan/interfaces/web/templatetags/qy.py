"""Tags every template may use: icons, entries of the front-end build, links that hold the context, parts."""

from __future__ import annotations

import json
from datetime import date, datetime
from functools import lru_cache
from pathlib import Path
from typing import Any

from django import template
from django.conf import settings
from django.http import HttpRequest
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from qingyuan.base.settings import data_dir
from qingyuan.interfaces.demo_accounts import accounts
from qingyuan.interfaces.web import access, places, traces, wording
from qingyuan.interfaces.web.context import Context

register = template.Library()
HERE = Path(__file__).parent.parent / "static"


@register.simple_tag
@lru_cache
def icons() -> SafeString:
    """The symbols of icons.svg, once a page."""
    return mark_safe((HERE / "look" / "icons.svg").read_text("utf-8"))  # noqa: S308


@register.simple_tag
def icon(name: str, kind: str = "") -> SafeString:
    """An ornament beside words: hidden from screen readers."""
    return format_html('<svg class="i {}" aria-hidden="true" viewBox="0 0 20 20"><use href="#i-{}"/></svg>', kind, name)


def _manifest() -> dict[str, Any]:
    path = HERE / "build" / ".vite" / "manifest.json"
    return dict(json.loads(path.read_text("utf-8"))) if path.exists() else {}


_kept_manifest = lru_cache(_manifest)


def _built(file: str) -> str:
    """Address of a bundled file: its name holds a hash already, and bundles name one another by it."""
    return f"{settings.STATIC_URL}build/{file}"


def built_text(source: str) -> str:
    """The text of a bundle by its source file, for what must be served at an address of its own."""
    manifest = _manifest() if settings.DEBUG else _kept_manifest()
    return (HERE / "build" / str(manifest[source]["file"])).read_text("utf-8")


@register.simple_tag
def entry(name: str) -> SafeString:
    """Script and style sheets of a front-end entry (``frontend/src/<name>.ts``).

    Raises KeyError when the front end was not built or has no such entry.
    """
    manifest = _manifest() if settings.DEBUG else _kept_manifest()
    chunk = manifest[f"src/{name}.ts"]
    sheets = [*chunk.get("css", [])]
    for shared in chunk.get("imports", []):
        sheets += manifest[shared].get("css", [])
    tags = [format_html('<link rel="stylesheet" href="{}">', _built(sheet)) for sheet in sheets]
    tags.append(format_html('<script type="module" src="{}"></script>', _built(chunk["file"])))
    return format_html_join("", "{}", ((tag,) for tag in tags))


@register.simple_tag(takes_context=True)
def link(context: template.Context, name: str, *args: object, **changes: object) -> str:
    """Address of a page that holds place, time, law and dataset: ``{% link "station" code tab="year" %}``."""
    ctx = context.get("ctx")
    if isinstance(ctx, Context):
        return ctx.link(name, *args, **changes)
    from django.urls import reverse

    return reverse(name, args=args)


@register.simple_tag(takes_context=True)
def here(context: template.Context, **changes: object) -> str:
    """Address of the present page with changed parameters; a value of "" drops the parameter."""
    query = context["request"].GET.copy()
    for key, value in changes.items():
        query.pop(key, None)
        if value not in ("", None):
            query[key] = str(value)
    return f"{context['request'].path}?{query.urlencode()}" if query else context["request"].path


@register.simple_tag
def num(text: object, url: str = "", kind: str = "") -> SafeString:
    """A number that opens its trace; plain text when it has none."""
    if not url:
        return format_html('<span class="{}">{}</span>', kind, text)
    return format_html(
        '<a class="num {}" href="{}" data-trace title="{}">{}</a>', kind, url, _("Show where it comes from"), text
    )


@register.simple_tag
def lv(level: int | None, kind: str = "") -> SafeString:
    """The mark of an AQI level with its word; a missing level says so."""
    if not level:
        return st("none", _("No result"))
    word = wording.level(level, short=True)
    return format_html('<span class="lv a{} {}"><i>{}</i>{}</span>', level, kind, level, word)


@register.simple_tag
def st(state: str, word: object, kind: str = "") -> SafeString:
    """A word of state with its icon: state is good, tight, bad, none or unknown."""
    return format_html('<span class="st {} {}">{}{}</span>', state, kind, icon(state), word)


@register.filter
def place_name(code: str) -> str:
    """Name of a division, short."""
    return places.name(code, short=True)


@register.filter
def pollutants(slugs: str | None) -> str:
    """Primary pollutants in words: ``pm25;o3`` gives ``PM2.5、O3``."""
    return wording.pollutants(slugs)


@register.filter
def moment(when: datetime) -> str:
    """An hour as the top bar writes it."""
    return wording.hour(when)


@register.filter
def day(when: date) -> str:
    """A day in words."""
    return wording.day(when)


@register.filter
def hours_iso(when: datetime) -> str:
    """An hour as the address writes it."""
    return when.strftime("%Y-%m-%dT%H")


@register.filter
def decimals(value: float | None, places_after: int = 0) -> str:
    """A number with fixed decimals and a true minus; the word for missing when it is null."""
    return wording.number(value, places_after)


@register.simple_tag
def language_code() -> str:
    """Language of the page as HTML writes it."""
    return "en" if (get_language() or "").startswith("en") else "zh-Hans"


@register.filter
def day_of_week(when: date) -> str:
    """A day in words with its weekday."""
    return wording.day_of_week(when)


@register.filter
def month_day(when: date) -> str:
    """A day without its year, as tables write it: ``10-27``."""
    return f"{when:%m-%d}"


@register.filter
def count(value: int) -> str:
    """A whole number with thin-space thousands."""
    return wording.number(value)


@register.filter
def rank_name(slug: str) -> str:
    """Rank of a station in words."""
    return wording.rank(slug)


@register.filter
def point_name(row: dict[str, Any]) -> str:
    """Name of a station or city."""
    return wording.point(row)


@register.simple_tag(takes_context=True)
def cell_value(context: template.Context, line: Any, item: str) -> SafeString:
    """The last value of an item at a station, opening its trace; the word for missing when there is none."""
    value = line.row[item] if line.row else None
    if value is None:
        return format_html('<span class="na" title="{}">{}</span>', _("not observed"), _("missing"))
    url = traces.of_hour(context["ctx"], line.point["point"], line.last, item)
    return num(wording.number(value, wording.decimals(item)), url)


@register.simple_tag
def month_amount(amount: Any, month: int) -> SafeString:
    """Tonnes of a month; the word for missing when there are none."""
    found = dict(amount.months).get(month)
    return (
        format_html('<span class="na">{}</span>', _("missing"))
        if found is None
        else num(wording.number(found, 3 if found < 1 else 2))
    )


@register.simple_tag
def ledger_cell(cell: Any, url: str, current: bool = False) -> SafeString:
    """One day of the ledger's calendar: the rate, in the colour of its state; marked when it does not come out even."""
    uneven = _("does not come out even") if cell.uneven else ""
    told = wording.number(cell.share) if cell.share is not None else _NOT_DUE % _("not due, not over or not made")
    mark = format_html('<b aria-label="{}">!</b>', uneven) if uneven else ""
    return format_html(
        '<td class="day {}"><a href="{}" title="{}"{}>{}{}</a></td>',
        cell.state,
        url,
        f"{cell.day:%m-%d} {uneven}".strip(),
        mark_safe(' aria-current="true"' if current else ""),  # noqa: S308 - our own words
        mark_safe(told),  # noqa: S308 - a number, or our own words
        mark,
    )


_NOT_DUE = '<span aria-hidden="true">·</span><span class="sr">%s</span>'


@register.filter
def can(request: HttpRequest | None, action: str) -> bool:
    """Whether the person of a request has a duty with an action somewhere: whether a button is of use."""
    return bool(request and getattr(request, "user", None) and access.rights(request).can(action))


@register.simple_tag(takes_context=True)
def demo_accounts(context: Any) -> dict[str, Any]:
    """Of a demo only: its accounts with what to try, and the one the address chose to fill the form with."""
    request: HttpRequest = context["request"]
    found = accounts(data_dir())
    english = (get_language() or "").startswith("en")
    chosen = next((each for each in found if each.account == request.GET.get("as")), None)
    return {"lines": [(each, each.en if english else each.zh) for each in found], "chosen": chosen}
