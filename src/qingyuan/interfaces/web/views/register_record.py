"""One record of a register: its form, timeline, as it was, acts, drafts, attachments; and opening a new one."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from qingyuan.base.errors import WrongUsage
from qingyuan.base.time import now
from qingyuan.cases import telling
from qingyuan.interfaces.web import access
from qingyuan.interfaces.web.context import without_data
from qingyuan.interfaces.web.registers import asking, forms, words
from qingyuan.interfaces.web.views import registers
from qingyuan.people import audit
from qingyuan.registers import acting, attachments, known, scope
from qingyuan.registers.flow import acts, chain, store, values
from qingyuan.registers.flow.declared import CLOSED, Kind, Words
from qingyuan.registers.flow.fold import Actor, State, StepEntry, fold
from qingyuan.registers.flow.reasons import Conflict, Reason, Refused
from qingyuan.registers.flow.wording import VERBS
from qingyuan.registers.models import Draft, RegisterRecord, RegisterStep, StoredFile

VERBS_HERE = ("fill", "sign", "return", "amend", "void", "note", "hand_over", "reopen")


@access.needs("registers.see")
@without_data
@never_cache
def one(request: HttpRequest, kind: str, number: int) -> HttpResponse:
    """A record beside the list; with ``at`` as it was at that moment."""
    found = asking.kind_of(request, kind)
    record = asking.record_of(request, found, number)
    who = access.actor(request)
    telling.of(who.account or 0, (who.organisation,) if who.organisation else (), record).update(read_at=now())
    return _show(request, found, record)


def _show(
    request: HttpRequest,
    kind: Kind,
    record: RegisterRecord,
    typed: dict[str, Any] | None = None,
    reasons: Sequence[Reason] = (),
    doing: str = "",
) -> HttpResponse:
    entries = store.entries_of(RegisterStep, record.pk)
    moment = _moment(request.GET.get("at", ""))
    state = fold(kind, [entry for entry in entries if moment is None or entry.at <= moment])
    holds = scope.holds(access.rights(request), record)
    may = {verb: moment is None and acts.may(kind, state, verb, holds) for verb in VERBS_HERE}  # type: ignore[arg-type]
    may["note"] = may["note"] and access.rights(request).may(
        "registers.write", record.division, record.domain, record.site
    )
    draft = Draft.objects.filter(account=asking.account(request), kind=kind.name, record=record.pk).first()
    asks = kind.steps[state.step].asks if may["fill"] and state.step in kind.steps else ()
    names = [name for name in asks if name not in state.known]
    corrected = request.GET.get("correct", "")
    if may["fill"] and corrected in kind.fields and corrected not in names:
        names.append(corrected)
    raw = typed if typed is not None else dict(draft.values) if draft else {}
    amends = [name for name in state.sealed if may["amend"] and acts.may_amend(kind, state, name, holds)]
    ways = acts.ways(kind, state, values.kept_all(kind.fields, raw)[0])
    state_of, word = words.due(record, now())
    shown = registers.listed(request, kind) | {
        "record": record,
        "state": state,
        "form": forms.form(kind, state, names, raw, reasons, record.division),
        "amends": forms.amends(kind, state, amends, raw, reasons, record.division),
        "names": names,
        "stepper": _stepper(kind, state),
        "timeline": _timeline(kind, entries),
        "can": may,
        "doing": doing or request.GET.get("do", ""),
        "ways": [(name, words.step(kind, name)) for name in ways],
        "back_to": [(each.step, words.step(kind, each.step)) for each in state.signed],
        "step_title": words.step(kind, state.step),
        "due_state": state_of,
        "due": word,
        "draft": draft,
        "as_it_was": moment,
        "place": words.place(record.division),
        "whole": chain.first_broken(record.key, entries) is None,
        "locked": _locked(kind, state, holds),
        "private": any(each.personal and state.values.get(each.name) for each in kind.fields.values()),
        "files": list(StoredFile.objects.filter(record=record.pk)),
    }
    return render(request, "registers/record.html", shown, status=400 if reasons else 200)


def _moment(text: str) -> datetime | None:
    try:
        return datetime.fromisoformat(text).replace(tzinfo=None) if text else None
    except ValueError:
        return None


def _locked(kind: Kind, state: State, holds: Any) -> str:
    """Why the present step is not this person's: who has to sign it."""
    if state.is_over or acts.may(kind, state, "sign", holds):
        return ""
    from qingyuan.registers.flow.wording import signers

    return words.of(signers(kind.steps[state.step].signs))


def _stepper(kind: Kind, state: State) -> list[dict[str, Any]]:
    signed = {each.step: each for each in state.signed}
    made = []
    for step in kind.steps.values():
        how = "now" if step.name == state.step else "done" if step.name in signed else ""
        told = ""
        if how == "done":
            told = _("signed %(day)s") % {"day": f"{signed[step.name].at:%m-%d}"}
        elif how == "now" and state.due:
            told = _("by %(day)s") % {"day": f"{state.due:%m-%d}"}
        made.append({"title": words.of(step.title), "how": how, "told": told})
    return made


