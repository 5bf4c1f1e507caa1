"""Tables of the registers: records and steps, and what is kept beside them so that lists answer at once."""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar

from django.db import models

from qingyuan.registers.flow import rows

FACETS = ("facet_a", "facet_b", "facet_c", "facet_d")
"""Columns that hold the fields a kind is filtered by, in the order it declares them."""

NO_DEADLINE, OVER = datetime(9998, 12, 31), datetime(9999, 12, 31)
"""Where records without a deadline, and records that are over, stand in the order of deadlines."""


class RegisterRecord(rows.Record):
    """A record of any kind. prefecture, county: its division cut to four and six digits; ranked: order of deadlines."""

    prefecture = models.CharField(max_length=6)
    county = models.CharField(max_length=6)
    ranked = models.DateTimeField(default=NO_DEADLINE)
    facet_a = models.CharField(max_length=80, blank=True, default="")
    facet_b = models.CharField(max_length=80, blank=True, default="")
    facet_c = models.CharField(max_length=80, blank=True, default="")
    facet_d = models.CharField(max_length=80, blank=True, default="")

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=("kind", "number"), name="one_record_a_number")]
        indexes: ClassVar = [
            models.Index(fields=("kind", "ranked", "id", "county", "simulated"), name="register_by_due"),
            models.Index(
                fields=("kind", "prefecture", "ranked", "id", "county", "simulated"), name="register_by_prefecture"
            ),
            models.Index(fields=("kind", "county", "ranked", "id", "simulated"), name="register_by_county"),
            models.Index(fields=("kind", "division"), name="register_by_division"),
            models.Index(fields=("kind", "step", "ranked", "id"), name="register_by_step"),
            models.Index(fields=("site", "kind"), name="register_by_site"),
            *(models.Index(fields=("kind", facet, "ranked", "id"), name=f"register_by_{facet}") for facet in FACETS),
        ]


class RegisterStep(rows.Step):
    """A step of a record."""

    record = models.ForeignKey(RegisterRecord, models.CASCADE, related_name="steps")

    class Meta:
        ordering = ("record", "sequence")
        constraints: ClassVar = [models.UniqueConstraint(fields=("record", "sequence"), name="one_step_a_sequence")]
        indexes: ClassVar = [models.Index(fields=("at",), name="register_step_at")]


class Tally(models.Model):
    """How many records of a kind stand at a step in a county with these values of the facets that have few values."""

    kind = models.CharField(max_length=48)
    domain = models.CharField(max_length=24)
    division = models.CharField(max_length=6)
    simulated = models.BooleanField(default=False)
    step = models.CharField(max_length=48)
    facet_a = models.CharField(max_length=80, blank=True, default="")
    facet_b = models.CharField(max_length=80, blank=True, default="")
    facet_c = models.CharField(max_length=80, blank=True, default="")
    facet_d = models.CharField(max_length=80, blank=True, default="")
    count = models.BigIntegerField(default=0)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=("kind", "division", "step", *FACETS, "simulated", "domain"), name="one_tally"
            )
        ]


class Account(models.Model):
    """One account of a balance: the sum over the counted records that name it; amount: exact decimal text."""

    kind = models.CharField(max_length=48)
    balance = models.CharField(max_length=48)
    account = models.CharField(max_length=300)
    simulated = models.BooleanField(default=False)
    amount = models.CharField(max_length=60, default="0")

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=("kind", "balance", "account", "simulated"), name="one_account")
        ]


class Numbering(models.Model):
    """The last number given under a prefix of a kind."""

    kind = models.CharField(max_length=48)
    prefix = models.CharField(max_length=64)
    last = models.BigIntegerField(default=0)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=("kind", "prefix"), name="one_numbering")]


class Draft(models.Model):
    """What somebody typed and has not sent: for a record, or (record 0) for a new one of a kind."""

    account = models.BigIntegerField()
    kind = models.CharField(max_length=48)
    record = models.BigIntegerField(default=0)
    version = models.PositiveIntegerField(default=0)
    values = models.JSONField(default=dict)
    at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=("account", "kind", "record"), name="one_draft")]


class SavedView(models.Model):
    """A list as somebody wants to see it again: the query string of its address."""

    account = models.BigIntegerField(db_index=True)
    kind = models.CharField(max_length=48)
    title = models.CharField(max_length=60)
    query = models.CharField(max_length=1000)

    class Meta:
        ordering = ("title",)
        constraints: ClassVar = [models.UniqueConstraint(fields=("account", "kind", "title"), name="one_view_a_title")]


class Import(models.Model):
    """A workbook being taken in. state: read (preview), running, done, failed; faults: row, field, words.

    why: in Chinese and English why it stands as failed.
    """

    account = models.BigIntegerField(db_index=True)
    kind = models.CharField(max_length=48)
    name = models.CharField(max_length=120)
    file = models.CharField(max_length=64, help_text="digest of the stored workbook")
    division = models.CharField(max_length=12)
    state = models.CharField(max_length=8, default="read")
    rows = models.PositiveIntegerField(default=0)
    faulty = models.PositiveIntegerField(default=0)
    faults = models.JSONField(default=list)
    done = models.PositiveIntegerField(default=0)
    why = models.JSONField(default=list)
    at = models.DateTimeField()
    simulated = models.BooleanField(default=False)


class StoredFile(models.Model):
    """An attachment of a record: kept once by its digest in the data folder."""

    record = models.ForeignKey(RegisterRecord, models.CASCADE, related_name="files")
    sha256 = models.CharField(max_length=64)
    name = models.CharField(max_length=160)
    media = models.CharField(max_length=80)
    size = models.BigIntegerField()
    account = models.BigIntegerField(null=True)
    at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=("record", "sha256"), name="one_file_a_record")]
