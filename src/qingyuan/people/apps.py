"""The room as a Django application."""

from __future__ import annotations

from django.apps import AppConfig


class PeopleConfig(AppConfig):
    """Organisations, posts, delegations, tokens and the audit chain."""

    name = "qingyuan.people"
    label = "people"

    def ready(self) -> None:
        """Keys of second factors are plain in the program, and encrypted in the database."""
        from django.db.models import signals
        from django_otp.plugins.otp_totp.models import TOTPDevice

        from qingyuan.people import at_rest

        signals.post_init.connect(at_rest.read_key, sender=TOTPDevice)
        signals.pre_save.connect(at_rest.keep_key, sender=TOTPDevice)
        signals.post_save.connect(at_rest.read_key, sender=TOTPDevice)
