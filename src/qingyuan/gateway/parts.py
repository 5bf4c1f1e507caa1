"""Messages sent in parts: each part is decoded and stored as it comes, and here it is known which have come.

So nothing fresh waits for the rest, a part that comes again finds its place taken, and a part that does not come in
time is told: in quarantine and in the device's profile, until it comes after all. All of it changes together with the
counts of the batch, so that it is as safe as they are.
"""

from __future__ import annotations

import os
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import NamedTuple

from qingyuan.base.errors import WrongUsage
from qingyuan.base.time import now
from qingyuan.gateway import register
from qingyuan.gateway.hj212.fragments import Key, missing, part_of
from qingyuan.gateway.journal import MAIN, Record
from qingyuan.gateway.models import Quarantined, SplitMessage
from qingyuan.gateway.quarantine import wall_clock

SETTING = "QINGYUAN_PART_SECONDS"
"""Environment: seconds of the journal's time after the first part until a part counts as missing; default 600."""

PATIENCE = 600
MISSING = "part_missing"
"""Reason of quarantine and line of the profile."""

REMEMBERED = {SplitMessage.State.COMPLETE: 86_400, SplitMessage.State.INCOMPLETE: 400 * 86_400}
"""Seconds for which a message is known after its first part, so that a part that comes again or late finds it."""

_AT_ONCE = 500
State = SplitMessage.State


class Part(NamedTuple):
    """A part in the journal. received: microseconds since 1970."""

    key: Key
    number: int
    record: int
    received: int
    late: bool


def patience() -> int:
    """The seconds a part is waited for. WrongUsage for a setting that is no number."""
    text = os.environ.get(SETTING, str(PATIENCE))
    if not text.isdigit():
        raise WrongUsage(f"{SETTING}={text!r} is no number", f"Write whole seconds, such as {PATIENCE}")
    return int(text)


def found(records: Iterable[Record], keys_of: Callable[[str], Sequence[bytes]]) -> list[Part]:
    """The parts among records."""
    split = [each for each in records if each.raw.find(b"PNUM=", 0, 200) >= 0]
    told = [(each, part_of(each.raw, keys_of(each.mn))) for each in split]
    return [Part(*part, each.id, each.received, each.late) for each, part in told if part]


def note(parts: Sequence[Part]) -> None:
    """Put parts to their messages; one that was told as incomplete and is complete now settles its entry."""
    of: dict[Key, dict[int, Part]] = defaultdict(dict)
    for part in parts:
        of[part.key].setdefault(part.number, part)
    every = list(of)
    for begin in range(0, len(every), _AT_ONCE):
        keys = every[begin : begin + _AT_ONCE]
        known = _known(keys)
        new = [_message(key, of[key]) for key in keys if key not in known]
        SplitMessage.objects.bulk_create(new)
        changed = [each for key, each in known.items() if _add(each, of[key])]
        SplitMessage.objects.bulk_update(changed, ["parts", "state"])
        _settle([each.entry for each in changed if each.state == State.COMPLETE and each.entry])


def _known(keys: Sequence[Key]) -> dict[Key, SplitMessage]:
    wanted, times = {key.mn for key in keys}, {key.data_time for key in keys}
    there = {_key(each): each for each in SplitMessage.objects.filter(mn__in=wanted, data_time__in=times)}
    return {key: there[key] for key in keys if key in there}


def _key(message: SplitMessage) -> Key:
    return Key(message.mn, message.st, message.cn, message.data_time, message.pnum)


def _message(key: Key, parts: Mapping[int, Part]) -> SplitMessage:
    first = min(parts.values(), key=lambda part: part.record)
    made = SplitMessage(**key._asdict(), parts={}, since=first.received, late=first.late)
    _add(made, parts)
    return made


def _add(message: SplitMessage, parts: Mapping[int, Part]) -> bool:
    """Whether the parts bring what was not there."""
    before = len(message.parts)
    message.parts = {str(number): part.record for number, part in parts.items()} | message.parts
    if len(message.parts) == message.pnum:
        message.state = State.COMPLETE
    return len(message.parts) > before


def _settle(records: Sequence[int]) -> None:
    told = Quarantined.objects.filter(journal=MAIN, record__in=records, reason=MISSING, state=Quarantined.State.OPEN)
    told.update(state=Quarantined.State.REPLAYED, settled_by="ingest", settled_at=now())


def expire(at: int, lanes: Iterable[bool] = (False, True)) -> None:
    """Tell the messages that are incomplete and have waited too long at a moment of the journal (microseconds).

    lanes: of fresh data, of back-fill (True), those that have been read up to that moment.
    """
    waiting = SplitMessage.objects.filter(state=State.WAITING, late__in=list(lanes))
    given_up = list(waiting.filter(since__lt=at - patience() * 1_000_000))
    for message in given_up:
        message.state, message.entry = State.INCOMPLETE, message.parts[min(message.parts, key=int)]
        register.add_deviation(message.mn, MISSING, 1, message.entry or 0)
    Quarantined.objects.bulk_create(map(_entry, given_up), ignore_conflicts=True)
    SplitMessage.objects.bulk_update(given_up, ["state", "entry"], batch_size=_AT_ONCE)
    for state, seconds in REMEMBERED.items():
        SplitMessage.objects.filter(state=state, since__lt=at - seconds * 1_000_000).delete()


def _entry(message: SplitMessage) -> Quarantined:
    absent = ",".join(map(str, missing(message.pnum, set(map(int, message.parts)))))
    return Quarantined(
        journal=MAIN,
        record=message.entry or 0,
        mn=message.mn,
        reason=MISSING,
        detail=f"{absent[:300]}/{message.pnum} {message.cn} {message.data_time}",
        received=wall_clock(message.since),
    )


def still_missing(records: Iterable[int]) -> set[int]:
    """Of entries' records those whose message is not complete."""
    told = SplitMessage.objects.filter(entry__in=list(records)).exclude(state=State.COMPLETE)
    return {each.entry for each in told if each.entry}
