"""What happens to every request: security headers, language, and the context held in the address."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import BadRequest
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils import translation

from qingyuan.base.errors import QingyuanError
from qingyuan.interfaces.web import context

Answer = Callable[[HttpRequest], HttpResponse]


def content_security(answer: Answer) -> Answer:
    """Only this host may supply scripts, styles, pictures and data."""

    def respond(request: HttpRequest) -> HttpResponse:
        response = answer(request)
        response.headers.setdefault("Content-Security-Policy", settings.CONTENT_SECURITY_POLICY)
        response.headers.setdefault("Permissions-Policy", "camera=(), microphone=(), geolocation=()")
        return response

    return respond


def language(answer: Answer) -> Answer:
    """Chinese unless the address (``lang``) or the person's cookie says otherwise."""
    known = {code for code, _ in settings.LANGUAGES}

    def respond(request: HttpRequest) -> HttpResponse:
        asked = request.GET.get("lang") or request.COOKIES.get(settings.LANGUAGE_COOKIE_NAME, "")
        with translation.override(asked if asked in known else settings.LANGUAGE_CODE):
            request.LANGUAGE_CODE = translation.get_language() or settings.LANGUAGE_CODE
            response = answer(request)
            response.headers.setdefault("Content-Language", request.LANGUAGE_CODE)
        return response

    return respond


def no_nul(answer: Answer) -> Answer:
    """Refuse a request whose text holds the sign NUL: no name or word has it, and PostgreSQL keeps none."""

    def respond(request: HttpRequest) -> HttpResponse:
        if not _has_nul(request):
            return answer(request)
        if request.path_info.startswith("/api/"):
            return JsonResponse({"detail": "The request holds the sign NUL. Leave it out."}, status=422)
        raise BadRequest("NUL")

    return respond


def _has_nul(request: HttpRequest) -> bool:
    if "\0" in request.path_info or "%00" in request.META.get("QUERY_STRING", ""):
        return True
    if request.path_info.startswith("/api/"):  # reading a form would take its body away from the operation
        return "json" in (request.content_type or "") and b"\\u0000" in request.body
    return any("\0" in text for _name, texts in request.POST.lists() for text in texts)


class ContextMiddleware:
    """Read place, time, law and dataset from the address into ``request.ctx``.

    Views marked with `context.without_data` are answered even when no dataset exists; for the others an
    empty platform says how to fill it, and a value that cannot be read is answered with a readable 400.
    """

    def __init__(self, answer: Answer) -> None:
        self.answer = answer

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Pass the request on; the context is read once the view is known."""
        return self.answer(request)

    def process_view(
        self, request: HttpRequest, view: Callable[..., HttpResponse], args: Any, kwargs: Any
    ) -> HttpResponse | None:
        """Attach the context, or answer at once when there is none."""
        lenient = context.is_without_data(view)
        try:
            setattr(request, "ctx", context.from_query(request.GET))  # noqa: B010
        except context.NoDataset:
            setattr(request, "ctx", None)  # noqa: B010
            return None if lenient else render(request, "no_dataset.html")
        except context.BadContext as error:
            setattr(request, "ctx", None)  # noqa: B010
            return None if lenient else render(request, "errors/400.html", {"error": error}, status=400)
        if "dataset" in request.GET and not request.user.is_authenticated and not lenient:
            return redirect_to_login(request.get_full_path())
        return None

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        """Tell an error that says what to do next as a page, not as a failure of the server."""
        if isinstance(error, QingyuanError):
            return render(request, "errors/400.html", {"error": error}, status=400)
        return None
