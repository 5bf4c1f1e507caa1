"""Every address says who may see it, and asks for a sign-in but those named here; a new public one fails."""

import re

import pytest
from django.core.exceptions import PermissionDenied
from django.test import Client
from matrix.addresses import Address, address, patterns

from qingyuan.interfaces import access
from qingyuan.interfaces.api.urls import operations
from qingyuan.interfaces.web.access import DeclaredMiddleware

PUBLIC = {
    "overview", "login", "logout", "set_language", "healthz", "push", "login_second", "oidc_begin", "oidc_callback",
    "public", "public_plan", "public_plan_evaluation", "public_cases", "public_case", "public_register", "public_record",
    "report", "report_sent", "report_ground", "report_track", "report_follow", "field_manifest",
}  # fmt: skip
PUBLIC_OPERATIONS = {
    "GET /public/cases", "GET /public/cases/{number}", "GET /public/registers", "GET /public/registers/{kind}",
    "GET /public/registers/{kind}/{number}",
}  # fmt: skip
API = "api/v1/"


@pytest.mark.parametrize("pattern", list(patterns()), ids=lambda each: each.name or str(each.pattern))
def test_every_view_says_who_may_see_it(pattern):
    assert access.declared(pattern.callback), pattern


def test_every_operation_says_who_may_call_it():
    assert all(access.declared(operation) for _method, _path, operation in operations())


@pytest.mark.django_db
@pytest.mark.parametrize("method,path,operation", operations(), ids=lambda each: each if isinstance(each, str) else "")
def test_anonymous_is_told_to_sign_in_at_the_operation(method, path, operation):
    """Each asked by its own method; where it is public, it answers or knows no such record."""
    at = address(Address(None, "", f"{API}{path.strip('/')}"))
    answer = Client(SERVER_NAME="localhost").generic(method, re.sub(r"{(\w+)}", "1", at))
    public = access.declared(operation).action == access.PUBLIC
    assert (f"{method} {path}" in PUBLIC_OPERATIONS) == public
    assert answer.status_code in ((200, 404) if public else (401,)), (at, answer.status_code)


@pytest.mark.django_db
@pytest.mark.parametrize("pattern", list(patterns()), ids=lambda each: each.name or str(each.pattern))
def test_anonymous_is_sent_to_the_sign_in(pattern):
    if pattern.name in PUBLIC:
        return
    answer = Client(SERVER_NAME="localhost").get(address(pattern))
    if pattern.route.startswith(API):  # operations are asked by their own method above
        assert answer.status_code in (401, 404, 405) or pattern.name.startswith("api:public")
        return
    assert answer.status_code == 302, (address(pattern), answer.status_code)
    assert answer.headers["Location"].startswith("/login/")


def test_a_view_that_says_nothing_is_refused(rf):
    request = rf.get("/plan/")
    with pytest.raises(PermissionDenied):
        DeclaredMiddleware(lambda request: None).process_view(request, lambda request: None, (), {})
