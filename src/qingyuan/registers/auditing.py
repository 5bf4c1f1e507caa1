"""What acts on registers leave in the audit chain."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from qingyuan.people import audit
from qingyuan.registers.flow.store import Change


def tell(changes: Sequence[Change]) -> None:
    """Append a line for each change, in the transaction of the acts."""
    audit.append_many([_line(change) for change in changes])


def _line(change: Change) -> audit.Line:
    record, entry = change.record, change.entry
    return audit.Line(
        entry.actor,
        f"registers.{entry.verb}",
        "register",
        record.key,
        record.division,
        record.domain,
        _changed(change),
        entry.at,
    )


def _changed(change: Change) -> dict[str, Any]:
    """``{field: [before, after]}`` of what changed; personal values are told as changed only; step and digest."""
    before, after = change.before.values, change.after.values
    fields = change.kind.fields
    changed: dict[str, Any] = {
        name: [None, None] if fields[name].personal else [before.get(name), after.get(name)]
        for name in {**change.entry.values, **change.entry.set}
    }
    if change.before.step != change.after.step:
        changed["step"] = [change.before.step, change.after.step]
    return {**changed, "digest": change.entry.digest}
