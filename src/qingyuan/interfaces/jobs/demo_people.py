"""The demo's people: organisations of all five levels with their duties, accounts to try them, one password for all."""

from __future__ import annotations

import secrets
from collections.abc import Iterator, Sequence
from datetime import datetime
from functools import lru_cache
from importlib.resources import files
from pathlib import Path
from typing import Any

import yaml
from django.contrib.auth.hashers import make_password
from django.contrib.auth.models import User
from django.db import transaction

from qingyuan.interfaces.demo_accounts import FILE, Account, accounts, keep
from qingyuan.people.models import Duty, Organisation, Person, Post
from qingyuan.places.divisions import Division, division, subtree

PROVINCE = "220000"
SINCE = datetime(2024, 1, 1)
LEVEL = {"province": "province", "prefecture": "city", "county": "county"}


@lru_cache(maxsize=1)
def _declared() -> dict[str, Any]:
    return yaml.safe_load(files("qingyuan.interfaces.jobs").joinpath("demo_people.yaml").read_text("utf-8"))


def fill(data: Path, outlets: Sequence[str] = ()) -> list[Account]:
    """Make the demo's organisations and accounts; what is there stays. outlets: those of the demo's enterprise."""
    present = accounts(data)
    if present and Organisation.objects.exists():
        return present
    password = secrets.token_urlsafe(9)
    with transaction.atomic():
        for each in (*_departments(), *_responsible(), *_townships()):
            _organisation(**each)
        _enterprise(outlets)
        hashed = make_password(password)
        made = [_account(row, password, hashed) for row in _declared()["people"]]
    keep(data, made)
    return made


def _departments() -> Iterator[dict[str, Any]]:
    for place in subtree(PROVINCE):
        for row in _declared()["everywhere"]:
            if row["level"] == LEVEL[place.level]:
                yield {**_named(row, place), "level": row["level"], "division": place.code, "duties": row["duties"]}


def _responsible() -> Iterator[dict[str, Any]]:
    """Those who answer for tasks of the province's plan, 省 written out."""
    place = division(PROVINCE)
    for name, english in _declared()["responsible"].items():
        zh, en = f"{place.name_zh}{name[1:]}", f"{place.name_en}: {english}"
        told = {"level": "province", "division": PROVINCE, "duties": ["task"], "domain": "plan"}
        yield {"name_zh": zh, "name_en": en, **told}


def _named(row: dict[str, Any], place: Division) -> dict[str, Any]:
    zh, en = row["name"].format(place=place.name_zh), row["en"].format(place=place.name_en)
    return {"name_zh": zh, "name_en": en, "domain": row.get("domain", "*")}


def _townships() -> Iterator[dict[str, Any]]:
    for rows in _declared()["townships"].values():
        for row in rows:
            zh, en = f"{row['name']}人民政府", f"Township of {row['en']}"
            yield {"name_zh": zh, "name_en": en, "level": "township", "division": row["code"], "duties": ["grid"]}
            for number in range(1, _declared()["grids"] + 1):
                zh, en = f"{row['name']}第{number}网格", f"{row['en']}, grid {number}"
                code = f"{row['code']}{number:03}"
                yield {"name_zh": zh, "name_en": en, "level": "grid", "division": code, "duties": ["grid"]}


def _organisation(
    name_zh: str, name_en: str, level: str, division: str, duties: Sequence[str], domain: str = "*", **more: str
) -> Organisation:
    told = {"name_en": name_en, "level": level, "division": division, "simulated": True, **more}
    made, _new = Organisation.objects.get_or_create(name_zh=name_zh, defaults=told)
    for code in duties:
        Duty.objects.get_or_create(organisation=made, code=code, division=division, domain=domain)
    return made


def _enterprise(outlets: Sequence[str]) -> None:
    _organisation(
        "模拟热电厂", "Simulated heat and power", "county", "220122", ["owner"],
        kind=Organisation.Kind.ENTERPRISE, sites=" ".join(outlets),
    )  # fmt: skip


def _account(row: dict[str, Any], password: str, hashed: str) -> Account:
    name = row["of"].format(province=division(PROVINCE).name_zh)
    organisation = Organisation.objects.get(name_zh=name)
    user, _new = User.objects.get_or_create(username=row["account"])
    user.password = hashed
    user.save()
    person, _new = Person.objects.get_or_create(user=user, defaults={"organisation": organisation, "name": row["name"]})
    for duty in organisation.duties.all():
        Post.objects.get_or_create(person=person, duty=duty, since=SINCE)
    return Account(row["account"], password, row["name"], name, row["try"]["zh"], row["try"]["en"])


__all__ = ["FILE", "Account", "accounts", "fill"]
