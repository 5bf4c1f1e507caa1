"""The console as an application of Django."""

from __future__ import annotations

from django.apps import AppConfig


class WebConfig(AppConfig):
    """Pages, templates, static files and texts of the console."""

    name = "qingyuan.interfaces.web"
    label = "web"

    def ready(self) -> None:
        """Listen to sign-ins and join the kinds of cases once the tables are known."""
        from qingyuan.interfaces import loading
        from qingyuan.interfaces.web.signin import signals

        loading.cases()
        signals.connect()
