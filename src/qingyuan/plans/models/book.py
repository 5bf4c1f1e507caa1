"""The plan as a book with versions: its chapters, tasks, boxes, projects, indicators, targets, and who must do them.

A version is a draft while it is reviewed; adopted, it is sealed: nothing of it changes but by a new version.
"""

from __future__ import annotations

from django.db import models

from qingyuan.people.models import Organisation

DOMAIN = "plan"
"""The domain by which rights over plans are asked."""


class Plan(models.Model):
    """A plan of a division over its years; code as in the plan library, for instance ``jilin-14th``."""

    code = models.CharField(max_length=40, unique=True)
    title = models.CharField(max_length=200)
    title_en = models.CharField(max_length=200, blank=True, default="")
    division = models.CharField(max_length=12)
    domain = models.CharField(max_length=16, default=DOMAIN)
    first_day = models.DateField()
    last_day = models.DateField()
    simulated = models.BooleanField(default=False)

    class Meta:
        indexes = (models.Index(fields=["division"], name="plan_division"),)

    def __str__(self) -> str:
        """Code and title."""
        return f"{self.code} {self.title}"


class Version(models.Model):
    """One wording of a plan: draft, adopted (in force from a day until the next one's), replaced or dropped.

    text: as extracted from the file, what the items' places point into; digest: of text and items, at adoption;
    warnings: what the reader of the file did not find or only guessed.
    """

    class State(models.TextChoices):
        """Where a version stands."""

        DRAFT = "draft"
        ADOPTED = "adopted"
        REPLACED = "replaced"
        DROPPED = "dropped"

    plan = models.ForeignKey(Plan, models.PROTECT, related_name="versions")
    number = models.PositiveSmallIntegerField()
    state = models.CharField(max_length=10, choices=State.choices, default=State.DRAFT)
    label = models.CharField(max_length=80, blank=True, default="")
    reason = models.TextField(blank=True, default="")
    source = models.CharField(max_length=200, blank=True, default="")
    text = models.TextField(blank=True, default="")
    warnings = models.JSONField(null=True, blank=True)
    digest = models.CharField(max_length=64, blank=True, default="")
    made_at = models.DateTimeField()
    made_by = models.CharField(max_length=60)
    adopted_at = models.DateTimeField(null=True, blank=True)
    adopted_by = models.CharField(max_length=60, blank=True, default="")
    in_force_from = models.DateField(null=True, blank=True)

    class Meta:
        constraints = (models.UniqueConstraint(fields=["plan", "number"], name="plan_version_once"),)

    @property
    def is_draft(self) -> bool:
        """Whether it may still be changed."""
        return self.state == self.State.DRAFT


class Item(models.Model):
    """One thing of a version, at its place in the text.

    key: the same thing's name over all versions of the plan; number: as printed; start, end: characters [start, end) of
    the version's text, none where it was entered by hand; facts: what its kind has (a task: quantities, deadlines; a
    project: measures; an indicator: unit, base, target, nature, direction, computed; a target: value, operator, unit,
    by); doubtful: figures that may be read otherwise, as ``[{field, printed, alternatives}]``.
    """

    class Kind(models.TextChoices):
        """What an item is."""

        CHAPTER = "chapter"
        SECTION = "section"
        TASK = "task"
        BOX = "box"
        PROJECT = "project"
        INDICATOR = "indicator"
        TARGET = "target"

    class Review(models.TextChoices):
        """What the reader of the draft said of it."""

        OPEN = "open"
        CONFIRMED = "confirmed"
        CORRECTED = "corrected"
        REJECTED = "rejected"

    version = models.ForeignKey(Version, models.CASCADE, related_name="items")
    kind = models.CharField(max_length=10, choices=Kind.choices)
    key = models.CharField(max_length=40)
    parent = models.ForeignKey("self", models.CASCADE, null=True, blank=True, related_name="parts")
    order = models.PositiveIntegerField()
    number = models.CharField(max_length=20, blank=True, default="")
    title = models.CharField(max_length=300)
    text = models.TextField(blank=True, default="")
    start = models.PositiveIntegerField(null=True, blank=True)
    end = models.PositiveIntegerField(null=True, blank=True)
    facts = models.JSONField(default=dict)
    doubtful = models.JSONField(default=list)
    review = models.CharField(max_length=10, choices=Review.choices, default=Review.OPEN)

    class Meta:
        ordering = ("order",)
        constraints = (models.UniqueConstraint(fields=["version", "kind", "key"], name="plan_item_once"),)
        indexes = (models.Index(fields=["version", "kind", "order"], name="plan_item_order"),)


class Responsible(models.Model):
    """A department as printed beside a task, and the organisation it is, where one is known by that name."""

    item = models.ForeignKey(Item, models.CASCADE, related_name="responsible")
    name = models.CharField(max_length=120)
    lead = models.BooleanField(default=False)
    order = models.PositiveSmallIntegerField(default=0)
    organisation = models.ForeignKey(Organisation, models.PROTECT, null=True, blank=True, related_name="plan_tasks")

    class Meta:
        ordering = ("order",)
        constraints = (models.UniqueConstraint(fields=["item", "name"], name="plan_responsible_once"),)
