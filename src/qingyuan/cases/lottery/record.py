"""The published file of a lottery: commitment, draw, and the proof that one follows from the other.

``{format, roll, commitment: {roll, seed, at}, draw: {seed, value, at, targeted, random, teams}, digest}``.
The part up to the commitment is published before the draw. All digests are SHA-256 over canonical JSON.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from qingyuan.base.errors import QingyuanError
from qingyuan.base.time import isoformat
from qingyuan.cases.lottery import drawing
from qingyuan.cases.lottery.roll import BadRoll, Roll, check, read

FORMAT = "qingyuan.lottery.1"
SEED_BYTES = 32


class BadLottery(QingyuanError):
    """A draw that was not committed to, or whose file cannot be read."""


@dataclass(frozen=True)
class Check:
    """One thing that was checked: its code, whether it holds, what was found (empty when it holds)."""

    code: str
    good: bool
    found: str = ""


def canonical(value: object) -> bytes:
    """The one way a value is written before it is hashed."""
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


def digest(value: object) -> str:
    """SHA-256 of a value in canonical JSON, hexadecimal."""
    return hashlib.sha256(canonical(value)).hexdigest()


def commit(roll: Roll, seed: str, at: datetime) -> dict[str, Any]:
    """What is published before the draw: roll and digests. seed: hexadecimal, 32 bytes or more, kept secret till then.

    Raises BadRoll or BadLottery.
    """
    check(roll)
    drawing.check_teams(roll)
    if len(_bytes(seed)) < SEED_BYTES:
        raise BadLottery("The seed is shorter than 32 bytes", "Let the platform make it.")
    plain = json.loads(canonical(roll.plain()))
    made = {"roll": digest(plain), "seed": hashlib.sha256(_bytes(seed)).hexdigest(), "at": isoformat(at)}
    return {"format": FORMAT, "roll": plain, "commitment": made}


def draw(committed: Mapping[str, Any], seed: str, value: str, at: datetime) -> dict[str, Any]:
    """The whole file: the committed part and what follows from it. value: the public value promised, else empty.

    Raises BadLottery when seed, roll or value are not those committed to.
    """
    roll, commitment = read(committed["roll"]), committed["commitment"]
    if hashlib.sha256(_bytes(seed)).hexdigest() != commitment["seed"]:
        raise BadLottery("The seed is not the one committed to", "Give the seed of this commitment.")
    if digest(committed["roll"]) != commitment["roll"]:
        raise BadLottery("The roll was changed after the commitment", "Commit again and publish anew.")
    if bool(roll.beacon) != bool(value):
        told = (
            f"The public value promised ({roll.beacon}) is missing" if roll.beacon else "No public value was promised"
        )
        raise BadLottery(told, "Give with --value exactly what the roll promises.")
    if "\0" in value:
        raise BadLottery("The public value is no text", "Give it as it was published.")
    drawn = drawing.draw(roll, drawing.source(seed, value, commitment["roll"]))
    told_draw = {"seed": seed, "value": value, "at": isoformat(at), **_told(drawn)}
    whole = {**committed, "draw": told_draw}
    return {**whole, "digest": digest(whole)}


def verify(file: Mapping[str, Any], committed: Mapping[str, Any] | None = None) -> list[Check]:
    """Everything that can be checked of a published file, and against the part published before, when given.

    Raises BadLottery when it is no file of a lottery.
    """
    if file.get("format") != FORMAT or not isinstance(file.get("draw"), dict) or not isinstance(file.get("roll"), dict):
        raise BadLottery("This is no file of a lottery", f"Give one with format {FORMAT} and a draw.")
    without = {key: value for key, value in file.items() if key != "digest"}
    checks = [_same("digest", file.get("digest"), digest(without))]
    if committed is not None:
        before = {key: file.get(key) for key in ("format", "roll", "commitment")}
        checks.append(_same("published", digest(before), digest({key: committed.get(key) for key in before})))
    return [*checks, *_follows(file)]


def _follows(file: Mapping[str, Any]) -> list[Check]:
    """Whether seed, roll, value and result hang together."""
    commitment, told = file.get("commitment") or {}, file["draw"]
    try:
        sealed = hashlib.sha256(_bytes(str(told.get("seed")))).hexdigest()
        checks = [
            _same("roll", digest(file["roll"]), commitment.get("roll")),
            _same("seed", sealed, commitment.get("seed")),
        ]
        roll = read(file["roll"])
        number = drawing.source(str(told["seed"]), str(told.get("value", "")), digest(file["roll"]))
        drawn = _told(drawing.draw(roll, number))
    except (BadLottery, BadRoll) as fault:
        return [Check("readable", False, str(fault))]
    checks.append(Check("value", bool(roll.beacon) == bool(told.get("value")), "" if roll.beacon else "not promised"))
    checks.append(Check("time", _in_order(commitment.get("at"), told.get("at")), "drawn before the commitment"))
    return [*checks, *(_same(part, told.get(part), drawn[part]) for part in drawn)]


def _same(code: str, found: object, expected: object) -> Check:
    good = canonical(found) == canonical(expected)
    return Check(code, good, "" if good else f"file: {_short(found)}; recomputed: {_short(expected)}")


def _short(value: object) -> str:
    text = canonical(value).decode()
    return text if len(text) <= 90 else f"{text[:87]}…"


def _told(drawn: drawing.Drawn) -> dict[str, Any]:
    return {
        "targeted": list(drawn.targeted),
        "random": list(drawn.random),
        "teams": {entry: list(team) for entry, team in drawn.teams.items()},
    }


def _bytes(seed: str) -> bytes:
    try:
        return bytes.fromhex(seed)
    except ValueError:
        raise BadLottery("The seed is not hexadecimal", "Give it as it was kept.") from None


def _in_order(first: object, then: object) -> bool:
    try:
        return datetime.fromisoformat(str(first)) <= datetime.fromisoformat(str(then))
    except (ValueError, TypeError):
        return False


WORDS: dict[str, Callable[[bool], str]] = {
    code: (lambda good, yes=yes, no=no: yes if good else no)  # type: ignore[misc]
    for code, (yes, no) in {
        "digest": ("the file is whole", "the file was changed after it was made"),
        "published": ("it is the commitment published before", "it is not the commitment published before"),
        "roll": ("the roll is the one committed to", "the roll was changed after the commitment"),
        "seed": ("the seed is the one committed to", "the seed is not the one committed to"),
        "value": ("the public value is as promised", "the public value is not as promised"),
        "time": ("the commitment stood before the draw", "the commitment does not stand before the draw"),
        "targeted": ("those drawn by risk follow from the roll", "those drawn by risk do not follow from the roll"),
        "random": ("those drawn by lottery follow from the seed", "those drawn by lottery do not follow from the seed"),
        "teams": ("the inspectors follow from the seed", "the inspectors do not follow from the seed"),
        "readable": ("the roll can be drawn from", "the roll cannot be drawn from"),
    }.items()
}
