"""The worked examples of a rule, run on its own machine."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from qingyuan.rules.declared import Rule, Spec
from qingyuan.rules.spells import Stretch, stretches


def faults(rule: Rule) -> list[str]:
    """What the examples of a rule give otherwise than they say; none when all agree."""
    return [f"{rule.code}: {spec.title}: {why}" for spec in rule.specs if (why := _fault(rule, spec))]


def _fault(rule: Rule, spec: Spec) -> str:
    found = stretches(rule, spec.rows)
    if len(found) != len(spec.finds):
        return f"{len(found)} findings instead of {len(spec.finds)}: {[_told(each) for each in found]}"
    for stretch, expected in zip(found, spec.finds, strict=True):
        told = _told(stretch)
        other = {key: told.get(key) for key, value in expected.items() if told.get(key) != _comparable(value)}
        if other:
            return f"gives {other} instead of { ({key: expected[key] for key in other}) }"
    return ""


def _told(stretch: Stretch) -> dict[str, Any]:
    return {
        "from": stretch.begin.isoformat(timespec="minutes"),
        "to": stretch.end.isoformat(timespec="minutes"),
        "severity": stretch.severity,
        "rows": stretch.rows,
        "open": stretch.open,
    }


def _comparable(value: Any) -> Any:
    return value.isoformat(timespec="minutes") if isinstance(value, datetime) else value
