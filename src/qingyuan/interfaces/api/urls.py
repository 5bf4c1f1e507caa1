"""Addresses of the interface, below ``/api/v1/``; the sign-in is checked by each operation."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, path

from qingyuan.interfaces.api import errors
from qingyuan.interfaces.api.service import api
from qingyuan.interfaces.caller import PUBLIC, saying

PER_OPERATION = "per operation"
"""What a view says that answers several operations, each of which says who may call it."""


def nothing(request: HttpRequest, rest: str) -> HttpResponse:
    """404 as JSON for any other address."""
    return errors.told(api, request, 404, *errors.UNKNOWN)


def _opened(pattern: Any, what: str) -> URLPattern:
    """Take the console's own sign-in and context off a view; it answers for itself."""
    saying(pattern.callback, what)
    for name, value in (("login_required", False), ("without_data", True), ("csrf_exempt", True)):
        setattr(pattern.callback, name, value)
    return pattern


app_name = "api"
_OPEN = {"openapi-json", "api-root"}
urlpatterns = [
    *(_opened(each, PUBLIC if getattr(each, "name", "") in _OPEN else PER_OPERATION) for each in api.urls[0]),
    _opened(path("<path:rest>", nothing, name="api_nothing"), PUBLIC),
]
