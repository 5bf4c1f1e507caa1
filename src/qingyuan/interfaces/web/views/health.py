"""Whether the console answers, for the machine that watches it."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse

from qingyuan.interfaces.web import access
from qingyuan.interfaces.web.context import without_data


@access.public
@without_data
def page(request: HttpRequest) -> HttpResponse:
    """The word ok."""
    return HttpResponse("ok", content_type="text/plain")
