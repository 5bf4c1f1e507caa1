"""What acts on cases leave in the audit chain."""

from __future__ import annotations

from typing import Any

from qingyuan.people import audit
from qingyuan.registers.flow.store import Change


def tell(change: Change) -> None:
    """Append a line for an act, in its transaction."""
    record, entry = change.record, change.entry
    audit.append(
        entry.actor,
        f"cases.{entry.verb}",
        "case",
        record.key,
        division=record.division,
        domain=record.domain,
        change=_changed(change),
        at=entry.at,
    )


def _changed(change: Change) -> dict[str, Any]:
    """``{field: [before, after]}`` of what changed, where it went, the digest of the step."""
    before, after = change.before.values, change.after.values
    changed: dict[str, Any] = {name: [before.get(name), after.get(name)] for name in change.entry.values}
    changed |= {name: [change.before.handed.get(name), value] for name, value in change.entry.handed.items()}
    if change.before.step != change.after.step:
        changed["step"] = [change.before.step, change.after.step]
    return {**changed, "digest": change.entry.digest}
