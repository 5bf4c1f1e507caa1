"""Notices on their way to the channels of organisations: what is due, what it says, when it is tried again.

What is sent says which case or record, what happened and until when, and where to read on. Names of persons, titles
and values stay in the platform: they may be personal, and a channel ends where the platform's rights do not reach.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from django.db.models import F, Q

from qingyuan.base.time import isoformat
from qingyuan.cases.models import Channel, Delivery, Notice
from qingyuan.people.models import Person
from qingyuan.registers.flow.declared import Words

FRESH = timedelta(days=2)
"""Older notices are not sent any more: a channel that comes back does not pour out a month."""
TRIES = 10
"""With pauses of 1, 2, 4 ... minutes: about 17 hours in all."""
AT_ONCE = 200

TOLD = {
    "opened": Words("新案件转到贵单位", "A case was opened and routed to you"),
    "sign": Words("上一环节已办，转到贵单位", "A step was signed; it stands with you now"),
    "return": Words("案件被退回", "It was sent back"),
    "hand_over": Words("案件已移交", "It was handed over"),
    "note": Words("有新的批注", "There is a new remark"),
    "relapsed": Words("监测数据反弹，案件重开", "The data relapsed; the case is open again"),
    "reopen": Words("案件重开", "It was opened again"),
    "closed": Words("案件已销号", "It was closed"),
    "proven": Words("监测数据证实整改，可以核查", "The data prove the mending; it can be checked"),
    "warning": Words("期限临近", "The deadline is near"),
    "overdue": Words("已逾期", "The deadline has passed"),
    "supervision": Words("已列入督办", "It is under supervision"),
    "accountability": Words("已移送问责", "It was passed on for accountability"),
    "dispatch_reminder": Words("请报送调度进展", "A note of progress is asked for"),
    "dispatch_warning": Words("调度进展逾期未报", "A note of progress was missed"),
    "dispatch_supervision": Words("调度未报，已列入督办", "Progress is still not told: under supervision"),
    "dispatch_notice": Words("调度长期未报，已通报", "Progress was not told for long: a notice was given"),
    "register": Words("有台账记录转到贵单位", "A record of a register has come to you"),
}
OTHER = Words("有新的进展", "Something happened to it")


def due(at: datetime) -> Iterator[Delivery]:
    """Deliveries to be tried now, each taken by one process only; taken, it is due again later unless it arrives."""
    for channel in Channel.objects.all():
        _enter(channel, at)
    waiting = Delivery.objects.filter(sent_at=None, next_at__lte=at).select_related("channel", "notice")
    for each in waiting.select_related("channel", "notice__case", "notice__record").order_by("next_at", "pk")[:AT_ONCE]:
        tries = each.tries + 1
        later = at + timedelta(minutes=2**each.tries) if tries < TRIES else None
        mine = Delivery.objects.filter(pk=each.pk, tries=each.tries, sent_at=None)
        if mine.update(tries=F("tries") + 1, next_at=later):
            yield each


def _enter(channel: Channel, at: datetime) -> None:
    """Enter the fresh notices of a channel that it does not have yet."""
    found = Notice.objects.filter(_of(channel), at__gte=max(channel.since, at - FRESH), read_at=None)
    fresh = found.exclude(deliveries__channel=channel).order_by("pk")[:AT_ONCE]
    rows = [Delivery(channel=channel, notice=each, next_at=at) for each in fresh]
    Delivery.objects.bulk_create(rows, ignore_conflicts=True)


def _of(channel: Channel) -> Q:
    """The notices of an organisation and of its people; of a channel without organisation: all."""
    if channel.organisation_id is None:
        return Q()
    people = Person.objects.filter(organisation=channel.organisation_id).values("user_id")
    return Q(organisation=channel.organisation_id) | Q(account__in=people)


def arrived(delivery: Delivery, at: datetime) -> None:
    """It arrived."""
    Delivery.objects.filter(pk=delivery.pk).update(sent_at=at, next_at=None, failure="")


def failed(delivery: Delivery, why: str) -> None:
    """It did not; it is tried again when it is due."""
    Delivery.objects.filter(pk=delivery.pk).update(failure=why[:200])


def content(notice: Notice) -> dict[str, Any]:
    """What is sent of a notice; id: the same when it is sent again."""
    about = notice.case or notice.record
    assert about is not None
    part = "case" if notice.case_id else "register"
    path = f"/cases/{about.pk}/" if notice.case_id else f"/registers/{about.kind}/{about.pk}/"
    told = TOLD.get(notice.code, OTHER)
    return {
        "id": notice.pk, "at": isoformat(notice.at), "about": part, "kind": about.kind, "number": about.number,
        "code": notice.code, "zh": told.zh, "en": told.en, "division": about.division, "domain": about.domain,
        "due": isoformat(about.due) if about.due else None, "simulated": about.simulated, "path": path,
    }  # fmt: skip
