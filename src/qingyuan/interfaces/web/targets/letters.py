"""Letters as the page shows them: parties below a place that one may see, each with its record and what is in force."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from qingyuan.base.time import now
from qingyuan.cases.letters.written import Letter
from qingyuan.interfaces import loading
from qingyuan.interfaces.web import access
from qingyuan.interfaces.web.behind import Make, Product, Progress
from qingyuan.interfaces.web.context import Context
from qingyuan.interfaces.web.dispatching import words
from qingyuan.interfaces.web.registers import words as register_words
from qingyuan.interfaces.web.targets import showing
from qingyuan.people.models import Organisation
from qingyuan.places.divisions import children
from qingyuan.plans.book import keeping as book
from qingyuan.plans.letters import files, keeping, written
from qingyuan.plans.letters.parties import Content, NothingIssued, Party, of_department, of_place
from qingyuan.plans.models import Plan, Version
from qingyuan.plans.models.book import DOMAIN
from qingyuan.registers.models import RegisterRecord


@dataclass(frozen=True)
class Row:
    """A party with what is in force for it and its newest letter; state: none, tight, bad or good, word: in words."""

    party: Party
    name: str
    content: Content | None
    record: RegisterRecord | None
    step: str
    state: str
    word: str

    @property
    def lines(self) -> int:
        """How many targets or tasks are in force."""
        return len(self.content.lines) if self.content else 0

    @property
    def written(self) -> Content | None:
        """What its document says: what the record holds, else what is in force."""
        if self.record is None or self.content is None:
            return self.content
        return written.as_kept(self.content, str(self.record.values.get("content") or self.content.text))

    def letter(self) -> Letter | None:
        """The document; None where there is nothing to sign."""
        found = self.written
        if found is None:
            return None
        signed = keeping.signed(self.record) if self.record else None
        return written.letter(found, now().date(), signed, differs=self.state == "bad")


def places(request: HttpRequest, ctx: Context, action: str) -> list[Row]:
    """The places below the context's place somebody may do something with."""
    rights = access.rights(request)
    codes = [each.code for each in children(ctx.place) if rights.may(action, each.code, DOMAIN)]
    return [_row(of_place(code), showing.name(code), _shares(code, ctx.simulated), ctx.simulated) for code in codes]


def _shares(code: str, simulated: bool) -> Content | None:
    try:
        return written.content(code, simulated)
    except NothingIssued:
        return None


def departments(request: HttpRequest, ctx: Context, action: str) -> list[Row]:
    """The departments the plan of the context's place asks something of, as far as they are of one's places."""
    version = version_of(ctx)
    if version is None:
        return []
    rights = access.rights(request)
    offices = Organisation.objects.filter(plan_tasks__item__version=version, active=True).distinct()
    own = [each for each in offices.order_by("division", "name_zh") if rights.may(action, each.division, DOMAIN)]
    contents = written.department_contents(version, [of_department(each) for each in own])
    simulated = version.plan.simulated
    return [
        _row(of_department(each), words.organisation(each), contents[each.pk], simulated)
        for each in own
        if each.pk in contents
    ]


def version_of(ctx: Context) -> Version | None:
    """The version in force of the newest plan of the very place of the page; simulated only beside simulated data."""
    plans = Plan.objects.filter(division=ctx.place, simulated=ctx.simulated).order_by("-first_day")
    found = (book.in_force(each, ctx.time.date()) or book.in_force(each, now().date()) for each in plans)
    return next(filter(None, found), None)


def _row(party: Party, name: str, found: Content | None, simulated: bool) -> Row:
    record = keeping.of_party(party, simulated)
    step = register_words.step(loading.registers().kind(party.kind), record.step) if record else ""
    return Row(party, name, found, record, step, *_stands(found, record))


def _stands(found: Content | None, record: RegisterRecord | None) -> tuple[str, str]:
    if found is None:
        return "none", _("nothing issued")
    if record is None:
        return "tight", _("no letter yet")
    if record.values.get("content_digest") != found.digest:
        return "bad", _("differs from what is in force")
    if record.step == keeping.IN_FORCE:
        return "good", pgettext("letter", "signed, says what is in force")
    return "tight", _("to be signed")


def making(rows: Iterable[Row], form: str, name: str) -> Make:
    """The work that writes the letters: one as its own file, several in one archive. form: docx or pdf."""
    letters = {_file(row.party): made for row in rows if (made := row.letter())}

    def make(told: Progress) -> Product:
        total = len(letters) * (2 if form == "pdf" else 1)
        made: list[tuple[str, bytes]] = []
        for each in files.words(letters):
            told(each[0], len(made), total)
            made.append(each)
        if form == "pdf":
            printed: list[tuple[str, bytes]] = []
            told("PDF", len(made), total)
            for each in files.pdfs(made):
                printed.append(each)
                told(each[0], len(made) + len(printed), total)
            made = printed
        title, content = made[0] if len(letters) == 1 else (name, files.archive(made))
        return Product(title, {title.rpartition(".")[2]: content})

    return make


def _file(party: Party) -> str:
    return f"{party.division}-{party.name}-责任书"


def shown(row: Row) -> dict[str, Any]:
    """A row for the template."""
    told = {name: getattr(row, name) for name in ("party", "name", "record", "step", "state", "word", "lines")}
    return told | {"key": row.party.key, "kind": row.party.kind, "signed": row.record is not None}


def dated(on: date) -> str:
    """A day as part of a file's name."""
    return f"{on:%Y%m%d}"
