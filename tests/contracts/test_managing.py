"""Managing accounts: within one's own subtree, never granting what one's organisation does not hold, all of it told."""

import io
import re

import pytest
from django.contrib.auth.models import User
from django.test import Client
from offices import somebody
from openpyxl import load_workbook

from qingyuan.base.time import now
from qingyuan.people import rights
from qingyuan.people.models import AuditEntry, Duty, Organisation, Person, Post

pytestmark = pytest.mark.django_db


@pytest.fixture
def chief(db, data):
    return somebody("chief", "220100", ("accounts", "*"), ("water", "water"), ("audit", "*"), level="city")


@pytest.fixture
def browser(chief):
    client = Client(SERVER_NAME="localhost")
    client.force_login(chief.user)
    return client


OFFICE = {"name_zh": "朝阳分局", "kind": "department", "level": "county", "division": "220104", "active": "yes"}


def office(browser, **more):
    assert browser.post("/organisations/new/", {**OFFICE, **more}).status_code == 302
    return Organisation.objects.latest("pk")


def test_an_organisation_and_a_person_are_made_and_work(browser):
    made = office(browser)
    given = browser.post(f"/organisations/{made.pk}/duties/", {"code": "water", "place": "220104", "domain": "water"})
    assert given.status_code == 302
    page = browser.post("/people/new/", {"account": "sun", "name": "孙工", "organisation": made.pk, "active": "yes"})
    password = re.search(r"<code>(\S+)</code>", page.content.decode())[1]
    person = Person.objects.get(user__username="sun")
    assert browser.post(f"/people/{person.pk}/posts/", {"duty": made.duties.get().pk}).status_code == 302
    assert rights.of(User.objects.get(username="sun"), now()).may("cases.act", "220104001", "water")
    fresh = Client(SERVER_NAME="localhost")
    assert fresh.post("/login/", {"username": "sun", "password": password}).status_code == 302
    assert fresh.get("/account/").headers["Location"] == "/account/password/"
    assert password not in str(list(AuditEntry.objects.values_list("change", flat=True)))
    assert AuditEntry.objects.filter(action="accounts.manage", account__isnull=False).count() == 4


@pytest.mark.parametrize(
    ("code", "place", "domain"),
    [
        ("water", "220104", "*"),
        ("water", "220104", "air"),
        ("water", "220200", "water"),
        ("water", "220000", "water"),
        ("environment", "220104", "water"),
        ("identity", "220104", "water"),
        ("nothing", "220104", "water"),
        ("water", "999999", "water"),
    ],
)
def test_nobody_gives_what_their_organisation_does_not_hold(browser, code, place, domain):
    made = office(browser)
    answer = browser.post(f"/organisations/{made.pk}/duties/", {"code": code, "place": place, "domain": domain})
    assert answer.status_code == 400
    assert not made.duties.exists()


@pytest.mark.parametrize(
    "wrong",
    [
        {"division": "220200"},
        {"division": "220000"},
        {"division": "x"},
        {"name_zh": " "},
        {"kind": "?"},
        {"name_zh": "长" * 200},
    ],
)
def test_an_organisation_that_cannot_be_is_refused(browser, wrong):
    before = Organisation.objects.count(), AuditEntry.objects.count()
    assert browser.post("/organisations/new/", {**OFFICE, **wrong}).status_code == 400
    assert (Organisation.objects.count(), AuditEntry.objects.count()) == before


def test_organisations_of_others_do_not_exist(browser, chief):
    far = somebody("far", "220200", ("water", "water"))
    post = far.posts.get()
    for answer in (
        browser.get(f"/organisations/{far.organisation_id}/"),
        browser.post(f"/organisations/{far.organisation_id}/", OFFICE),
        browser.post(f"/organisations/{far.organisation_id}/duties/", {"take": post.duty_id}),
        browser.get(f"/people/{far.pk}/"),
        browser.post(f"/people/{far.pk}/secret/", {"do": "password"}),
        browser.post(f"/people/{far.pk}/posts/", {"end": post.pk}),
        browser.post("/people/new/", {"account": "spy", "name": "x", "organisation": far.organisation_id}),
    ):
        assert answer.status_code == 404
    assert "far" not in browser.get("/people/").content.decode()
    assert Post.objects.get(pk=post.pk).until is None and Duty.objects.filter(pk=post.duty_id).exists()


def test_nobody_gives_themselves_anything(browser, chief):
    duty = chief.organisation.duties.create(code="environment", division="220100", domain="*")
    assert browser.post(f"/people/{chief.pk}/posts/", {"duty": duty.pk}).status_code == 400
    assert browser.post(f"/people/{chief.pk}/secret/", {"do": "password"}).status_code == 400
    own = {"name": "chief", "organisation": chief.organisation_id}
    assert browser.post(f"/people/{chief.pk}/", own).status_code == 400  # not ticked: switched off
    assert User.objects.get(pk=chief.user_id).is_active
    assert not chief.posts.filter(duty=duty).exists()


def test_a_post_is_of_the_own_organisation(browser, chief):
    member = somebody("member", "220104")
    answer = browser.post(f"/people/{member.pk}/posts/", {"duty": chief.organisation.duties.first().pk})
    assert answer.status_code == 404
    assert not member.posts.exists()


