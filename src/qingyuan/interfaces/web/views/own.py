"""One's own account: duties, password, second factor, sessions, tokens, leave."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from typing import Any

import segno
from django.contrib.auth import update_session_auth_hash
from django.contrib.auth.forms import PasswordChangeForm
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import path
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST
from django_otp import login as verified

from qingyuan.base.errors import QingyuanError
from qingyuan.base.time import now
from qingyuan.interfaces import tries
from qingyuan.interfaces.access import due
from qingyuan.interfaces.web import access
from qingyuan.interfaces.web.context import without_data
from qingyuan.interfaces.web.people import words
from qingyuan.interfaces.web.signin.first import before_all
from qingyuan.people import audit, leave, second, sessions, tokens
from qingyuan.people.models import ApiToken, Person, SignedIn
from qingyuan.people.places import division_of

TOLD = "account_told"
TRIES = 5


def person_of(request: HttpRequest) -> Person | None:
    """The person of the account; None for one that has none, as the one that sets the platform up."""
    return Person.objects.filter(user=request.user.pk).select_related("organisation").first()


@access.signed_in
@without_data
@never_cache
def home(request: HttpRequest, **more: Any) -> HttpResponse:
    """Everything of the account on one page. more: a token to be shown this once, or what was wrong."""
    moment, person = now(), person_of(request)
    shown = {
        "person": person,
        "held": [words.grant(each) for each in access.rights(request).grants],
        "has_second": second.has(request.user),
        "needs_second": second.needed(access.rights(request)),
        "codes_left": second.left(request.user),
        "sessions": [(each, words.device(each.device)) for each in sessions.running(request.user, moment)],
        "may_channels": access.rights(request).can("accounts.manage"),
        "this": request.session.session_key,
        "tokens": tokens.running(request.user, moment),
        "leaves": [(each, words.leave_state(each, moment)) for each in leave.of(person)[:20]] if person else [],
        "told": request.session.pop(TOLD, None),
        "until": f"{moment + timedelta(days=90):%Y-%m-%d}",
        **more,
    }
    return render(request, "account/home.html", shown, status=400 if more.get("why") else 200)


@sensitive_post_parameters()
@access.signed_in
@before_all
@without_data
@never_cache
def password(request: HttpRequest) -> HttpResponse:
    """Choose another password; every other session of the account ends."""
    form = PasswordChangeForm(request.user, request.POST or None)  # type: ignore[arg-type]
    person = person_of(request)
    if request.method != "POST" or not form.is_valid():
        shown = {"form": form, "forced": bool(person and person.must_change)}
        return render(request, "account/password.html", shown, status=400 if request.method == "POST" else 200)
    _change(request, form, person)
    request.session[TOLD] = _("The password is changed. Your other sessions have ended.")
    return redirect("account")


def _change(request: HttpRequest, form: Any, person: Person | None) -> None:
    user, moment, old = form.save(), now(), request.session.session_key
    others = [each for each in SignedIn.objects.filter(user=user) if each.key != old]
    sessions.end(others, access.actor(request), moment)
    update_session_auth_hash(request, user)
    SignedIn.objects.filter(key=old).update(key=request.session.session_key)
    if person:
        Person.objects.filter(pk=person.pk).update(must_change=False)
        user.person.must_change = False
    audit.append(
        access.actor(request), "password", "account", str(user.pk), division=division_of(user), domain="",
        change={"password": ["••••••", "••••••"]}, at=moment,
    )  # fmt: skip


@sensitive_post_parameters("code")
@access.signed_in
@before_all
@without_data
@never_cache
def second_factor(request: HttpRequest) -> HttpResponse:
    """Set a second factor up: the picture for the telephone, then a first code; recovery codes are shown once."""
    if second.has(request.user):
        return redirect("account")
    if request.method != "POST":
        return _picture(request)
    key = [f"second:{request.user.pk}"]
    if tries.resting(key, TRIES):
        return _picture(request, _("Too many failed attempts. Try again in five minutes."), 429)
    codes = second.confirm(request.user, request.POST.get("code", ""), access.actor(request), now())
    if codes is None:
        tries.failed(request, key, TRIES, request.user, "second factor")
        return _picture(request, _("This code is not right. Is the clock of the telephone right?"), 400)
    verified(request, next(iter(second.devices_for_user(request.user))))
    return render(request, "account/recovery.html", {"codes": codes})


def _picture(request: HttpRequest, why: str = "", status: int = 200) -> HttpResponse:
    device = second.pending(request.user)
    picture = segno.make(device.config_url, error="m").svg_data_uri(scale=5, border=3, light="#fff")
    secret = device.config_url.partition("secret=")[2].partition("&")[0]
    spaced = " ".join(secret[start : start + 4] for start in range(0, len(secret), 4))
    shown = {"picture": picture, "secret": spaced, "why": why, "forced": due(request) == "account_second"}
    return render(request, "account/second.html", shown, status=status)


@require_POST
@access.signed_in
@without_data
@never_cache
def second_change(request: HttpRequest) -> HttpResponse:
    """New recovery codes, or (``do=remove``) no second factor any more; both ask a code of it first."""
    if second.matches(request.user, request.POST.get("code", "")) is None:
        return home(request, why=_("This code is not right, or was used already."))
    if request.POST.get("do") != "remove":
        codes = second.recovery_codes(request.user, access.actor(request), now())
        return render(request, "account/recovery.html", {"codes": codes})
    if second.needed(access.rights(request)):
        return home(request, why=_("Your duties open sealed data: the second factor stays."))
    second.remove(request.user, access.actor(request), now())
    return redirect("account")


@require_POST
@access.signed_in
@without_data
def end_session(request: HttpRequest) -> HttpResponse:
    """End one of the account's sessions, or (``which=others``) all but this one."""
    own = SignedIn.objects.filter(user=request.user.pk)
    which = request.POST.get("which", "")
    if which == "others":
        chosen = list(own.exclude(key=request.session.session_key or ""))
    else:
        chosen = [get_object_or_404(own, pk=int(which) if which.isdecimal() else 0)]
    sessions.end(chosen, access.actor(request), now())
    return redirect("account")


