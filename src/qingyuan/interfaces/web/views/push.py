"""The HTTP door for devices: ``POST /push/`` with ``Authorization: Bearer TOKEN`` and CSV or JSON lines as the body."""

from __future__ import annotations

from django.http import HttpRequest, JsonResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from qingyuan.base.errors import QingyuanError
from qingyuan.base.settings import data_dir
from qingyuan.gateway import push
from qingyuan.interfaces.web import access
from qingyuan.interfaces.web.context import without_data


@access.public
@csrf_exempt
@without_data
@require_POST
def page(request: HttpRequest) -> JsonResponse:
    """201 with the record's number when it is on disk, 200 when it was there; 401, 413 or 422 with the reason."""
    kind, _, token = request.headers.get("Authorization", "").partition(" ")
    try:
        if kind.lower() != "bearer":
            raise push.NotAllowed("There is no token", "Send Authorization: Bearer TOKEN")
        device = push.device_of(token.strip())
        if int(request.headers.get("Content-Length") or 0) > push.LONGEST:
            return _told(413, f"The document is longer than {push.LONGEST} bytes. Send it in parts")
        peer = f"{request.META.get('REMOTE_ADDR', '?')}:http"
        done = push.push(data_dir(), device, request.read(push.LONGEST + 1), peer)
    except push.NotAllowed as wrong:
        return _told(401, str(wrong))
    except QingyuanError as wrong:
        return _told(422, str(wrong))
    return JsonResponse({"record": done.record, "rows": done.rows}, status=200 if done.repeated else 201)


def _told(status: int, error: str) -> JsonResponse:
    return JsonResponse({"error": error}, status=status)
