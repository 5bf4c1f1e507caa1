"""Decompositions kept: drafted, issued under a digest, replaced; each sees its own share and the whole.

asked = Asked(indicator, division, day, parts, "equal", weights="...")
issue(rights, actor, now(), save(rights, actor, now(), asked))
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from fractions import Fraction
from typing import Any

from django.db import transaction
from django.db.models import Max, Q, QuerySet

from qingyuan.base.errors import QingyuanError
from qingyuan.base.rounding import round_half_even
from qingyuan.people import audit
from qingyuan.people.actors import Actor
from qingyuan.people.rights import Rights
from qingyuan.places.divisions import children, level_of
from qingyuan.plans.budget import Direction, Goal
from qingyuan.plans.decomposing.rules import Rule, rules
from qingyuan.plans.decomposing.splitting import METHODS, Split, split
from qingyuan.plans.decomposing.whole import BadPart, Part
from qingyuan.plans.facts import Indicator, plan
from qingyuan.plans.models import Decomposition, Plan, Share
from qingyuan.plans.models.book import DOMAIN

SEE, DECOMPOSE = "plan.see", "plan.decompose"
ISSUED, DRAFT, REPLACED = Decomposition.State.ISSUED, Decomposition.State.DRAFT, Decomposition.State.REPLACED


class NotAllowed(QingyuanError):
    """The duties do not reach this division."""


class NothingAbove(QingyuanError):
    """The level above has issued no share that could be split."""


@dataclass(frozen=True)
class Asked:
    """What is to be split, and how. loosened: why parts may be worse than their bases; weights: their source."""

    indicator: int
    division: str
    day: date
    parts: tuple[Part, ...]
    method: str = METHODS[0]
    loosened: str = ""
    weights: str = ""
    simulated: bool = False

    @property
    def rule(self) -> Rule:
        """How the parts make the whole, at this level."""
        found = rules()[self.indicator]
        return found if level_of(self.division) == "province" else found.below()


def plan_row() -> Plan:
    """The plan of the library as a row of the database."""
    facts = plan()
    values = {
        "title": facts.title.zh,
        "title_en": facts.title.en,
        "division": f"{facts.division}0000",
        "first_day": facts.first_day,
        "last_day": facts.last_day,
    }
    return Plan.objects.get_or_create(code=facts.code, defaults=values)[0]


def goal(asked: Asked) -> Goal:
    """What the parts together must reach. Raises NothingAbove below a division without an issued share."""
    indicator = plan().indicator(asked.indicator)
    way: Direction = "up" if indicator.direction == "up" else "down"
    if level_of(asked.division) == "province":
        target = _target(indicator, asked.day)
        return Goal(target.value or Decimal(0), way, indicator.decimals, target.bound == "above")
    share = share_in_force(asked.indicator, asked.division, asked.day, asked.simulated)
    if share is None or share.value is None:
        raise NothingAbove(
            f"Nothing of indicator {asked.indicator} was issued to {asked.division} for {asked.day}",
            "Issue the decomposition above first",
        )
    rule = asked.rule
    return Goal(round_half_even(share.value, rule.decimals), way, rule.decimals)


def _target(indicator: Indicator, day: date) -> Any:
    found = {each.day: each for each in indicator.targets}.get(day)
    if found is None:
        days = ", ".join(str(each.day) for each in indicator.targets)
        raise QingyuanError(f"Indicator {indicator.no} has no target for {day}", f"It has: {days}")
    return found


def tried(asked: Asked) -> Split:
    """The split of what is asked, nothing kept. Raises BadPart, Infeasible, NothingAbove."""
    return split(asked.rule, goal(asked), asked.parts, asked.method, loosen=bool(asked.loosened.strip()))


def in_force(indicator: int, division: str, day: date, simulated: bool = False) -> Decomposition | None:
    """The issued decomposition below a division; None before one was issued."""
    return _versions(indicator, division, day, simulated).filter(state=ISSUED).first()


def share_in_force(indicator: int, division: str, day: date, simulated: bool = False) -> Share | None:
    """The issued share of a city or county; None before one was issued."""
    found = shares_in_force(simulated).filter(division=division, decomposition__indicator=str(indicator))
    return found.filter(decomposition__day=day).first()


def shares_in_force(simulated: bool = False) -> QuerySet[Share]:
    """Every issued share of the plan."""
    of = {"plan__code": plan().code, "state": ISSUED, "simulated": simulated}
    found = Share.objects.filter(**{f"decomposition__{name}": value for name, value in of.items()})
    return found.select_related("decomposition")


def in_unit(share: Share) -> tuple[Decimal, Decimal] | None:
    """Base and value of a place's share in the unit of its indicator: of counted things their per cent of all.

    None where there is no number, or none of the things counted.
    """
    no = int(share.decomposition.indicator)
    rule = rules()[no]
    if share.value is None or (rule.counted and not share.weight):
        return None
    whole = Fraction(share.weight) if rule.counted else Fraction(100)
    decimals = plan().indicator(no).decimals if rule.counted else rule.decimals
    base, value = (round_half_even(100 * Fraction(each) / whole, decimals) for each in (share.base, share.value))
    return base, value


def counted(share: Share) -> bool:
    """Whether a share is a number of things of so many (its weight)."""
    return rules()[int(share.decomposition.indicator)].counted


def _versions(indicator: int, division: str, day: date, simulated: bool) -> QuerySet[Decomposition]:
    return Decomposition.objects.filter(
        plan__code=plan().code, indicator=str(indicator), division=division, day=day, simulated=simulated
    )


def shares_seen(rights: Rights, action: str = SEE) -> QuerySet[Share]:
    """Shares of one's own places: a city its own and its counties', a county its own."""
    found = Share.objects.filter(rights.where(action, "division", "decomposition__domain", site=""))
    return found.select_related("decomposition")


def seen(rights: Rights, action: str = SEE) -> QuerySet[Decomposition]:
    """Decompositions of one's own places, and those one has a share of: of these the whole and one's own share."""
    own = shares_seen(rights, action).values("decomposition")
    below = rights.where(action, "division", "domain", site="")
    kept = Q(state__in=(ISSUED, REPLACED), pk__in=own) | below
    return Decomposition.objects.filter(kept).select_related("plan")


def must_reach(rights: Rights, division: str) -> None:
    """Raises NotAllowed where somebody does not split the targets of a division."""
    if not rights.may(DECOMPOSE, division, DOMAIN):
        raise NotAllowed(f"Your duties do not split targets of {division}", "Ask who plans there")


def save(rights: Rights, actor: Actor, at: datetime, asked: Asked) -> Decomposition:
    """Keep a draft, in the place of an earlier one. Raises NotAllowed, BadPart, Infeasible, NothingAbove."""
    must_reach(rights, asked.division)
    must_lie_below(asked)
    wording = None if asked.rule.numeric else _target(plan().indicator(asked.indicator), asked.day).wording
    values: Mapping[str, Decimal] = {} if wording else tried(asked).values
    with transaction.atomic():
        row = plan_row()
        rows = _versions(asked.indicator, asked.division, asked.day, asked.simulated)
        rows.filter(state=DRAFT).delete()
        kept = Decomposition.objects.create(
            plan=row, indicator=str(asked.indicator), division=asked.division, day=asked.day,
            version=(rows.aggregate(last=Max("version"))["last"] or 0) + 1, method=asked.method,
            whole=None if wording else goal(asked).value, loosened=asked.loosened.strip(), weights=asked.weights,
            simulated=asked.simulated, made_at=at, made_by=actor.name,
        )  # fmt: skip
        shares = [_share(kept, part, values.get(part.key), wording.zh if wording else "") for part in asked.parts]
        Share.objects.bulk_create(shares)
        _tell(actor, "save", kept, {"method": [None, asked.method], "shares": [None, len(shares)]}, at)
    return kept


def must_lie_below(asked: Asked) -> None:
    """Raises BadPart for no parts, or for one that is not directly below what is split; UnknownDivision."""
    below = {each.code for each in children(asked.division)}
    if not asked.parts:
        raise BadPart("", "empty", f"Nothing of {asked.division} was given a part", "Give the places directly below")
    for part in asked.parts:
        if part.key not in below:
            what = f"{part.key} does not lie directly below {asked.division}"
            raise BadPart(part.key, "unknown", what, "Give the places directly below")


def _share(kept: Decomposition, part: Part, value: Decimal | None, wording: str) -> Share:
    return Share(
        decomposition=kept, division=part.key, base=part.base, weight=part.weight, pull=part.pull, value=value,
        by_hand=part.hand is not None, reason=part.reason, wording=wording,
    )  # fmt: skip


def asked_of(kept: Decomposition, shares: Sequence[Share] | None = None) -> Asked:
    """What was asked of a kept decomposition."""
    parts = tuple(_part(each) for each in (kept.shares.all() if shares is None else shares))
    return Asked(
        int(kept.indicator), kept.division, kept.day, parts, kept.method, kept.loosened, kept.weights, kept.simulated
    )


def _part(share: Share) -> Part:
    decimals = {name: _short(getattr(share, name)) for name in ("base", "weight", "pull")}
    hand = _short(share.value) if share.by_hand and share.value is not None else None
    return Part(share.division, hand=hand, reason=share.reason, **decimals)


def _short(value: Decimal) -> Decimal:
    """Without the zeros a column adds."""
    short = value.normalize()
    return short if short.as_tuple().exponent <= 0 else short.quantize(Decimal(1))  # type: ignore[operator]


def issue(rights: Rights, actor: Actor, at: datetime, kept: Decomposition) -> Decomposition:
    """Put a draft in force in the place of the one before, sealed with its digest.

    Raises NotAllowed; QingyuanError for one that is no draft; Infeasible where it no longer makes the whole.
    """
    must_reach(rights, kept.division)
    with transaction.atomic():
        kept = Decomposition.objects.select_for_update().get(pk=kept.pk)
        if kept.state != DRAFT:
            raise QingyuanError(f"Version {kept.version} is {kept.state}", "Make a new draft")
        asked = asked_of(kept)
        if asked.rule.numeric:
            _still_whole(kept, asked)
        _versions(asked.indicator, kept.division, kept.day, kept.simulated).filter(state=ISSUED).update(state=REPLACED)
        kept.state, kept.issued_at, kept.issued_by, kept.digest = ISSUED, at, actor.name, digest(kept)
        kept.save(update_fields=["state", "issued_at", "issued_by", "digest"])
        _tell(actor, "issue", kept, {"state": [DRAFT, ISSUED], "digest": [None, kept.digest]}, at)
    return kept


def _still_whole(kept: Decomposition, asked: Asked) -> None:
    values = {key: value.normalize() for key, value in tried(asked).values.items()}
    shown = {each.division: each.value.normalize() for each in kept.shares.all() if each.value is not None}
    if goal(asked).value != kept.whole or values != shown:
        raise QingyuanError("The target above has changed since this draft was made", "Make the draft again")


def digest(kept: Decomposition) -> str:
    """SHA-256 of what a decomposition says, in hexadecimal digits."""
    told = {
        "plan": kept.plan.code,
        **{
            name: str(getattr(kept, name)) for name in ("indicator", "division", "day", "version", "method", "loosened")
        },
        "whole": None if kept.whole is None else str(_short(kept.whole)),
        "shares": [_told(each) for each in kept.shares.order_by("division", "party")],
    }
    return hashlib.sha256(json.dumps(told, ensure_ascii=False, sort_keys=True).encode()).hexdigest()


def _told(share: Share) -> list[Any]:
    numbers = [None if value is None else str(_short(value)) for value in (share.value, share.base, share.weight)]
    return [share.division, share.party, *numbers, share.by_hand, share.reason, share.wording]


def _tell(actor: Actor, verb: str, kept: Decomposition, change: Mapping[str, Any], at: datetime) -> None:
    record = f"{kept.plan.code}/{kept.indicator}/{kept.division}/{kept.day}/{kept.version}"
    audit.append(
        actor, f"plan.decompose.{verb}", "decomposition", record, division=kept.division, domain=kept.domain,
        change=change, at=at,
    )  # fmt: skip
