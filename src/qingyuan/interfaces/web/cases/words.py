"""Words of the pages about cases: origins, urgency, durations, acts, doubts of photographs, notices."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from qingyuan.cases import kinds
from qingyuan.cases.models import FAR, Case, Notice
from qingyuan.interfaces.web import places
from qingyuan.places import divisions
from qingyuan.registers.flow.declared import Words


def of(words: Words) -> str:
    """A declared wording in the language of the page."""
    return words.of(get_language() or "zh")


def origin(code: str) -> str:
    """Where a case comes from."""
    return {
        "monitor": _("automatic monitoring"),
        "satellite": _("satellite"),
        "station": _("monitoring station"),
        "quality": _("quality tests"),
        "register": _("register rule"),
        "report": _("report from the public"),
        "inspection": _("inspection"),
        "hand": _("entered by hand"),
        "plan": _("plan"),
    }.get(code, code)


ORIGINS = ("monitor", "station", "satellite", "quality", "register", "report", "inspection", "hand", "plan")


def domain(slug: str) -> str:
    """A domain in words."""
    return {
        "air": _("air"),
        "water": _("water"),
        "soil": _("soil"),
        "noise": _("noise"),
        "sources": _("pollution sources"),
        "waste": _("waste"),
        "vehicles": _("vehicles"),
        "straw": _("straw burning"),
        "radiation": _("radiation"),
        "ecology": _("ecology"),
        "inspection": _("central inspection"),
        "emergency": _("emergency"),
        "plan": _("plan"),
    }.get(slug, slug)


DOMAINS = (
    "air",
    "water",
    "sources",
    "noise",
    "soil",
    "waste",
    "vehicles",
    "straw",
    "radiation",
    "ecology",
    "inspection",
)


def step(case: Case) -> str:
    """The step a case stands at."""
    return of(case.declared.flow.title_of(case.step))


def step_name(name: str) -> str:
    """A step as the first kind that has it calls it."""
    found = next((each.flow.steps[name] for each in kinds.kinds().values() if name in each.flow.steps), None)
    return of(found.title) if found else name


def place(code: str) -> str:
    """City and county of a division."""
    if places.known(code):
        return places.name(code)
    city = code[:4] + "00"
    try:
        found = divisions.division(code[:6])
    except divisions.UnknownDivision:
        return places.name(city)
    county = found.name_en if (get_language() or "").startswith("en") else found.name_zh
    return f"{places.name(city)} · {county}"


def due(case: Case, at: datetime) -> tuple[str, str]:
    """State and words of a deadline: (bad|tight|none, words)."""
    if not case.is_open:
        return "none", f"{case.closed_at:%m-%d}" if case.closed_at else "—"
    if case.until >= FAR:
        return "none", "—"
    if case.until < at:
        return "bad", late(at - case.until)
    if case.until.date() == at.date():
        return "tight", "24:00" if case.until.hour == 23 and case.until.minute == 59 else f"{case.until:%H:%M}"
    return "none", f"{case.until:%m-%d}" if case.until.year == at.year else f"{case.until:%Y-%m-%d}"


def late(span: timedelta) -> str:
    """How late, in days, below a day in hours."""
    if span.days:
        return ngettext("%(days)s day late", "%(days)s days late", span.days) % {"days": span.days}
    hours = max(1, span.seconds // 3600)
    return ngettext("%(hours)s hour late", "%(hours)s hours late", hours) % {"hours": hours}


def span(length: timedelta) -> str:
    """A duration in its two largest parts."""
    seconds = int(length.total_seconds())
    parts = ((86_400, _("d")), (3600, _("h")), (60, _("min")), (1, _("s")))
    told = []
    for size, word in parts:
        number, seconds = divmod(seconds, size)
        if number:
            told.append(f"{number} {word}")
        if len(told) == 2 or (told and not number):
            break
    return " ".join(told) or f"0 {_('s')}"


def moment(name: str) -> str:
    """One of the four first moments."""
    return {
        "known": _("First time known"),
        "analysed": _("First time analysed"),
        "acted": _("First time acted"),
        "punished": _("First time punished"),
    }[name]


def doubt(code: str) -> str:
    """Why a photograph may not show the case."""
    return {
        "no_time": _("does not say when it was taken"),
        "early": _("taken before the matter began"),
        "future": _("taken later than now"),
        "no_place": _("does not say where it was taken"),
        "far": _("taken more than 1 km away"),
    }[code]


def notice(each: Notice) -> str:
    """A notice as a sentence."""
    told = {"by": each.told.get("by") or _("the platform"), **each.told}
    sentences = {
        "opened": _("A case was opened and routed to you"),
        "sign": _("%(by)s signed a step; it stands with you now"),
        "return": _("%(by)s sent it back"),
        "hand_over": _("%(by)s handed it over"),
        "note": _("%(by)s left a remark"),
        "relapsed": _("The data relapsed; the case is open again"),
        "reopen": _("%(by)s opened it again"),
        "closed": _("It was closed"),
        "proven": _("The data prove the mending; it can be checked"),
        "warning": _("The deadline is near"),
        "overdue": _("The deadline has passed"),
        "supervision": _("It is under supervision"),
        "accountability": _("It was passed on for accountability"),
        "dispatch_reminder": _("A note of progress is asked for by %(due)s"),
        "dispatch_warning": _("The note of progress due on %(due)s was missed"),
        "dispatch_supervision": _("Progress is still not told: under supervision"),
        "dispatch_notice": _("Progress was not told for long: a notice was given"),
        "register": _("A record of a register has come to you"),
    }
    return sentences.get(each.code, each.code) % {key: str(value) for key, value in told.items()}


def stage(code: str, of_what: str = "stages") -> str:
    """A stage of escalation in words: of a step's deadline, or of ``dispatch``."""
    from qingyuan.cases.escalation import stages

    found = next((each for each in stages(of_what) if each.name == code), None)
    return of(Words(found.zh, found.en)) if found else code


def shown(field: Any, value: Any) -> str:
    """A value as a person reads it."""
    from qingyuan.registers.flow.wording import shown as plain

    return plain(field, value, get_language() or "zh")
