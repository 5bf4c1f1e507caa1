"""Organisations, people and their posts as whoever manages a subtree of divisions sees and changes them.

Nobody grants what they do not hold: a duty goes to an organisation only when the organisation of whoever gives it holds
all of its actions over that scope; a post goes to a person only out of the duties of their own organisation, and never
to oneself. The account that sets the platform up has no organisation and may give any duty.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.contrib.auth import get_user_model
from django.contrib.auth.hashers import PBKDF2PasswordHasher
from django.db import transaction
from django.db.models import Q, QuerySet

from qingyuan.base.errors import WrongUsage
from qingyuan.people import audit
from qingyuan.people.audit import Actor
from qingyuan.people.declared import duties
from qingyuan.people.models import Duty, Organisation, Person, Post
from qingyuan.people.rights import ANY, Rights
from qingyuan.places.divisions import UnknownDivision, division, next_stem, stem, within

MANAGE = "accounts.manage"
FIELDS = ("name_zh", "name_en", "kind", "level", "division", "sites", "active")
PERSON_FIELDS = ("name", "mobile", "mail")


def organisations(held: Rights, words: str = "", kind: str = "", division: str = "") -> QuerySet[Organisation]:
    """The organisations somebody manages, by words of the name, kind and subtree."""
    found = Organisation.objects.filter(held.where(MANAGE, domain="", site=""))
    for word in words.split()[:5]:
        found = found.filter(Q(name_zh__icontains=word) | Q(name_en__icontains=word) | Q(division__startswith=word))
    if kind:
        found = found.filter(kind=kind)
    if division:
        found = found.filter(division__gte=stem(division), division__lt=next_stem(stem(division)))
    return found


def people(held: Rights, words: str = "", organisation: int | None = None) -> QuerySet[Person]:
    """The people of the organisations somebody manages, by words of their name, account or organisation."""
    found = Person.objects.filter(held.where(MANAGE, division="organisation__division", domain="", site=""))
    for word in words.split()[:5]:
        near = Q(name__icontains=word) | Q(user__username__icontains=word) | Q(organisation__name_zh__icontains=word)
        found = found.filter(near)
    if organisation is not None:
        found = found.filter(organisation_id=organisation)
    return found.select_related("user", "organisation").order_by("name", "pk")


@dataclass(frozen=True)
class Manager:
    """Who manages, and when. set_up: the account that sets the platform up."""

    rights: Rights
    actor: Actor
    at: datetime
    set_up: bool = False

    def reaches(self, place: str) -> bool:
        """Whether a division lies in what is managed."""
        return any(each.domain == ANY and each.covers(place, ANY) for each in self.rights.grants_of(MANAGE))

    def may_give(self, code: str, place: str, domain: str) -> bool:
        """Whether a duty over a scope is the manager's to give to an organisation."""
        if code not in duties() or not self.reaches(place):
            return False
        return self.set_up or all(self._organisation_holds(each, place, domain) for each in duties()[code].actions)

    def _organisation_holds(self, action: str, place: str, domain: str) -> bool:
        held = Duty.objects.filter(organisation_id=self.actor.organisation or 0, organisation__active=True)
        return any(
            action in duties()[each.code].actions and each.domain in (ANY, domain) and within(place, each.division)
            for each in held
            if each.code in duties()
        )

    def tell(self, action: str, kind: str, record: Any, place: str, change: Mapping[str, Any]) -> None:
        """A line of the audit chain."""
        audit.append(self.actor, action, kind, str(record), division=place, domain="", change=change, at=self.at)


class Refused(WrongUsage):
    """Something that may not be given or changed, or a value that cannot be. field: which it is about."""

    def __init__(self, field: str, what: str, todo: str = "") -> None:
        super().__init__(what, todo)
        self.field = field


def save_organisation(
    by: Manager, values: Mapping[str, Any], parent: Organisation | None, organisation: Organisation | None = None
) -> Organisation:
    """Make an organisation, or change one. values: by FIELDS. Refused, naming the field."""
    found = organisation or Organisation()
    if organisation is not None and not by.reaches(organisation.division):
        raise Refused("division", f"{organisation} is managed by others", "Ask whoever manages it")
    before = {name: getattr(found, name) for name in FIELDS} | {"parent": found.parent_id} if found.pk else {}
    _check(by, found, values, parent)
    for name in FIELDS:
        if name in values:
            setattr(found, name, values[name])
    found.parent = parent
    after = {name: getattr(found, name) for name in FIELDS} | {"parent": found.parent_id}
    with transaction.atomic():
        found.save()
        change = audit.changes(before, after)
        if change:
            by.tell(MANAGE, "organisation", found.pk, found.division, change)
    return found


