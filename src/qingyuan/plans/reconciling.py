"""What a change of a decomposition does: the whole before and after, what the others make up, and who is affected.

done = reconciled(asked, before, "220100")
done.effect.published, done.affected
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal

from qingyuan.base.errors import QingyuanError
from qingyuan.plans import sharing
from qingyuan.plans.decomposing.whole import BadPart, Effect, Part, effect
from qingyuan.plans.facts import plan
from qingyuan.plans.models import Decomposition
from qingyuan.plans.sharing import Asked


@dataclass(frozen=True)
class Reconciled:
    """Values by part with the whole they make, and both as they were before (none where nothing was kept).

    alone: the whole if only `changed` had changed, the others staying as they were; none where no one part was set.
    """

    values: Mapping[str, Decimal]
    effect: Effect
    before: Mapping[str, Decimal]
    effect_before: Effect | None
    changed: str
    alone: Effect | None

    @property
    def affected(self) -> tuple[str, ...]:
        """The other parts whose value is another than before; every part where there was none before."""
        return tuple(
            each for each, value in self.values.items() if each != self.changed and self.before.get(each) != value
        )

    @property
    def rest(self) -> Decimal | None:
        """What the others make up for the changed part, in the unit of the whole."""
        return None if self.alone is None else -self.alone.difference


def reconciled(asked: Asked, before: Mapping[str, Decimal], changed: str = "") -> Reconciled:
    """The split of what is asked beside what was before. Raises BadPart, Infeasible, NothingAbove."""
    made = sharing.tried(asked)
    earlier = whole_of(asked, before)
    return Reconciled(made.values, made.effect, before, earlier, changed, alone(asked, before, changed))


def whole_of(asked: Asked, values: Mapping[str, Decimal]) -> Effect | None:
    """What values make together; None where they are not those of the parts, or make no whole."""
    if set(values) != {each.key for each in asked.parts}:
        return None
    try:
        return effect(asked.rule, sharing.goal(asked), asked.parts, values)
    except QingyuanError:
        return None


def alone(asked: Asked, before: Mapping[str, Decimal], changed: str) -> Effect | None:
    """The whole if only one part, set by hand, changed and the others stayed as they were."""
    part = next((each for each in asked.parts if each.key == changed), None)
    if part is None or part.hand is None:
        return None
    return whole_of(asked, {**before, changed: part.hand} if changed in before else before)


def kept_of(indicator: int, division: str, day: date, simulated: bool = False) -> Decomposition | None:
    """What is kept of a target below a division: the draft, else what is in force."""
    found = Decomposition.objects.filter(
        plan__code=plan().code, indicator=str(indicator), division=division, day=day, simulated=simulated
    ).exclude(state=sharing.REPLACED)
    return found.order_by("-version").first()


def values_of(kept: Decomposition | None) -> dict[str, Decimal]:
    """The values of a kept decomposition by division; none of a wording."""
    if kept is None:
        return {}
    decimals = sharing.asked_of(kept, []).rule.decimals
    return {each.division: round(each.value, decimals) for each in kept.shares.all() if each.value is not None}


def with_part(asked: Asked, division: str, hand: Decimal | None, reason: str) -> Asked:
    """The same request with one part set by hand, or set free again. Raises BadPart for a part it has not."""
    if division not in {each.key for each in asked.parts}:
        raise BadPart(division, "unknown", f"{division} is no part of this target", "Give one of its parts")
    parts = tuple(_set(each, hand, reason) if each.key == division else each for each in asked.parts)
    return replace(asked, parts=parts)


def _set(part: Part, hand: Decimal | None, reason: str) -> Part:
    return replace(part, hand=hand, reason=reason)
