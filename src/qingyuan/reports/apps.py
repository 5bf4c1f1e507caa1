"""The room as a Django application."""

from __future__ import annotations

from django.apps import AppConfig


class ReportsConfig(AppConfig):
    """Tables of the reports and of their rewards."""

    name = "qingyuan.reports"
    label = "reports"
    verbose_name = "Public reports"
