"""Balances: sums over records that keep to their bounds, changed in the transaction of the act."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import NamedTuple

from qingyuan.registers.flow import values
from qingyuan.registers.flow.declared import Balance, Kind, Words
from qingyuan.registers.flow.fold import State
from qingyuan.registers.flow.reasons import Reason, Refused
from qingyuan.registers.flow.wording import shown
from qingyuan.registers.models import Account

SEPARATOR = " · "


class Part(NamedTuple):
    """What a record adds to an account, and its bounds as far as known; account: values of the fields `per`, joined."""

    balance: str
    account: str
    amount: Decimal
    low: Decimal | None
    high: Decimal | None


def parts(kind: Kind, state: State) -> list[Part]:
    """What a record in this state adds to the balances of its kind."""
    known = values.plain(kind.fields, state.values)
    found = []
    for balance in kind.balances:
        amount = balance.amount.value(known, kind.lookups) if _counts(balance, state) else None
        if amount is not None and all(state.values.get(name) is not None for name in balance.per):
            account = SEPARATOR.join(str(state.values[name]) for name in balance.per)
            low, high = (
                bound.value(known, kind.lookups) if bound else None for bound in (balance.at_least, balance.at_most)
            )
            found.append(Part(balance.name, account, Decimal(amount), low, high))
    return found


def changes(kind: Kind, pairs: Iterable[tuple[State, State]]) -> dict[tuple[str, str], Part]:
    """What acts change, by balance and account; the bounds are those the last record knows."""
    found: dict[tuple[str, str], Part] = {}
    for before, after in pairs:
        for sign, state in ((-1, before), (1, after)):
            for part in parts(kind, state):
                key = (part.balance, part.account)
                amount = (found[key].amount if key in found else Decimal(0)) + sign * part.amount
                found[key] = part._replace(amount=amount)
    return {key: part for key, part in found.items() if part.amount}


def keep(kind: Kind, changed: Mapping[tuple[str, str], Part], simulated: bool) -> None:
    """Add the changes to the accounts, inside a transaction. Raises Refused where a bound would be broken."""
    declared = {each.name: each for each in kind.balances}
    reasons = []
    for (name, account), part in sorted(changed.items()):
        found, _ = Account.objects.select_for_update().get_or_create(
            kind=kind.name, balance=name, account=account, simulated=simulated
        )
        now = Decimal(found.amount) + part.amount
        reasons += _beyond(kind, declared[name], part, Decimal(found.amount), now)
        Account.objects.filter(pk=found.pk).update(amount=format(now, "f"))
    if reasons:
        raise Refused(reasons)


def _counts(balance: Balance, state: State) -> bool:
    """Whether a record counts: it stands at a counted step, or is closed where that counts."""
    return state.step in balance.counts


def _beyond(kind: Kind, balance: Balance, part: Part, before: Decimal, now: Decimal) -> list[Reason]:
    """A reason when a sum leaves its bounds and moves away from them: what is wrong already may be mended in parts."""
    named = SEPARATOR.join(
        shown(kind.fields[name], value, "zh")
        for name, value in zip(balance.per, part.account.split(SEPARATOR), strict=False)
    )
    low, high = part.low, part.high
    unit = f" {balance.unit}" if balance.unit else ""
    if low is not None and now < low and now < before:
        zh = f"{balance.title.zh}（{named}）现有 {before:f}{unit}，减后为 {now:f}{unit}，不能少于 {low:f}"
        en = f"{balance.title.en} ({named}) holds {before:f}{unit} and would be {now:f}{unit}, below {low:f}"
        return [Reason("balance", Words(zh, en))]
    if high is not None and now > high and now > before:
        zh = f"{balance.title.zh}（{named}）现有 {before:f}{unit}，加后为 {now:f}{unit}，不能多于 {high:f}"
        en = f"{balance.title.en} ({named}) holds {before:f}{unit} and would be {now:f}{unit}, above {high:f}"
        return [Reason("balance", Words(zh, en))]
    return []
