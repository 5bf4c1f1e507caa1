"""WSGI entry of the console: ``qingyuan.interfaces.web.wsgi:application``."""

from __future__ import annotations

import os
from threading import Thread

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "qingyuan.interfaces.web.settings")
application = get_wsgi_application()


def _made_ready() -> None:
    """Do ahead what the first visitor of this process would wait for."""
    from django.urls import get_resolver

    from qingyuan.domains.air import stored

    stored.compile_ahead()
    assert get_resolver().url_patterns


Thread(target=_made_ready, name="ready", daemon=True).start()
