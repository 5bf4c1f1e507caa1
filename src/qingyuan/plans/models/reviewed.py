"""What reviewers did to a draft, act by act, so that each can be taken back."""

from __future__ import annotations

from django.db import models

from qingyuan.plans.models.book import Version


class Reviewed(models.Model):
    """One act on a draft. before, after: the items it touched as ``{item: fields}``, null where one was not there.

    undone: whether it was taken back; what is taken back stays in the list.
    """

    class What(models.TextChoices):
        """What was done."""

        CONFIRM = "confirm"
        CHOOSE = "choose"
        CORRECT = "correct"
        SPLIT = "split"
        REJECT = "reject"
        REOPEN = "reopen"
        BULK = "bulk"

    version = models.ForeignKey(Version, models.CASCADE, related_name="reviewed")
    what = models.CharField(max_length=8, choices=What.choices)
    at = models.DateTimeField()
    by = models.CharField(max_length=60)
    account = models.BigIntegerField(null=True)
    title = models.CharField(max_length=300)
    before = models.JSONField(default=dict)
    after = models.JSONField(default=dict)
    undone = models.BooleanField(default=False)

    class Meta:
        ordering = ("-pk",)
        indexes = (models.Index(fields=["version", "undone"], name="plan_reviewed"),)
