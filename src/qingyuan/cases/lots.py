"""Lotteries kept by the platform: committed with a secret seed, drawn once, a case for everyone drawn."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import transaction

from qingyuan.cases import opening
from qingyuan.cases.lottery import record
from qingyuan.cases.lottery.roll import BadRoll, Roll
from qingyuan.cases.models import Case, Lottery
from qingyuan.people import audit
from qingyuan.people.managing import known_division
from qingyuan.places.divisions import within

LONGEST_DOMAIN = 24


def commit(roll: Roll, actor: audit.Actor, at: datetime, simulated: bool, seed: str = "") -> Lottery:
    """Fix a roll and keep a new secret seed. seed: given for simulated ones only. Raises BadRoll, BadLottery."""
    _placed(roll)
    seed = seed or secrets.token_hex(record.SEED_BYTES)
    committed = record.commit(roll, seed, at)
    with transaction.atomic():
        kept = Lottery.objects.create(
            title=roll.title[:120], division=roll.division, domain=roll.domain, by=actor.name,
            committed=committed, seed=seed, committed_at=at, simulated=simulated,
        )  # fmt: skip
        _audited(kept, actor, "lottery.commit", committed["commitment"], at)
    return kept


def _placed(roll: Roll) -> None:
    """Refuse a roll with an entry outside its division: its case would be opened there. Raises BadRoll."""
    if not known_division(roll.division) or len(roll.domain) > LONGEST_DOMAIN:
        raise BadRoll("The roll names no division or domain of the platform", "Give a code such as 220100.")
    for entry in roll.entries:
        if not known_division(entry.division) or not within(entry.division, roll.division):
            told = f"Entry {entry.id} lies in {entry.division}, outside of the roll's division {roll.division}"
            raise BadRoll(told, "Mend its division, or give the entry to a roll of its own division.")


def draw(number: int, value: str, actor: audit.Actor, at: datetime) -> list[Case]:
    """Draw a lottery and open its cases. value: the public value promised, else empty. Raises BadLottery."""
    with transaction.atomic():
        kept = Lottery.objects.select_for_update().get(pk=number)
        if kept.file is not None:
            raise record.BadLottery("This lottery is drawn already", "A draw happens once.")
        kept.file, kept.drawn_at = record.draw(kept.committed, kept.seed, value, at), at
        kept.save(update_fields=["file", "drawn_at"])
        _audited(kept, actor, "lottery.draw", {"digest": kept.file["digest"]}, at)
        return [opening.open_case(signal, at) for signal in _signals(kept, kept.file, at)]


def _signals(kept: Lottery, file: Mapping[str, Any], at: datetime) -> list[opening.Signal]:
    entries = {each["id"]: each for each in file["roll"]["entries"]}
    return [
        opening.Signal(
            kind="inspection",
            about=f"双随机检查：{entries[each]['name']}"[:120],
            division=entries[each]["division"],
            domain=kept.domain,
            occurred_at=at,
            source="lottery",
            key=f"{kept.pk}-{each}"[:64],
            origin="inspection",
            site=each[:64],
            site_name=entries[each]["name"][:120],
            event=f"lottery-{kept.pk}",
            simulated=kept.simulated,
            grouped=False,
        )
        for each in file["draw"]["teams"]
    ]


def _audited(kept: Lottery, actor: audit.Actor, action: str, change: Mapping[str, Any], at: datetime) -> None:
    place = (kept.division, kept.domain)
    audit.append_many([audit.Line(actor, action, "lottery", str(kept.pk), *place, change, at)])