@require_POST
@access.signed_in
@without_data
@never_cache
def make_token(request: HttpRequest) -> HttpResponse:
    """A new token for the programming interface, shown this once."""
    last = words.day(request.POST.get("until", ""))
    if not request.POST.get("name", "").strip() or last is None:
        return home(request, why=_("A token needs a name and a last day."))
    try:
        until = datetime.combine(last, time(23, 59, 59))
        token, secret = tokens.make(request.user, request.POST["name"], until, access.actor(request), now())
    except QingyuanError:
        why = _("The last day lies ahead, within a year; an account has at most %s tokens.") % tokens.MOST
        return home(request, why=why)
    return home(request, secret=secret, token=token)


@require_POST
@access.signed_in
@without_data
def revoke_token(request: HttpRequest, number: int) -> HttpResponse:
    """Take one of the account's tokens back."""
    tokens.revoke(get_object_or_404(ApiToken, pk=number, user=request.user.pk), access.actor(request), now())
    return redirect("account")


@access.signed_in
@without_data
@never_cache
def give_leave(request: HttpRequest) -> HttpResponse:
    """Give posts to a colleague for a time; 404 for an account without a person."""
    person = person_of(request)
    if person is None:
        raise Http404
    faults = _given(request, person) if request.method == "POST" else {}
    if request.method == "POST" and not faults:
        return redirect("account")
    shown = {
        "posts": [(each, words.duty(each.duty)) for each in leave.own_posts(person, now())],
        "colleagues": leave.colleagues(person),
        "faults": faults,
        "typed": request.POST,
        "chosen": set(request.POST.getlist("post")),
        "days": leave.LONGEST.days,
    }
    return render(request, "account/leave.html", shown, status=400 if faults else 200)


def _given(request: HttpRequest, person: Person) -> dict[str, str]:
    """Give what the form says; what is wrong with it, by field."""
    ask = request.POST
    since, until = words.day(ask.get("since", "")), words.day(ask.get("until", ""))
    numbers = [int(each) for each in ask.getlist("post") if each.isdecimal()]
    posts = list(leave.own_posts(person, now()).filter(pk__in=numbers))
    taker = (
        leave.colleagues(person)
        .filter(pk=int(ask.get("taker") or 0) if ask.get("taker", "").isdecimal() else 0)
        .first()
    )
    faults = {
        "post": "" if posts else _("Choose what you give."),
        "taker": "" if taker else _("Choose a colleague."),
        "since": "" if since else _("Choose the first day."),
        "until": _leave_end(since, until),
        "reason": "" if ask.get("reason", "").strip() else _("Say why: leave, travel, illness …"),
    }
    faults = {name: why for name, why in faults.items() if why}
    if not faults and taker and since and until:
        span = datetime.combine(since, time()), datetime.combine(until, time(23, 59, 59))
        leave.give(person, taker, posts, *span, ask["reason"], actor=access.actor(request), at=now())
    return faults


def _leave_end(since: Any, until: Any) -> str:
    if until is None or until < now().date() or (since and until < since):
        return _("The last day lies ahead and not before the first.")
    if since and datetime.combine(until, time(23, 59, 59)) - datetime.combine(since, time()) > leave.LONGEST:
        return _("At most %s days at a time.") % leave.LONGEST.days
    return ""


@require_POST
@access.signed_in
@without_data
def end_leave(request: HttpRequest, number: int) -> HttpResponse:
    """End what was given; only who gave it may, 404 for anybody else."""
    given = get_object_or_404(leave.of(person_of(request) or Person()), pk=number, giver__user=request.user.pk)
    leave.end(given, access.actor(request), now())
    return redirect("account")


urlpatterns = [
    path("account/", home, name="account"),
    path("account/password/", password, name="account_password"),
    path("account/second/", second_factor, name="account_second"),
    path("account/second/change/", second_change, name="account_second_change"),
    path("account/sessions/end/", end_session, name="account_session_end"),
    path("account/tokens/", make_token, name="account_token"),
    path("account/tokens/<int:number>/revoke/", revoke_token, name="account_token_revoke"),
    path("account/leave/", give_leave, name="account_leave"),
    path("account/leave/<int:number>/end/", end_leave, name="account_leave_end"),
]