def _timeline(kind: Kind, entries: Sequence[StepEntry]) -> list[dict[str, Any]]:
    """Every act, newest first, with what it changed from what to what."""
    made, before = [], State()
    for entry in entries:
        after = fold(kind, entries[: entry.sequence])
        changed = [
            (words.of(kind.fields[name].title), _text(kind, name, before), _text(kind, name, after))
            for name in {**entry.values, **entry.set}
            if name in kind.fields
        ]
        made.append(
            {
                "entry": entry,
                "verb": words.of(VERBS[entry.verb]),
                "step": words.step(kind, entry.step),
                "to": words.step(kind, entry.to) if entry.to else "",
                "changed": changed,
                "prefilled": len(entry.known),
                "auto": entry.actor.account is None,
                "warn": entry.verb in ("return", "reopen", "void", "amend"),
            }
        )
        before = after
    return made[::-1]


def _text(kind: Kind, name: str, state: State) -> str:
    return words.value(kind.fields[name], state.values.get(name))


@access.needs("registers.write")
@require_POST
@without_data
def do(request: HttpRequest, kind: str, number: int) -> HttpResponse:
    """Do one act; what is wrong is told at its field, what was typed stays."""
    found = asking.kind_of(request, kind)
    record, verb = asking.record_of(request, found, number), request.POST.get("do", "")
    if verb not in VERBS_HERE:
        raise Http404
    try:
        typed, given = _given(request, found, record, verb)
    except WrongUsage as why:
        told = Words(str(why), str(why))
        return _show(request, found, record, {}, [Reason("file", told, "")], verb)
    seen = request.POST.get("version", "")
    try:
        change = registers.act(request, found, record, verb, int(seen) if seen.isdecimal() else -1, **given)
    except Conflict as conflict:
        record.refresh_from_db()
        _keep(request, found, record, typed)
        return _show(request, found, record, typed, conflict.reasons[:1], verb)
    except Refused as refused:
        return _show(request, found, record, typed, refused.reasons, verb)
    attachments.note(found, change, now())
    Draft.objects.filter(account=asking.account(request), kind=found.name, record=number).delete()
    request.session["register_told"] = ("good", _told(found, change), [])
    return redirect(registers.back(request, found) if verb == "hand_over" else _address(request, found, number))


def _given(
    request: HttpRequest, kind: Kind, record: RegisterRecord, verb: str
) -> tuple[dict[str, Any], dict[str, Any]]:
    """What was typed, and the act's parts. Raises WrongUsage for a file that is not taken."""
    post = request.POST
    given: dict[str, Any] = {"note": post.get("note", "")[:5000], "to": post.get("to", "")}
    typed: dict[str, Any] = {}
    if verb in ("fill", "sign", "amend"):
        names = [name for name in post.getlist("asked") if name in kind.fields]
        typed = forms.typed(kind, names, request)
        changed = {
            name: value for name, value in typed.items() if not (value == "" and record.values.get(name) is None)
        }
        given["values"] = {name: value for name, value in changed.items() if not _same(kind, record, name, value)}
    elif verb == "hand_over":
        given["handed"] = {name: post[name] for name in ("division", "site") if post.get(name)}
    return typed, given


def _same(kind: Kind, record: RegisterRecord, name: str, value: Any) -> bool:
    """Whether what was typed is what is stored: then it is no change."""
    try:
        return values.kept(kind.fields[name], value) == record.values.get(name)
    except values.Unfit:
        return False


def _told(kind: Kind, change: store.Change) -> str:
    after = change.after
    if change.entry.verb == "sign" and after.step == CLOSED:
        return _("Signed and closed.")
    if change.entry.verb == "sign":
        due = f"{after.due:%m-%d}" if after.due else "—"
        return _("Signed. Now at “%(step)s”, due %(due)s.") % {"step": words.step(kind, after.step), "due": due}
    return _("Done: %(verb)s.") % {"verb": words.of(VERBS[change.entry.verb])}


def _address(request: HttpRequest, kind: Kind, number: int) -> str:
    ctx = getattr(request, "ctx", None)
    return (
        ctx.link("register_record", kind.name, number) if ctx else reverse("register_record", args=[kind.name, number])
    )


def _keep(request: HttpRequest, kind: Kind, record: RegisterRecord | None, typed: dict[str, Any]) -> Draft:
    plain = {name: value for name, value in typed.items() if kind.fields[name].type != "file"}
    kept, _ = Draft.objects.update_or_create(
        account=asking.account(request),
        kind=kind.name,
        record=record.pk if record else 0,
        defaults={"values": plain, "at": now(), "version": record.version if record else 0},
    )
    return kept


@access.needs("registers.write")
@require_POST
@without_data
def draft(request: HttpRequest, kind: str, number: int) -> HttpResponse:
    """Keep what is being typed; answers when it was kept. number 0: of a record not opened yet."""
    found = asking.kind_of(request, kind)
    record = asking.record_of(request, found, number, "registers.write") if number else None
    names = [
        name for name in request.POST.getlist("asked") if name in found.fields and found.fields[name].type != "file"
    ]
    kept = _keep(request, found, record, forms.typed(found, names, request))
    return HttpResponse(_("Kept at %(at)s") % {"at": f"{kept.at:%H:%M}"})


