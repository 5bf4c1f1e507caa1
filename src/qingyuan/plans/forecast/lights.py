"""Traffic lights of indicators, made by the rule of ``lights.yaml`` and never by hand, each with its reason."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Literal

from qingyuan.plans.budget import Verdict
from qingyuan.plans.facts import Words
from qingyuan.standards.schema import Entry, read

State = Literal["steady", "tight", "off", "not_computed"]


VERDICT: dict[State, Verdict] = {"steady": "good", "tight": "tight", "off": "bad"}
"""What a light is on the scoreboard."""


@dataclass(frozen=True)
class Light:
    """A state with its word and the reason for it."""

    state: State
    word: Words
    reason: Words


@dataclass(frozen=True)
class Threshold:
    """From which probability on (0 to 1) a state holds."""

    state: State
    at_least: float
    word: Words


@cache
def thresholds() -> tuple[Threshold, ...]:
    """The states by falling probability; FaultyLibrary where the file breaks the schema."""
    file = read(Path(__file__).with_name("lights.yaml"))
    for key in ("rule", "confidence", "checked"):
        file.taken.add(key)
    found = [_threshold(name, entry) for name, entry in file.entries("thresholds")]
    file.done()
    return tuple(sorted(found, key=lambda each: -each.at_least))


def _threshold(name: State, entry: Entry) -> Threshold:
    at_least = float(entry.number("at_least"))
    if not 0 <= at_least <= 1:
        entry.wrong("at_least", f"{at_least} is no probability")
    made = Threshold(name, at_least, Words(entry.take("zh", str), entry.take("en", str)))
    entry.done()
    return made


def of_probability(probability: float) -> Light:
    """The light of a target that holds with this probability (0 to 1)."""
    rules = thresholds()
    rule = next(each for each in rules if probability >= each.at_least)
    percent, bound = _percent(probability), round(100 * rule.at_least)
    if rule is not rules[-1]:
        zh, en = f"规则为不低于 {bound} %", f"the rule asks for {bound} % or more"
    else:
        above = round(100 * rules[-2].at_least)
        zh, en = f"规则：低于 {above} % 即为{rule.word.zh}", f"the rule: below {above} % is {rule.word.en}"
    return Light(
        rule.state, rule.word, Words(f"达标概率 {percent}，{zh}", f"probability of meeting it {percent}, {en}")
    )


def _percent(probability: float) -> str:
    """Whole per cents; certainty is not claimed of a forecast."""
    return (
        "> 99 %" if 0.995 <= probability < 1 else "< 1 %" if 0 < probability < 0.005 else f"{100 * probability:.0f} %"
    )


def not_computed(reason: Words) -> Light:
    """The value cannot be forecast, for the reason given."""
    return Light("not_computed", Words("未算", "not computed"), reason)
