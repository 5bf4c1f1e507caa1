"""Versions in the database: a draft opened from entries, read back as entries, copied for an amendment."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.db import transaction
from django.db.models import Max, Q

from qingyuan.people import audit
from qingyuan.people.models import Organisation
from qingyuan.places.divisions import division
from qingyuan.plans.book.entries import Entry
from qingyuan.plans.book.likeness import keys
from qingyuan.plans.models import Item, Plan, Responsible, Version

SEALED = (Version.State.ADOPTED, Version.State.REPLACED)


@dataclass(frozen=True)
class Origin:
    """Where a draft comes from. label: its name for people; source: the file; text: what the places point into.

    warnings: of its reader.
    """

    label: str = ""
    source: str = ""
    text: str = ""
    warnings: tuple[str, ...] = ()


def in_force(plan: Plan, on: date) -> Version | None:
    """The version of a plan that applies on a day; None before the first one."""
    found = plan.versions.filter(state__in=SEALED, in_force_from__lte=on)
    return found.order_by("-in_force_from", "-number").first()


def newest(plan: Plan) -> Version | None:
    """The last version that was adopted, whenever it begins to be in force."""
    return plan.versions.filter(state__in=SEALED).order_by("-in_force_from", "-number").first()


def valid(version: Version) -> list[Item]:
    """The items of a version that were not rejected, in the order of the text, each with who is responsible."""
    return list(version.items.exclude(review=Item.Review.REJECTED).prefetch_related("responsible__organisation"))


def entries(version: Version) -> list[Entry]:
    """The valid items of a version as entries."""
    items = valid(version)
    places = {item.pk: index for index, item in enumerate(items)}
    return [entry(item, places) for item in items]


def entry(item: Item, places: Mapping[int, int] | None = None) -> Entry:
    """An item as an entry. places: index of each item of its list, by which the parent is told."""
    span = None if item.start is None or item.end is None else (item.start, item.end)
    people = list(item.responsible.all())
    return Entry(
        item.kind, item.title, item.number, item.text, span, (places or {}).get(item.parent_id or 0), item.facts,
        item.doubtful, tuple(each.name for each in people), tuple(each.name for each in people if each.lead),
        item.key,
    )  # fmt: skip


@transaction.atomic
def open_draft(
    plan: Plan,
    given: Sequence[Entry],
    origin: Origin,
    actor: audit.Actor,
    at: datetime,
    review: str = Item.Review.OPEN,
) -> Version:
    """A new draft of a plan; items that continue one of the version before keep its key. Writes an audit line."""
    before = plan.versions.exclude(state=Version.State.DROPPED).order_by("-number").first()
    number = (plan.versions.aggregate(last=Max("number"))["last"] or 0) + 1
    version = Version.objects.create(
        plan=plan, number=number, label=origin.label, source=origin.source, text=origin.text, made_at=at,
        made_by=actor.name, warnings=list(origin.warnings),
    )  # fmt: skip
    used = set(Item.objects.filter(version__plan=plan).values_list("key", flat=True))
    named = [entry.key for entry in given]
    chosen = named if all(named) else keys(entries(before) if before else [], given, used)
    _keep(version, given, chosen, review)
    told = {"version": [None, number], "items": [None, len(given)], "source": [None, origin.source]}
    audit.append(
        actor, "plan.edit", "plan_version", record(version), division=plan.division, domain=plan.domain,
        change=told, at=at,
    )  # fmt: skip
    return version


def record(version: Version) -> str:
    """Name of a version in the audit chain."""
    return f"{version.plan.code}:{version.number}"


def _keep(version: Version, given: Sequence[Entry], chosen: Sequence[str], review: str) -> None:
    items = [
        _item(version, entry, key, order, review) for order, (entry, key) in enumerate(zip(given, chosen, strict=True))
    ]
    Item.objects.bulk_create(items)
    for item, entry in zip(items, given, strict=True):
        item.parent = None if entry.parent is None else items[entry.parent]
    Item.objects.bulk_update([item for item in items if item.parent_id], ["parent"], batch_size=400)
    known = organisations(version.plan, {name for entry in given for name in entry.departments})
    Responsible.objects.bulk_create(
        Responsible(item=item, name=name, lead=name in entry.leads, order=order, organisation=known.get(name))
        for item, entry in zip(items, given, strict=True)
        for order, name in enumerate(entry.departments)
    )


def _item(version: Version, entry: Entry, key: str, order: int, review: str) -> Item:
    start, end = entry.span or (None, None)
    return Item(
        version=version, kind=entry.kind, key=key, order=order * 10, number=entry.number[:20], title=entry.title,
        text=entry.text, start=start, end=end, facts=dict(entry.facts), doubtful=list(entry.doubtful), review=review,
    )  # fmt: skip


def organisations(plan: Plan, names: Iterable[str]) -> dict[str, Organisation]:
    """The organisations known by the names a plan prints: the full name, or 省… for that of the plan's division."""
    place = division(plan.division).name_zh
    full = {name: place + name[1:] if name[:1] in "省市州县区" and name[:1] == place[-1:] else name for name in names}
    asked = {*full.values(), *full}
    found = {each.name_zh: each for each in Organisation.objects.filter(Q(name_zh__in=asked), active=True)}
    return {name: found[known] for name in full for known in (name, full[name]) if known in found}


def amend(version: Version, label: str, actor: audit.Actor, at: datetime) -> Version:
    """A draft that begins as a copy of a version: what was confirmed stays so, and every key is kept."""
    origin = Origin(label, version.source, version.text)
    return open_draft(version.plan, entries(version), origin, actor, at, Item.Review.CONFIRMED)
