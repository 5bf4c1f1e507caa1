"""Who may do what, where: tables of the platform's database. Times are the wall clock of +08:00."""

from __future__ import annotations

from django.conf import settings
from django.db import models


class Organisation(models.Model):
    """A department, an enterprise, a monitoring company: what holds duties over a place.

    sites: codes of the outlets and stations an enterprise answers for, separated by blanks.
    """

    class Kind(models.TextChoices):
        """What it is."""

        DEPARTMENT = "department"
        ENTERPRISE = "enterprise"
        COMPANY = "company"
        PUBLIC = "public"

    class Level(models.TextChoices):
        """Which of the five levels it works at."""

        PROVINCE = "province"
        CITY = "city"
        COUNTY = "county"
        TOWNSHIP = "township"
        GRID = "grid"

    kind = models.CharField(max_length=12, choices=Kind.choices, default=Kind.DEPARTMENT)
    level = models.CharField(max_length=10, choices=Level.choices, default=Level.PROVINCE)
    division = models.CharField(max_length=16)
    parent = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="below")
    name_zh = models.CharField(max_length=120)
    name_en = models.CharField(max_length=120, blank=True)
    sites = models.TextField(blank=True)
    active = models.BooleanField(default=True)
    simulated = models.BooleanField(default=False)

    class Meta:
        ordering = ("division", "name_zh")
        indexes = (models.Index(fields=("division",)),)

    def __str__(self) -> str:
        return self.name_zh


class Person(models.Model):
    """An account's person: the organisation it belongs to, and how to reach them."""

    user = models.OneToOneField(settings.AUTH_USER_MODEL, models.CASCADE, related_name="person")
    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="people")
    name = models.CharField(max_length=60)
    mobile = models.CharField(max_length=32, blank=True)
    mail = models.CharField(max_length=254, blank=True)
    must_change = models.BooleanField(default=False, help_text="the password was given by somebody else")

    class Meta:
        ordering = ("name",)

    def __str__(self) -> str:
        return self.name


class Duty(models.Model):
    """What an organisation may do: a duty of ``duties.yaml`` over a division's subtree and a domain (``*``: any)."""

    organisation = models.ForeignKey(Organisation, models.CASCADE, related_name="duties")
    code = models.CharField(max_length=32)
    division = models.CharField(max_length=16)
    domain = models.CharField(max_length=24, default="*")

    class Meta:
        ordering = ("organisation", "code")
        constraints = (
            models.UniqueConstraint(fields=("organisation", "code", "division", "domain"), name="one_duty_a_scope"),
        )


class Post(models.Model):
    """A person holds a duty of their organisation, from a moment until another (null: open)."""

    person = models.ForeignKey(Person, models.CASCADE, related_name="posts")
    duty = models.ForeignKey(Duty, models.CASCADE, related_name="posts")
    since = models.DateTimeField()
    until = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("person", "duty")
        constraints = (models.UniqueConstraint(fields=("person", "duty", "since"), name="one_post_a_time"),)


class Delegation(models.Model):
    """During leave another person holds some posts as well, for a time and with a reason."""

    giver = models.ForeignKey(Person, models.CASCADE, related_name="given")
    taker = models.ForeignKey(Person, models.CASCADE, related_name="taken")
    posts = models.ManyToManyField(Post, related_name="delegations")
    since = models.DateTimeField()
    until = models.DateTimeField()
    reason = models.CharField(max_length=200)
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("-since",)


class ApiToken(models.Model):
    """Opens the API for an account; only the SHA-256 of the token is kept."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="api_tokens")
    name = models.CharField(max_length=60)
    digest = models.CharField(max_length=64, unique=True)
    made_at = models.DateTimeField()
    until = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("-made_at",)


class SignedIn(models.Model):
    """A session somebody has begun, for the list of their sessions; ended by removing it and the session."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="sessions")
    key = models.CharField(max_length=40, unique=True)
    begun_at = models.DateTimeField()
    seen_at = models.DateTimeField()
    address = models.CharField(max_length=45, blank=True)
    device = models.CharField(max_length=200, blank=True, help_text="what the browser says of itself")

    class Meta:
        ordering = ("-seen_at",)


class PastPassword(models.Model):
    """A password an account had, hashed as the present one; the last few may not be chosen again."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="past_passwords")
    hashed = models.CharField(max_length=128)
    since = models.DateTimeField()

    class Meta:
        ordering = ("-since", "-pk")


class AuditEntry(models.Model):
    """One line of the audit chain; its digest covers the line and the digest before it."""

    number = models.BigIntegerField(primary_key=True)
    at = models.DateTimeField()
    account = models.BigIntegerField(null=True)
    name = models.CharField(max_length=150)
    organisation = models.BigIntegerField(null=True)
    action = models.CharField(max_length=48)
    kind = models.CharField(max_length=32)
    record = models.CharField(max_length=80)
    division = models.CharField(max_length=16, blank=True)
    domain = models.CharField(max_length=24, blank=True)
    change = models.JSONField(default=dict)
    sealed = models.BooleanField(default=False, help_text="sealed data were read")
    digest = models.CharField(max_length=64)

    class Meta:
        ordering = ("number",)
        indexes = (
            models.Index(fields=("kind", "record", "number")),
            models.Index(fields=("account", "number")),
            models.Index(fields=("division", "number")),
        )
