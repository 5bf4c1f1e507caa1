"""The rows of a flow: a record and its append-only steps, as abstract models for registers and cases."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db import models

from qingyuan.registers.flow.fold import Actor, State, StepEntry


class Record(models.Model):
    """A record as its steps add up (`fold`); nothing here is written but by `store`.

    version: number of its steps; head: digest of the last; searched: the words it is found by; times: wall clock of
    +08:00.
    """

    kind = models.CharField(max_length=48)
    number = models.CharField(max_length=64)
    title = models.CharField(max_length=200)
    division = models.CharField(max_length=12)
    domain = models.CharField(max_length=24)
    site = models.CharField(max_length=64, blank=True, default="")
    simulated = models.BooleanField(default=False)
    step = models.CharField(max_length=48)
    values = models.JSONField(default=dict)
    version = models.PositiveIntegerField(default=0)
    head = models.CharField(max_length=64)
    opened_at = models.DateTimeField()
    entered_at = models.DateTimeField()
    due = models.DateTimeField(null=True, blank=True)
    closed_at = models.DateTimeField(null=True, blank=True)
    lon = models.FloatField(null=True, blank=True)
    lat = models.FloatField(null=True, blank=True)
    searched = models.TextField(blank=True, default="")

    objects: ClassVar[models.Manager[Any]] = models.Manager()

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return f"{self.number} {self.title}"

    @property
    def key(self) -> str:
        """What the chain calls it."""
        return f"{self.kind}/{self.number}"

    def take(self, state: State) -> None:
        """Take over what the steps add up to."""
        self.step, self.values = state.step, dict(state.values)
        self.version, self.head = state.version, state.head
        self.due, self.closed_at = state.due, state.closed_at
        if state.opened_at and state.entered_at:
            self.opened_at, self.entered_at = state.opened_at, state.entered_at
        self.division = state.handed.get("division", self.division)
        self.site = state.handed.get("site", self.site)


class Step(models.Model):
    """One appended step. A concrete model adds ``record`` (to its record, ``related_name="steps"``).

    typed, prefilled: how many values a person typed in it, and how many were known without asking.
    """

    sequence = models.PositiveIntegerField()
    step = models.CharField(max_length=48)
    verb = models.CharField(max_length=12)
    account = models.BigIntegerField(null=True)
    name = models.CharField(max_length=120)
    organisation = models.BigIntegerField(null=True)
    at = models.DateTimeField()
    given = models.JSONField(default=dict)
    note = models.TextField(blank=True, default="")
    typed = models.PositiveSmallIntegerField(default=0)
    prefilled = models.PositiveSmallIntegerField(default=0)
    digest = models.CharField(max_length=64)

    objects: ClassVar[models.Manager[Any]] = models.Manager()

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return f"{self.sequence} {self.verb}"

    @property
    def entry(self) -> StepEntry:
        """The row as the core knows it."""
        given = self.given
        return StepEntry(
            sequence=self.sequence,
            step=self.step,
            verb=self.verb,  # type: ignore[arg-type]
            actor=Actor(self.account, self.name, self.organisation),
            at=self.at,
            values=given.get("values", {}),
            known=given.get("known", {}),
            set=given.get("set", {}),
            to=given.get("to", ""),
            handed=given.get("handed", {}),
            effects=tuple((does, what) for does, what in given.get("effects", ())),
            note=self.note,
            digest=self.digest,
        )


def columns(entry: StepEntry) -> dict[str, Any]:
    """The columns of a step's row."""
    return {
        "sequence": entry.sequence,
        "step": entry.step,
        "verb": entry.verb,
        "account": entry.actor.account,
        "name": entry.actor.name,
        "organisation": entry.actor.organisation,
        "at": entry.at,
        "given": entry.given,
        "note": entry.note,
        **weighed(entry.given, entry.actor.account),
        "digest": entry.digest,
    }


def weighed(given: dict[str, Any], account: int | None) -> dict[str, int]:
    """How many values of an entry were typed, how many pre-filled; the platform's own are pre-filled."""
    values, known = len(given.get("values", {})), len(given.get("known", {}))
    typed = 0 if account is None else values - known
    return {"typed": typed, "prefilled": values - typed}
