"""The device register and what the gateway notes about devices: tables of the platform's database.

Times are the wall clock of +08:00. What concerns a device that may be unregistered hangs on its MN, the rest on the
`Device`.
"""

from __future__ import annotations

from datetime import datetime

from django.db import models


class Edition(models.TextChoices):
    """Edition of HJ 212 a device speaks."""

    E2005 = "2005"
    E2017 = "2017"
    E2025 = "2025"


class SumVariant(models.TextChoices):
    """The checksum a device sends: the standard's, or CRC-16/MODBUS with the low byte first."""

    STANDARD = "standard"
    MODBUS = "modbus"


class Device(models.Model):
    """A registered logger: who it is, and to which outlet of which dataset its values belong."""

    mn = models.CharField(max_length=64, unique=True)
    name_zh = models.CharField(max_length=120, blank=True)
    name_en = models.CharField(max_length=120, blank=True)
    password = models.CharField(max_length=32, default="123456")
    edition = models.CharField(max_length=4, choices=Edition.choices, default=Edition.E2017)
    sum_variant = models.CharField(max_length=8, choices=SumVariant.choices, default=SumVariant.STANDARD)
    active = models.BooleanField(default=True)
    dataset = models.CharField(max_length=64, default="sources")
    point = models.CharField(max_length=64, blank=True, help_text="outlet or station; empty: the MN")
    division = models.CharField(max_length=16, default="220000", help_text="where it stands; not known: the province")
    domain = models.CharField(max_length=24, default="sources")
    addresses = models.CharField(
        max_length=400, blank=True, help_text="addresses or networks it may call from; empty: any"
    )
    real_time_seconds = models.PositiveIntegerField(null=True, blank=True)
    minute_interval = models.PositiveIntegerField(null=True, blank=True, help_text="minutes between 2051 frames")
    hardware = models.CharField(
        max_length=400, blank=True, help_text="items of 1001 by which its logger is known before it has the MN (2025)"
    )
    set_up_at = models.DateTimeField(null=True, blank=True, help_text="when it was set up at its first contact")
    registered_at = models.DateTimeField()
    registered_by = models.CharField(max_length=150, blank=True)
    changed_at = models.DateTimeField(auto_now=True)

    class Meta:
        ordering = ("mn",)

    def __str__(self) -> str:
        return self.name_zh or self.mn

    @property
    def place(self) -> str:
        """The point its values are stored under."""
        return self.point or self.mn


class DeviceChange(models.Model):
    """One change of a device's record: who, when, and the fields with their values before and after; secrets masked."""

    class What(models.TextChoices):
        """What was done."""

        REGISTERED = "registered"
        CHANGED = "changed"
        WITHDRAWN = "withdrawn"
        RESTORED = "restored"
        KEY = "key"
        FACTOR = "factor"
        FACTOR_REMOVED = "factor_removed"

    mn = models.CharField(max_length=64)
    at = models.DateTimeField()
    by = models.CharField(max_length=150, blank=True)
    what = models.CharField(max_length=16, choices=What.choices)
    fields = models.JSONField(default=dict)

    class Meta:
        ordering = ("-at", "-id")
        indexes = (models.Index(fields=("mn", "-at")),)


class DeviceKey(models.Model):
    """An SM4 key of a device (2025) and when it holds; keys may overlap while they are being changed."""

    device = models.ForeignKey(Device, models.CASCADE, related_name="keys")
    key = models.CharField(max_length=32, help_text="32 hexadecimal digits")
    valid_from = models.DateTimeField()
    valid_until = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("device", "-valid_from")


class Factor(models.Model):
    """What a code means at one device, by the site's record: property, unit as sent, range of the instrument."""

    device = models.ForeignKey(Device, models.CASCADE, related_name="factors")
    code = models.CharField(max_length=32)
    property = models.CharField(
        max_length=64, help_text="slug of the property library; empty: the code itself", blank=True
    )
    unit = models.CharField(max_length=32, blank=True, help_text="unit of the values as sent")
    low = models.FloatField(null=True, blank=True)
    high = models.FloatField(null=True, blank=True)

    class Meta:
        ordering = ("device", "code")
        constraints = (models.UniqueConstraint(fields=("device", "code"), name="one_factor_a_code"),)


class Deviation(models.Model):
    """One line of a device's nonconformity profile: what it does otherwise than the standard, since when, how often."""

    mn = models.CharField(max_length=64)
    name = models.CharField(max_length=64)
    count = models.BigIntegerField(default=0)
    first = models.DateTimeField()
    last = models.DateTimeField()
    record = models.BigIntegerField(null=True, help_text="number of an example in the journal")

    class Meta:
        ordering = ("mn", "-count")
        constraints = (models.UniqueConstraint(fields=("mn", "name"), name="one_line_a_deviation"),)


class DeviceState(models.Model):
    """How a device stands now; written every few seconds, not with every frame."""

    mn = models.CharField(max_length=64, primary_key=True)
    online = models.BooleanField(default=False)
    peer = models.CharField(max_length=64, blank=True)
    connected_at = models.DateTimeField(null=True)
    last_frame = models.DateTimeField(null=True)
    frames = models.BigIntegerField(default=0)
    repeated = models.BigIntegerField(default=0)
    quarantined = models.BigIntegerField(default=0)
    skipped_bytes = models.BigIntegerField(default=0)
    received_bytes = models.BigIntegerField(default=0)
    edition = models.CharField(max_length=4, blank=True, help_text="as its frames say")
    system = models.CharField(max_length=4, blank=True, help_text="ST as sent")

    class Meta:
        ordering = ("mn",)


