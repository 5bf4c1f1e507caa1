"""Cases as an application of Django."""

from __future__ import annotations

from django.apps import AppConfig


class CasesConfig(AppConfig):
    """Cases, their steps, attachments, notices and lotteries."""

    name = "qingyuan.cases"
    label = "cases"
