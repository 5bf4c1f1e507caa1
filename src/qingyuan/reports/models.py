"""Tables of the reports. What is personal is sealed, digested or absent; times are the wall clock of +08:00."""

from __future__ import annotations

from django.db import models


class State(models.TextChoices):
    """Where a report stands."""

    RECEIVED = "received"
    ACCEPTED = "accepted"
    DECLINED = "declined"
    ANSWERED = "answered"
    ENDED = "ended"


class Verb(models.TextChoices):
    """What was done about a report."""

    RECEIVED = "received"
    ACCEPTED = "accepted"
    DECLINED = "declined"
    JOINED = "joined"
    ASKED = "asked"
    ADDED = "added"
    ANSWERED = "answered"
    REOPENED = "reopened"
    SATISFIED = "satisfied"
    ENDED = "ended"
    REWARDED = "rewarded"


class Report(models.Model):
    """One report from the public. The reporter is known by a tracking code only, of which the digest is kept."""

    class Channel(models.TextChoices):
        """How it came."""

        WEB = "web"
        TELEPHONE = "telephone"
        MESSAGE = "message"
        VISIT = "visit"

    number = models.CharField(max_length=32, unique=True)
    code = models.CharField(max_length=64, unique=True, help_text="SHA-256 of the tracking code")
    category = models.CharField(max_length=16)
    domain = models.CharField(max_length=24)
    division = models.CharField(max_length=16)
    site = models.CharField(max_length=64, blank=True)
    text = models.TextField()
    place = models.CharField(max_length=200, blank=True, help_text="in the reporter's words")
    longitude = models.FloatField(null=True, blank=True)
    latitude = models.FloatField(null=True, blank=True)
    seen_at = models.DateTimeField(null=True, blank=True, help_text="when it was seen")
    received_at = models.DateTimeField()
    channel = models.CharField(max_length=10, choices=Channel.choices, default=Channel.WEB)
    state = models.CharField(max_length=10, choices=State.choices, default=State.RECEIVED)
    case = models.CharField(max_length=64, blank=True, help_text="number of the case that handles it")
    same_as = models.ForeignKey("self", models.SET_NULL, null=True, blank=True, related_name="repeats")
    due = models.DateField()
    ended_at = models.DateTimeField(null=True, blank=True)
    sealed = models.BinaryField(null=True, help_text="identity, locked; null: anonymous, or removed")
    removed_at = models.DateTimeField(null=True, blank=True, help_text="when what is personal was removed")
    address = models.CharField(max_length=64, blank=True, help_text="keyed digest of the network address, for limits")
    simulated = models.BooleanField(default=False)

    class Meta:
        ordering = ("-received_at", "-id")
        indexes = (
            models.Index(fields=("division", "domain", "state")),
            models.Index(fields=("state", "due")),
            models.Index(fields=("address", "received_at")),
            models.Index(fields=("category", "received_at")),
        )

    def __str__(self) -> str:
        return self.number


class Photo(models.Model):
    """A photo of a report: what is shown carries no hidden data; the place and time it told stand in columns."""

    report = models.ForeignKey(Report, models.CASCADE, related_name="photos")
    sha256 = models.CharField(max_length=64, help_text="of the picture that is shown")
    original = models.CharField(max_length=64, blank=True, help_text="of what was sent; empty: removed")
    width = models.PositiveIntegerField()
    height = models.PositiveIntegerField()
    taken_at = models.DateTimeField(null=True, blank=True)
    longitude = models.FloatField(null=True, blank=True)
    latitude = models.FloatField(null=True, blank=True)

    class Meta:
        ordering = ("report", "id")


class Entry(models.Model):
    """What was said or done about a report, in order; never changed. open: the reporter may read it."""

    report = models.ForeignKey(Report, models.CASCADE, related_name="entries")
    at = models.DateTimeField()
    verb = models.CharField(max_length=10, choices=Verb.choices)
    by = models.CharField(max_length=150, blank=True, help_text="empty: the reporter")
    text = models.TextField(blank=True)
    open = models.BooleanField(default=True)

    class Meta:
        ordering = ("report", "id")


class Reward(models.Model):
    """A reward as the paying office sees it: a number, an amount and a code to be shown; nothing of the report.

    `link` is the keyed digest of the report's number: without the key nobody can say which report it was for.
    """

    class State(models.TextChoices):
        """Where it stands."""

        OFFERED = "offered"
        PAID = "paid"
        LAPSED = "lapsed"

    number = models.CharField(max_length=32, unique=True)
    division = models.CharField(max_length=16)
    link = models.CharField(max_length=64, unique=True)
    claim = models.CharField(max_length=64, unique=True, help_text="SHA-256 of the claim code")
    amount = models.DecimalField(max_digits=10, decimal_places=2, help_text="yuan")
    offered_on = models.DateField()
    claim_until = models.DateField()
    state = models.CharField(max_length=8, choices=State.choices, default=State.OFFERED)
    simulated = models.BooleanField(default=False)

    class Meta:
        ordering = ("-offered_on", "-id")
        indexes = (models.Index(fields=("division", "state")),)


class RewardLine(models.Model):
    """A line of a division's reward ledger; `balance` is what may still be promised after it, never negative."""

    class Kind(models.TextChoices):
        """What moved."""

        BUDGET = "budget"
        OFFERED = "offered"
        PAID = "paid"
        LAPSED = "lapsed"

    division = models.CharField(max_length=16)
    sequence = models.PositiveIntegerField()
    at = models.DateTimeField()
    kind = models.CharField(max_length=8, choices=Kind.choices)
    amount = models.DecimalField(max_digits=12, decimal_places=2, help_text="yuan, as it moves the balance")
    balance = models.DecimalField(max_digits=12, decimal_places=2)
    reward = models.CharField(max_length=32, blank=True, help_text="number of the reward")
    by = models.CharField(max_length=150)
    reference = models.CharField(max_length=120, blank=True, help_text="of the budget document or the payment")

    class Meta:
        ordering = ("division", "sequence")
        constraints = (
            models.UniqueConstraint(fields=("division", "sequence"), name="one_line_a_number"),
            models.CheckConstraint(condition=models.Q(balance__gte=0), name="rewards_within_budget"),
        )
