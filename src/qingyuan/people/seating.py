"""Seating an account: its organisation, the duties that organisation has, and the account's posts in them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction

from qingyuan.people import audit
from qingyuan.people.audit import Actor
from qingyuan.people.models import Duty, Organisation, Person, Post

PROVINCE = "220000"
AUTHORITY = (
    "environment",
    "monitoring",
    "inspection",
    "planning",
    "water",
    "radiation",
    "emergency",
    "accounts",
    "audit",
)
"""Duties of an authority as a whole; sealed identities and payments are other people's."""


@dataclass(frozen=True)
class Office:
    """An organisation to be made where there is none of that name and division; sites: of an enterprise."""

    name_zh: str
    name_en: str
    division: str = PROVINCE
    level: str = Organisation.Level.PROVINCE
    kind: str = Organisation.Kind.DEPARTMENT
    sites: tuple[str, ...] = ()
    simulated: bool = False


def seat(user: Any, office: Office, duties: Iterable[str], by: Actor, at: datetime, domain: str = "*") -> Person:
    """Give an account a person of that office with posts in these duties; what is there already is left as it is."""
    with transaction.atomic():
        told: dict[str, Any] = {
            "name_en": office.name_en, "level": office.level, "kind": office.kind,
            "sites": " ".join(office.sites), "simulated": office.simulated,
        }  # fmt: skip
        organisation, new = Organisation.objects.get_or_create(
            name_zh=office.name_zh,
            division=office.division,
            defaults=told,
        )
        if new:
            note(by, "organisation", organisation, {"name_zh": office.name_zh, "sites": organisation.sites}, at)
        person, made = Person.objects.get_or_create(
            user=user, defaults={"organisation": organisation, "name": user.get_full_name() or user.get_username()}
        )
        if made:
            note(by, "person", organisation, {"account": user.pk, "name": person.name}, at, str(person.pk))
        for code in duties:
            _post(person, organisation, code, domain, by, at)
    return person


def _post(person: Person, organisation: Organisation, code: str, domain: str, by: Actor, at: datetime) -> None:
    duty, _ = Duty.objects.get_or_create(
        organisation=organisation, code=code, division=organisation.division, domain=domain
    )
    if not person.posts.filter(duty=duty, until=None).exists():
        post = Post.objects.create(person=person, duty=duty, since=at)
        note(by, "post", organisation, {"person": person.pk, "duty": code, "domain": domain}, at, str(post.pk))


def note(
    by: Actor, kind: str, organisation: Organisation, fields: Mapping[str, Any], at: datetime, record: str = ""
) -> None:
    """A line of the audit chain for what was given; it lies where the organisation does."""
    audit.append(
        by, "accounts.manage", kind, record or str(organisation.pk),
        division=organisation.division, domain="people", change={name: [None, value] for name, value in fields.items()},
        at=at,
    )  # fmt: skip
