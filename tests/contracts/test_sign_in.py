"""Signing in: passwords, the second factor and who must have one, the organisation's provider, sessions."""

import re
import time
from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import provider as private
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from django.contrib.auth.models import User
from django.test import Client
from django_otp.oath import totp
from django_otp.plugins.otp_totp.models import TOTPDevice
from offices import somebody

from qingyuan.base.errors import WrongUsage
from qingyuan.base.time import now
from qingyuan.people import audit, leave, rights, second
from qingyuan.people.audit import SYSTEM
from qingyuan.people.models import AuditEntry, Delegation, Organisation, Person, SignedIn

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("second_factor_forced")]
PASSWORD = "blue river 2031 stone"
OTHER = "green hills 1987 wind"


@pytest.fixture
def person(db, data):
    found = somebody("li", "220104", ("water", "water"))
    found.user.set_password(PASSWORD)
    found.user.save()
    return found


def browser(**more):
    return Client(SERVER_NAME="localhost", **more)


def sign_in(client, password=PASSWORD, name="li", **more):
    return client.post("/login/", {"username": name, "password": password, **more})


def code(user, steps=0):
    device = TOTPDevice.objects.get(user=user)
    TOTPDevice.objects.filter(pk=device.pk).update(
        last_t=-1, throttling_failure_count=0, throttling_failure_timestamp=None
    )
    return f"{totp(device.bin_key, drift=steps):06d}"


def enrolled(person):
    second.pending(person.user)
    codes = second.confirm(person.user, code(person.user), SYSTEM, now())
    TOTPDevice.objects.update(last_t=-1)
    return codes


def test_name_and_password_open_the_console(person):
    client = browser()
    assert sign_in(client).status_code == 302
    assert client.get("/account/").status_code == 200
    assert AuditEntry.objects.filter(action="sign_in", account=person.user_id).count() == 1


@pytest.mark.parametrize("fresh", ["short", "password1234", "li-li-li-li-1", PASSWORD])
def test_a_weak_or_used_password_is_refused(person, fresh):
    User.objects.update(username="li-li-li-li")
    client = browser()
    sign_in(client, name="li-li-li-li")
    sent = {"old_password": PASSWORD, "new_password1": fresh, "new_password2": fresh}
    assert client.post("/account/password/", sent).status_code == 400
    person.user.refresh_from_db()
    assert person.user.check_password(PASSWORD)


def test_a_new_password_ends_the_other_sessions(person):
    here, there = browser(), browser()
    sign_in(here), sign_in(there)
    answer = here.post("/account/password/", {"old_password": PASSWORD, "new_password1": OTHER, "new_password2": OTHER})
    assert answer.status_code == 302
    assert here.get("/account/").status_code == 200
    assert there.get("/account/").status_code == 302
    assert SignedIn.objects.filter(user=person.user).count() == 1
    line = AuditEntry.objects.get(action="password")
    assert OTHER not in str(line.change)


def test_a_password_given_by_others_is_changed_first(person):
    Person.objects.update(must_change=True)
    client = browser()
    sign_in(client)
    assert client.get("/account/").headers["Location"] == "/account/password/"
    assert client.get("/api/v1/me").status_code == 403
    client.post("/account/password/", {"old_password": PASSWORD, "new_password1": OTHER, "new_password2": OTHER})
    assert client.get("/account/").status_code == 200


def test_the_second_factor_is_asked_for_and_a_code_works_once(person):
    enrolled(person)
    client, once = browser(), code(person.user)
    assert sign_in(client, next="/account/").headers["Location"] == "/login/second/"
    assert client.get("/account/").status_code == 302
    assert client.post("/login/second/", {"code": once}).headers["Location"] == "/account/"
    assert client.get("/account/").status_code == 200
    again = browser()
    sign_in(again)
    assert again.post("/login/second/", {"code": once}).status_code == 400
    assert again.get("/account/").status_code == 302


def test_a_recovery_code_works_once(person):
    recovery = enrolled(person)[0]
    for expected in (302, 400):
        client = browser()
        sign_in(client)
        assert client.post("/login/second/", {"code": recovery}).status_code == expected


def test_guessing_codes_rests(person):
    enrolled(person)
    client = browser()
    sign_in(client)
    answers = [client.post("/login/second/", {"code": "000000"}).status_code for _ in range(6)]
    assert answers == [400] * 5 + [429]


def test_the_second_step_alone_is_nothing(person):
    enrolled(person)
    assert browser().post("/login/second/", {"code": code(person.user)}).headers["Location"] == "/login/"


def test_duties_that_open_sealed_data_ask_for_a_second_factor(db, data):
    sealed = somebody("feng", "220100", ("identity", "*"), level="city")
    client = browser()
    client.force_login(sealed.user)
    assert client.get("/account/").headers["Location"] == "/account/second/"
    assert client.get("/api/v1/me").status_code == 403
    page = client.get("/account/second/").content.decode()
    assert "data:image/svg+xml" in page and "http://" not in re.sub(r"http://www.w3.org\S*", "", page)
    assert client.post("/account/second/", {"code": "123456"}).status_code == 400
    shown = client.post("/account/second/", {"code": code(sealed.user)}).content.decode()
    assert len(re.findall(r"<li>[a-z2-7]{8}</li>", shown)) == second.RECOVERY
    assert client.get("/account/").status_code == 200
    refused = client.post("/account/second/change/", {"do": "remove", "code": code(sealed.user)})
    assert refused.status_code == 400 and second.has(sealed.user)


