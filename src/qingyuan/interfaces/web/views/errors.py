"""Pages for what went wrong: what happened, what is safe, what to do next."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render

from qingyuan.interfaces.web.context import without_data


@without_data
def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """400: the address or form could not be read."""
    return render(request, "errors/400.html", status=400)


@without_data
def forbidden(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """403: the account has no such duty."""
    return render(request, "errors/403.html", status=403)


@without_data
def stale_form(request: HttpRequest, reason: str = "") -> HttpResponse:
    """403 of a form whose token has gone stale."""
    return render(request, "errors/403.html", {"stale": True}, status=403)


@without_data
def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """404: no page at this address; below the API in its own form."""
    if request.path.startswith("/api/"):
        return JsonResponse({"detail": "Not Found"}, status=404)
    return render(request, "errors/404.html", status=404)


@without_data
def failed(request: HttpRequest) -> HttpResponse:
    """500: a fault of ours, answered without touching the store."""
    return render(request, "errors/500.html", status=500)
