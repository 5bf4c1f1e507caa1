"""Findings and what belongs to them: tables of the platform's database. Times are the wall clock of +08:00."""

from __future__ import annotations

import builtins

from django.db import models


class Event(models.Model):
    """What several findings have in common: one site and time, neighbours, one river. Its number may be joined into
    another's when a later finding shows that both are one; the older one stays.
    """

    domain = models.CharField(max_length=24)
    division = models.CharField(max_length=12)
    site = models.CharField(max_length=64, blank=True)
    opened_at = models.DateTimeField()
    joined_into = models.ForeignKey("self", models.SET_NULL, null=True, blank=True, related_name="joined")
    simulated = models.BooleanField(default=False)

    class Meta:
        ordering = ("-opened_at", "-id")


class Finding(models.Model):
    """A stretch in which a rule held on one line of results, with its evidence. See `Change` for how it came about.

    ended_at: start of the row that was good again; key: what tells it from others of its rule and line; urgency:
    place of its severity, most first; series: the rows it was judged by, as they were; worst: the loudest of them.
    """

    class State(models.TextChoices):
        """Where it stands. RELAPSED: open, and the same had ended not long before. RETRACTED: an amendment undid it."""

        OPEN = "open"
        RELAPSED = "relapsed"
        SUPPRESSED = "suppressed"
        ENDED = "ended"
        RETRACTED = "retracted"

    rule = models.CharField(max_length=64)
    severity = models.CharField(max_length=8)
    urgency = models.PositiveSmallIntegerField()
    dataset = models.CharField(max_length=64)
    division = models.CharField(max_length=12)
    domain = models.CharField(max_length=24)
    site = models.CharField(max_length=64, blank=True)
    point = models.CharField(max_length=64)
    name_zh = models.CharField(max_length=120, blank=True)
    name_en = models.CharField(max_length=120, blank=True)
    property = models.CharField(max_length=64, blank=True)
    averaging = models.CharField(max_length=12, blank=True)
    opened_at = models.DateTimeField(help_text="when it was found")
    changed_at = models.DateTimeField()
    window_from = models.DateTimeField()
    window_to = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, help_text="start of the row by which it was good again")
    still = models.BooleanField(default=True, help_text="not yet good again")
    rows = models.PositiveIntegerField(default=1)
    value = models.FloatField(null=True)
    unit = models.CharField(max_length=24, blank=True)
    limit = models.FloatField(null=True)
    clause = models.CharField(max_length=200, blank=True)
    edition = models.CharField(max_length=32, blank=True)
    confidence = models.CharField(max_length=16, blank=True)
    basis = models.JSONField(default=list)
    thresholds = models.JSONField(default=dict)
    worst = models.JSONField(default=dict)
    series = models.JSONField(default=list)
    declared = models.TextField(blank=True, help_text="the rule as it was declared")
    case_kind = models.CharField(max_length=48, blank=True)
    event = models.ForeignKey(Event, models.SET_NULL, null=True, related_name="findings")
    via = models.JSONField(default=list, help_text="why it belongs to its event: other findings and how")
    relapse_of = models.ForeignKey("self", models.SET_NULL, null=True, related_name="relapses")
    state = models.CharField(max_length=10, choices=State.choices, default=State.OPEN)
    revision = models.PositiveIntegerField(default=1)
    sealed_revision = models.PositiveIntegerField(default=0)
    evidence_path = models.CharField(max_length=200, blank=True, help_text="below the data folder")
    evidence_sha256 = models.CharField(max_length=64, blank=True)
    simulated = models.BooleanField(default=False)

    class Meta:
        ordering = ("-urgency", "-window_from", "-id")
        constraints = (
            models.UniqueConstraint(
                fields=("dataset", "rule", "point", "property", "averaging", "window_from"),
                name="one_finding_a_stretch",
            ),
        )
        indexes = (
            models.Index(fields=("state", "-urgency", "-window_from")),
            models.Index(fields=("division", "domain")),
            models.Index(fields=("dataset", "point", "window_from")),
            models.Index(fields=("changed_at",)),
        )

    def __str__(self) -> str:
        return f"{self.pk} {self.rule} {self.point} {self.property}"

    @builtins.property
    def live(self) -> bool:
        """Whether something is still to be done about it."""
        return self.state in (self.State.OPEN, self.State.RELAPSED)


HEAVY = ("basis", "thresholds", "worst", "series", "declared")
"""Fields of a finding that tell its grounds: left out where only its place in time is asked for."""


class Change(models.Model):
    """One line of a finding's history: what it was, what it became, why. Nothing of it is ever altered."""

    finding = models.ForeignKey(Finding, models.CASCADE, related_name="changes")
    at = models.DateTimeField()
    what = models.CharField(
        max_length=12,
        help_text="opened, grew, changed, ended, retracted, again, suppressed, released, joined",
    )
    was = models.JSONField(default=dict)
    became = models.JSONField(default=dict)
    reason = models.CharField(max_length=300, blank=True)

    class Meta:
        ordering = ("finding", "id")


class Suppression(models.Model):
    """A window in which findings are kept but call nobody: who said so, why. rule, point, property "": any."""

    rule = models.CharField(max_length=64, blank=True)
    division = models.CharField(max_length=12)
    domain = models.CharField(max_length=24)
    site = models.CharField(max_length=64, blank=True)
    point = models.CharField(max_length=64, blank=True)
    property = models.CharField(max_length=64, blank=True)
    since = models.DateTimeField()
    until = models.DateTimeField()
    reason = models.CharField(max_length=300)
    account = models.BigIntegerField(null=True)
    name = models.CharField(max_length=150)
    made_at = models.DateTimeField()
    released_at = models.DateTimeField(null=True, blank=True)
    released_by = models.CharField(max_length=150, blank=True)

    class Meta:
        ordering = ("-made_at",)


class Reached(models.Model):
    """Up to where a dataset was looked at; changed together with the findings."""

    dataset = models.CharField(max_length=64, primary_key=True)
    lake = models.CharField(max_length=48, blank=True, help_text="of observations and results of hours")
    lake_days = models.CharField(max_length=48, blank=True, help_text="of results of days")
    rules = models.CharField(max_length=16, blank=True)
    stores = models.JSONField(default=dict, help_text="version of the stored results read, by name")
    quality = models.BigIntegerField(default=0)
    ledger = models.BigIntegerField(default=0)
    clock = models.DateTimeField(null=True, help_text="the hour up to which silence was looked for")
    at = models.DateTimeField()
