"""Cases as tasks of one screen each: what to look at, one choice, one figure, photographs; the rest is known."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Q
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from qingyuan.cases import listing
from qingyuan.cases.models import FAR, Case, CaseStep
from qingyuan.interfaces.web.cases import words
from qingyuan.registers.flow.declared import Field, Step

MOST = 60
DONE_WITHIN = timedelta(hours=18)
ICONS = {"yes": "good", "partly": "tight", "burning": "fire", "burnt": "fire", "other": "plant"}

Allowed = Callable[[Case], bool]


def of(scope: Q, me: listing.Me, at: datetime, allowed: Allowed) -> list[dict[str, Any]]:
    """The tasks of somebody: cases that wait for them and that they may sign now, then what they did today."""
    waiting = Case.objects.filter(scope, listing.mine(me), is_open=True).order_by("until", "pk")[: 4 * MOST]
    mine = [case for case in waiting if allowed(case)][:MOST]
    return [*(task(case) for case in mine), *_done(scope, me, at)]


def task(case: Case) -> dict[str, Any]:
    """One case as a task."""
    step = case.declared.flow.steps[case.step]
    return {
        **_head(case),
        "due": None if case.until == FAR else case.until.isoformat(),
        "done": None,
        "verb": "sign",
        "button": _("Done: %(step)s") % {"step": words.of(step.title)},
        "choices": _choices(case, step),
        "figure": _figure(case, step),
        "photos": case.declared.photos if case.step == "investigate" else 0,
        "known": _known(case, step),
    }


def _head(case: Case) -> dict[str, Any]:
    return {
        "number": str(case.pk),
        "version": case.version,
        "title": case.title,
        "place": " · ".join(each for each in (case.site_name, words.place(case.division)) if each),
        "icon": case.declared.icon,
        "why": str(case.values.get("orders") or case.values.get("evidence") or ""),
        "step": words.step(case),
        "lon": case.lon,
        "lat": case.lat,
        "simulated": case.simulated,
    }


def _done(scope: Q, me: listing.Me, at: datetime) -> list[dict[str, Any]]:
    since = at - DONE_WITHIN
    signed = CaseStep.objects.filter(account=me.account, verb="sign", at__gte=since).order_by("-at")
    times = {step.record_id: step.at for step in reversed(signed[:MOST])}
    found = Case.objects.filter(scope, pk__in=times)
    rest: dict[str, Any] = {
        "due": None,
        "verb": "",
        "button": "",
        "choices": [],
        "figure": None,
        "photos": 0,
        "known": [],
    }
    return [{**_head(case), **rest, "done": times[case.pk].isoformat()} for case in found]


def choice_of(case: Case) -> Field | None:
    """The choice the present step asks for first, if any."""
    return _first(case, case.declared.flow.steps[case.step], "choice")


def figure_of(case: Case) -> Field | None:
    """The number the present step asks for, if any."""
    return _first(case, case.declared.flow.steps[case.step], "number")


def text_of(case: Case) -> Field | None:
    """The text the note of the phone fills: one that is required, else one that is asked."""
    return _first(case, case.declared.flow.steps[case.step], "text")


def _first(case: Case, step: Step, kind: str) -> Field | None:
    fields = case.declared.flow.fields
    wanted = [*step.requires, *(name for name in step.asks if name not in step.requires)]
    return next((fields[name] for name in wanted if name in fields and fields[name].type == kind), None)


def _choices(case: Case, step: Step) -> list[dict[str, str]]:
    field = _first(case, step, "choice")
    codes = field.codes if field else {}
    return [{"value": code, "label": words.of(told), "icon": ICONS.get(code, "none")} for code, told in codes.items()][
        :4
    ]


def _figure(case: Case, step: Step) -> dict[str, Any] | None:
    field = _first(case, step, "number")
    if field is None:
        return None
    unit = {"mu": _("mu")}.get(field.unit, field.unit)
    told = case.values.get(field.name)
    return {"name": "figure", "label": words.of(field.title), "unit": unit, "value": _number(told), "step": 0.5}


def _number(told: Any) -> float | None:
    return None if told in (None, "") else float(told)


def _known(case: Case, step: Step) -> list[dict[str, str]]:
    """What nobody has to type again."""
    fields = case.declared.flow.fields
    language = get_language() or "zh"
    facts = [
        (fields[name].title.of(language), str(value))
        for name, value in case.values.items()
        if name in fields and name not in step.asks and fields[name].type in ("text", "date", "number")
    ]
    facts += [(_("Number"), case.number), (_("Place"), words.place(case.division))]
    return [{"label": label, "value": value} for label, value in facts]


def texts() -> dict[str, str]:
    """Every text the page's script says."""
    return {
        "now": _("Go now"),
        "today": _("Today"),
        "later": _("Later"),
        "done": _("Done"),
        "overdue": _("late"),
        "minutes_left": _("{n} min left"),
        "kept_here": _("kept here"),
        "sending": _("sending"),
        "refused": _("refused"),
        "differs": _("two values"),
        "sent": _("sent"),
        "nothing_to_do": _("Nothing waits for you."),
        "waiting_count": _("{n} not sent yet"),
        "what_do_you_see": _("What do you see"),
        "less": _("less"),
        "more": _("more"),
        "photo_at": _("photo of {at}"),
        "take_photo": _("Take a photo"),
        "photos": _("Photos"),
        "at_least": _("at least {n}; place and time come along"),
        "no_picture": _("This file is no picture."),
        "known_count": _("{n} facts are filled in already"),
        "way_there": _("Show the way"),
        "all_tasks": _("All tasks"),
        "note": _("In words, if needed"),
        "choose_one": _("Choose what you see."),
        "photos_lacking": _("{n} more photos are needed."),
        "queue": _("Sending"),
        "you": _("you"),
        "differs_why": _(
            "While you were offline, {by} changed “{field}” as well. Choose one; the other stays in the timeline."
        ),
        "use_chosen": _("Use the chosen one"),
        "drop": _("Take it away"),
        "photos_count": _("{n} photos, {kb} KB"),
        "nothing_lost": _("Nothing is lost: what is not sent stays on this phone."),
        "all_sent": _("Everything is sent."),
        "offline": _("No network: go on as usual, {n} kept; they are sent when it is back"),
        "never_seen": _("The tasks were never loaded on this phone. Open this page once with a network."),
        "sent_count": _("{n} sent."),
        "failed": _("This part could not be fetched. What you see is the last answer."),
    }
