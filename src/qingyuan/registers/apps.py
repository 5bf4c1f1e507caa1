"""The registers' tables as an application of Django."""

from __future__ import annotations

from django.apps import AppConfig


class RegistersConfig(AppConfig):
    """Records and their steps, counts, balances, drafts, imports."""

    name = "qingyuan.registers"
    label = "registers"