def test_who_moves_leaves_their_posts(browser):
    member = somebody("member", "220104", ("water", "water"))
    there = office(browser, division="220105", name_zh="别处")
    sent = {"name": "member", "organisation": there.pk, "active": "yes"}
    assert browser.post(f"/people/{member.pk}/", sent).status_code == 302
    assert not rights.of(User.objects.get(username="member"), now()).can("cases.see")


def test_switching_off_ends_all_rights(browser):
    member = somebody("member", "220104", ("water", "water"))
    client = Client(SERVER_NAME="localhost")
    client.force_login(member.user)
    browser.post(f"/people/{member.pk}/", {"name": "member", "organisation": member.organisation_id})
    assert client.get("/account/").status_code == 302


def test_without_the_duty_it_is_forbidden(db, data):
    client = Client(SERVER_NAME="localhost")
    client.force_login(somebody("water", "220104", ("water", "water")).user)
    for path in (
        "organisations/",
        "organisations/new/",
        "people/",
        "people/new/",
        "people/import/",
        "audit/",
        "audit/record/",
    ):
        assert client.get(f"/{path}").status_code == 403, path
    assert "/organisations/" not in client.get("/account/").content.decode()


def test_whoever_sets_the_platform_up_gives_any_duty(db, data, django_user_model):
    signed_in = Client(SERVER_NAME="localhost")
    signed_in.force_login(django_user_model.objects.create(username="root", is_superuser=True))
    made = office(signed_in, division="220000", level="province", name_zh="省厅")
    sent = {"code": "environment", "place": "220000", "domain": "*"}
    assert signed_in.post(f"/organisations/{made.pk}/duties/", sent).status_code == 302


def upload(browser, change):
    book = load_workbook(io.BytesIO(browser.get("/organisations/?export=xlsx").content))
    change(book)
    filled = io.BytesIO()
    book.save(filled)
    filled.seek(0)
    filled.name = "people.xlsx"
    return browser.post("/people/import/", {"file": filled}, follow=True)


NEW_OFFICE = ["绿园分局", "", "department", "county", "220106", "chief", "", "yes", "water:220106:water"]


def test_the_workbook_goes_out_and_comes_back_unchanged(browser):
    office(browser)
    before = AuditEntry.objects.count()
    page = upload(browser, lambda book: None).content.decode()
    assert "bad" not in re.findall(r'class="st (\w+)"', page)
    assert browser.post("/people/import/", {"do": "save"}).status_code == 200
    assert AuditEntry.objects.count() == before


def test_new_rows_make_organisations_and_accounts(browser):
    def change(book):
        book["organisations"].append(NEW_OFFICE)
        book["people"].append(["zhou", "周工", "绿园分局", "", "", "yes", "water:220106:water"])

    upload(browser, change)
    assert not Organisation.objects.filter(name_zh="绿园分局").exists()
    page = browser.post("/people/import/", {"do": "save"}).content.decode()
    password = re.search(r"zhou</td><td>周工</td><td class=\"mono\">(\S+)</td>", page)[1]
    assert Client(SERVER_NAME="localhost").login(username="zhou", password=password)
    assert rights.of(User.objects.get(username="zhou"), now()).may("cases.act", "220106", "water")


def test_a_faulty_row_is_named_and_nothing_is_saved(browser):
    def change(book):
        book["organisations"].append(NEW_OFFICE)
        book["organisations"].append(["远处", "", "department", "county", "220200", "", "", "yes", ""])
        book["people"].append(["a b", "周工", "绿园分局", "", "", "yes", ""])
        book["people"].append(["wu", "吴工", "绿园分局", "", "", "yes", "identity:220106:*"])

    page = upload(browser, change).content.decode()
    assert len(re.findall(r'class="st bad"', page)) == 3
    browser.post("/people/import/", {"do": "save"})
    assert not Organisation.objects.filter(name_zh="绿园分局").exists()


@pytest.mark.parametrize("content", [b"", b"no workbook"])
def test_what_is_no_workbook_is_told(browser, content):
    file = io.BytesIO(content)
    file.name = "x.xlsx"
    assert browser.post("/people/import/", {"file": file}).status_code == 400


def test_the_audit_page_filters_pages_and_exports(browser):
    for number in range(55):
        office(browser, name_zh=f"第{number}科")
    page = browser.get("/audit/", {"kind": "organisation"}).content.decode()
    assert page.count("<tr>") == 51 and "page=2" in page
    assert browser.get("/audit/", {"kind": "organisation", "name": "nobody"}).content.decode().count("<tr>") == 0
    book = load_workbook(io.BytesIO(browser.get("/audit/?kind=organisation&export=xlsx").content))
    assert book.worksheets[0].max_row == 56


def test_a_record_is_shown_as_it_was(browser):
    made = office(browser)
    AuditEntry.objects.filter(kind="organisation").update(at="2026-01-01 08:00:00")
    browser.post(f"/organisations/{made.pk}/", {**OFFICE, "name_zh": "新名"})
    ask = {"kind": "organisation", "record": made.pk}
    assert "<dd>朝阳分局</dd>" in browser.get("/audit/record/", {**ask, "moment": "2026-01-02"}).content.decode()
    assert "<dd>新名</dd>" in browser.get("/audit/record/", ask).content.decode()
    far = somebody("far", "220200")
    assert browser.get("/audit/record/", {"kind": "organisation", "record": far.organisation_id}).status_code == 404
