"""The gateway's tables as an application of Django."""

from __future__ import annotations

from django.apps import AppConfig


class GatewayConfig(AppConfig):
    """Register of devices, their state, quarantine, remote commands."""

    name = "qingyuan.gateway"
    label = "gateway"
