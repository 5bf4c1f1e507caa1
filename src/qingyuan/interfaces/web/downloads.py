"""Files as answers of pages."""

from __future__ import annotations

from django.http import HttpResponse


def download(content: bytes, kind: str, name: str) -> HttpResponse:
    """A file of a media type, to be saved under a name."""
    answer = HttpResponse(content, content_type=kind)
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    answer.headers["X-Content-Type-Options"] = "nosniff"
    return answer
