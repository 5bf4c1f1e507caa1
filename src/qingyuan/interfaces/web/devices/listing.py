"""The list of devices: how each stands, what it sent today, what is odd about it, what waits in quarantine."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import Count
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from qingyuan.base.time import now
from qingyuan.gateway import scope
from qingyuan.gateway.models import Deviation, Device, DeviceDay, DeviceState, Edition, Quarantined
from qingyuan.interfaces.web import network
from qingyuan.interfaces.web.devices import rates, words
from qingyuan.people.rights import Rights

SORTS = ("name", "mn", "state", "last", "frames", "transmission", "valid", "deviations", "quarantined")
PATIENCE = timedelta(minutes=5)
"""Silence of a connected device that says nothing yet, where its interval is not registered."""


@dataclass(frozen=True)
class Line:
    """One device. transmission, valid: rates of yesterday in percent, None when they are not computed."""

    device: Device | None
    mn: str
    name: str
    edition: str
    state: str
    last: datetime | None
    frames: int
    transmission: float | None
    valid: float | None
    deviations: int
    quarantined: int


@dataclass(frozen=True)
class Choice:
    """What the list shows: text, states, edition, only devices with deviations, order."""

    words: str = ""
    states: tuple[str, ...] = ()
    edition: str = ""
    odd: bool = False
    sort: str = "state"
    down: bool = False

    @property
    def filtered(self) -> bool:
        """Whether a device may be hidden by the choice."""
        return bool(self.words or self.states or self.edition or self.odd)


def choice(ask: Any) -> Choice:
    """The choice an address makes (its QueryDict); what it does not know is left out."""
    sort = ask.get("sort", "")
    return Choice(
        words=ask.get("q", "").strip()[:60],
        states=tuple(state for state in words.STATES if state in ask.getlist("state")),
        edition=ask.get("edition_of", "") if ask.get("edition_of") in Edition.values else "",
        odd=ask.get("odd") == "yes",
        sort=sort if sort in SORTS else "state",
        down=ask.get("order") == "down",
    )


def state_of(device: Device | None, state: DeviceState | None, moment: datetime, heard: bool = False) -> str:
    """How a device stands at a moment. heard: frames of it are in the journal, through whichever door."""
    if state is None or state.last_frame is None:
        return words.SILENT if heard else words.NEVER
    if not state.online:
        return words.SILENT
    return words.LATE if moment - state.last_frame > _patience(device) else words.ONLINE


def _patience(device: Device | None) -> timedelta:
    if device and device.real_time_seconds:
        return max(timedelta(minutes=2), 3 * timedelta(seconds=device.real_time_seconds))
    if device and device.minute_interval:
        return max(PATIENCE, 2 * timedelta(minutes=device.minute_interval))
    return PATIENCE


def lines(rights: Rights) -> list[Line]:
    """The registered devices somebody may see, and the MN that called without being registered."""
    moment = now()
    states = {each.mn: each for each in DeviceState.objects.all()}
    counts = _Counts(moment.date())
    made = [_line(device, states.pop(device.mn, None), counts, moment) for device in scope.devices(rights)]
    if not scope.strangers_too(rights, "devices.see"):
        return made
    known = set(Device.objects.values_list("mn", flat=True))
    return made + [
        _line(None, state, counts, moment) for state in states.values() if state.mn and state.mn not in known
    ]


@dataclass(frozen=True)
class Summary:
    """Active devices, and how many of them are online."""

    online: int
    total: int

    @property
    def width(self) -> int:
        """Online share in whole percent, for the bar."""
        return round(100 * self.online / self.total) if self.total else 0

    @property
    def state(self) -> str:
        """The word of state of the share, by the measure of the stations."""
        share = self.width / 100
        return "bad" if share < network.ALERT_BELOW else "tight" if share < network.TIGHT_BELOW else "good"


def summary(rights: Rights) -> Summary:
    """How the devices somebody may see stand, in two numbers."""
    states = {each.mn: each for each in DeviceState.objects.all()}
    mine = [state_of(each, states.get(each.mn), now()) for each in scope.devices(rights).filter(active=True)]
    return Summary(sum(state in (words.ONLINE, words.LATE) for state in mine), len(mine))


def strangers(rights: Rights) -> list[tuple[str, int]]:
    """MN that call without being registered, with the frames waiting of each, most first."""
    waiting = scope.quarantined(rights).filter(state=Quarantined.State.OPEN, reason="unknown").exclude(mn="")
    counted = waiting.order_by().values_list("mn").annotate(count=Count("id")).order_by("-count", "mn")
    return list(counted)


class _Counts:
    """What is counted by MN."""

    def __init__(self, today: date) -> None:
        self.heard = set(DeviceDay.objects.order_by().values_list("mn", flat=True).distinct())
        self.frames = dict(DeviceDay.objects.filter(day=today).values_list("mn", "frames"))
        self.odd = _by_mn(Deviation.objects.values_list("mn").annotate(Count("id")))
        waiting = Quarantined.objects.filter(state=Quarantined.State.OPEN)
        self.waiting = _by_mn(waiting.values_list("mn").annotate(Count("id")).order_by())
        self.rates = rates.of_day(today - timedelta(days=1))


def _by_mn(rows: Any) -> Mapping[str, int]:
    counted: dict[str, int] = {}
    for mn, count in rows.order_by():
        counted[mn] = counted.get(mn, 0) + count
    return counted


def _line(device: Device | None, state: DeviceState | None, counts: _Counts, moment: datetime) -> Line:
    mn = device.mn if device else state.mn if state else ""
    yesterday = counts.rates.get(mn)
    return Line(
        device,
        mn,
        words.name(device) if device else "",
        (state.edition if state else "") or (device.edition if device else ""),
        state_of(device, state, moment, mn in counts.heard),
        state.last_frame if state else None,
        counts.frames.get(mn, 0),
        yesterday.transmission if yesterday else None,
        yesterday.valid if yesterday else None,
        counts.odd.get(mn, 0),
        counts.waiting.get(mn, 0),
    )


def chosen_of(everything: list[Line], chosen: Choice) -> list[Line]:
    """The lines that fit, in the order asked for; what is not known stands last."""
    wanted = chosen.words.casefold()
    fit = [
        line
        for line in everything
        if (not wanted or any(wanted in text.casefold() for text in _searched(line)))
        and (not chosen.states or line.state in chosen.states)
        and (not chosen.edition or line.edition == chosen.edition)
        and (not chosen.odd or line.deviations)
    ]
    known = [line for line in fit if _key(line, chosen.sort) is not None]
    return sorted(known, key=lambda line: (_key(line, chosen.sort), line.mn), reverse=chosen.down) + [
        line for line in fit if _key(line, chosen.sort) is None
    ]


def _searched(line: Line) -> tuple[str, ...]:
    device = line.device
    return (line.mn, device.name_zh, device.name_en, device.place) if device else (line.mn,)


def _key(line: Line, sort: str) -> Any:
    if sort == "state":
        return words.STATES.index(line.state), line.device is not None
    return getattr(line, sort)


def sentence(everything: list[Line]) -> str:
    """The list in one sentence: how many are online, how many silent and since when."""
    mine = [line for line in everything if line.device and line.device.active]
    if not mine:
        return _("No device is registered yet")
    online = sum(line.state in (words.ONLINE, words.LATE) for line in mine)
    told = ngettext("%(online)s of %(total)s device is online", "%(online)s of %(total)s devices are online", len(mine))
    parts = [told % {"online": online, "total": len(mine)}, *_silent(mine), *_never(mine)]
    return _("; ").join(parts)


def _silent(mine: list[Line]) -> list[str]:
    lasts = [line.last for line in mine if line.state == words.SILENT]
    silent = [last for last in lasts if last]
    if len(silent) < len(lasts):
        return [ngettext("%(count)s silent", "%(count)s silent", len(lasts)) % {"count": len(lasts)}]
    if not silent:
        return []
    told = ngettext("%(count)s silent since %(since)s", "%(count)s silent, the longest since %(since)s", len(silent))
    return [told % {"count": len(silent), "since": words.clock(min(silent), now())}]


def _never(mine: list[Line]) -> list[str]:
    never = sum(line.state == words.NEVER for line in mine)
    return [ngettext("%(count)s was never heard", "%(count)s were never heard", never) % {"count": never}] * bool(never)
