"""Denied by default: every address asks for a sign-in, but those named here; a new one is in neither list and fails."""

import pytest
from django.test import Client
from django.urls import URLPattern, get_resolver

PUBLIC = {
    "overview",
    "login",
    "login_second",
    "oidc_begin",
    "oidc_callback",
    "logout",
    "set_language",
    "healthz",
    "push",
}


def patterns(resolver=None):
    """Every page; the programming interface says for itself who may call it (test_api.py)."""
    for each in (resolver or get_resolver()).url_patterns:
        if isinstance(each, URLPattern):
            yield each
        elif each.namespace != "api":
            yield from patterns(each)


def address(pattern):
    route = str(pattern.pattern)
    for name in pattern.pattern.converters:
        kind = type(pattern.pattern.converters[name]).__name__
        route = route.replace(f"<{_prefix(kind)}{name}>", "1")
    return "/" + route


def _prefix(kind):
    return {"StringConverter": "str:", "IntConverter": "int:", "SlugConverter": "slug:", "PathConverter": "path:"}.get(
        kind, ""
    )


@pytest.mark.django_db
@pytest.mark.parametrize("pattern", list(patterns()), ids=lambda each: each.name or str(each.pattern))
def test_anonymous_is_sent_to_the_sign_in(pattern, settings):
    if pattern.name in PUBLIC:
        return
    answer = Client(SERVER_NAME="localhost").get(address(pattern))
    assert answer.status_code == 302, (address(pattern), answer.status_code)
    assert answer.headers["Location"].startswith("/login/")
