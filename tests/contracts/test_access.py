"""Every address says who may see it, and asks for a sign-in but those named here; a new public one fails."""

import pytest
from django.core.exceptions import PermissionDenied
from django.test import Client
from matrix.addresses import address, patterns

from qingyuan.interfaces import access
from qingyuan.interfaces.api.urls import operations
from qingyuan.interfaces.web.access import DeclaredMiddleware

PUBLIC = {
    "overview", "login", "logout", "set_language", "healthz", "push", "login_second", "oidc_begin", "oidc_callback",
    "report", "report_sent", "report_ground", "report_track", "report_follow", "field_manifest",
}  # fmt: skip
API = "api/v1/"


@pytest.mark.parametrize("pattern", list(patterns()), ids=lambda each: each.name or str(each.pattern))
def test_every_view_says_who_may_see_it(pattern):
    assert access.declared(pattern.callback), pattern


def test_every_operation_says_who_may_call_it():
    assert all(access.declared(operation) for _method, _path, operation in operations())


@pytest.mark.django_db
@pytest.mark.parametrize("pattern", list(patterns()), ids=lambda each: each.name or str(each.pattern))
def test_anonymous_is_sent_to_the_sign_in(pattern):
    if pattern.name in PUBLIC:
        return
    answer = Client(SERVER_NAME="localhost").get(address(pattern))
    if pattern.route.startswith(API):
        assert answer.status_code in (401, 404), answer.status_code
        return
    assert answer.status_code == 302, (address(pattern), answer.status_code)
    assert answer.headers["Location"].startswith("/login/")


def test_a_view_that_says_nothing_is_refused(rf):
    request = rf.get("/plan/")
    with pytest.raises(PermissionDenied):
        DeclaredMiddleware(lambda request: None).process_view(request, lambda request: None, (), {})
