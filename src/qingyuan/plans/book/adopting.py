"""A reviewed draft becomes the plan in force, or is dropped."""

from __future__ import annotations

from datetime import date, datetime

from django.db import transaction

from qingyuan.base.errors import QingyuanError
from qingyuan.people import audit
from qingyuan.plans.book import keeping, sealing
from qingyuan.plans.models import Item, Version

NAMED = 5
"""How many of the items in doubt an error names."""


class NotReady(QingyuanError):
    """A draft that cannot be adopted yet; items: what is still in doubt."""

    def __init__(self, what: str, todo: str, items: list[Item] | None = None) -> None:
        super().__init__(what, todo)
        self.items = items or []


def in_doubt(version: Version) -> list[Item]:
    """The items whose figures may be read otherwise and were not decided yet."""
    return [item for item in version.items.exclude(review=Item.Review.REJECTED) if item.doubtful]


@transaction.atomic
def adopt(version: Version, reason: str, in_force_from: date, actor: audit.Actor, at: datetime) -> Version:
    """Seal a draft: in force from that day, the version before it replaced; digest and audit line are written.

    NotReady where figures are still in doubt, no reason is given, nothing stands in it, or it would begin before the
    version it replaces.
    """
    locked = Version.objects.select_for_update().select_related("plan").get(pk=version.pk)
    _ready(locked, reason, in_force_from)
    before = locked.plan.versions.filter(state=Version.State.ADOPTED)
    for each in before:
        each.state = Version.State.REPLACED
        each.save(update_fields=["state"])
    locked.reason, locked.in_force_from = reason.strip(), in_force_from
    locked.adopted_at, locked.adopted_by = at, actor.name
    locked.digest = sealing.digest(locked)
    locked.state = Version.State.ADOPTED
    locked.save()
    _tell(locked, "plan.adopt", actor, at)
    return locked


def _ready(version: Version, reason: str, in_force_from: date) -> None:
    if not version.is_draft:
        raise sealing.Sealed(version)
    if not reason.strip():
        raise NotReady("No reason was given", "Say why this version is adopted, for instance the decision it rests on")
    if not version.items.exclude(review=Item.Review.REJECTED).exists():
        raise NotReady(f"Version {version.number} holds no item", "Import the plan first")
    doubts = in_doubt(version)
    if doubts:
        named = ", ".join(f"{each.key} {each.title}" for each in doubts[:NAMED])
        more = f" and {len(doubts) - NAMED} more" if len(doubts) > NAMED else ""
        raise NotReady(f"Figures of {named}{more} are in doubt", "Choose a reading of each, or reject the item", doubts)
    last = version.plan.versions.filter(state=Version.State.ADOPTED).order_by("-in_force_from").first()
    if last and last.in_force_from and in_force_from <= last.in_force_from:
        raise NotReady(
            f"Version {last.number} is in force from {last.in_force_from}", "Let this one begin on a later day"
        )


@transaction.atomic
def drop(version: Version, actor: audit.Actor, at: datetime) -> None:
    """Give a draft up; it stays in the list as dropped. Sealed for one that was adopted."""
    if not version.is_draft:
        raise sealing.Sealed(version)
    version.state = Version.State.DROPPED
    version.save(update_fields=["state"])
    _tell(version, "plan.edit", actor, at)


def _tell(version: Version, action: str, actor: audit.Actor, at: datetime) -> None:
    change = {
        "state": ["draft", version.state],
        "reason": [None, version.reason],
        "in_force_from": [None, version.in_force_from],
        "digest": [None, version.digest],
    }
    audit.append(
        actor, action, "plan_version", keeping.record(version), division=version.plan.division,
        domain=version.plan.domain, change=change, at=at,
    )  # fmt: skip