class DeviceDay(models.Model):
    """A device's day as ingest counted it in the journal, for the ledger; the day is that of receipt."""

    mn = models.CharField(max_length=64)
    day = models.DateField()
    frames = models.BigIntegerField(default=0, help_text="stored in the journal")
    quarantined = models.BigIntegerField(default=0, help_text="of them not decoded")
    rows = models.BigIntegerField(default=0, help_text="observations decoded")

    class Meta:
        ordering = ("mn", "day")
        constraints = (models.UniqueConstraint(fields=("mn", "day"), name="one_row_a_device_day"),)


class Quarantined(models.Model):
    """A record that could not be taken, and what was done about it. journal: which journal holds the record."""

    class State(models.TextChoices):
        """What has become of it."""

        OPEN = "open"
        REPLAYED = "replayed"
        DISMISSED = "dismissed"

    journal = models.CharField(max_length=16, default="quarantine")
    record = models.BigIntegerField()
    mn = models.CharField(max_length=64, blank=True)
    reason = models.CharField(max_length=32)
    detail = models.CharField(max_length=400, blank=True)
    received = models.DateTimeField()
    state = models.CharField(max_length=10, choices=State.choices, default=State.OPEN)
    settled_by = models.CharField(max_length=150, blank=True)
    settled_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("-received", "-record")
        constraints = (models.UniqueConstraint(fields=("journal", "record"), name="one_entry_a_record"),)
        indexes = (models.Index(fields=("state", "-received")), models.Index(fields=("mn", "-received")))


class RemoteCommand(models.Model):
    """A command to a device, asked for by a person; the gateway takes it up within a second."""

    class State(models.TextChoices):
        """Where the talk stands."""

        QUEUED = "queued"
        RUNNING = "running"
        DONE = "done"
        NO_DATA = "no_data"
        REFUSED = "refused"
        FAILED = "failed"
        UNANSWERED = "unanswered"
        UNFINISHED = "unfinished"
        OFFLINE = "offline"

    device = models.ForeignKey(Device, models.CASCADE, related_name="commands")
    cn = models.CharField(max_length=4)
    params = models.JSONField(default=dict)
    asked_by = models.CharField(max_length=150)
    asked_at = models.DateTimeField()
    qn = models.CharField(max_length=17, blank=True)
    state = models.CharField(max_length=10, choices=State.choices, default=State.QUEUED)
    result = models.CharField(max_length=400, blank=True, help_text="what was wrong, else empty")
    finished_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("-asked_at",)
        indexes = (models.Index(fields=("state",)),)

    @property
    def finished(self) -> bool:
        """Whether nothing more will happen."""
        return self.state not in (self.State.QUEUED, self.State.RUNNING)


class DialogueStep(models.Model):
    """One step of a talk with a device, kept as it was: the audit of remote commands."""

    command = models.ForeignKey(RemoteCommand, models.CASCADE, related_name="steps")
    at = models.DateTimeField()
    what = models.CharField(max_length=12, help_text="sent, resent, received, or the state reached")
    zh = models.CharField(max_length=200)
    en = models.CharField(max_length=200)
    raw = models.TextField(blank=True)

    class Meta:
        ordering = ("command", "id")


class Counted(models.Model):
    """Up to which record of the journal ingest has counted; one row, changed together with the counts."""

    record = models.BigIntegerField(default=0)
    late = models.BigIntegerField(default=0, help_text="of back-fill")


class SplitMessage(models.Model):
    """A message sent in parts, and which of them are in the journal; each part is decoded by itself."""

    class State(models.TextChoices):
        """incomplete: told as such; it may still become complete."""

        WAITING = "waiting"
        INCOMPLETE = "incomplete"
        COMPLETE = "complete"

    mn = models.CharField(max_length=64)
    st = models.CharField(max_length=64)
    cn = models.CharField(max_length=64)
    data_time = models.CharField(max_length=64)
    pnum = models.PositiveIntegerField()
    parts = models.JSONField(default=dict, help_text="record by PNO")
    since = models.BigIntegerField(help_text="receipt of its first part, microseconds since 1970")
    late = models.BooleanField(default=False, help_text="began as back-fill")
    state = models.CharField(max_length=10, choices=State.choices, default=State.WAITING)
    entry = models.BigIntegerField(null=True, help_text="record of its entry in quarantine")

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("mn", "data_time", "cn", "st", "pnum"), name="one_row_a_split_message"),
        )
        indexes = (models.Index(fields=("state", "since")), models.Index(fields=("entry",)))


class PushToken(models.Model):
    """What opens the HTTP door for one device: only the SHA-256 of the token is kept."""

    device = models.ForeignKey(Device, models.CASCADE, related_name="tokens")
    digest = models.CharField(max_length=64, unique=True)
    made_at = models.DateTimeField()
    made_by = models.CharField(max_length=150, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)

    def holds(self, moment: datetime) -> bool:
        """Whether the token opens the door at a moment."""
        return self.revoked_at is None or moment < self.revoked_at
