"""Rounds of evaluation: the rules sealed into each, a sheet an organisation, and the append-only steps of a sheet."""

from __future__ import annotations

from typing import Any

from django.db import models

from qingyuan.base.errors import QingyuanError
from qingyuan.people.models import Organisation
from qingyuan.plans.models.book import DOMAIN, Plan, Version


class StepKept(QingyuanError):
    """A step of a sheet is never changed or taken away."""


class Evaluation(models.Model):
    """One round: what is evaluated, as of when, by which rules.

    rules: the file as it was (text), its digest, edition and grades; results: version of the stored results;
    digest: of every sheet's result, at publication.
    """

    class State(models.TextChoices):
        """Where a round stands."""

        RUNNING = "running"
        PUBLISHED = "published"

    plan = models.ForeignKey(Plan, models.PROTECT, related_name="evaluations")
    version = models.ForeignKey(Version, models.PROTECT, null=True, related_name="evaluations")
    kind = models.CharField(max_length=10)
    division = models.CharField(max_length=12)
    domain = models.CharField(max_length=16, default=DOMAIN)
    as_of = models.DateTimeField()
    results = models.IntegerField()
    rules = models.JSONField()
    state = models.CharField(max_length=10, choices=State.choices, default=State.RUNNING)
    started_at = models.DateTimeField()
    started_by = models.CharField(max_length=60)
    published_at = models.DateTimeField(null=True, blank=True)
    published_by = models.CharField(max_length=60, blank=True, default="")
    digest = models.CharField(max_length=64, blank=True, default="")
    simulated = models.BooleanField(default=False)

    class Meta:
        indexes = (models.Index(fields=["division", "-started_at"], name="plan_evaluation"),)


class Standing(models.Model):
    """The sheet of one place in a round, or (organisation) of a department of the plan's own level.

    computed: as the rules made it (`sheet.as_json`); lines: ``{section.key: {self, self_note, reviewed, reason,
    decided, decision}}``, points as text; total, grade: of what stands now.
    """

    class Step(models.TextChoices):
        """What the sheet waits for."""

        SELF = "self"
        REVIEW = "review"
        APPEAL = "appeal"
        DECIDE = "decide"
        DONE = "done"

    evaluation = models.ForeignKey(Evaluation, models.CASCADE, related_name="sheets")
    division = models.CharField(max_length=12)
    domain = models.CharField(max_length=16, default=DOMAIN)
    name = models.CharField(max_length=120)
    name_en = models.CharField(max_length=120, blank=True, default="")
    organisation = models.ForeignKey(Organisation, models.PROTECT, null=True, blank=True, related_name="plan_sheets")
    computed = models.JSONField()
    lines = models.JSONField(default=dict)
    step = models.CharField(max_length=8, choices=Step.choices, default=Step.SELF)
    due = models.DateTimeField(null=True)
    total = models.DecimalField(max_digits=7, decimal_places=2, null=True)
    grade = models.CharField(max_length=12, blank=True, default="")

    class Meta:
        ordering = ("division", "organisation_id")
        constraints = (
            models.UniqueConstraint(
                fields=["evaluation", "division"], condition=models.Q(organisation=None), name="plan_sheet_once"
            ),
            models.UniqueConstraint(fields=["evaluation", "organisation"], name="plan_sheet_of_department_once"),
        )

    @property
    def code(self) -> str:
        """What tells it from the others of its round: code of the place, or ``d12`` of a department."""
        return self.division if self.organisation_id is None else f"d{self.organisation_id}"


class SheetFile(models.Model):
    """A file given as evidence on a sheet, kept by its content; step: which it was given on."""

    sheet = models.ForeignKey(Standing, models.PROTECT, related_name="files")
    step = models.CharField(max_length=8)
    sha256 = models.CharField(max_length=64)
    name = models.CharField(max_length=160)
    type = models.CharField(max_length=80)
    size = models.PositiveIntegerField()
    account = models.BigIntegerField(null=True)
    by = models.CharField(max_length=120)
    at = models.DateTimeField()

    class Meta:
        ordering = ("at", "pk")
        constraints = (models.UniqueConstraint(fields=["sheet", "sha256"], name="plan_sheet_file_once"),)


class SheetStep(models.Model):
    """One act on a sheet, chained by digest. given: points, reasons, evidence as they were handed in."""

    sheet = models.ForeignKey(Standing, models.PROTECT, related_name="steps")
    sequence = models.PositiveSmallIntegerField()
    step = models.CharField(max_length=8)
    verb = models.CharField(max_length=10)
    at = models.DateTimeField()
    account = models.BigIntegerField(null=True)
    by = models.CharField(max_length=120)
    organisation = models.BigIntegerField(null=True)
    given = models.JSONField(default=dict)
    note = models.TextField(blank=True, default="")
    digest = models.CharField(max_length=64)

    class Meta:
        ordering = ("sequence",)
        constraints = (models.UniqueConstraint(fields=["sheet", "sequence"], name="plan_sheet_step_once"),)

    def save(self, *given: Any, **named: Any) -> None:
        """Write a new step. Raises StepKept for one that is there."""
        if self.pk is not None:
            raise StepKept(f"Step {self.sequence} of sheet {self.sheet_id} was written already", "Add another step")
        super().save(*given, **named)

    def delete(self, *given: Any, **named: Any) -> Any:
        """Raises StepKept."""
        raise StepKept(f"Step {self.sequence} of sheet {self.sheet_id} is kept", "Add another step")
