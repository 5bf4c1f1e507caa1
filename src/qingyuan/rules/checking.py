"""Whether a rule can work at all: it reads columns its series has, and has an example of its own."""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Mapping, Sequence

from qingyuan.observations.ledger import LEDGER
from qingyuan.observations.quality import codes
from qingyuan.observations.quality.flagging import FINDING
from qingyuan.rules.declared import Rule
from qingyuan.standards import properties

AUTOMATIC = ("rows", "hour", "month", "value", "limit", "unit")
COLUMNS: Mapping[str, Sequence[str]] = {
    "observation": ("value", "raw", "flag", "flagged", "before", "change", "change_per_hour", "hours_between"),
    "missing": ("missing",),
    "quality": (*FINDING.names, "hours"),
    "ledger": tuple(LEDGER.names),
    "device": ("silent_hours", "online"),
    "register": ("days_left", "working_days_left", "kind", "step", "amount", "balance"),
}
"""What the rows of each source have."""


def against(rule: Rule, assessments: Mapping[str, Sequence[str]]) -> Iterator[str]:
    """What is wrong with a rule. assessments: the columns each gives."""
    when = rule.when
    if when.source == "assessment" and when.name not in assessments:
        near = difflib.get_close_matches(when.name, assessments, 3, 0.3) or list(assessments)
        yield f"{rule.code}: when.assessment: there is no assessment {when.name!r}; near: {', '.join(near)}"
        return
    has = assessments[when.name] if when.source == "assessment" else COLUMNS[when.source]
    known = {*has, *AUTOMATIC, *(each.name for each in rule.thresholds)}
    for name in sorted(rule.names - known):
        near = difflib.get_close_matches(name, known, 3, 0.3) or sorted(known)
        told = f"is neither a column of {when.name or when.source} nor a threshold; near: {', '.join(near)}"
        yield f"{rule.code}: {name!r} {told}"
    yield from _items(rule)
    if not rule.specs and when.source != "quality":
        yield f"{rule.code}: specs: give at least one worked example"


def _items(rule: Rule) -> Iterator[str]:
    wanted = {
        "observation": lambda item: properties.find(item) is not None,
        "missing": lambda item: item in ("point", "property"),
        "quality": lambda item: item in codes(),
    }.get(rule.when.source)
    for item in rule.when.items if wanted else ():
        if wanted and not wanted(item):
            yield f"{rule.code}: when.{rule.when.source}: {item!r} is not known"
