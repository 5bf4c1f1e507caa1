"""What is noted when somebody signs in."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.signals import user_logged_in

from qingyuan.base.time import now
from qingyuan.interfaces import tries
from qingyuan.people import sessions


def _begun(sender: Any, request: Any, user: Any, **_more: Any) -> None:
    if not request.session.session_key:
        request.session.save()
    device = request.META.get("HTTP_USER_AGENT", "")
    sessions.begun(user, request.session.session_key, tries.address(request), device, now())


def connect() -> None:
    """Listen to sign-ins."""
    user_logged_in.connect(_begun, dispatch_uid="qingyuan.sessions")
