"""The room as a Django application."""

from __future__ import annotations

from django.apps import AppConfig


class PeopleConfig(AppConfig):
    """Organisations, posts, delegations, tokens and the audit chain."""

    name = "qingyuan.people"
    label = "people"
