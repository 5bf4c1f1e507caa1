"""Secrets of webhooks kept so far are encrypted; what receives them need not change."""

from typing import Any

from django.db import migrations

from qingyuan.people.at_rest import SealedText


def encrypt(apps: Any, _editor: Any) -> None:
    """Read plain, written encrypted."""
    for channel in apps.get_model("cases", "Channel").objects.exclude(secret=""):
        channel.save(update_fields=["secret"])


class Migration(migrations.Migration):
    dependencies = [("cases", "0005_dispatch"), ("people", "0003_at_rest")]
    operations = [
        migrations.AlterField(
            "channel", "secret", SealedText(blank=True, default="", max_length=255, purpose="webhook")
        ),
        migrations.RunPython(encrypt, migrations.RunPython.noop),
    ]