def test_sessions_are_listed_and_ended_by_their_owner_only(person):
    here, there = (
        browser(HTTP_USER_AGENT="Mozilla Windows Firefox/1"),
        browser(HTTP_USER_AGENT="Mozilla Android Chrome/1"),
    )
    sign_in(here), sign_in(there)
    assert "Chrome · Android" in here.get("/account/").content.decode()
    other = somebody("zhao", "220104")
    stranger = browser()
    stranger.force_login(other.user)
    away = SignedIn.objects.get(device__contains="Android")
    assert stranger.post("/account/sessions/end/", {"which": away.pk}).status_code == 404
    assert there.get("/account/").status_code == 200
    assert here.post("/account/sessions/end/", {"which": away.pk}).status_code == 302
    assert there.get("/account/").status_code == 302


def test_a_token_is_shown_once_and_revoked(person):
    client = browser()
    sign_in(client)
    page = client.post("/account/tokens/", {"name": "script", "until": f"{now() + timedelta(days=3):%Y-%m-%d}"})
    secret = re.search(r"<code>(\S+)</code>", page.content.decode())[1]
    assert secret not in client.get("/account/").content.decode()
    program = browser(headers={"Authorization": f"Bearer {secret}"})
    assert program.get("/api/v1/me").json()["name"] == "li"
    client.post(f"/account/tokens/{person.user.api_tokens.get().pk}/revoke/")
    assert program.get("/api/v1/me").status_code == 401


def colleagues(person):
    parent = Organisation.objects.create(name_zh="市局", division="220100", level="city")
    Organisation.objects.filter(pk=person.organisation_id).update(parent=parent)
    person.organisation.refresh_from_db()
    above = Person.objects.create(user=User.objects.create(username="up"), organisation=parent, name="上级")
    return above, somebody("far", "220200")


def test_posts_are_given_to_a_near_colleague_for_a_time(person):
    above, far = colleagues(person)
    client, post = browser(), person.posts.get()
    sign_in(client)
    sent = {
        "post": post.pk,
        "since": f"{now():%Y-%m-%d}",
        "until": f"{now() + timedelta(days=5):%Y-%m-%d}",
        "reason": "年假",
    }
    assert client.post("/account/leave/", {**sent, "taker": far.pk}).status_code == 400
    assert client.post("/account/leave/", {**sent, "taker": above.pk, "reason": " "}).status_code == 400
    assert client.post("/account/leave/", {**sent, "taker": above.pk}).status_code == 302
    assert rights.of(User.objects.get(username="up"), now()).may("cases.act", "220104", "water")
    there = browser()
    there.force_login(above.user)
    assert "年假" in there.get("/account/").content.decode() and "年假" in client.get("/account/").content.decode()
    given = Delegation.objects.get()
    assert there.post(f"/account/leave/{given.pk}/end/").status_code == 404
    assert client.post(f"/account/leave/{given.pk}/end/").status_code == 302
    assert not rights.of(User.objects.get(username="up"), now() + timedelta(minutes=2)).can("cases.act")
    assert [each.action for each in AuditEntry.objects.filter(kind="delegation")] == ["delegate", "delegate"]


def test_what_was_lent_cannot_be_lent_on(person):
    above, _ = colleagues(person)
    lent = leave.give(
        person, above, list(person.posts.all()), now(), now() + timedelta(days=2), "年假", actor=SYSTEM, at=now()
    )
    assert not leave.own_posts(above, now()).filter(pk__in=lent.posts.values("pk")).exists()


@pytest.fixture
def organisation(person, settings):
    """The organisation's provider, and the console told of it."""
    with private.running() as provider:
        settings.OIDC_RP_CLIENT_ID, settings.OIDC_RP_CLIENT_SECRET = "console", "secret"
        settings.OIDC_ISSUER, settings.OIDC_NAME = provider.address, "省统一认证"
        settings.OIDC_OP_AUTHORIZATION_ENDPOINT = f"{provider.address}/authorize"
        settings.OIDC_OP_TOKEN_ENDPOINT = f"{provider.address}/token"
        settings.OIDC_OP_USER_ENDPOINT = f"{provider.address}/userinfo"
        settings.OIDC_OP_JWKS_ENDPOINT = f"{provider.address}/jwks"
        settings.AUTHENTICATION_BACKENDS = [
            "django.contrib.auth.backends.ModelBackend", "qingyuan.interfaces.web.signin.provider.Backend",
        ]  # fmt: skip
        yield provider


