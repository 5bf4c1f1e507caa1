"""The draw: exact probabilities, an order and a start that follow from the seed, inspectors without conflict.

Entries are put in an order made of the seed; along it their probabilities are laid end to end on a line, and the
points u, u + 1, u + 2 … (u from the seed, 0 ≤ u < 1) hit those drawn. So each is drawn with exactly its probability,
never twice, and the number drawn is the quota (systematic sampling with unequal probabilities, Madow 1949).
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction

from qingyuan.cases.lottery.roll import BadRoll, Conflict, Entry, Inspector, Roll
from qingyuan.places import divisions

BITS = 256


@dataclass(frozen=True)
class Drawn:
    """The result: ids drawn by risk and by lottery, and the inspectors (ids) of each."""

    targeted: tuple[str, ...]
    random: tuple[str, ...]
    teams: dict[str, tuple[str, ...]]


def source(seed: str, value: str, roll_digest: str) -> Callable[..., int]:
    """Numbers of 256 bits that follow from seed, public value and roll; each is named by what it is for."""

    def number(*purpose: str) -> int:
        text = "\x1f".join(["qingyuan.lottery.1", seed, value, roll_digest, *purpose])
        return int.from_bytes(hashlib.sha256(text.encode()).digest(), "big")

    return number


def draw(roll: Roll, number: Callable[..., int]) -> Drawn:
    """Draw entries and inspectors. Raises BadRoll when a place lacks inspectors without conflict."""
    targeted = by_risk(roll, number)
    rest = [each for each in roll.entries if each.id not in set(targeted)]
    order = sorted(rest, key=lambda each: number("order", each.id))
    chances = probabilities([each.risk for each in order], roll.quota.random, roll.quota.least)
    start = Fraction(number("start"), 2**BITS)
    random = tuple(order[index].id for index in hits(chances, start))
    return Drawn(targeted, random, teams(roll, [*targeted, *random], number))


def by_risk(roll: Roll, number: Callable[..., int]) -> tuple[str, ...]:
    """Ids of the entries with the highest risk; of equals the seed decides."""
    ranked = sorted(roll.entries, key=lambda each: (-each.risk, number("tie", each.id)))
    return tuple(each.id for each in ranked[: roll.quota.targeted])


def probabilities(risks: Sequence[int], count: int, least: Fraction) -> list[Fraction]:
    """Probability of each of being among `count` drawn: the floor for all, the rest by risk, at most 1.

    The sum is `count` exactly. risks: whole numbers above 0.
    """
    certain: set[int] = set()
    while True:
        open_ones = [index for index in range(len(risks)) if index not in certain]
        shared = count - len(certain) - least * len(open_ones)
        weight = sum(risks[index] for index in open_ones) or 1
        found = {index: least + shared * risks[index] / weight for index in open_ones}
        beyond = {index for index, chance in found.items() if chance > 1}
        if not beyond:
            return [found.get(index, Fraction(1)) for index in range(len(risks))]
        certain |= beyond


def hits(chances: Sequence[Fraction], start: Fraction) -> list[int]:
    """Indices hit by start, start + 1, … on the line of the probabilities laid end to end."""
    found, end, point = [], Fraction(0), start
    for index, chance in enumerate(chances):
        end += chance
        if point < end:
            found.append(index)
            point += 1
    return found


def teams(roll: Roll, drawn: Sequence[str], number: Callable[..., int]) -> dict[str, tuple[str, ...]]:
    """Inspectors of each drawn entry: of those without conflict the least burdened, of equals as the seed says."""
    entries = {each.id: each for each in roll.entries}
    burden: Counter[str] = Counter()
    sent = {}
    for entry in sorted(drawn, key=lambda each: number("turn", each)):
        able = [each for each in roll.inspectors if not conflict_of(roll.conflicts, each, entries[entry])]
        able.sort(key=lambda each: (burden[each.id], number("inspector", entry, each.id)))
        _enough(roll, entries[entry], len(able))
        sent[entry] = tuple(each.id for each in able[: roll.quota.team])
        burden.update(sent[entry])
    return {entry: sent[entry] for entry in drawn}


def short_of(roll: Roll) -> tuple[Entry, int] | None:
    """The first entry for which too few inspectors have no conflict, and how many have none; None where all have."""
    for entry in roll.entries:
        able = len(roll.inspectors) - len({each.inspector for each in roll.conflicts if _bars(each, entry)})
        if able < roll.quota.team:
            return entry, able
    return None


def check_teams(roll: Roll) -> None:
    """Refuse a roll on which somebody could be drawn whom nobody could be sent to. Raises BadRoll."""
    if short := short_of(roll):
        _enough(roll, *short)


def _enough(roll: Roll, entry: Entry, able: int) -> None:
    if able < roll.quota.team:
        told = f"{entry.name} ({entry.id}) needs {roll.quota.team} inspectors, {able} have no conflict"
        raise BadRoll(told, "Add inspectors to the roll.")


def conflict_of(conflicts: Sequence[Conflict], inspector: Inspector, entry: Entry) -> Conflict | None:
    """The conflict that keeps an inspector from an entry, if any."""
    return next(
        (each for each in conflicts if each.inspector == inspector.id and _bars(each, entry)),
        None,
    )


def _bars(conflict: Conflict, entry: Entry) -> bool:
    """Whether a conflict is with this entry, by its id or by a division it lies in."""
    above = conflict.subject
    return above == entry.id or (above.isdecimal() and divisions.within(entry.division, above))