def _check(by: Manager, found: Organisation, values: Mapping[str, Any], parent: Organisation | None) -> None:
    _fits(Organisation, {name: values[name] for name in FIELDS if name in values})
    place = values.get("division", found.division)
    if not known_division(place):
        raise Refused("division", f"division {place!r} is none", "Give the code of a division of the province")
    if not by.reaches(place):
        raise Refused("division", f"division {place} is not yours to manage", "Choose one of your subtree")
    if not str(values.get("name_zh", found.name_zh)).strip():
        raise Refused("name_zh", "The organisation has no name", "Give its Chinese name")
    for name, allowed in (("kind", Organisation.Kind.values), ("level", Organisation.Level.values)):
        if values.get(name, getattr(found, name)) not in allowed:
            raise Refused(name, f"{name} {values[name]!r} is none", f"Choose {', '.join(allowed)}")
    if parent is not None and (parent.pk == found.pk or _above(parent, found)):
        raise Refused("parent", "An organisation cannot stand above itself", "Choose another one")


def _fits(model: Any, values: Mapping[str, Any]) -> None:
    """Refused for a text longer than its field, or with a sign no database keeps."""
    for name, value in values.items():
        longest = getattr(model._meta.get_field(name), "max_length", None) or 2000
        if isinstance(value, str) and (len(value) > longest or "\0" in value):
            raise Refused(name, f"{name} is too long", f"Write at most {longest} signs")


def _above(start: Organisation, found: Organisation) -> bool:
    """Whether an organisation stands somewhere above another."""
    step: Organisation | None = start
    for _ in range(20):
        if step is None:
            return False
        if step.parent_id is not None and step.parent_id == found.pk:
            return True
        step = step.parent
    return True


def known_division(code: str) -> bool:
    """Whether a code is a division of the province, at any of the five levels."""
    try:
        division(code[:6])
    except UnknownDivision:
        return False
    return bool(re.fullmatch(r"\d{6}|\d{9}|\d{12}", code))


def give_duty(by: Manager, organisation: Organisation, code: str, place: str, domain: str) -> Duty:
    """Give an organisation a duty over a scope. Refused for what is not the manager's to give."""
    if not by.reaches(organisation.division):
        raise Refused("duty", f"{organisation} is managed by others", "Ask whoever manages it")
    if not known_division(place):
        raise Refused("place", f"division {place!r} is none", "Give the code of a division of the province")
    if not by.may_give(code, place, domain):
        raise Refused(
            "duty", f"duty {code} over {place} is not yours to give", "Your organisation does not hold it there"
        )
    with transaction.atomic():
        made, new = Duty.objects.get_or_create(organisation=organisation, code=code, division=place, domain=domain)
        if new:
            told = {"duty": [None, f"{code} {place} {domain}"]}
            by.tell(MANAGE, "organisation", organisation.pk, organisation.division, told)
    return made


def take_duty(by: Manager, duty: Duty) -> None:
    """Take a duty from an organisation; the posts of it go as well. Refused."""
    if not by.reaches(duty.organisation.division):
        raise Refused("duty", f"{duty.organisation} is managed by others", "Ask whoever manages it")
    held = Post.objects.filter(duty=duty, person__user_id=by.actor.account or 0)
    if held.exists():
        raise Refused("duty", "Nobody takes a duty from themselves", "Ask another who manages accounts")
    with transaction.atomic():
        told = {"duty": [f"{duty.code} {duty.division} {duty.domain}", None], "posts": [duty.posts.count(), 0]}
        by.tell(MANAGE, "organisation", duty.organisation_id, duty.organisation.division, told)
        duty.delete()


