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
from PIL import Image
from registering import Ledger, somebody

from qingyuan.cases import dispatching, files, opening
from qingyuan.cases.lottery import record
from qingyuan.cases.lottery.roll import Entry, Inspector, Quota, Roll
from qingyuan.cases.models import Case, Channel, Lottery
from qingyuan.gateway import remote
from qingyuan.gateway.models import Device, Quarantined
from qingyuan.interfaces.web.plans import importing
from qingyuan.interfaces.web.registers import forms
from qingyuan.people import audit
from qingyuan.people.models import ApiToken, Organisation
from qingyuan.people.rights import of
from qingyuan.plans.book import adopting, keeping
from qingyuan.plans.book.entries import Entry as PlanEntry
from qingyuan.plans.dispatching import asking
from qingyuan.plans.evaluating import evidence, rounds
from qingyuan.plans.evaluating.known import Facts
from qingyuan.plans.evaluating.rounds import Frame
from qingyuan.plans.evaluating.rules import rules
from qingyuan.plans.evaluating.sheet import score
from qingyuan.plans.facts import Words
from qingyuan.plans.models import Evaluation, Every, Plan, Remark, Reported, SheetFile, Version
from qingyuan.registers import attachments
from qingyuan.registers.models import Import, RegisterRecord, StoredFile
from qingyuan.reports import taking
from qingyuan.reports.models import Report, RewardLine
from qingyuan.rules.models import Change, Finding, Suppression

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
        self.finding = self._found().pk
        self.open_cases()
        member = seats.seated(SECRET, "water", division=PLACE, level="county").person
        self.office, self.member = member.organisation_id, member.pk
        self.duty, self.post = member.organisation.duties.first().pk, member.posts.first().pk
        self.open_channel()
        self.ask_of_a_plan()
        audit.append(
            audit.Actor(None, SECRET, None), "devices.register", "device", self.mn, division=PLACE, domain=DOMAIN,
            change={"name_zh": [None, SECRET]}, at=AT,
        )  # fmt: skip

        self._report()
        self._register()
        self._plan()

    def _plan(self):
        """A plan of the place with a draft, a sealed version and an upload; the draft is for those who edit it."""
        told = {"title": f"{SECRET}规划", "first_day": AT.date(), "last_day": AT.date().replace(year=2030)}
        plan = Plan.objects.create(code="secret-plan", division=PLACE, **told)
        actor = audit.Actor(None, SECRET, None)
        task = PlanEntry("task", f"{SECRET}任务", "1", key="t001", departments=(SECRET,))
        draft = keeping.open_draft(plan, [task], keeping.Origin(SECRET, text=SECRET), actor, AT)
        sealed = adopting.adopt(draft, SECRET, AT.date(), actor, AT)
        self.sealed = sealed.pk
        due = AT.date().replace(year=2030)
        self.dispatched = asking.once(sealed, [("task", "t001")], [self.office], SECRET, due, audit.SYSTEM, AT)[0].pk
        self.draft = keeping.amend(sealed, SECRET, actor, AT).pk
        self.item = Version.objects.get(pk=self.draft).items.get().pk
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("QINGYUAN_DATA", str(self.data))
            self.upload = importing.take(SECRET.encode(), importing.Told("secret-plan", PLACE, SECRET, "a.txt"))
        self._evaluation()

    def _evaluation(self):
        """A round that is not published, with one sheet of the county and a file on it."""
        plan = Plan.objects.create(code="secret", title=SECRET, division=PLACE, domain=DOMAIN,
                                   first_day="2021-01-01", last_day="2025-12-31")  # fmt: skip
        edition = rules("midterm", AT.date())
        frame = Frame(plan, None, "midterm", AT, 1, edition, True)
        sheet = score(edition, Facts(PLACE, Words(SECRET, SECRET), AT.date()))
        made = rounds.start(frame, [sheet], audit.Actor(None, SECRET, None), AT)
        Evaluation.objects.filter(pk=made.pk).update(domain=DOMAIN)
        made.sheets.update(domain=DOMAIN)
        self.evaluation, self.sheet_place = made.pk, PLACE
        content = b"%PDF-1.7 " + SECRET.encode()
        kept = evidence.attach(
            self.data, made.sheets.get(), f"{SECRET}.pdf", content, audit.Actor(None, SECRET, None), AT
        )
        self.sheet_file = kept.sha256

    def _report(self):
        """A report from the public with a photograph and an identity, in domain and county of the rows."""
        out = io.BytesIO()
        Image.new("RGB", (32, 24)).save(out, "JPEG")
        told = taking.Told(
            "data", f"{SECRET}在数采仪上作假", "厂区", PLACE, identity={"name": SECRET}, pictures=[out.getvalue()]
        )
        report, _code = taking.receive(self.data, told, AT)
        self.report, self.photo = report.number, report.photos.get().sha256

    def _register(self):
        """A record of a register with an attachment, and an import of somebody else's."""
        ledger = Ledger("outfall", division=PLACE, site=self.point, name=SECRET)
        named = {"name": f"{SECRET}口", "location": "125.28, 43.84", "category": "other", "contact": SECRET}
        record = ledger.open(somebody("county.water", division=PLACE), values=named)
        self.register, self.record, self.record_number = "outfall", record.pk, record.number
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("QINGYUAN_DATA", str(self.data))
            kept = attachments.store(forms.folder(), f"{SECRET}.txt", SECRET.encode())
        self.digest = kept["sha256"]
        StoredFile.objects.create(record=record, at=AT, **kept)
        self.run = Import.objects.create(
            account=0,
            kind="outfall",
            name=SECRET,
            file="",
            division=PLACE,
            rows=1,
            at=AT,
            faults=[[2, "name", SECRET, SECRET]],
        ).pk

    def _found(self):
        """A finding of the outlet, its evidence on the disk."""
        file = self.data / "evidence" / "1.zip"
        file.parent.mkdir(exist_ok=True)
        file.write_text(SECRET, "utf-8")
        made = Finding.objects.create(
            rule="sources.hour_over", severity="high", urgency=2, dataset="sources", division=PLACE, domain=DOMAIN,
            site=self.point, point=self.point, name_zh=SECRET, name_en=SECRET, property="nox", opened_at=AT,
            changed_at=AT, window_from=AT, window_to=AT, clause=SECRET, evidence_path="evidence/1.zip",
        )  # fmt: skip
        Change.objects.create(finding=made, at=AT, what="opened", reason=SECRET)
        self.suppression = Suppression.objects.create(
            rule="sources.hour_over", division=PLACE, domain=DOMAIN, site=self.point, point="DA777", since=AT,
            until=AT.replace(year=2030), reason=SECRET, name=SECRET, made_at=AT,
        ).pk  # fmt: skip
        return made

    def open_cases(self):
        """A case with a file, and a lottery not drawn."""
        signal = opening.Signal("exceedance", f"{SECRET}超标", PLACE, DOMAIN, AT, "finding", "1", site=self.point)
        case = opening.open_case(signal, AT)
        kept = files.keep(self.data, "a.pdf", b"%PDF-1.7 " + SECRET.encode())
        given = {"sha256": kept.sha256, "name": f"{SECRET}.pdf", "type": kept.type, "size": kept.size}
        self.file = case.attachments.create(**given, step=1, by=SECRET, at=AT).pk
        self.case = case.pk
        told = dispatching.Subject("case", case.pk, 5, case.number, case.title, PLACE, DOMAIN, self.point, 1, SECRET)
        dispatching.ask(told, AT)
        entries = tuple(Entry(f"E{i}", f"{SECRET}{i}", PLACE, "power", "large", 1) for i in range(3))
        roll = Roll(
            f"{SECRET}抽查", PLACE, DOMAIN, entries, (Inspector("P1", SECRET), Inspector("P2", SECRET)), Quota(0, 1)
        )
        told = {"title": roll.title, "division": PLACE, "domain": DOMAIN, "by": SECRET, "committed_at": AT}
        committed = record.commit(roll, "ab" * 32, AT)
        self.lottery = Lottery.objects.create(**told, committed=committed, seed="ab" * 32).pk

    def open_channel(self):
        """A webhook of an organisation of the place."""
        office = Organisation.objects.create(level="county", division=PLACE, name_zh=f"{SECRET}局")
        told = {"kind": "webhook", "address": f"https://example.cn/{quote(SECRET)}", "secret": SECRET, "since": AT}
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("QINGYUAN_DATA", str(self.data))  # its secret is sealed by the key kept there
            self.channel = Channel.objects.create(organisation=office, **told).pk

    def ask_of_a_plan(self):
        """A plan of the place with a report, a file in it, and a number that was reported."""
        day, office = AT.date(), Organisation.objects.get(division=PLACE, name_zh=f"{SECRET}局")
        plan = Plan.objects.create(
            code="matrix", title=f"{SECRET}规划", division=PLACE, domain=DOMAIN, first_day=day, last_day=day.replace(year=2031)
        )  # fmt: skip
        told = {"number": 1, "made_at": AT, "made_by": SECRET, "state": "adopted", "in_force_from": day}
        version = Version.objects.create(plan=plan, **told | {"state": "draft"})
        item = version.items.create(kind="task", key="t1", title=SECRET, order=1)
        item.responsible.create(name=SECRET, lead=True, organisation=office)
        version.state = "adopted"
        version.save()
        case = asking.once(version, [("task", "t1")], [], SECRET, day.replace(year=2030), audit.SYSTEM, AT)[0]
        kept = case.attachments.create(
            sha256="2" * 64, name=SECRET, type="application/pdf", size=1, step=1, by="x", at=AT
        )
        told = {"division": PLACE, "organisation": office, "first_day": day, "last_day": day, "case": case, "step": 3}
        Reported.objects.create(plan=plan, kind="task", key="t1", title=SECRET, at=AT, by=SECRET, **told)
        self.plan, self.plan_case, self.plan_file = plan.code, case.pk, kept.sha256

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
        reports = Report.objects.values_list("number", "state", "case", "same_as", "sealed")
        records = RegisterRecord.objects.filter(pk=self.record).values_list("version", "head", "division")
        cases = Case.objects.filter(pk__in=(self.case, self.plan_case)).values_list("version", "organisation")
        own = (devices, waiting, reports, records, cases)
        cases = Case.objects.filter(pk=self.case).values_list("version", "organisation")
        plans = Version.objects.values_list("pk", "state", "reason", "items__title", "items__review")
        own = (devices, waiting, reports, records, cases, plans)
        counts = (
            Channel.objects,
            Every.objects,
            Remark.objects,
            SheetFile.objects,
            Device.objects,
            Lottery.objects.filter(file=None),
            Suppression.objects.filter(released_at=None),
            Organisation.objects.filter(name_zh="x"),
            RewardLine.objects.filter(division="220100"),
        )
        return [sorted(map(repr, each)) for each in own], [each.count() for each in counts]


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
