"""Words and figures as the screens write them, in the language of the request."""

from __future__ import annotations

from datetime import date, datetime
from functools import cache

from django.utils.translation import get_language, pgettext
from django.utils.translation import gettext as _

from qingyuan.assessments.exact import per_unit
from qingyuan.domains.air.law import ITEMS, step
from qingyuan.standards import properties

SYMBOLS = {item: properties.get(item).symbol for item in ITEMS}
PROPERTIES = ("pm25", "pm10", "o3", "no2", "so2", "co")


def english() -> bool:
    """Whether the request is answered in English."""
    return (get_language() or "").startswith("en")


def level(number: int, short: bool = False) -> str:
    """Name of an AQI level (1 to 6) as HJ 633 names it; short drops the word pollution."""
    full = [
        pgettext("aqi", "Excellent"),
        pgettext("aqi", "Good"),
        pgettext("aqi", "Light pollution"),
        pgettext("aqi", "Moderate pollution"),
        pgettext("aqi", "Heavy pollution"),
        pgettext("aqi", "Severe pollution"),
    ]
    brief = [
        full[0],
        full[1],
        pgettext("aqi", "Light"),
        pgettext("aqi", "Moderate"),
        pgettext("aqi", "Heavy"),
        pgettext("aqi", "Severe"),
    ]
    return (brief if short else full)[number - 1]


def pollutants(slugs: str | None) -> str:
    """Primary pollutants in words; the word for none when there is none (AQI up to 50)."""
    if not slugs:
        return pgettext("primary pollutant", "none")
    return _(", ").join(SYMBOLS.get(slug, slug) for slug in slugs.split(";"))


def hour(when: datetime) -> str:
    """``10月28日 14:00`` / ``28 Oct 14:00``."""
    if english():
        return f"{when.day} {when:%b %H}:00"
    return f"{when.month}月{when.day}日 {when:%H}:00"


def day(when: date) -> str:
    """``2025年10月28日`` / ``28 October 2025``."""
    return f"{when.day} {when:%B %Y}" if english() else f"{when.year}年{when.month}月{when.day}日"


def day_of_week(when: date) -> str:
    """``2025年10月28日 星期二`` / ``Tuesday 28 October 2025``."""
    return f"{weekday(when)} {day(when)}" if english() else f"{day(when)} {weekday(when)}"


def number(value: float | None, decimals: int = 0) -> str:
    """Fixed decimals, thin-space thousands, true minus sign; 缺 when missing."""
    if value is None:
        return _("missing")
    return f"{value:,.{decimals}f}".replace(",", "\u2009").replace("-", "\u2212")


def point(row: dict[str, object], short: bool = False) -> str:
    """Name of a station or city in the language of the request."""
    from qingyuan.interfaces.web import places

    if row["kind"] == "city":
        return places.name(str(row["point"]), short)
    return str((english() and row.get("name_en")) or row["name_zh"])


def listed(words: list[str]) -> str:
    """Words one after another: ``长春、松原`` / ``Changchun, Songyuan``."""
    return _(", ").join(words)


def weekday(when: date) -> str:
    """Name of the weekday."""
    names = [_("Monday"), _("Tuesday"), _("Wednesday"), _("Thursday"), _("Friday"), _("Saturday"), _("Sunday")]
    return names[when.weekday()]


def rank(slug: str) -> str:
    """Rank of a station in words; the slug itself when it is not known."""
    names = {"national": _("National"), "provincial": _("Provincial"), "local": _("Local"), "micro": _("Micro")}
    return names.get(slug, slug)


UNITS = {"ug/m3": "µg/m³", "mg/m3": "mg/m³"}


def unit(item: str) -> str:
    """Unit of the concentrations of an item as written on screen."""
    return UNITS[properties.get(item).unit]


@cache
def decimals(item: str) -> int:
    """Decimals the law rounds a concentration to before the index (HJ 633)."""
    return len(str(per_unit(step(item)))) - 1


def lacking(result: dict[str, object] | None, item: str) -> str:
    """Why there is no value: nothing observed, or too few hours."""
    hours = result.get(f"{item}_hours") if result else None
    if not hours:
        return _("not observed")
    return _("only %(hours)s valid values") % {"hours": hours}


def items(slugs: str) -> str:
    """Observed properties of a line of law: symbols where they have one."""
    return listed([SYMBOLS.get(slug, slug.upper()) for slug in slugs.split(";") if slug])


def averaging(slug: str) -> str:
    """Averaging of a limit in words; the slug itself when it is not known."""
    words = {
        "annual": _("annual mean"),
        "quarter": _("quarterly mean"),
        "month": _("monthly mean"),
        "24h": _("24-hour mean"),
        "8h": _("8-hour mean"),
        "mda8": _("daily maximum 8-hour mean"),
        "1h": _("1-hour mean"),
    }
    return words.get(slug, slug)


def confidence(slug: str) -> str:
    """How sure the library is of a value."""
    words = {
        "primary": _("read in the text"),
        "two_sources": _("two sources"),
        "one_source": _("one source"),
        "memory": _("from memory"),
    }
    return words.get(slug, slug)