def save_person(
    by: Manager, values: Mapping[str, Any], organisation: Organisation, person: Person | None = None
) -> Person:
    """Make an account and its person, or change them. values: account (new ones), PERSON_FIELDS, active. Refused.

    A new account has no password yet: `new_password` gives one.
    """
    if not by.reaches(organisation.division) or (person and not by.reaches(person.organisation.division)):
        raise Refused("organisation", f"{organisation} is managed by others", "Choose one of your subtree")
    if not str(values.get("name", person.name if person else "")).strip():
        raise Refused("name", "The person has no name", "Give it")
    _fits(Person, {name: values[name] for name in PERSON_FIELDS if name in values})
    found = person or Person(user=_new_account(str(values.get("account", ""))))
    before = _told(found) if person else {}
    for name in PERSON_FIELDS:
        if name in values:
            setattr(found, name, str(values[name]).strip())
    moved = person is not None and person.organisation_id != organisation.pk
    found.organisation = organisation
    with transaction.atomic():
        _switch(by, found, values.get("active", True))
        found.save()
        if moved:
            found.posts.exclude(duty__organisation=organisation).update(until=by.at)
        change = audit.changes(before, _told(found))
        if change:
            by.tell(MANAGE, "account", found.user_id, organisation.division, change)
    return found


def _told(person: Person) -> dict[str, Any]:
    told = {name: getattr(person, name) for name in PERSON_FIELDS}
    return told | {
        "account": person.user.username,
        "active": person.user.is_active,
        "organisation": person.organisation_id,
    }


def _new_account(name: str) -> Any:
    if not re.fullmatch(r"[A-Za-z0-9._-]{2,60}", name):
        raise Refused("account", f"account {name!r} cannot be", "Use letters, digits, point and hyphen")
    if get_user_model().objects.filter(username__iexact=name).exists():
        raise Refused("account", f"account {name} is taken", "Choose another name")
    user = get_user_model()(username=name)
    user.set_unusable_password()
    return user


def _switch(by: Manager, person: Person, active: bool) -> None:
    if person.user.pk == by.actor.account and not active:
        raise Refused("active", "Nobody switches themselves off", "Ask another who manages accounts")
    person.user.is_active = active
    person.user.email = person.mail
    person.user.save()
    person.user_id = person.user.pk


def new_password(by: Manager, person: Person) -> str:
    """Give a person a random password they have to change first; given this once. Refused."""
    check_others(by, person)
    password = "-".join(secrets.token_hex(3) for _ in range(4))
    user = person.user
    # 96 random bits need no slow hash; the password somebody chooses gets one
    user.password = PBKDF2PasswordHasher().encode(password, secrets.token_hex(8), iterations=10_000)
    with transaction.atomic():
        user.save(update_fields=["password"])
        Person.objects.filter(pk=person.pk).update(must_change=True)
        by.tell("password", "account", user.pk, person.organisation.division, {"password": ["••••••", "••••••"]})
    return password


def check_others(by: Manager, person: Person) -> None:
    """Refused for one's own account and for one that others manage."""
    if person.user_id == by.actor.account:
        raise Refused("account", "This is your own account", "Ask another who manages accounts")
    if not by.reaches(person.organisation.division):
        raise Refused("organisation", f"{person} is managed by others", "Ask whoever manages the organisation")


def give_post(by: Manager, person: Person, duty: Duty) -> Post:
    """Let a person hold a duty of their organisation from now on. Refused for oneself or another's duty."""
    check_others(by, person)
    if duty.organisation_id != person.organisation_id:
        raise Refused(
            "post", f"duty {duty.code} is not of {person.organisation}", "Give the organisation the duty first"
        )
    held = Post.objects.filter(Q(until=None) | Q(until__gt=by.at), person=person, duty=duty).first()
    if held:
        return held
    with transaction.atomic():
        made = Post.objects.create(person=person, duty=duty, since=by.at)
        told = {"post": [None, f"{duty.code} {duty.division} {duty.domain}"]}
        by.tell(MANAGE, "account", person.user_id, person.organisation.division, told)
    return made


def end_post(by: Manager, post: Post) -> None:
    """Let a person hold a duty no more. Refused."""
    check_others(by, post.person)
    duty = post.duty
    with transaction.atomic():
        Post.objects.filter(pk=post.pk).update(until=by.at)
        told = {"post": [f"{duty.code} {duty.division} {duty.domain}", None]}
        by.tell(MANAGE, "account", post.person.user_id, post.person.organisation.division, told)
