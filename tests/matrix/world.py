"""A world to ask about: devices, frames, quarantine, an outlet and lines of the audit chain of one county, all secret."""

import hashlib
import io
import re
import shutil
import zipfile
from datetime import datetime
from html import unescape
from urllib.parse import quote, unquote

import field
import pytest
import seats
from django.core.management import call_command

from qingyuan.gateway import remote
from qingyuan.gateway.models import Device, Quarantined
from qingyuan.people import audit
from qingyuan.people.models import ApiToken
from qingyuan.people.rights import of

AT = datetime(2026, 4, 1)
PLACE, ELSEWHERE = "220104", "220202"
DOMAIN, OTHER = "sources", "noise"
SECRET = "绝密甲"
OWNERS = {"owner": "enterprise", "operator": "company"}


class World:
    """The rows, all of county PLACE and domain DOMAIN, their names holding the secret."""

    def __init__(self, staged, data):
        shutil.copytree(staged, data)
        self.data, self.mn, self.point, self.source = data, field.PLAIN, "DA001", "import-1"
        field.fill(data)
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("QINGYUAN_DATA", str(data))
            field.register(data)
        for each in Device.objects.all():
            each.name_zh, each.name_en = f"{SECRET}{each.mn[-1]}", f"{SECRET} {each.mn[-1]}"
            each.division, each.domain = PLACE, DOMAIN
            each.save()
        device = Device.objects.get(mn=self.mn)
        self.command = remote.ask(device, "1011", {"PolId": ""}, SECRET).pk
        self.number = Quarantined.objects.filter(mn=self.mn).first().pk
        member = seats.seated(SECRET, "water", division=PLACE, level="county").person
        self.office, self.member = member.organisation_id, member.pk
        audit.append(
            audit.Actor(None, SECRET, None), "devices.register", "device", self.mn, division=PLACE, domain=DOMAIN,
            change={"name_zh": [None, SECRET]}, at=AT,
        )  # fmt: skip

    def clear(self):
        call_command("flush", interactive=False, verbosity=0)

    def somebody(self, role, place):
        """An account of a role: of the rows' own place and domain, or of another one. An owner has sites instead."""
        own = place == "own place"
        division = ELSEWHERE if place == "another place" else PLACE
        domain = OTHER if place == "another domain" else DOMAIN if own else "*"
        sites = ("DA001", "DA002", "DA003") if own else ("DA999",)
        kind = OWNERS.get(role, "department")
        return seats.seated(
            f"{role}-{place}", role, division=division, level="county", kind=kind,
            sites=sites if role in OWNERS else (), domain=domain,
        )  # fmt: skip

    def token(self, user):
        text = f"token-{user.pk}"
        digest = hashlib.sha256(text.encode()).hexdigest()
        ApiToken.objects.create(user=user, name="t", digest=digest, made_at=AT)
        return text

    def secrets(self, user):
        """What may stand in no answer to an account: everything not its own; MN nobody registered below the province."""
        own = of(user, AT).may("devices.see", PLACE, DOMAIN, self.point) or user.username.endswith("own place")
        return [field.STRANGER, *(() if own else (SECRET, field.PLAIN, field.SEALED, field.SILENT, "试排口"))]

    def foreign(self, user, answer, at, form):
        """The secrets an answer tells, beyond what was asked with."""
        text, asked = plain(answer, at), unquote(at) + " ".join(form.values())
        return [secret for secret in self.secrets(user) if secret in text and secret not in asked]

    def standing(self):
        """What nobody from elsewhere may change."""
        devices = Device.objects.values_list("mn", "password", "active", "division", "edition", "keys__key")
        waiting = Quarantined.objects.values_list("pk", "state")
        return sorted(map(repr, devices)), sorted(waiting), Device.objects.count()


def plain(answer, at):
    """The text of an answer without the address that was asked and without tokens of forms; of a workbook its cells."""
    if answer.status_code in (301, 302):
        return answer.headers["Location"].partition("?")[0]
    content = answer.getvalue() if answer.streaming else answer.content
    if content[:2] == b"PK":
        with zipfile.ZipFile(io.BytesIO(content)) as book:
            return "".join(book.read(name).decode("utf-8", "replace") for name in book.namelist())
    text = unescape(content.decode("utf-8", "replace"))
    path = at.partition("?")[0]
    for form in (at, quote(at), quote(at, safe=""), unquote(at), path, unquote(path)):
        text = text.replace(form, "")
    return re.sub(r'(X-CSRFToken": "|csrfmiddlewaretoken" value=")[^"]+|\d\d:\d\d(:\d\d)?', "", text)
