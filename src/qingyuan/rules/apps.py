"""The tables of findings as an application of Django."""

from __future__ import annotations

from django.apps import AppConfig


class RulesConfig(AppConfig):
    """Findings, the events they belong to, their history, suppression windows, positions."""

    name = "qingyuan.rules"
    label = "rules"
