"""The plans' tables as an application of Django."""

from __future__ import annotations

from importlib import import_module

from django.apps import AppConfig


class PlansConfig(AppConfig):
    """Plans, their versions and items, who is responsible for what."""

    name = "qingyuan.plans"
    label = "plans"

    def ready(self) -> None:
        """From now on what is sealed is guarded."""
        import_module("qingyuan.plans.book.sealing")
