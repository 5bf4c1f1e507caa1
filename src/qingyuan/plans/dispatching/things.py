"""What of a plan is asked for: items of the version in force, of whom, how often, and what is known without asking."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from qingyuan.plans.book.keeping import in_force
from qingyuan.plans.dispatching.declared import KINDS, Dispatch, dispatch
from qingyuan.plans.models import Every, Item, Plan, Version
from qingyuan.registers.models import RegisterRecord

PROJECTS = "plan_project"
"""The register whose records make asking for a project needless; ``item`` holds the project's key."""

COMPUTED, LEDGER = "平台计算", "项目台账 "
"""What makes asking needless; after the second stands the record's number."""

_YEAR = re.compile(r"(?<!\d)(20\d\d)(?!\d)")


@dataclass(frozen=True)
class Thing:
    """An item that may be asked for. organisations: primary keys, the lead first; planned: money, 10 000 yuan.

    known: what the platform says of it itself, which makes asking needless; quantity: the target's number.
    """

    kind: str
    key: str
    title: str
    title_en: str
    unit: str
    every: str
    organisations: tuple[int, ...]
    all_organisations: tuple[int, ...]
    deadline: date
    planned: Decimal | None
    quantity: Decimal | None
    indicators: tuple[str, ...]
    known: str
    parent: int | None
    number: int

    @property
    def id(self) -> tuple[str, str]:
        """Kind and key."""
        return self.kind, self.key

    @property
    def row(self) -> dict[str, str]:
        """What of it stands in a table."""
        return {"kind": self.kind, "key": self.key, "title": self.title, "unit": self.unit}

    @property
    def asked(self) -> bool:
        """Whether it is asked of anybody."""
        return self.every != "never" and not self.known and bool(self.organisations)


def things(version: Version, rules: Dispatch | None = None) -> list[Thing]:
    """Every indicator, task and project of a version, in the order of the plan."""
    rules = rules or dispatch()
    own = {(each.kind, each.key): each.every for each in Every.objects.filter(plan=version.plan_id)}
    found = version.items.filter(kind__in=KINDS).exclude(review=Item.Review.REJECTED)
    registered = _registered(version.plan)
    items = found.prefetch_related("responsible").order_by("order")
    return [_thing(each, own, rules, version.plan, registered) for each in items]


def _thing(
    item: Item, own: Mapping[tuple[str, str], str], rules: Dispatch, plan: Plan, registered: Mapping[str, str]
) -> Thing:
    named = [each for each in item.responsible.all() if each.organisation_id]
    leads = [each for each in named if each.lead] or named[:1]
    chosen = leads if rules.asks[item.kind] == "lead" else named
    quantity: Any = next(iter(item.facts.get("quantities") or ()), {})
    return Thing(
        kind=item.kind,
        key=item.key,
        title=item.title,
        title_en=str(item.facts.get("en") or item.title),
        unit=str(item.facts.get("unit") or _of(quantity, "unit") or ""),
        every=own.get((item.kind, item.key), rules.every[item.kind]),
        organisations=_numbers(chosen),
        all_organisations=_numbers([*leads, *named]),
        deadline=deadline(item.facts.get("deadlines"), plan.last_day),
        planned=_decimal(item.facts.get("planned")),
        quantity=_decimal(_of(quantity, "value") or item.facts.get("target")),
        indicators=tuple(str(each) for each in item.facts.get("indicators") or ()),
        known=_known(item, registered),
        parent=item.parent_id,
        number=item.pk,
    )


def _numbers(named: list[Any]) -> tuple[int, ...]:
    return tuple(dict.fromkeys(each.organisation_id for each in named))


def _of(given: Any, name: str) -> Any:
    return given.get(name) if isinstance(given, Mapping) else None


def _known(item: Item, registered: Mapping[str, str]) -> str:
    """Why nobody has to be asked: computed here, or kept in the register of projects."""
    if item.kind == Item.Kind.INDICATOR and item.facts.get("computed"):
        return COMPUTED
    return registered.get(item.key, "") if item.kind == Item.Kind.PROJECT else ""


def _registered(plan: Plan) -> dict[str, str]:
    rows = RegisterRecord.objects.filter(kind=PROJECTS, simulated=plan.simulated)
    return {str(row.values["item"]): f"{LEDGER}{row.number}" for row in rows if row.values.get("item")}


def deadline(given: Any, otherwise: date) -> date:
    """The last of the deadlines found for an item, as days or years in any wording; else the plan's last day."""
    found = [day for each in (given if isinstance(given, list) else [given]) if (day := _day(each))]
    return max(found, default=otherwise)


def _day(given: Any) -> date | None:
    if isinstance(given, Mapping):
        given = next((given[name] for name in ("day", "by", "date", "printed") if given.get(name)), "")
    try:
        return date.fromisoformat(str(given)[:10])
    except ValueError:
        year = _YEAR.search(str(given or ""))
        return date(int(year[1]), 12, 31) if year else None


def _decimal(given: Any) -> Decimal | None:
    try:
        found = Decimal(str(given))
    except InvalidOperation:
        return None
    return found if found.is_finite() else None


def plans(at: datetime) -> list[tuple[Plan, Version]]:
    """The plans that run (or ended within the year before) with their version in force."""
    running = Plan.objects.filter(first_day__lte=at.date(), last_day__gte=date(at.year - 1, at.month, 1))
    return [(plan, version) for plan in running.order_by("code") if (version := in_force(plan, at.date()))]
