"""Organisations, their duties, people and their posts, as whoever manages a subtree sees and changes them."""

from __future__ import annotations

from typing import Any

from django.core.paginator import Page, Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import path
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from qingyuan.base.time import now
from qingyuan.interfaces.web import access, excel
from qingyuan.interfaces.web.context import without_data
from qingyuan.interfaces.web.people import words
from qingyuan.people import book, managing, second
from qingyuan.people.declared import duties
from qingyuan.people.managing import FIELDS, MANAGE, PERSON_FIELDS, Refused
from qingyuan.people.models import Duty, Organisation, Person, Post
from qingyuan.people.rights import ANY

PAGE = 50


@access.needs(MANAGE)
@without_data
@never_cache
def organisations(request: HttpRequest) -> HttpResponse:
    """Organisations of the subtree, 50 a page; with ``export=xlsx`` the workbook of them and their people."""
    ask = {name: request.GET.get(name, "").strip()[:80] for name in ("q", "kind")}
    found = managing.organisations(access.rights(request), ask["q"], ask["kind"]).select_related("parent")
    if request.GET.get("export") == "xlsx":
        members = managing.people(access.rights(request)).filter(organisation__in=found)
        return _workbook(book.write(found.prefetch_related("duties"), members.prefetch_related("posts__duty")))
    rows: Page[Organisation] = Paginator(found.prefetch_related("duties", "people"), PAGE).get_page(_page(request))
    shown = {
        "ask": ask,
        "rows": rows,
        "lines": [(each, words.kind(each.kind), words.level(each.level), words.place(each.division)) for each in rows],
        "total": rows.paginator.count,
        "kinds": words.kinds(),
    }
    return render(request, "manage/organisations.html", shown)


def _page(request: HttpRequest) -> str:
    return request.GET.get("page", "1")


def _workbook(content: bytes) -> HttpResponse:
    return excel.download(content, f"qingyuan-people-{now():%Y%m%d%H%M}.xlsx")


def _organisation_of(request: HttpRequest, number: int | None) -> Organisation:
    return get_object_or_404(managing.organisations(access.rights(request)), pk=number or 0)


@access.needs(MANAGE)
@without_data
@never_cache
def organisation(request: HttpRequest, number: int | None = None) -> HttpResponse:
    """The form of an organisation, its duties and people; POST saves it. number None: a new one."""
    found = _organisation_of(request, number) if number else None
    if request.method == "POST":
        try:
            made = _save_organisation(request, found)
        except Refused as why:
            return _organisation_form(request, found, why)
        return redirect("organisation", made.pk)
    return _organisation_form(request, found)


def _save_organisation(request: HttpRequest, found: Organisation | None) -> Organisation:
    ask = request.POST
    values: dict[str, Any] = {name: ask.get(name, "").strip() for name in FIELDS if name != "active"}
    above = ask.get("parent", "")
    parent = managing.organisations(access.rights(request)).filter(pk=int(above)).first() if above.isdecimal() else None
    if parent is None and found and found.parent and not access.manager(request).reaches(found.parent.division):
        parent = found.parent  # what stands above the subtree is not this manager's to change
    return managing.save_organisation(
        access.manager(request), values | {"active": ask.get("active") == "yes"}, parent, found
    )


def _organisation_form(request: HttpRequest, found: Organisation | None, why: Refused | None = None) -> HttpResponse:
    by, typed = access.manager(request), request.POST
    start = {"kind": "department", "level": "county", "active": True, "parent_id": None}
    values = {name: getattr(found, name, start.get(name, "")) for name in (*FIELDS, "parent_id")}
    if "name_zh" in typed:
        values |= {name: typed.get(name, "") for name in FIELDS} | {"active": typed.get("active") == "yes"}
    shown = {
        "organisation": found,
        "values": values,
        "why": refusal(why),
        "field": why.field if why else "",
        "kinds": words.kinds(),
        "levels": words.levels(),
        "parents": managing.organisations(by.rights).exclude(pk=found.pk if found else 0)[:500],
        "duties": [(each, words.duty(each)) for each in found.duties.all()] if found else [],
        "people": found.people.select_related("user") if found else [],
        "givable": [(code, words.duty_title(code)) for code in duties()],
        "domains": [(each, words.domain(each)) for each in (ANY, *words.DOMAINS)],
    }
    return render(request, "manage/organisation.html", shown, status=400 if why else 200)


@require_POST
@access.needs(MANAGE)
@without_data
def organisation_duty(request: HttpRequest, number: int) -> HttpResponse:
    """Give an organisation a duty over a scope, or (``take``) take one from it."""
    found, ask = _organisation_of(request, number), request.POST
    try:
        if ask.get("take", "").isdecimal():
            managing.take_duty(
                access.manager(request), get_object_or_404(Duty, pk=int(ask["take"]), organisation=found)
            )
        else:
            place, domain = ask.get("place", "").strip() or found.division, ask.get("domain", ANY)
            domain = domain if domain in (ANY, *words.DOMAINS) else ANY
            managing.give_duty(access.manager(request), found, ask.get("code", ""), place, domain)
    except Refused as why:
        return _organisation_form(request, found, why)
    return redirect("organisation", found.pk)


@access.needs(MANAGE)
@without_data
@never_cache
def people(request: HttpRequest) -> HttpResponse:
    """People of the subtree, 50 a page, by words of their name, account or organisation."""
    text = request.GET.get("q", "").strip()[:80]
    found = managing.people(access.rights(request), text).prefetch_related("posts__duty")
    rows: Page[Person] = Paginator(found, PAGE).get_page(_page(request))
    lines = [(each, sorted({words.duty_title(post.duty.code) for post in _running(each)})) for each in rows]
    shown = {"ask": {"q": text}, "rows": rows, "lines": lines, "total": rows.paginator.count}
    return render(request, "manage/people.html", shown)


