"""The reward ledger: what may be promised, was promised, paid, or lapsed; it pays without knowing who.

Who handles a report offers a reward; the reporter, known by the tracking code, draws a claim code; who pays sees
number, amount and claim code, never the report. Amounts are yuan with two decimals; no purse promises more than it has.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path

from django.db import transaction

from qingyuan.people import audit
from qingyuan.people.audit import Actor
from qingyuan.people.places import PROVINCE
from qingyuan.people.rights import Rights
from qingyuan.places.divisions import children
from qingyuan.reports import codes, keys
from qingyuan.reports.declared import declared
from qingyuan.reports.handling import NotNow
from qingyuan.reports.models import Entry, Report, Reward, RewardLine, State, Verb

Kind = RewardLine.Kind
CENT = Decimal("0.01")


def balance(division: str) -> Decimal:
    """What a division may still promise, in yuan."""
    last = RewardLine.objects.filter(division=division).order_by("-sequence").first()
    return last.balance if last else Decimal("0.00")


def fund(division: str, amount: Decimal, by: Actor, at: datetime, reference: str) -> RewardLine:
    """Enter money a division was given for rewards; a negative amount takes it back. Raises NotNow."""
    if not reference.strip():
        raise NotNow("say_why", "The budget has no document", "Name the document that grants it.")
    with transaction.atomic():
        return _line(division, Kind.BUDGET, amount, by, at, reference=reference.strip())


def offer(data: Path, report: Report, amount: Decimal, by: Actor, at: datetime, purse: str) -> Reward:
    """Promise a reward for a report out of a division's purse. Raises NotNow."""
    rules = declared()["rewards"]
    if not 0 < amount <= rules["largest"] or amount != amount.quantize(CENT):
        raise NotNow("amount", f"{amount} yuan is no reward", f"Give 0.01 to {rules['largest']} yuan.")
    if report.state not in (State.ANSWERED, State.ENDED):
        raise NotNow("state", f"{report.number} is {report.state}", "A reward follows the answer.")
    link = keys.keyed(data, "reward", report.number)
    with transaction.atomic():
        Report.objects.select_for_update().get(pk=report.pk)
        if Reward.objects.filter(link=link).exists():
            raise NotNow("twice", f"{report.number} has a reward already")
        reward = Reward.objects.create(
            number=_number(purse, at),
            division=purse,
            link=link,
            claim=link,
            amount=amount,
            offered_on=at.date(),
            claim_until=at.date() + timedelta(days=rules["claim_days"]),
            simulated=report.simulated,
        )
        _line(purse, Kind.OFFERED, -amount, by, at, reward=reward.number)
        # the line of the report names neither amount nor number, so that the two cannot be put together
        Entry.objects.create(report=report, at=at, verb=Verb.REWARDED, by=by.name)
    return reward


def of(data: Path, report: Report) -> Reward | None:
    """The reward of a report, for its reporter."""
    return Reward.objects.filter(link=keys.keyed(data, "reward", report.number)).first()


def draw_claim(reward: Reward, at: datetime) -> str:
    """A new claim code for the reporter, told once; one drawn before is void. Raises NotNow."""
    code = codes.make()
    waiting = Reward.objects.filter(pk=reward.pk, state=Reward.State.OFFERED, claim_until__gte=at.date())
    if not waiting.update(claim=codes.digest(code)):
        raise NotNow("lapsed", f"{reward.number} is paid or has lapsed")
    return code


def purses(rights: Rights) -> list[str]:
    """Divisions whose purse somebody may see: the province's and the cities'."""
    known = (PROVINCE, *(each.code for each in children(PROVINCE)))
    return [code for code in known if rights.may("rewards.pay", code, "inspection")]


def pay(number: str, claim: str, by: Actor, at: datetime, reference: str, purse: str = "") -> Reward:
    """Pay a reward to whoever shows its claim code. reference: of the payment; purse: of which it has to be.

    Raises NotNow.
    """
    with transaction.atomic():
        if purse and not Reward.objects.filter(number=number.strip(), division=purse).exists():
            raise NotNow("claim", "No reward of this purse has that number")
        reward = Reward.objects.select_for_update().filter(number=number.strip(), claim=codes.digest(claim)).first()
        if reward is None or not codes.digest(claim):
            raise NotNow("claim", "Number and claim code do not fit together", "Compare both with the reporter's.")
        if reward.state != Reward.State.OFFERED:
            raise NotNow("lapsed", f"{reward.number} is {reward.state} already")
        reward.state = Reward.State.PAID
        reward.save(update_fields=["state"])
        _line(reward.division, Kind.PAID, Decimal("0.00"), by, at, reward=reward.number, reference=reference.strip())
    return reward


def lapse(at: datetime, by: Actor) -> int:
    """Give back to the purses what nobody claimed in time; how many rewards that were."""
    late = Reward.objects.filter(state=Reward.State.OFFERED, claim_until__lt=at.date())
    for reward in late:
        with transaction.atomic():
            if Reward.objects.filter(pk=reward.pk, state=Reward.State.OFFERED).update(state=Reward.State.LAPSED):
                _line(reward.division, Kind.LAPSED, reward.amount, by, at, reward=reward.number)
    return len(late)


def _line(division: str, kind: Kind, amount: Decimal, by: Actor, at: datetime, **told: str) -> RewardLine:
    lines = RewardLine.objects.select_for_update().filter(division=division).order_by("-sequence")
    last = lines.first()
    before = last.balance if last else Decimal("0.00")
    if before + amount < 0:
        raise NotNow("budget", f"{division} has {before} yuan left, {-amount} are needed", "Enter the budget first.")
    line = RewardLine.objects.create(
        division=division,
        sequence=last.sequence + 1 if last else 1,
        at=at,
        kind=kind,
        amount=amount,
        balance=before + amount,
        by=by.name,
        **told,
    )
    audit.append(
        by, f"rewards.{kind}", "reward", told.get("reward", division),
        division=division, domain="inspection", change={"amount": str(amount), "balance": str(line.balance)}, at=at,
    )  # fmt: skip
    return line


def _number(division: str, at: datetime) -> str:
    start = f"A{division}-{at.year}-"
    last = Reward.objects.filter(number__startswith=start).order_by("-number").values_list("number", flat=True).first()
    return f"{start}{int(last.removeprefix(start)) + 1 if last else 1:04d}"
