"""Addresses of the API: each part adds its router here; an operation that declares nothing stops the start."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from ninja import NinjaAPI
from ninja.errors import ValidationError

from qingyuan import __version__
from qingyuan.base.errors import QingyuanError, WrongUsage
from qingyuan.interfaces import access
from qingyuan.interfaces.api import (
    accounts,
    audit,
    burden,
    cases,
    channels,
    describing,
    devices,
    findings,
    leave,
    lotteries,
    me,
    organisations,
    plan_book,
    plan_dispatch,
    plan_evaluations,
    plan_indicators,
    plan_splitting,
    public,
    registers,
    reports,
    rules,
    search,
    work,
)
from qingyuan.interfaces.api.operations import signed_in
from qingyuan.interfaces.api.tokens import Session, TokenAuth

ROOT = "/api/v1/"
api = NinjaAPI(
    title="Qingyuan 清源", version=__version__, urls_namespace="api", docs_url=None, openapi_url=None,
    auth=[TokenAuth(), Session()], renderer=describing.Renderer(),
)  # fmt: skip

for part in (
    me,
    devices,
    findings,
    audit,
    organisations,
    accounts,
    registers,
    rules,
    cases,
    lotteries,
    reports,
    work,
    leave,
    search,
    burden,
    channels,
    plan_dispatch,
    plan_book,
    plan_splitting,
    plan_evaluations,
    plan_indicators,
    public,
):
    api.add_router("", part.router)


@api.get("/openapi.json", include_in_schema=False)
@signed_in
def schema(request: HttpRequest) -> Any:
    """The description of every operation."""
    return describing.described(api.get_openapi_schema(path_prefix=ROOT))


@api.exception_handler(ValidationError)
def _unread(request: HttpRequest, wrong: ValidationError) -> HttpResponse:
    """422 in one sentence for each part that could not be read."""
    parts = (".".join(map(str, each["loc"])) + ": " + each["msg"] for each in wrong.errors)
    return api.create_response(request, {"detail": "; ".join(parts)}, status=422)


@api.exception_handler(PermissionDenied)
def _denied(request: HttpRequest, wrong: PermissionDenied) -> HttpResponse:
    return api.create_response(request, {"detail": str(wrong) or "Forbidden"}, status=403)


@api.exception_handler(QingyuanError)
def _told(request: HttpRequest, wrong: QingyuanError) -> HttpResponse:
    return api.create_response(request, {"detail": str(wrong)}, status=400)


def operations() -> list[tuple[str, str, Any]]:
    """Method, path and function of every operation."""
    return [
        (method, path, each.view_func)
        for _prefix, router in api._routers
        for path, view in router.path_operations.items()
        for each in view.operations
        for method in each.methods
    ]


def _declared() -> list[Any]:
    """The addresses, once every operation says who may call it; authentication is the operations' own."""
    silent = [f"{method} {path}" for method, path, operation in operations() if access.declared(operation) is None]
    if silent:
        raise WrongUsage(f"The operation {silent[0]} does not say who may call it", "Declare it with operations.needs")
    patterns = api.urls[0]
    for each in patterns:
        setattr(each.callback, access.SAID, access.Said(access.PUBLIC))
        setattr(each.callback, "without_data", True)  # noqa: B010 - no page of the console: it has no context
    return patterns


urlpatterns = _declared()
