"""The audit chain: every change and every reading of sealed data, each line covering the one before it by its digest.

A line is written in the transaction of the change it tells of: there is no change without its line and no line without
its change. Lines are numbered without gaps, one at a time (SQLite: the transaction is the only writer; PostgreSQL: a
lock held until its end). The head is noted outside the database, signed (`anchor`), so that cutting off the end shows.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time
from pathlib import Path
from typing import Any

from django.contrib.auth import get_user_model
from django.core.serializers.json import DjangoJSONEncoder
from django.db import connection, transaction
from django.db.models import QuerySet

from qingyuan.base.durable import kept_secret, write_whole
from qingyuan.base.errors import QingyuanError
from qingyuan.base.locking import alone
from qingyuan.base.time import isoformat
from qingyuan.people.actors import SYSTEM as SYSTEM
from qingyuan.people.actors import Actor as Actor
from qingyuan.people.models import AuditEntry, Person
from qingyuan.people.rights import Rights

LOCK = 0x51_59_41_55
"""Number of the advisory lock of PostgreSQL that lines wait behind."""
BATCH = 2000


def named(name: str) -> Actor:
    """Who acts under an account's name; for a name that is no account's (the command line) the name alone."""
    found = Person.objects.filter(user__username=name).values_list("user_id", "name", "organisation_id").first()
    if found:
        return Actor(*found)
    account = get_user_model().objects.filter(username=name).values_list("pk", flat=True).first()
    return Actor(account, name or "system", None)


@dataclass(frozen=True)
class Line:
    """One thing that was done, before it is chained. change: what changed, JSON values only."""

    actor: Actor
    action: str
    kind: str
    record: str
    division: str
    domain: str
    change: Mapping[str, Any]
    at: datetime
    sealed: bool = False


def append(
    actor: Actor,
    action: str,
    kind: str,
    record: str,
    *,
    division: str,
    domain: str,
    change: Mapping[str, Any],
    at: datetime,
    sealed: bool = False,
) -> AuditEntry:
    """Append one line; joins the transaction of the change."""
    return append_many([Line(actor, action, kind, record, division, domain, change, at, sealed)])[0]


def append_many(lines: Sequence[Line]) -> list[AuditEntry]:
    """Append lines in order; joins the transaction of the change."""
    with transaction.atomic():
        _wait_for_turn()
        last = AuditEntry.objects.order_by("-number").values_list("number", "digest").first() or (0, "")
        made = list(_chained(lines, *last))
        AuditEntry.objects.bulk_create(made, batch_size=BATCH)
    return made


def _wait_for_turn() -> None:
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [LOCK])


def _chained(lines: Iterable[Line], number: int, before: str) -> Iterator[AuditEntry]:
    for line in lines:
        number += 1
        entry = AuditEntry(
            number=number,
            at=line.at.replace(microsecond=0),
            account=line.actor.account,
            name=line.actor.name,
            organisation=line.actor.organisation,
            action=line.action,
            kind=line.kind,
            record=line.record,
            division=line.division,
            domain=line.domain,
            change=_stored(line.change),
            sealed=line.sealed,
        )
        entry.digest = before = digest(entry, before)
        yield entry


def _stored(change: Mapping[str, Any]) -> Any:
    """A change as every database gives it back: PostgreSQL keeps no NUL and no NaN, and 1e22 as a whole number."""
    text = json.dumps(change, cls=DjangoJSONEncoder)
    found = json.loads(text, parse_float=_number, parse_constant=_number)
    return _without_nul(found) if "\\u0000" in text else found


def _without_nul(value: Any) -> Any:
    if isinstance(value, dict):
        return {_without_nul(name): _without_nul(each) for name, each in value.items()}
    if isinstance(value, list):
        return [_without_nul(each) for each in value]
    return value.replace("\0", "\ufffd") if isinstance(value, str) else value


def _number(told: str) -> float | str:
    value = float(told)
    return value if math.isfinite(value) and 1e-5 < abs(value) < 1e15 else str(value)


def digest(entry: AuditEntry, before: str) -> str:
    """SHA-256 of a line's canonical JSON with the digest before it, in hexadecimal digits."""
    told = [
        entry.number, isoformat(entry.at), entry.account, entry.name, entry.organisation, entry.action, entry.kind,
        entry.record, entry.division, entry.domain, entry.change, entry.sealed, before,
    ]  # fmt: skip
    text = json.dumps(told, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


@dataclass(frozen=True)
class Verdict:
    """What `verify` found. lines: how many were looked at; number: the first bad one; why: what is wrong with it.

    notes: signed notes the chain was compared with.
    """

    lines: int
    number: int | None = None
    why: str = ""
    notes: int = field(default=0, compare=False)

    @property
    def whole(self) -> bool:
        """Whether nothing was changed, removed, put in between or cut off."""
        return not self.why


def verify(data: Path) -> Verdict:
    """Look through the whole chain and compare it with the signed note of its head."""
    try:
        heads = _anchored(data)
    except QingyuanError as wrong:
        return Verdict(0, None, str(wrong))
    number, before = 0, ""
    for entry in AuditEntry.objects.order_by("number").iterator(BATCH):
        number += 1
        if entry.number != number:
            return Verdict(number, number, f"line {number} is missing, line {entry.number} follows")
        if digest(entry, before) != entry.digest:
            return Verdict(number, number, f"line {number} is not what was written")
        before = entry.digest
        if heads.get(number, before) != before:
            return Verdict(number, number, f"line {number} is not the one the signed note names")
    last = max(heads, default=0)
    if last > number:
        return Verdict(number, number + 1, f"the signed note knows {last} lines, {number} are left")
    return Verdict(number, notes=len(heads))


def anchor(data: Path, at: datetime) -> None:
    """Note the head of the chain outside the database, signed; one file a day, the newest head of the day."""
    last = AuditEntry.objects.order_by("-number").values_list("number", "digest").first()
    if last is None:
        return
    folder = data / "audit"
    file = folder / f"{at:%Y-%m-%d}.json"
    with alone(folder / "note.lock"):
        if not _noted(data, file, last[0]):
            _write_note(data, file, {"day": f"{at:%Y-%m-%d}", "number": last[0], "digest": last[1]})


def _noted(data: Path, file: Path, number: int) -> bool:
    """Whether a note knows of that line already; a note never goes back, so that a cut off end stays known."""
    return file.exists() and int(_note(data, file)["number"]) >= number


def _write_note(data: Path, file: Path, note: Mapping[str, Any]) -> None:
    write_whole(file, json.dumps({**note, "mac": _mac(data, note)}))


def _note(data: Path, file: Path) -> dict[str, Any]:
    """What a note says. Raises QingyuanError for one that is not ours."""
    try:
        told = json.loads(file.read_text("ascii"))
        mac = told.pop("mac", "")
    except (ValueError, AttributeError, TypeError):
        told, mac = {}, ""
    if not hmac.compare_digest(str(mac), _mac(data, told)):
        raise QingyuanError(f"The note {file.name} of the audit chain is not signed with our key", "It was changed.")
    return dict(told)


def _anchored(data: Path) -> dict[int, str]:
    """Digest by number of every signed note. Raises QingyuanError for one that is not ours."""
    notes = [_note(data, file) for file in sorted((data / "audit").glob("*.json"))]
    return {each["number"]: each["digest"] for each in notes}


def _mac(data: Path, note: Mapping[str, Any]) -> str:
    return hmac.new(_key(data), json.dumps(note, sort_keys=True).encode(), hashlib.sha256).hexdigest()


def _key(data: Path) -> bytes:
    return bytes.fromhex(kept_secret(data / "keys" / "audit.key"))


def readable(rights: Rights) -> QuerySet[AuditEntry]:
    """The lines somebody may read: those of the places and domains of that duty; no line is of a site."""
    return AuditEntry.objects.filter(rights.where("audit.read", site=""))


def as_of(kind: str, record: str, moment: datetime, among: QuerySet[AuditEntry] | None = None) -> dict[str, Any]:
    """A record's fields at a moment: the changes ``{field: [before, after]}`` up to it, in order.

    among: the lines that may be read; all by default.
    """
    fields: dict[str, Any] = {}
    lines = AuditEntry.objects.all() if among is None else among
    entries = lines.filter(kind=kind, record=record, at__lte=moment).order_by("number")
    for change in entries.values_list("change", flat=True):
        pairs = {name: pair for name, pair in change.items() if isinstance(pair, list) and len(pair) == 2}
        fields |= {name: pair[1] for name, pair in pairs.items()}
    return fields


def exported(since: date | None, until: date | None) -> Iterator[dict[str, Any]]:
    """Lines of some days, both included, in order, with all that their digests cover."""
    found = AuditEntry.objects.order_by("number")
    if since:
        found = found.filter(at__gte=datetime.combine(since, time()))
    if until:
        found = found.filter(at__lte=datetime.combine(until, time.max))
    names = [each.name for each in AuditEntry._meta.concrete_fields]
    for entry in found.iterator(BATCH):
        yield {name: getattr(entry, name) for name in names} | {"at": isoformat(entry.at)}


def changes(before: Mapping[str, Any], after: Mapping[str, Any]) -> dict[str, list[Any]]:
    """What differs, as a line tells it: ``{field: [before, after]}``."""
    names = sorted({*before, *after})
    return {name: [before.get(name), after.get(name)] for name in names if before.get(name) != after.get(name)}
