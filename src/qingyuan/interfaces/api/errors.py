"""What went wrong, as JSON: ``{"error": what happened, "todo": what to do next}``."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from ninja import NinjaAPI
from ninja.errors import AuthenticationError, HttpError, ValidationError

from qingyuan.base.errors import QingyuanError

UNKNOWN = ("There is nothing at this address", "See /api/v1/openapi.json for what there is")


class NotKnown(Exception):
    """A token that opens nothing."""


class TooOften(Exception):
    """Too many tokens that open nothing."""


class NotAllowed(Exception):
    """The duties of the account do not include the action."""

    def __init__(self, action: str) -> None:
        super().__init__(action)
        self.action = action


def told(api: NinjaAPI, request: HttpRequest, status: int, what: str, todo: str = "", **more: Any) -> HttpResponse:
    """The answer to something that went wrong."""
    answer = api.create_response(request, {"error": what, "todo": todo, **more}, status=status)
    if status == 401:
        answer.headers["WWW-Authenticate"] = "Bearer"
    if status == 429:
        answer.headers["Retry-After"] = "300"
    return answer


def register(api: NinjaAPI) -> None:
    """Answer every exception in the house's words."""
    for kind, answer in {**_FIXED, **_TOLD}.items():
        api.add_exception_handler(kind, _handler(api, answer))


def _handler(api: NinjaAPI, answer: Any) -> Any:
    def handle(request: HttpRequest, exc: Any) -> HttpResponse:
        status, what, todo, *more = answer(exc) if callable(answer) else answer
        return told(api, request, status, what, todo, **(more[0] if more else {}))

    return handle


_FIXED: dict[type[Exception], tuple[int, str, str]] = {
    AuthenticationError: (401, "You are not signed in", "Send Authorization: Bearer TOKEN, or sign in"),
    NotKnown: (401, "This token opens nothing", "It is unknown, revoked or past its last day: make a new one"),
    TooOften: (429, "Too many tokens that open nothing", "Try again in five minutes"),
    PermissionDenied: (403, "Your duties do not include this", "Ask whoever manages the accounts"),
    Http404: (404, *UNKNOWN),
}
_ASK = "Ask whoever manages the accounts for a duty with it"
_TOLD: dict[type[Exception], Any] = {
    NotAllowed: lambda exc: (403, f"Your duties do not include {exc.action}", _ASK),
    QingyuanError: lambda exc: (400, exc.what, exc.todo),
    HttpError: lambda exc: (exc.status_code, exc.message, ""),
    ValidationError: lambda exc: (422, "Something was sent that cannot be", "Mend the fields named", _fields(exc)),
}


def _fields(exc: ValidationError) -> dict[str, Any]:
    return {"fields": [{"field": ".".join(map(str, each["loc"][1:])), "why": str(each["msg"])} for each in exc.errors]}
