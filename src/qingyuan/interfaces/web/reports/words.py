"""Words of the reports: categories, states, acts, faults of the form, refusals."""

from __future__ import annotations

from django.utils.translation import gettext as _

from qingyuan.interfaces.web import wording
from qingyuan.places import divisions
from qingyuan.reports.declared import categories, declared
from qingyuan.reports.models import Reward, RewardLine, State, Verb


def category(code: str) -> str:
    """A category in the language of the request."""
    found = categories().get(code)
    return (found.en if wording.english() else found.zh) if found else code


def division(code: str) -> str:
    """Name of a division of any level in the language of the request; the code itself when it has none."""
    try:
        found = divisions.division(code)
    except divisions.UnknownDivision:
        return code
    return found.name_en if wording.english() else found.name_zh


def state(code: str) -> tuple[str, str]:
    """Kind of state (good, tight ...) and its word."""
    return {
        State.RECEIVED: ("tight", _("received, not yet taken up")),
        State.ACCEPTED: ("tight", _("being looked into")),
        State.DECLINED: ("none", _("not taken up")),
        State.ANSWERED: ("good", _("answered")),
        State.ENDED: ("good", _("ended")),
    }[State(code)]


def channel(code: str) -> str:
    """How a report came."""
    return {
        "web": _("by this page"),
        "telephone": _("by telephone"),
        "message": _("by message"),
        "visit": _("in person"),
    }[code]


def verb(code: str) -> str:
    """What was done, as a timeline says it."""
    return {
        Verb.RECEIVED: _("received"),
        Verb.ACCEPTED: _("taken up"),
        Verb.DECLINED: _("not taken up"),
        Verb.JOINED: _("joined to an earlier report"),
        Verb.ASKED: _("asked the reporter"),
        Verb.ADDED: _("the reporter added"),
        Verb.ANSWERED: _("answered"),
        Verb.REOPENED: _("opened again by the reporter"),
        Verb.SATISFIED: _("the reporter is satisfied"),
        Verb.ENDED: _("ended"),
        Verb.REWARDED: _("a reward was granted"),
    }[Verb(code)]


def fault(field: str, code: str) -> str:
    """What is wrong with a field of the form and how to mend it."""
    limits = declared()["limits"]
    return {
        "choose": _("Choose what it is about."),
        "too_short": _("Say in a sentence what you saw."),
        "too_long": _("The text is longer than %(most)s characters. Shorten it.") % {"most": limits["text"]},
        "not_yet": _("This moment has not come yet. Check day and hour."),
        "unreadable": _("This moment cannot be read. Choose day and hour."),
        "where": _("Press the place on the map, or choose the county and describe the place."),
        "outside": _("The place lies outside the province. Move the mark, or choose the county."),
        "too_many": _("At most %(most)s photos can be sent. Leave some out.") % {"most": limits["photos"]},
        "too_large": _("A photo is larger than 12 MB. Send a smaller one."),
        "no_photo": _("One of the files is no photo. Send JPEG, PNG or WebP."),
    }[code]


def refusal(code: str) -> str:
    """Why the form is not taken now."""
    return {
        "machine": _("The form was filled by a machine, so it was not taken."),
        "too_fast": _("The form was open for a moment only, or too long. Look through it and send it again."),
        "address": _("Several reports came from your connection already. Send the next in an hour, or ring 12369."),
        "everybody": _("Very many reports are coming in. Send yours in an hour, or ring 12369."),
    }[code]


def not_now(code: str) -> str:
    """Why an act is not possible."""
    return {
        "say_why": _("Say it in a sentence: without words this cannot be done."),
        "state": _("In the meantime somebody else has handled this report. Look at what was done."),
        "not_yours": _("Only the office that handles the report can do this."),
        "too_late": _("It ended more than 30 days ago. Please report anew."),
        "nothing": _("There is no identity: the report is anonymous, or it was removed on schedule."),
        "join": _("The report cannot be joined to this one. Choose the first of the group."),
        "amount": _("This is no amount that can be granted: 0.01 to %(most)s yuan.")
        % {"most": declared()["rewards"]["largest"]},
        "budget": _("The purse does not hold so much. Enter the budget first, or grant less."),
        "twice": _("This report has a reward already."),
        "lapsed": _("This reward is paid already, or has lapsed."),
        "claim": _("Number and claim code do not fit together. Compare both with the reporter's."),
    }[code]


def reward(code: str) -> tuple[str, str]:
    """Kind of state and word of a reward."""
    return {
        Reward.State.OFFERED: ("tight", _("waits to be claimed")),
        Reward.State.PAID: ("good", _("paid")),
        Reward.State.LAPSED: ("none", _("lapsed")),
    }[Reward.State(code)]


def line(code: str) -> str:
    """What moved in the reward ledger."""
    return {
        RewardLine.Kind.BUDGET: _("budget"),
        RewardLine.Kind.OFFERED: _("granted"),
        RewardLine.Kind.PAID: _("paid out"),
        RewardLine.Kind.LAPSED: _("lapsed, back in the purse"),
    }[RewardLine.Kind(code)]
