"""The plans' tables as an application of Django."""

from __future__ import annotations

from django.apps import AppConfig


class PlansConfig(AppConfig):
    """Plans, their versions and items, who is responsible for what."""

    name = "qingyuan.plans"
    label = "plans"
