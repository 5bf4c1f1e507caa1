"""Pages kept as rendered while what they show stands: many people look at the same hour."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from functools import wraps
from threading import Lock
from typing import Any

from django.core.cache import cache
from django.http import HttpRequest, HttpResponse
from django.middleware.csrf import get_token

from qingyuan import __version__
from qingyuan.interfaces.web import access, reading

View = Callable[..., HttpResponse]
SECONDS = 60
_LOCKS = [Lock() for _ in range(64)]
TOKEN = "kept-page-token-of-the-form"  # noqa: S105 - stands in a kept page where each answer has its own token


def kept(view: View) -> View:
    """Answer with the page as rendered before, when nothing it shows can have changed; a minute at most.

    Kept apart by person and rights, address, language and light; the token of the forms is put in anew for each answer.
    """
    return kept_while(lambda _request: None)(view)


Stands = Callable[[HttpRequest], Any]


def kept_while(stands: Stands) -> Callable[[View], View]:
    """The same for a page that shows more than the dataset: `stands` changes whenever any of that does."""
    return lambda view: _kept(view, stands)


def _kept(view: View, stands: Stands) -> View:
    @wraps(view)
    def answer(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        key = _key(request, stands(request))
        content = cache.get(key)
        if content is not None:
            return _with_token(HttpResponse(content), request)
        # of several who ask for it at once, one renders and the others wait
        with _LOCKS[hash(key) % len(_LOCKS)]:
            content = cache.get(key)
            response = HttpResponse(content) if content is not None else _rendered(view, request, key, *args, **kwargs)
        return _with_token(response, request)

    return answer


def _rendered(view: View, request: HttpRequest, key: str, *args: Any, **kwargs: Any) -> HttpResponse:
    request.kept = True  # type: ignore[attr-defined]
    response = view(request, *args, **kwargs)
    if response.status_code == 200:
        cache.set(key, response.content, SECONDS)
    return response


def form_token(request: HttpRequest) -> dict[str, str]:
    """For templates: the place of the form's token in a page that is to be kept."""
    return {"csrf_token": TOKEN} if getattr(request, "kept", False) else {}


def _with_token(response: HttpResponse, request: HttpRequest) -> HttpResponse:
    if TOKEN.encode() in response.content:
        response.content = response.content.replace(TOKEN.encode(), get_token(request).encode())
    return response


def _key(request: HttpRequest, more: Any) -> str:
    shown = (
        more,
        __version__,
        request.user.pk,
        access.rights(request).grants,
        request.get_full_path(),
        request.LANGUAGE_CODE,
        request.COOKIES.get("theme", ""),
        request.headers.get("HX-Request"),
        reading.standing(request.ctx.dataset),  # type: ignore[attr-defined]
    )
    return "page:" + hashlib.sha256(repr(shown).encode()).hexdigest()