def through(provider, client):
    """There and back again."""
    there = client.get("/oidc/begin/?next=/account/").headers["Location"]
    asked = parse_qs(urlsplit(there).query)
    assert there.startswith(f"{provider.address}/authorize?") and asked["code_challenge_method"] == ["S256"]
    provider.nonce = provider.nonce or asked["nonce"][0]
    return client.get("/oidc/callback/", {"code": "c", "state": asked["state"][0]})


def test_the_provider_vouches_for_an_account(organisation):
    client = browser()
    assert "省统一认证" in client.get("/login/").content.decode()
    assert through(organisation, client).headers["Location"] == "/account/"
    assert client.get("/account/").status_code == 200
    assert len(organisation.verifier) == 64


def test_the_second_factor_is_asked_for_after_the_provider_too(organisation, person):
    enrolled(person)
    client = browser()
    assert through(organisation, client).headers["Location"] == "/login/second/"
    assert client.get("/account/").status_code == 302


LIES = {
    "another audience": {"claims": {"aud": "other"}},
    "another issuer": {"claims": {"iss": "http://127.0.0.1:1"}},
    "past its end": {"claims": {"exp": time.time() - 3600}},
    "another nonce": {"nonce": "x"},
    "another person": {"userinfo": {"sub": "2"}},
    "no account": {"userinfo": {"preferred_username": "nobody"}},
    "no name": {"userinfo": {"preferred_username": ""}},
    "another key": {"signs_with": rsa.generate_private_key(public_exponent=65537, key_size=2048)},
    "out of order": {"fails": True},
}


@pytest.mark.parametrize("lie", LIES)
def test_what_the_provider_says_wrongly_opens_nothing(organisation, lie):
    for name, value in LIES[lie].items():
        setattr(organisation, name, value)
    client = browser()
    assert through(organisation, client).headers["Location"] == "/login/?provider=failed"
    assert client.get("/account/").status_code == 302
    assert "省统一认证" in client.get("/login/?provider=failed").content.decode()


def test_an_account_switched_off_is_not_opened_by_the_provider(organisation, person):
    User.objects.update(is_active=False)
    assert through(organisation, browser()).headers["Location"] == "/login/?provider=failed"


def test_a_state_nobody_asked_for_opens_nothing(organisation):
    client = browser()
    client.get("/oidc/begin/")
    assert client.get("/oidc/callback/?code=c&state=forged").headers["Location"] == "/login/?provider=failed"


def test_without_a_provider_there_is_no_way_through_it(person):
    assert browser().get("/oidc/begin/").status_code == 404
    assert browser().get("/oidc/callback/?code=c&state=s").status_code == 404


def test_the_chain_of_it_all_is_whole(person, tmp_path):
    enrolled(person)
    sign_in(browser())
    assert audit.verify(tmp_path).whole


def test_an_administrator_made_at_the_command_line_is_told(db, data):
    from qingyuan.interfaces.cli import serve

    serve.set_admin("root", PASSWORD)
    line = AuditEntry.objects.get(action="accounts.manage")
    assert (line.account, line.name.endswith("(command line)"), PASSWORD in str(line.change)) == (None, True, False)
    with pytest.raises(WrongUsage):
        serve.set_admin("root", PASSWORD)


def test_the_platform_notes_the_head_of_the_chain_within_a_minute():
    from argparse import Namespace

    from qingyuan.interfaces.cli import serve

    args = Namespace(gateway="none", simulate=0, listen="127.0.0.1:8000", workers=1)
    noting = next(each.command for each in serve.processes(args) if "anchor" in each.command)
    assert float(noting[noting.index("--watch") + 1]) <= 60


def test_where_asking_begins_to_rest_the_audit_chain_says_so_once(person):
    client = browser()
    assert [sign_in(client, "wrong").status_code for _ in range(7)] == [400] * 5 + [429] * 2
    (line,) = AuditEntry.objects.filter(action="sign_in.rests")
    assert (line.record, line.division, line.change["tried"]) == (str(person.user.pk), "220104", [None, "password"])
    stranger = browser(REMOTE_ADDR="10.0.0.9")
    for _ in range(6):
        sign_in(stranger, "wrong", "my-pass-word-typed-as-name")
    last = AuditEntry.objects.filter(action="sign_in.rests").last()
    assert last.record == "unknown" and "my-pass-word" not in f"{last.name}{last.change}"


@pytest.mark.parametrize("duty", ["accounts", "audit", "identity"])
def test_a_duty_asks_for_a_second_factor_by_its_declaration(db, data, duty):
    found = somebody(f"some-{duty}", "220000", (duty, "*"))
    assert second.needed(rights.of(found.user, now()))
    assert not second.needed(rights.of(somebody("other", "220000", ("water", "*")).user, now()))


def test_the_first_administrator_sets_the_second_factor_up_and_goes_on(db, data):
    root = User.objects.create_superuser("root", password=PASSWORD)
    client = browser()
    assert sign_in(client, name="root").status_code == 302
    assert client.get("/organisations/").url == "/account/second/"
    assert client.get("/account/second/").status_code == 200
    assert client.post("/account/second/", {"code": code(root)}).status_code == 200
    assert client.get("/organisations/").status_code == 200
