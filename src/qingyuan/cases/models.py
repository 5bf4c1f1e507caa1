"""Cases in the database: the record and its steps, what it was made of, attachments, notices, views, lotteries."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from django.db import models

from qingyuan.cases import kinds, moments
from qingyuan.people.at_rest import SealedText
from qingyuan.people.models import Organisation
from qingyuan.registers.flow.fold import State
from qingyuan.registers.flow.rows import Record, Step
from qingyuan.registers.models import RegisterRecord

FAR = datetime(9999, 12, 31)
"""`until` of a case without deadline: behind all others."""


SCOPED = ("division", "domain", "site")
FOUND = (*SCOPED, "step", "kind", "origin", "searched", "is_open")
COUNTED = (*FOUND, "organisation", "handler", "joined", "reopened", "awaiting")
"""Columns that lists are filtered and counted by: in the indexes, so that neither reads the rows themselves."""


class Case(Record):
    """A case as its steps add up, with what lists are made by; nothing here is written but by steps and the watch.

    severity: high or normal; origin: what found it (monitor, satellite, report, register, inspection, hand ...);
    event: of the findings it was made of; point, item: the monitor and its property whose data prove it; level, duty,
    organisation, handler: who has it now; joined: ``,3,5,`` organisations beside; proof: days since rectification
    as [day, verdict]; agreeing, needed: counted of them; times: first time of each step, for the first moments;
    stage: of escalation, for the present deadline; until: the deadline, or FAR.
    """

    severity = models.CharField(max_length=8, default="normal")
    origin = models.CharField(max_length=16, default="hand")
    rule = models.CharField(max_length=80, blank=True, default="")
    clause = models.CharField(max_length=200, blank=True, default="")
    event = models.CharField(max_length=64, blank=True, default="")
    site_name = models.CharField(max_length=120, blank=True, default="")
    point = models.CharField(max_length=64, blank=True, default="")
    item = models.CharField(max_length=32, blank=True, default="")
    occurred_at = models.DateTimeField()
    level = models.CharField(max_length=10, default="county")
    duty = models.CharField(max_length=32, blank=True, default="")
    organisation = models.BigIntegerField(null=True, blank=True)
    organisation_name = models.CharField(max_length=120, blank=True, default="")
    handler = models.BigIntegerField(null=True, blank=True)
    handler_name = models.CharField(max_length=120, blank=True, default="")
    joint = models.JSONField(default=list)
    joined = models.CharField(max_length=200, blank=True, default="")
    leader = models.CharField(max_length=60, blank=True, default="")
    reporter = models.BigIntegerField(null=True, blank=True)
    parent = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="children")
    proof = models.JSONField(default=list)
    agreeing = models.PositiveSmallIntegerField(default=0)
    needed = models.PositiveSmallIntegerField(default=0)
    awaiting = models.BooleanField(default=False)
    reopened = models.PositiveSmallIntegerField(default=0)
    told_relapse = models.DateField(null=True, blank=True)
    times = models.JSONField(default=dict)
    stage = models.CharField(max_length=16, blank=True, default="")
    is_open = models.BooleanField(default=True)
    until = models.DateTimeField(default=FAR)

    class Meta:
        constraints = (models.UniqueConstraint(fields=["number"], name="case_number_once"),)
        indexes = (
            models.Index(fields=["until", "id", *COUNTED], name="case_open", condition=models.Q(is_open=True)),
            models.Index(fields=["-closed_at", "-id", *FOUND], name="case_closed", condition=models.Q(is_open=False)),
            models.Index(fields=["-id", *FOUND], name="case_all"),
            models.Index(fields=["point", "item", "is_open"], name="case_monitor"),
            models.Index(fields=["event"], name="case_event"),
        )

    @property
    def declared(self) -> kinds.CaseKind:
        """The kind as declared."""
        return kinds.kind(self.kind)

    @property
    def rectified_on(self) -> date | None:
        """Day of the rectification whose signature holds."""
        told = self.values.get("rectified_on") if self.step in ("verify", "close", "closed") else None
        return date.fromisoformat(told) if told else None

    def take(self, state: State) -> None:
        """Take over what the steps add up to, and what lists are made by."""
        before = self.step
        super().take(state)
        self.is_open, self.until = not state.is_over, state.due or FAR
        self.title = str(state.values.get("about", self.title))[:200]
        self.searched = " ".join((self.number, self.title, self.site_name, self.site, self.point)).lower()
        self.leader = str(state.values.get("leader", ""))[:60]
        self._custody(dict(state.handed))
        self._times(state)
        self.needed = self.declared.measured if self.point else 0
        if self.step != before:
            self.stage = ""
        if self.step not in ("verify", "close", "closed"):
            self.proof, self.agreeing = [], 0
        self.awaiting = self.step == "verify" and self.agreeing < self.needed

    def _custody(self, handed: dict[str, Any]) -> None:
        for name in ("level", "duty", "organisation", "organisation_name", "handler", "handler_name", "joint"):
            if name in handed:
                setattr(self, name, handed[name])
        self.joined = "".join(f",{number}" for number, _name in self.joint) + "," if self.joint else ""

    def _times(self, state: State) -> None:
        told = {"occurred": self.occurred_at, "opened": self.opened_at}
        told |= {each.step: each.at for each in reversed(state.signed)}
        if day := state.values.get("punished_on"):
            told["punished"] = max(self.opened_at, datetime.fromisoformat(day))
        self.times = {name: at.isoformat() for name, at in told.items()} | self.times

    def moments(self, at: datetime) -> list[moments.Moment]:
        """The four first moments as they stand."""
        times = {name: datetime.fromisoformat(told) for name, told in self.times.items()}
        return moments.stamped(self.declared.moments, times, at, not self.is_open)


class CaseStep(Step):
    """One appended step of a case."""

    record = models.ForeignKey(Case, models.PROTECT, related_name="steps")

    class Meta:
        constraints = (models.UniqueConstraint(fields=["record", "sequence"], name="case_step_once"),)
        indexes = (models.Index(fields=["at"], name="case_step_at"),)


class Origin(models.Model):
    """A finding (or report) that a case was made of; each is in one case only."""

    case = models.ForeignKey(Case, models.PROTECT, related_name="origins")
    source = models.CharField(max_length=16)
    key = models.CharField(max_length=64)
    at = models.DateTimeField()
    told = models.JSONField(default=dict)

    class Meta:
        constraints = (models.UniqueConstraint(fields=["source", "key"], name="case_origin_once"),)


class Attachment(models.Model):
    """A file of a case, kept by its content; doubts: why a photograph may not show the case."""

    case = models.ForeignKey(Case, models.PROTECT, related_name="attachments")
    step = models.PositiveIntegerField()
    sha256 = models.CharField(max_length=64)
    name = models.CharField(max_length=160)
    type = models.CharField(max_length=80)
    size = models.PositiveIntegerField()
    taken = models.DateTimeField(null=True)
    lon = models.FloatField(null=True)
    lat = models.FloatField(null=True)
    doubts = models.JSONField(default=list)
    account = models.BigIntegerField(null=True)
    by = models.CharField(max_length=120)
    at = models.DateTimeField()

    class Meta:
        constraints = (models.UniqueConstraint(fields=["case", "sha256"], name="case_attachment_once"),)


class DispatchRound(models.Model):
    """A note of progress asked for in regular dispatch 调度, of a case or of whatever else is dispatched.

    source, key: what it is asked of, one open round each; due: until when; answered_at: when the note came; over_at:
    when the matter ended without one; missed: due days that passed before either; stage: of escalation; progress (%),
    done, obstacle, by: the note. The other columns are the subject's, for lists and rights.
    """

    source = models.CharField(max_length=16)
    key = models.BigIntegerField()
    number = models.CharField(max_length=64)
    title = models.CharField(max_length=200)
    division = models.CharField(max_length=12)
    domain = models.CharField(max_length=24)
    site = models.CharField(max_length=64, blank=True, default="")
    organisation = models.BigIntegerField(null=True, blank=True)
    organisation_name = models.CharField(max_length=120, blank=True, default="")
    simulated = models.BooleanField(default=False)
    every = models.PositiveSmallIntegerField(help_text="working days between two due days")
    asked_at = models.DateTimeField()
    due = models.DateTimeField()
    answered_at = models.DateTimeField(null=True)
    over_at = models.DateTimeField(null=True)
    missed = models.PositiveSmallIntegerField(default=0)
    stage = models.CharField(max_length=16, blank=True, default="")
    progress = models.PositiveSmallIntegerField(null=True)
    done = models.TextField(blank=True, default="")
    obstacle = models.TextField(blank=True, default="")
    by = models.CharField(max_length=120, blank=True, default="")

    OPEN = models.Q(answered_at=None, over_at=None)

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=["source", "key"],
                condition=models.Q(answered_at=None, over_at=None),
                name="dispatch_asked_once",
            ),
        )
        indexes = (
            models.Index(fields=["source", "key"], name="dispatch_subject"),
            models.Index(
                fields=["due", "id"], name="dispatch_open", condition=models.Q(answered_at=None, over_at=None)
            ),
            models.Index(fields=["organisation", "missed"], name="dispatch_organisation"),
        )

    @property
    def is_open(self) -> bool:
        """Whether the note is still waited for."""
        return self.answered_at is None and self.over_at is None


class Notice(models.Model):
    """Something told in the page: to an account, or to everyone of an organisation. code, told: what, in parts.

    case or record: what it is about, one of the two.
    """

    account = models.BigIntegerField(null=True)
    organisation = models.BigIntegerField(null=True)
    case = models.ForeignKey(Case, models.CASCADE, null=True, related_name="notices")
    record = models.ForeignKey(RegisterRecord, models.CASCADE, null=True, related_name="notices")
    code = models.CharField(max_length=24)
    told = models.JSONField(default=dict)
    at = models.DateTimeField()
    read_at = models.DateTimeField(null=True)

    class Meta:
        indexes = (
            models.Index(fields=["account", "read_at", "-at"], name="notice_account"),
            models.Index(fields=["organisation", "read_at", "-at"], name="notice_organisation"),
            models.Index(fields=["-at"], name="notice_newest"),
        )
        constraints = (
            models.CheckConstraint(condition=models.Q(case=None) ^ models.Q(record=None), name="notice_of_one"),
        )


class Channel(models.Model):
    """Where notices of an organisation (None: of all) go besides the page.

    address: of mail, or the URL of a webhook; secret: signs what is sent to a webhook; since: older notices stay;
    code: digest of the code sent to verify it, good until then; verified_at: when its receiver gave the code back.
    """

    class Kind(models.TextChoices):
        """How it is sent."""

        MAIL = "mail"
        WEBHOOK = "webhook"

    organisation = models.ForeignKey(Organisation, models.CASCADE, null=True, related_name="channels")
    kind = models.CharField(max_length=8, choices=Kind.choices)
    address = models.CharField(max_length=300)
    secret = SealedText(purpose="webhook", max_length=255, blank=True, default="")
    since = models.DateTimeField()
    code = models.CharField(max_length=64, blank=True, default="")
    code_until = models.DateTimeField(null=True)
    verified_at = models.DateTimeField(null=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=["organisation", "kind", "address"], name="channel_once"),
            models.UniqueConstraint(
                fields=["kind", "address"], condition=models.Q(organisation=None), name="channel_of_all_once"
            ),
        )


class Delivery(models.Model):
    """One notice on one channel: how often it was tried, when next (None: no more), when it arrived, what failed."""

    channel = models.ForeignKey(Channel, models.CASCADE, related_name="deliveries")
    notice = models.ForeignKey(Notice, models.CASCADE, related_name="deliveries")
    tries = models.PositiveSmallIntegerField(default=0)
    next_at = models.DateTimeField(null=True)
    sent_at = models.DateTimeField(null=True)
    failure = models.CharField(max_length=200, blank=True, default="")

    class Meta:
        constraints = (models.UniqueConstraint(fields=["channel", "notice"], name="delivery_once"),)
        indexes = (models.Index(fields=["next_at"], name="delivery_next"),)


class Carried(models.Model):
    """A step of a register whose effects were carried out; fault: what of them could not be, in words."""

    step = models.BigIntegerField(primary_key=True)
    at = models.DateTimeField()
    fault = models.CharField(max_length=200, blank=True, default="")


class SavedView(models.Model):
    """A filter of the list that a person keeps."""

    account = models.BigIntegerField()
    name = models.CharField(max_length=40)
    query = models.CharField(max_length=400)

    class Meta:
        constraints = (models.UniqueConstraint(fields=["account", "name"], name="case_view_once"),)


class Counter(models.Model):
    """The last number given in a series."""

    series = models.CharField(max_length=48, primary_key=True)
    last = models.PositiveIntegerField(default=0)


class Lottery(models.Model):
    """A random inspection: what was published before, the secret seed until the draw, then the whole file."""

    title = models.CharField(max_length=120)
    division = models.CharField(max_length=12)
    domain = models.CharField(max_length=24)
    simulated = models.BooleanField(default=False)
    committed = models.JSONField()
    seed = models.CharField(max_length=128)
    file = models.JSONField(null=True)
    committed_at = models.DateTimeField()
    drawn_at = models.DateTimeField(null=True)
    by = models.CharField(max_length=120)

    class Meta:
        indexes = (models.Index(fields=["-committed_at"], name="lottery_newest"),)


class Sent(models.Model):
    """An act sent from a phone, by the id the phone gave it: sent again it is answered as before and done once."""

    id = models.UUIDField(primary_key=True)
    account = models.BigIntegerField(null=True)
    case = models.ForeignKey(Case, models.CASCADE, related_name="sent")
    at = models.DateTimeField(help_text="when it was done on the phone")
    received_at = models.DateTimeField()
