"""The console as an application of Django."""

from __future__ import annotations

from django.apps import AppConfig


class WebConfig(AppConfig):
    """Pages, templates, static files and texts of the console."""

    name = "qingyuan.interfaces.web"
    label = "web"
