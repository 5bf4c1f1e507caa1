"""Findings brought into agreement with the stretches of their lines: new ones, grown ones, ended and retracted ones.

What is stored follows from the rows alone, so the order in which they came and how often they were looked at make no
difference; the history tells how it came about.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from qingyuan.rules import suppressing
from qingyuan.rules.declared import SEVERITIES, Rule
from qingyuan.rules.lines import Line
from qingyuan.rules.models import HEAVY, Change, Finding, Suppression
from qingyuan.rules.placing import Place
from qingyuan.rules.spells import Row, Stretch, judge

AROUND = 24
"""Rows kept with a finding before its stretch."""
MOST = 240
"""Rows kept with a finding; of more the first and the last."""
TOLD = (
    "value", "raw", "unit", "limit", "lowest", "over", "over_limit", "flag", "tag", "mark", "valid", "reason", "aqi",
    "level", "primary", "correction", "completeness", "clause", "edition", "confidence", "missing", "source",
)  # fmt: skip
CORE = (
    "window_from", "window_to", "ended_at", "still", "rows", "severity", "value", "limit", "unit", "clause", "edition",
    "state", "relapse_of_id",
)  # fmt: skip
"""What a line of the history tells."""
WRITTEN = (
    *(name.removesuffix("_id") for name in CORE),
    "urgency", "confidence", "basis", "thresholds", "worst", "series", "declared", "changed_at", "revision",
)  # fmt: skip
"""What is written of a finding that is known already."""
State = Finding.State


@dataclass(frozen=True)
class Seen:
    """What was found of one line. since: start of what was looked at; rows: all of them in that time."""

    line: Line
    place: Place
    since: datetime
    rows: Sequence[Row]
    stretches: Sequence[Stretch]
    domain: str = ""
    simulated: bool = False


def keep(rule: Rule, dataset: str, seen: Sequence[Seen], at: datetime) -> list[Finding]:
    """Store what was found of some lines in place of what was known of them since then; gives what has changed.

    Inside a transaction.
    """
    stored = _stored(rule, dataset, seen)
    keeping = _Keeping(rule, dataset, at)
    for each in seen:
        if each.stretches or each.line in stored:
            keeping.line(each, stored.get(each.line, ()))
    keeping.written()
    return keeping.changed


def _stored(rule: Rule, dataset: str, seen: Sequence[Seen]) -> Mapping[Line, list[Finding]]:
    """The findings of the lines that may be in question: none that was over before a relapse could be one of it."""
    found: dict[Line, list[Finding]] = defaultdict(list)
    if not seen:
        return found
    points = {each.line.point for each in seen}
    oldest = min(each.since for each in seen) - rule.relapse
    asked = Finding.objects.filter(dataset=dataset, rule=rule.code, point__in=points, window_to__gte=oldest)
    for finding in asked.defer(*HEAVY).order_by("window_from"):
        found[line_of(finding)].append(finding)
    return found


def line_of(finding: Finding) -> Line:
    """The line a finding is of."""
    return Line(finding.point, finding.property, finding.averaging)


class _Keeping:
    """What is kept of a rule: what changes is gathered and written together."""

    def __init__(self, rule: Rule, dataset: str, at: datetime) -> None:
        self.rule, self.dataset, self.at = rule, dataset, at
        self.suppressions = suppressing.standing(rule.code)
        self.cited: dict[date, tuple[list[dict[str, str]], dict[str, Any]]] = {}
        self.changed: list[Finding] = []
        self.waiting: list[tuple[Finding, str, Mapping[str, Any]]] = []

    def line(self, seen: Seen, stored: Sequence[Finding]) -> None:
        """Bring the findings of a line into agreement with its stretches. stored: in time."""
        pairs = _matched(seen, stored)
        taken = {id(finding) for finding, _ in pairs if finding}
        standing = [each for each in stored if each.state != State.RETRACTED]
        for each in standing:
            if id(each) not in taken and each.window_from >= seen.since:
                self.changed.append(retract(each, self.at, "an amendment of the rows undid it"))
        last = next((each for each in reversed(standing) if each.window_from < seen.since), None)
        for finding, stretch in pairs:
            last = self._put(seen, finding, stretch, last)

    def _put(self, seen: Seen, finding: Finding | None, stretch: Stretch, last: Finding | None) -> Finding:
        """The finding of a stretch; written later where anything of it is new."""
        rule = self.rule
        kept = finding or self._opened(seen)
        was = told(kept) if finding else {}
        worst = stretch.worst
        kept.window_from, kept.window_to, kept.still, kept.rows = stretch.begin, stretch.end, stretch.open, stretch.rows
        kept.ended_at = stretch.closed
        kept.severity, kept.urgency = stretch.severity, SEVERITIES.index(stretch.severity)
        kept.value, kept.limit = _number(worst.get(rule.value_column)), _number(worst.get(rule.limit_column))
        kept.unit = str(worst.get("unit") or "")
        self._cite(kept, worst)
        kept.relapse_of = self._numbered(last) if last and stretch.begin - last.window_to <= rule.relapse else None
        kept.state = state_of(kept, self.suppressions)
        became = told(kept)
        if became != was:
            what = _what(finding, was, became)
            self._fill(kept, seen, stretch, what)
            self.waiting.append((kept, what, was))
            self.changed.append(kept)
        return kept

    def _opened(self, seen: Seen) -> Finding:
        placed = _places(self.rule, seen)
        return Finding(rule=self.rule.code, dataset=self.dataset, opened_at=self.at, revision=0, **placed)

    def _numbered(self, last: Finding) -> Finding:
        """A finding others can name: one that waits to be written has no number yet."""
        if last.pk is None:
            self.written()
        return last

    def _fill(self, kept: Finding, seen: Seen, stretch: Stretch, what: str) -> None:
        kept.changed_at = self.at
        kept.revision += what != "grew"
        kept.worst = plain_row(stretch.worst)
        kept.series = _series(self.rule, seen, stretch)
        kept.declared = self.rule.text

    def _cite(self, kept: Finding, worst: Row) -> None:
        """Clause, edition and confidence of the row where it has its own, else of the rule's first basis."""
        day = kept.window_from.date()
        if day not in self.cited:
            self.cited[day] = [each.cited(day) for each in self.rule.basis], _thresholds(self.rule, day)
        kept.basis, kept.thresholds = self.cited[day]
        first = kept.basis[0]
        kept.clause = str(worst.get("clause") or first["en"])[:200]
        kept.edition = str(worst.get("edition") or first.get("edition", ""))[:32]
        kept.confidence = str(worst.get("confidence") or first.get("confidence", ""))[:16]

    def written(self) -> None:
        """Write what waits, each with its line of the history."""
        Finding.objects.bulk_create([each for each, _, _ in self.waiting if each.pk is None])
        Finding.objects.bulk_create(
            [each for each, what, _ in self.waiting if what != "opened"],
            update_conflicts=True, unique_fields=["id"], update_fields=WRITTEN,
        )  # fmt: skip
        Change.objects.bulk_create(
            Change(finding=each, at=self.at, what=what, was=was, became=told(each)) for each, what, was in self.waiting
        )
        self.waiting = []


