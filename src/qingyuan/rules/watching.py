"""A look at one dataset: what has changed since the last one is judged, the findings brought into agreement, sealed.

Looked at once or often, stopped and started again: positions move in the transaction of the findings, so nothing is
found twice and nothing is lost.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cached_property, partial
from typing import Any

from django.db import transaction

from qingyuan.assessments import store
from qingyuan.assessments.declaration import Assessment
from qingyuan.observations import lake, ledgers
from qingyuan.observations.datasets import Dataset
from qingyuan.observations.lake import Touched
from qingyuan.places.outlets import registered
from qingyuan.rules import grouping, keeping, lines, standing
from qingyuan.rules.catalogue import ANY, Catalogue
from qingyuan.rules.declared import Rule
from qingyuan.rules.keeping import Seen, line_of
from qingyuan.rules.lines import Line, Lines
from qingyuan.rules.models import HEAVY, Finding, Reached
from qingyuan.rules.placing import Places, places
from qingyuan.rules.spells import Stretch, stretches

HISTORY = timedelta(days=35)
"""How far back a dataset is judged when it is looked at for the first time, or when the rules have changed."""
KNOWN = timedelta(days=14)
"""A line that was silent for longer than this before anybody watched is not waited for."""
HOUR = timedelta(hours=1)
REGISTERS = ""
"""The dataset of findings on registers."""
ELSEWHERE = "inspection"
"""The domain of what the registers hold without saying of which it is."""

Judgement = tuple[Rule, list[Seen]]


@dataclass
class Watch:
    """The rules and what they are computed with. assessments: by name."""

    catalogue: Catalogue
    assessments: Mapping[str, Assessment]
    standing_at: dict[str, datetime] = field(default_factory=dict)

    def look(self, dataset: Dataset, at: datetime) -> list[Finding]:
        """One look at a dataset; gives the findings that are new or have changed."""
        return _Look(self, dataset, at).done()

    def registers(self, at: datetime) -> list[Finding]:
        """One look at the registers: deadlines and balances."""
        changed: list[Finding] = []
        for rule in self.catalogue.of("register"):
            found = standing.balances(at) if "balance" in rule.when.items else standing.records(rule.when.items, at)
            with transaction.atomic():
                seen = _standing(rule, REGISTERS, standing.standing(rule, found, at), at)
                changed += keeping.keep(rule, REGISTERS, seen, at)
        return changed


class _Look:
    """What one look reads and finds."""

    def __init__(self, watch: Watch, dataset: Dataset, at: datetime) -> None:
        self.watch, self.dataset, self.at, self.path = watch, dataset, at, dataset.path
        self.moment = dataset.now + HOUR if dataset.now else at
        self.digest = watch.catalogue.digest()
        found = Reached.objects.filter(dataset=dataset.slug).first()
        self.anew = found is None or found.rules != self.digest
        self.reached = found or Reached(dataset=dataset.slug)

    @cached_property
    def places(self) -> Places:
        """Where the points of the dataset lie."""
        return places(self.dataset.slug, self.path)

    @cached_property
    def outlets(self) -> set[str]:
        """Which of them are outlets."""
        return {each.point for each in registered(self.path)}

    def done(self) -> list[Finding]:
        """Judge and store: what hours tell first, then what days tell, then what stands beside the lake."""
        return self._stored(self._hours) + self._stored(self._days) + self._stored(self._beside)

    def _stored(self, judging: Callable[[], list[Judgement]]) -> list[Finding]:
        """Store what was judged with the positions it was judged from; nothing is written where nothing is new."""
        before = _position(self.reached)
        judged = judging()
        if not judged and _position(self.reached) == before:
            return []
        with transaction.atomic():
            changed = [each for rule, seen in judged for each in keeping.keep(rule, self.dataset.slug, seen, self.at)]
            if changed:
                joins = {code: rule.join for code, rule in self.watch.catalogue.rules.items()}
                grouping.regroup(changed, joins, self.places, self.at)
            self.reached.at = self.at
            self.reached.save()
        return changed

    def _hours(self) -> list[Judgement]:
        """Rules on observations, silence and results of hours, for the lines with new or amended rows."""
        touched = self._news("lake")
        hourly = [rule for rule in self._of_points() if self.watch.assessments[rule.when.name].per != "day"]
        judged = self._assessed(hourly, touched) + [
            self._observed(rule, touched) for rule in self._rules("observation")
        ]
        judged += [self._silent(rule, _silent(rule, touched)) for rule in self._rules("missing")]
        return [(rule, seen) for rule, seen in judged if seen]

    def _days(self) -> list[Judgement]:
        """Rules on results of days."""
        touched = self._news("lake_days")
        daily = [rule for rule in self._of_points() if self.watch.assessments[rule.when.name].per == "day"]
        return [(rule, seen) for rule, seen in self._assessed(daily, touched) if seen]

    def _beside(self) -> list[Judgement]:
        """What the clock, stored results, quality tests, ledgers and devices tell."""
        self.reached.rules = self.digest
        return [*self._silence(), *self._cities(), *self._quality(), *self._ledger(), *self._devices()]

    def _of_points(self) -> list[Rule]:
        return [rule for rule in self._rules("assessment") if rule.when.items != ("city",)]

    def _news(self, position: str) -> list[Touched]:
        """The lines with rows newer than a position, which moves on."""
        versions, since = lake.versions(self.path), getattr(self.reached, position)
        if versions == since and not self.anew:
            return []
        setattr(self.reached, position, versions)
        return self._touched(None if self.anew else since or None)

    def _rules(self, source: Any) -> list[Rule]:
        return self.watch.catalogue.of(source)

    def _touched(self, since: str | None) -> list[Touched]:
        found = lake.touched(self.path, since) if since else None
        if found is not None:
            return found
        averagings = {rule.when.averaging or "1h" for rule in self.watch.catalogue.rules.values()}
        averagings |= {each for one in self.watch.assessments.values() for each in one.averagings}
        first = self.moment - HISTORY
        return [each for averaging in sorted(averagings) for each in lake.lines(self.path, averaging, first)]

    def _assessed(self, rules: Sequence[Rule], touched: Sequence[Touched]) -> list[Judgement]:
        """The rules of one assessment read its results once, from where they matter to any of them."""
        judged = []
        for name in dict.fromkeys(rule.when.name for rule in rules):
            one = self.watch.assessments[name]
            mine = [each for each in touched if each.property in one.inputs and each.averaging in one.averagings]
            sharing = [rule for rule in rules if rule.when.name == name]
            judged += self._read(sharing, mine, partial(lines.of_assessment, self.path, one))
        return judged

    def _observed(self, rule: Rule, touched: Sequence[Touched]) -> Judgement:
        mine = [each for each in touched if each.property in rule.when.items and each.averaging == rule.when.averaging]
        return self._read([rule], mine, lambda points, day: lines.of_observations(self.path, rule.when, points, day))[0]

    def _read(
        self, rules: Sequence[Rule], touched: Sequence[Touched], read: Callable[[list[str], datetime], Lines]
    ) -> list[Judgement]:
        """Rows of the touched points from where they matter on; a line that has lost its rows has none."""
        first: dict[str, datetime] = {}
        for each in touched:
            first[each.point] = min(first.get(each.point, each.first), each.first)
        stored = [self._begun(rule, first) for rule in rules]
        since = {point: self._start(rules, at, [each[point] for each in stored]) for point, at in first.items()}
        seen: list[list[Seen]] = [[] for _ in rules]
        for day, points in _together(since).items():
            rows = read(points, day)
            for place, rule in enumerate(rules):
                known: Lines = {line_of(each): [] for point in points for each in stored[place][point]}
                seen[place] += self._seen(rule, known | rows, dict.fromkeys(known | rows, day).__getitem__)
        return list(zip(rules, seen, strict=True))

    def _start(self, rules: Sequence[Rule], at: datetime, stored: Sequence[Sequence[Finding]]) -> datetime:
        """A day from which on all of some rules may be judged: what one needs may lie within a stretch of another."""
        start, before = at, None
        while start != before:
            before = start
            for rule, own in zip(rules, stored, strict=True):
                start = min(start, _extended(min(at - rule.when.reach, start), rule, own))
        return start

    def _silence(self) -> list[Judgement]:
        """Once an hour, by the clock: lines of which nothing has come."""
        hour = self.moment.replace(minute=0, second=0, microsecond=0)
        if self.reached.clock == hour and not self.anew:
            return []
        self.reached.clock = hour
        judged = [(rule, self._waited_for(rule)) for rule in self._rules("missing")]
        return [self._silent(rule, known) for rule, known in judged if known]

    def _waited_for(self, rule: Rule) -> dict[Line, datetime]:
        """Lines seen lately that lack their newest interval, and those missing already; from which row on."""
        until = self._until(rule)
        known = _silent(rule, lake.lines(self.path, rule.when.averaging, self.moment - KNOWN, self.moment), newest=True)
        open_ones = Finding.objects.filter(dataset=self.dataset.slug, rule=rule.code, still=True)
        missing = {line_of(each): each.window_from for each in open_ones.exclude(state=Finding.State.RETRACTED)}
        return missing | {line: last for line, last in known.items() if last + rule.when.step < until}

    def _until(self, rule: Rule) -> datetime:
        return (self.moment - rule.when.late).replace(minute=0, second=0, microsecond=0)

    def _silent(self, rule: Rule, first: Mapping[Line, datetime]) -> Judgement:
        since = self._since(rule, {line: at for line, at in first.items() if self._concerns(rule, line)})
        return rule, self._seen(
            rule, lines.of_silence(self.path, rule.when, since, self._until(rule)), since.__getitem__
        )

    def _cities(self) -> list[Judgement]:
        """Rules on stored results of cities, when those were computed anew."""
        rules = [rule for rule in self._rules("assessment") if rule.when.items == ("city",)]
        names = {rule.when.name for rule in rules}
        versions = {name: store.version(self.path, name) for name in names}
        fresh = {
            name for name, version in versions.items() if version >= 0 and version != self.reached.stores.get(name)
        }
        if self.anew:
            fresh = {name for name, version in versions.items() if version >= 0}
        self.reached.stores = {**self.reached.stores, **{name: versions[name] for name in fresh}}
        return [(rule, self._of_cities(rule)) for rule in rules if rule.when.name in fresh]

    def _of_cities(self, rule: Rule) -> list[Seen]:
        stored = [each for several in self._begun(rule).values() for each in several]
        first = _extended(self.moment - HISTORY, rule, stored)
        return self._seen(rule, lines.of_cities(self.path, rule.when.name, first, self.moment), lambda line: first)

    def _quality(self) -> list[Judgement]:
        """Stretches the quality tests found, when they have run again."""
        file = self.path / "findings.parquet"
        ran = file.stat().st_mtime_ns if file.exists() else 0
        if ran == self.reached.quality and not self.anew:
            return []
        self.reached.quality = ran
        judged = []
        for rule in self._rules("quality"):
            rows, found = standing.suspicions(self.path, rule)
            since = self.moment - HISTORY + timedelta(days=1)
            judged.append((rule, self._of(rule, rows, found, self._stored_lines(rule), since)))
        return judged

    def _stored_lines(self, rule: Rule) -> set[Line]:
        stored = Finding.objects.filter(dataset=self.dataset.slug, rule=rule.code).exclude(
            state=Finding.State.RETRACTED
        )
        return {line_of(each) for each in stored}

    def _of(
        self, rule: Rule, rows: Lines, found: Mapping[Line, list[Stretch]], known: set[Line], since: datetime
    ) -> list[Seen]:
        kept = {line: [each for each in several if each.begin >= since] for line, several in found.items()}
        return [
            Seen(
                line,
                self.places.of(line.point),
                since,
                rows.get(line, []),
                kept.get(line, []),
                **self._marks(rule, line.point),
            )
            for line in sorted({*kept, *known})
            if self._concerns(rule, line)
        ]

    def _ledger(self) -> list[Judgement]:
        """Days of the ledger, when one was made anew."""
        stood = ledgers.standing(self.path)
        if stood == self.reached.ledger and not self.anew:
            return []
        self.reached.ledger = stood
        first = (self.moment - HISTORY).replace(hour=0, minute=0, second=0, microsecond=0)
        yesterday = self.moment - timedelta(days=1)
        return [
            (rule, self._seen(rule, standing.days(self.path, rule, first, yesterday), lambda line: first))
            for rule in self._rules("ledger")
        ]

    def _devices(self) -> list[Judgement]:
        """Devices as they stand, once a minute."""
        last = self.watch.standing_at.get(self.dataset.slug)
        if self.dataset.now or (last and self.at - last < timedelta(minutes=1)):
            return []
        self.watch.standing_at[self.dataset.slug] = self.at
        judged = []
        for rule in self._rules("device"):
            found = standing.standing(rule, standing.devices(self.dataset.slug, self.at), self.at)
            seen = _standing(rule, self.dataset.slug, found, self.at, self.places, self._marks)
            judged += [(rule, seen)] if seen else []
        return judged

    def _seen(self, rule: Rule, found: Lines, since: Callable[[Line], datetime]) -> list[Seen]:
        return [
            Seen(
                line,
                self.places.of(line.point),
                since(line),
                rows,
                stretches(rule, rows),
                **self._marks(rule, line.point),
            )
            for line, rows in found.items()
            if self._concerns(rule, line)
        ]

    def _concerns(self, rule: Rule, line: Line) -> bool:
        return not rule.when.subject or (rule.when.subject == "outlet") == (line.point in self.outlets)

    def _marks(self, rule: Rule, point: str) -> dict[str, Any]:
        """Domain of a finding: that of its rule, or of what the point is."""
        own = "sources" if point in self.outlets else "air"
        return {"simulated": self.dataset.simulated, "domain": own if rule.domain == ANY else rule.domain}

    def _since(self, rule: Rule, first: Mapping[Line, datetime]) -> dict[Line, datetime]:
        stored = self._begun(rule, {line.point for line in first})
        own = {line: [each for each in stored[line.point] if line_of(each) == line] for line in first}
        return {line: _extended(at - rule.when.reach, rule, own[line]) for line, at in first.items()}

    def _begun(self, rule: Rule, points: Iterable[str] | None = None) -> Mapping[str, list[Finding]]:
        """The findings stored of a rule, by point."""
        found: dict[str, list[Finding]] = defaultdict(list)
        asked = Finding.objects.filter(dataset=self.dataset.slug, rule=rule.code)
        asked = asked if points is None else asked.filter(point__in=[*points])
        for each in asked.exclude(state=Finding.State.RETRACTED).defer(*HEAVY, "via"):
            found[each.point].append(each)
        return found


def _extended(since: datetime, rule: Rule, stored: Sequence[Finding]) -> datetime:
    """The start of a day at which nothing is pending and no stored stretch is under way."""
    since = since.replace(hour=0, minute=0, second=0, microsecond=0)
    for each in sorted(stored, key=lambda one: one.window_from, reverse=True):
        if each.window_from <= since and (each.ended_at is None or each.ended_at >= since):
            before = each.window_from - rule.when.reach
            since = before.replace(hour=0, minute=0, second=0, microsecond=0)
    return since


def _silent(rule: Rule, touched: Iterable[Touched], newest: bool = False) -> dict[Line, datetime]:
    """The lines whose silence a rule asks about, among touched ones; from their first (or newest) row on."""
    found: dict[Line, datetime] = {}
    for each in touched:
        if each.averaging != rule.when.averaging:
            continue
        line = lines.silent_line(rule.when, each.point, each.property)
        at, choose = (each.last, max) if newest else (each.first, min)
        found[line] = choose(found.get(line, at), at)
    return found


def _together(since: Mapping[str, datetime]) -> dict[datetime, list[str]]:
    """Points that are read from the same day on."""
    found: dict[datetime, list[str]] = defaultdict(list)
    for point, day in since.items():
        found[day].append(point)
    return found


def _standing(
    rule: Rule,
    dataset: str,
    found: Iterator[tuple[standing.Standing, Stretch]],
    at: datetime,
    known: Places | None = None,
    marks: Callable[[Rule, str], dict[str, Any]] | None = None,
) -> list[Seen]:
    """What stands newly, or more urgently than before; what stood and does not any more has ended."""
    asked = Finding.objects.filter(dataset=dataset, rule=rule.code, still=True)
    stored = {line_of(each): each for each in asked.exclude(state=Finding.State.RETRACTED)}
    seen = []
    for each, stretch in found:
        before = stored.pop(each.line, None)
        if before and (before.window_from, before.severity) == (stretch.begin, stretch.severity):
            continue
        place = known.of(each.line.point) if known and each.line.point in known.known else each.place
        given: dict[str, Any] = {"domain": each.domain or ELSEWHERE, "simulated": each.simulated}
        given = marks(rule, each.line.point) if marks else given
        seen.append(Seen(each.line, place, stretch.begin, [each.row], [stretch], **given))
    for finding in stored.values():
        finding.still = False
        keeping.move(finding, keeping.state_of(finding), "ended", at, ended_at=at, window_to=at)
    return seen


def _position(reached: Reached) -> tuple[Any, ...]:
    names = ("lake", "lake_days", "rules", "stores", "quality", "ledger", "clock")
    return tuple(dict(value) if isinstance(value := getattr(reached, name), dict) else value for name in names)
