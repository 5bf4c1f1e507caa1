"""Targets as split among cities, counties or departments: a decomposition in versions, and each one's share."""

from __future__ import annotations

from decimal import Decimal

from django.db import models

from qingyuan.plans.models.book import DOMAIN, Plan

DIGITS, PLACES = 18, 6
"""Digits kept of a value; how many count is the rule's to say."""


class Decomposition(models.Model):
    """One indicator's target of a day, split below a division; issued, it is sealed and holds until replaced.

    indicator: its key in the plan; whole: the number split, none for a wording; method: of
    `plans.decomposing.splitting.METHODS`; loosened: why parts may be worse than their bases; weights: where weights
    and bases come from; digest: of all that was issued, SHA-256.
    """

    class State(models.TextChoices):
        """Where a decomposition stands."""

        DRAFT = "draft"
        ISSUED = "issued"
        REPLACED = "replaced"

    plan = models.ForeignKey(Plan, models.PROTECT, related_name="decompositions")
    indicator = models.CharField(max_length=40)
    division = models.CharField(max_length=12)
    domain = models.CharField(max_length=16, default=DOMAIN)
    day = models.DateField()
    version = models.PositiveSmallIntegerField()
    state = models.CharField(max_length=8, choices=State.choices, default=State.DRAFT)
    method = models.CharField(max_length=8)
    whole = models.DecimalField(null=True, max_digits=DIGITS, decimal_places=PLACES)
    loosened = models.TextField(blank=True, default="")
    weights = models.CharField(max_length=300, blank=True, default="")
    simulated = models.BooleanField(default=False)
    made_at = models.DateTimeField()
    made_by = models.CharField(max_length=60)
    issued_at = models.DateTimeField(null=True, blank=True)
    issued_by = models.CharField(max_length=60, blank=True, default="")
    digest = models.CharField(max_length=64, blank=True, default="")

    class Meta:
        ordering = ("plan", "indicator", "division", "day", "version")
        constraints = (
            models.UniqueConstraint(
                fields=["plan", "indicator", "division", "day", "version", "simulated"], name="decomposition_once"
            ),
            models.UniqueConstraint(
                fields=["plan", "indicator", "division", "day", "simulated"],
                condition=models.Q(state="issued"),
                name="one_decomposition_in_force",
            ),
        )
        indexes = (models.Index(fields=["division", "state"], name="decomposition_division"),)


class Share(models.Model):
    """What one division (or department: party) has to reach; value none where a wording is handed down, or not yet.

    base, weight, pull: as `plans.decomposing.whole.Part` has them.
    """

    decomposition = models.ForeignKey(Decomposition, models.CASCADE, related_name="shares")
    division = models.CharField(max_length=12)
    party = models.CharField(max_length=120, blank=True, default="")
    base = models.DecimalField(default=Decimal(0), max_digits=DIGITS, decimal_places=PLACES)
    weight = models.DecimalField(default=Decimal(1), max_digits=DIGITS, decimal_places=PLACES)
    pull = models.DecimalField(default=Decimal(1), max_digits=DIGITS, decimal_places=PLACES)
    value = models.DecimalField(null=True, blank=True, max_digits=DIGITS, decimal_places=PLACES)
    by_hand = models.BooleanField(default=False)
    reason = models.TextField(blank=True, default="")
    wording = models.CharField(max_length=200, blank=True, default="")

    class Meta:
        ordering = ("division", "party")
        constraints = (models.UniqueConstraint(fields=["decomposition", "division", "party"], name="share_once"),)
        indexes = (models.Index(fields=["division"], name="share_division"),)
