"""What the responsible reported of a plan's items: append-only, each number traceable to the step of its case."""

from __future__ import annotations

from typing import Any

from django.db import models

from qingyuan.base.errors import QingyuanError
from qingyuan.cases.models import Case
from qingyuan.people.models import Organisation
from qingyuan.plans.models.book import Plan


class NotChanged(QingyuanError):
    """A reported number is never changed or taken away; a correction is a new one."""


class Kept(models.Model):
    """A row that is written once."""

    class Meta:
        abstract = True

    def save(self, *given: Any, **named: Any) -> None:
        """Write a new row. Raises NotChanged for one that is there."""
        if self.pk is not None:
            raise NotChanged(f"Row {self.pk} was written already", "Report a correction: a new row that replaces it.")
        super().save(*given, **named)

    def delete(self, *given: Any, **named: Any) -> Any:
        """Raises NotChanged."""
        raise NotChanged(f"Row {self.pk} is kept", "Report a correction: a new row that replaces it.")


class Reported(Kept):
    """One item as an organisation reported it for a period.

    value: in `unit`; progress: %; amount: money spent so far, 10 000 yuan; status: as in plans/kinds.yaml; case, step:
    the signature it stands in; replaces: the row it corrects; evidence: files of the case, as a file field keeps them.
    """

    plan = models.ForeignKey(Plan, models.PROTECT, related_name="reported")
    kind = models.CharField(max_length=10)
    key = models.CharField(max_length=40)
    title = models.CharField(max_length=300)
    division = models.CharField(max_length=12)
    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="plan_reports")
    first_day = models.DateField()
    last_day = models.DateField()
    value = models.DecimalField(max_digits=24, decimal_places=4, null=True)
    progress = models.DecimalField(max_digits=4, decimal_places=1, null=True)
    amount = models.DecimalField(max_digits=20, decimal_places=2, null=True)
    status = models.CharField(max_length=12, blank=True, default="")
    unit = models.CharField(max_length=20, blank=True, default="")
    note = models.TextField(blank=True, default="")
    evidence = models.JSONField(default=list)
    case = models.ForeignKey(Case, models.PROTECT, related_name="plan_rows")
    step = models.PositiveIntegerField()
    at = models.DateTimeField()
    by = models.CharField(max_length=120)
    replaces = models.OneToOneField("self", models.PROTECT, null=True, related_name="replaced_by")
    simulated = models.BooleanField(default=False)

    class Meta:
        constraints = (models.UniqueConstraint(fields=["case", "step", "kind", "key"], name="plan_reported_once"),)
        indexes = (models.Index(fields=["plan", "kind", "key", "-last_day"], name="plan_reported_latest"),)


class Remark(Kept):
    """What somebody says of an item beside its light: it is shown with the light and never changes it."""

    plan = models.ForeignKey(Plan, models.PROTECT, related_name="remarks")
    kind = models.CharField(max_length=10)
    key = models.CharField(max_length=40)
    text = models.CharField(max_length=500)
    at = models.DateTimeField()
    by = models.CharField(max_length=120)
    organisation = models.ForeignKey(Organisation, models.PROTECT, null=True, related_name="plan_remarks")

    class Meta:
        indexes = (models.Index(fields=["plan", "kind", "key", "-at"], name="plan_remark_newest"),)


class Every(models.Model):
    """How often one item is asked for, where it differs from the rule of its kind."""

    plan = models.ForeignKey(Plan, models.CASCADE, related_name="every")
    kind = models.CharField(max_length=10)
    key = models.CharField(max_length=40)
    every = models.CharField(max_length=10)
    at = models.DateTimeField()
    by = models.CharField(max_length=120)

    class Meta:
        constraints = (models.UniqueConstraint(fields=["plan", "kind", "key"], name="plan_every_once"),)