@access.needs("registers.write")
@without_data
@never_cache
def new(request: HttpRequest, kind: str) -> HttpResponse:
    """The form of a new record; POST opens it."""
    found = asking.kind_of(request, kind)
    names = [name for name in found.first.asks if not found.fields[name].known_from]
    if request.method != "POST":
        kept = Draft.objects.filter(account=asking.account(request), kind=found.name, record=0).first()
        return _form(request, found, names, dict(kept.values) if kept else {}, ())
    try:
        typed = forms.typed(found, names, request)
    except WrongUsage as why:
        return _form(request, found, names, {}, [Reason("file", Words(str(why), str(why)))])
    division, site = request.POST.get("division", "").strip(), request.POST.get("site", "").strip()[:64]
    try:
        change = _open(request, found, division, site, typed)
    except Refused as refused:
        return _form(request, found, names, typed, refused.reasons)
    attachments.note(found, change, now())
    Draft.objects.filter(account=asking.account(request), kind=found.name, record=0).delete()
    request.session["register_told"] = ("good", _("Opened as %(number)s.") % {"number": change.record.number}, [])
    return redirect(_address(request, found, change.record.pk))


def _open(request: HttpRequest, kind: Kind, division: str, site: str, typed: dict[str, Any]) -> store.Change:
    """Open a record with what was typed and what is known. Raises Refused."""
    kept, _ = values.kept_all(kind.fields, typed)
    found, sources = known.values(kind, division, site, kept, now())
    who = access.actor(request)
    ctx = getattr(request, "ctx", None)
    given = acts.Given(
        "open",
        Actor(who.account, who.name, who.organisation),
        now(),
        0,
        scope.holds_at(access.rights(request), division, kind.domain, site, str(kept.get(scope.ORGANISATION) or "")),
        values={name: value for name, value in {**found, **typed}.items() if value not in ("", [])} | found,
        known=sources,
    )
    return acting.open_record(kind, acting.Place(division, site, bool(ctx and ctx.simulated)), given)


def _form(
    request: HttpRequest, kind: Kind, names: list[str], typed: dict[str, Any], reasons: Sequence[Reason]
) -> HttpResponse:
    division = request.POST.get("division", "")
    places = sorted({code for each in access.rights(request).divisions("registers.write") for code in _counties(each)})
    shown = registers.listed(request, kind) | {
        "form": forms.form(kind, State(), names, typed, reasons),
        "names": names,
        "divisions": [(code, words.place(code)) for code in places],
        "division": division,
        "site": request.POST.get("site", ""),
        "draft": Draft.objects.filter(account=asking.account(request), kind=kind.name, record=0).first(),
        "first_step": words.of(kind.first.title),
    }
    return render(request, "registers/new.html", shown, status=400 if reasons else 200)


def _counties(code: str) -> list[str]:
    from qingyuan.places.divisions import UnknownDivision, subtree

    try:
        return [each.code for each in subtree(code) if each.level in ("county", "prefecture")]
    except UnknownDivision:
        return [code]


@access.needs("registers.see")
@without_data
def file(request: HttpRequest, kind: str, number: int, digest: str) -> FileResponse:
    """An attachment of a record one may see; always as a download or an image, never as a page."""
    found = asking.kind_of(request, kind)
    record = asking.record_of(request, found, number)
    stored = StoredFile.objects.filter(record=record.pk, sha256=digest).first()
    kept = attachments.at(forms.folder(), digest)
    if stored is None or not kept.is_file():
        raise Http404
    image = stored.media.startswith("image/")
    return FileResponse(kept.open("rb"), as_attachment=not image, filename=stored.name, content_type=stored.media)


@access.needs("registers.write")
@require_POST
@without_data
def personal(request: HttpRequest, kind: str, number: int) -> HttpResponse:
    """Show the personal values of a record to somebody who acts on it; the reading is a line of the audit chain."""
    found = asking.kind_of(request, kind)
    record = asking.record_of(request, found, number, "registers.write")
    fields = [each for each in found.fields.values() if each.personal and record.values.get(each.name)]
    audit.append(
        access.actor(request), "registers.personal", "register", record.key,
        division=record.division, domain=record.domain, change={"fields": [each.name for each in fields]},
        at=now(), sealed=True,
    )  # fmt: skip
    shown = [(words.of(each.title), words.value(each, record.values[each.name], True)) for each in fields]
    return render(request, "registers/personal.html", {"shown": shown})


urlpatterns = [
    path("registers/<slug:kind>/new/", new, name="register_new"),
    path("registers/<slug:kind>/<int:number>/", one, name="register_record"),
    path("registers/<slug:kind>/<int:number>/act/", do, name="register_act"),
    path("registers/<slug:kind>/<int:number>/draft/", draft, name="register_draft"),
    path("registers/<slug:kind>/<int:number>/personal/", personal, name="register_personal"),
    path("registers/<slug:kind>/<int:number>/files/<slug:digest>/", file, name="register_file"),
]