def _running(person: Person) -> list[Post]:
    moment = now()
    return [each for each in person.posts.all() if each.until is None or each.until > moment]


def _person_of(request: HttpRequest, number: int) -> Person:
    return get_object_or_404(managing.people(access.rights(request)), pk=number)


@access.needs(MANAGE)
@without_data
@never_cache
def person(request: HttpRequest, number: int | None = None, **more: Any) -> HttpResponse:
    """The form of a person with their posts; POST saves it. number None: a new account."""
    found = _person_of(request, number) if number else None
    if request.method != "POST":
        return _person_form(request, found)
    ask = request.POST
    values: dict[str, Any] = {name: ask.get(name, "").strip() for name in ("account", *PERSON_FIELDS)}
    try:
        office = ask.get("organisation", "")
        within = _organisation_of(request, int(office) if office.isdecimal() else 0)
        made = managing.save_person(
            access.manager(request), values | {"active": ask.get("active") == "yes"}, within, found
        )
        if found is None:
            return _person_form(request, made, password=managing.new_password(access.manager(request), made))
    except Refused as why:
        return _person_form(request, found, why)
    return redirect("person", made.pk)


def _person_form(
    request: HttpRequest, found: Person | None, why: Refused | None = None, password: str = ""
) -> HttpResponse:
    typed = request.POST if why and "name" in request.POST else None
    values = {name: getattr(found, name, "") for name in PERSON_FIELDS} | {
        "account": found.user.username if found else ""
    }
    office = found.organisation_id if found else request.GET.get("organisation", "")
    shown = {
        "person": found,
        "values": {name: typed.get(name, "") for name in values} if typed else values,
        "office": str(typed.get("organisation", "") if typed else office),
        "active": found.user.is_active if found else True,
        "why": refusal(why),
        "field": why.field if why else "",
        "password": password,
        "organisations": managing.organisations(access.rights(request))[:1000],
        "posts": [(each, words.duty(each.duty)) for each in _running(found)] if found else [],
        "duties": _open_duties(found) if found else [],
        "second": second.has(found.user) if found else False,
        "own": bool(found and found.user_id == request.user.pk),
    }
    return render(request, "manage/person.html", shown, status=400 if why else 200)


def _open_duties(found: Person) -> list[tuple[Duty, str]]:
    held = {each.duty_id for each in _running(found)}
    return [(each, words.duty(each)) for each in found.organisation.duties.all() if each.pk not in held]


@require_POST
@access.needs(MANAGE)
@without_data
def person_post(request: HttpRequest, number: int) -> HttpResponse:
    """Let a person hold a duty of their organisation, or (``end``) hold it no more."""
    found, ask = _person_of(request, number), request.POST
    try:
        if ask.get("end", "").isdecimal():
            managing.end_post(access.manager(request), get_object_or_404(Post, pk=int(ask["end"]), person=found))
        else:
            duty = ask.get("duty", "")
            chosen = get_object_or_404(
                Duty, pk=int(duty) if duty.isdecimal() else 0, organisation=found.organisation_id
            )
            managing.give_post(access.manager(request), found, chosen)
    except Refused as why:
        return _person_form(request, found, why)
    return redirect("person", found.pk)


@require_POST
@access.needs(MANAGE)
@without_data
@never_cache
def person_secret(request: HttpRequest, number: int) -> HttpResponse:
    """Give a person a new password, shown this once, or (``do=second``) take their lost second factor away."""
    found = _person_of(request, number)
    try:
        if request.POST.get("do") == "second":
            managing.check_others(access.manager(request), found)
            second.remove(found.user, access.actor(request), now())
            return redirect("person", found.pk)
        return _person_form(request, found, password=managing.new_password(access.manager(request), found))
    except Refused as why:
        return _person_form(request, found, why)


def refusal(why: Refused | None) -> str:
    """Why something was refused, in the language of the request."""
    if why is None:
        return ""
    told = {
        "name": _("Give the person's name; what is written may be too long."),
        "name_zh": _("Give the Chinese name, at most 120 signs."),
        "kind": _("Choose what the organisation is."),
        "level": _("Choose one of the five levels."),
        "division": _("Give the code of a division you manage, of 6, 9 or 12 digits."),
        "place": _("Give the code of a division you manage, of 6, 9 or 12 digits."),
        "parent": _("This organisation is not known, or would stand above itself."),
        "account": _("An account has 2 to 60 letters, digits or hyphens and a free name; others manage your own."),
        "organisation": _("Choose an organisation you manage, by its Chinese name."),
        "active": _("Write yes or no. Nobody switches themselves off."),
        "duty": _("Nobody gives what their own organisation does not hold there, or takes a duty from themselves."),
        "duties": _("The organisation has no such duty. Write it as water:220104:water."),
        "post": _("This duty is not of the person's organisation."),
    }  # fmt: skip
    return told.get(why.field, str(why))


urlpatterns = [
    path("organisations/", organisations, name="organisations"),
    path("organisations/new/", organisation, name="organisation_new"),
    path("organisations/<int:number>/", organisation, name="organisation"),
    path("organisations/<int:number>/duties/", organisation_duty, name="organisation_duty"),
    path("people/", people, name="people"),
    path("people/new/", person, name="person_new"),
    path("people/<int:number>/", person, name="person"),
    path("people/<int:number>/posts/", person_post, name="person_post"),
    path("people/<int:number>/secret/", person_secret, name="person_secret"),
]
