"""Words of registers in the language of the request: values, deadlines, places."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from qingyuan.places.divisions import UnknownDivision, division
from qingyuan.registers.flow import wording
from qingyuan.registers.flow.declared import Field, Kind, Words
from qingyuan.registers.models import RegisterRecord

PERSONAL = "•••"


def language() -> str:
    """``zh`` or ``en``."""
    return "en" if (get_language() or "").startswith("en") else "zh"


def of(words: Words) -> str:
    """A wording in the language of the request."""
    return words.of(language())


def place(code: str) -> str:
    """Name of a division; of one below a county, that of the county with its code."""
    try:
        found = division(code[:6])
    except UnknownDivision:
        return code
    name = found.name_en if language() == "en" else found.name_zh
    return name if len(code) <= 6 else f"{name} {code[6:]}"


def value(field: Field, kept: Any, personal: bool = False) -> str:
    """A kept value as text; personal ones masked unless `personal`."""
    if field.personal and not personal and kept:
        return PERSONAL
    if field.to == "division" and kept:
        return place(kept)
    return wording.shown(field, kept, language())


def due(record: RegisterRecord, at: datetime) -> tuple[str, str]:
    """State and word of a record's deadline: ``("bad", "逾期 2 天")``; state empty: a date without urgency."""
    if record.step == "void":
        return "none", _("Void")
    if record.closed_at:
        return "good", _("Closed")
    if record.due is None:
        return "", ""
    days = (record.due.date() - at.date()).days
    if record.due < at:
        over = max(1, -days)
        return "bad", ngettext("%(days)s day over", "%(days)s days over", over) % {"days": over}
    if days == 0:
        return "tight", _("today")
    if days == 1:
        return "tight", _("tomorrow")
    day = f"{record.due:%m-%d}" if record.due.year == at.year else f"{record.due:%Y-%m-%d}"
    return ("tight" if days <= 7 else ""), day


def step(kind: Kind, name: str) -> str:
    """Title of a step."""
    return of(kind.title_of(name))


def titled(kind: Kind, name: str) -> str:
    """Title of a column: of a field or of what every record has."""
    own = {"step": _("Step"), "due": _("Deadline"), "number": _("Number"), "division": _("Division")}
    return own[name] if name in own else of(kind.fields[name].title)