def _matched(seen: Seen, stored: Sequence[Finding]) -> list[tuple[Finding | None, Stretch]]:
    """Each stretch with the stored finding it is: of the same begin, else one it overlaps with."""
    same = {each.window_from: each for each in stored}
    begins = {each.begin for each in seen.stretches}
    free = [each for each in stored if each.state != State.RETRACTED and each.window_from not in begins]
    free = [each for each in free if each.window_from >= seen.since]
    pairs: list[tuple[Finding | None, Stretch]] = []
    for stretch in sorted(seen.stretches, key=lambda each: each.begin):
        found = same.get(stretch.begin)
        if found is None:
            overlapping = (each for each in free if each.window_from < stretch.end and stretch.begin < each.window_to)
            found = next(overlapping, None)
            free = [each for each in free if each is not found]
        pairs.append((found, stretch))
    return pairs


def _places(rule: Rule, seen: Seen) -> dict[str, Any]:
    return {
        "division": seen.place.division,
        "domain": seen.domain or rule.domain,
        "site": seen.line.point,
        "name_zh": seen.place.name_zh,
        "name_en": seen.place.name_en,
        **seen.line._asdict(),
        "case_kind": rule.opens,
        "simulated": seen.simulated,
    }


def _what(finding: Finding | None, was: Mapping[str, Any], became: Mapping[str, Any]) -> str:
    if finding is None:
        return "opened"
    if was["state"] == State.RETRACTED:
        return "again"
    if was["still"] and not became["still"]:
        return "ended"
    other = {name for name in CORE if was[name] != became[name]}
    return "grew" if other <= {"window_to", "rows"} else "changed"


def retract(finding: Finding, at: datetime, reason: str) -> Finding:
    """Take a finding back; it stays, with its history."""
    return move(finding, State.RETRACTED, "retracted", at, reason)


def move(finding: Finding, state: str, what: str, at: datetime, reason: str = "", **fields: Any) -> Finding:
    """Bring a finding into another state, with a line of its history. fields: others that change with it."""
    was = told(finding)
    finding.state, finding.changed_at = state, at
    for name, value in fields.items():
        setattr(finding, name, value)
    finding.revision += 1
    finding.save()
    Change.objects.create(finding=finding, at=at, what=what, was=was, became=told(finding), reason=reason)
    return finding


def state_of(finding: Finding, among: Sequence[Suppression] | None = None) -> str:
    """The state that follows from what is known of a finding that holds. among: see `suppressing.covering`."""
    if suppressing.covering(finding, among):
        return State.SUPPRESSED
    if not finding.still:
        return State.ENDED
    return State.RELAPSED if finding.relapse_of_id or finding.relapse_of else State.OPEN


def told(finding: Finding) -> dict[str, Any]:
    """What the history tells of a finding."""
    return {name: plain(getattr(finding, name)) for name in CORE}


def _thresholds(rule: Rule, day: date) -> dict[str, Any]:
    return {
        each.name: {
            "value": str(each.value(day)),
            **({"law": f"{each.standard} {each.rule}"} if each.standard else {}),
            **({"house": {"zh": each.why.zh, "en": each.why.en}} if each.why else {}),
        }
        for each in rule.thresholds
    }


def _series(rule: Rule, seen: Seen, stretch: Stretch) -> list[dict[str, Any]]:
    """The rows a finding was judged by, some before it too."""
    before = bisect_left(seen.rows, stretch.begin, key=_at)
    after = bisect_right(seen.rows, stretch.end + rule.when.step * rule.when.ends_after, key=_at)
    rows = seen.rows[max(0, before - AROUND) : after]
    kept = rows if len(rows) <= MOST else [*rows[: MOST // 2], *rows[-MOST // 2 :]]
    names = {"at", *TOLD, *rule.names, rule.value_column, rule.limit_column}
    return [{**plain_row(row, names), "judged": judge(rule, row).value} for row in kept]


def _at(row: Row) -> datetime:
    at: datetime = row["at"]
    return at


def plain_row(row: Row, names: Container[str] | None = None) -> dict[str, Any]:
    """A row as JSON can hold it, without what it does not have."""
    chosen = row if names is None else names
    return {name: plain(value) for name, value in row.items() if name in chosen and value is not None}


def plain(value: Any) -> Any:
    """A value as JSON can hold it."""
    if isinstance(value, datetime | date):
        return value.isoformat()
    return float(value) if isinstance(value, Decimal) else value


def _number(value: Any) -> float | None:
    return float(value) if isinstance(value, int | float | Decimal) and not isinstance(value, bool) else None
