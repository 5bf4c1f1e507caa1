"""Keys of second factors kept so far are encrypted; nobody has to set theirs up again."""

from typing import Any

from django.db import migrations

from qingyuan.people import at_rest


def encrypt(apps: Any, _editor: Any) -> None:
    """Every plain key."""
    for device in apps.get_model("otp_totp", "TOTPDevice").objects.all():
        at_rest.keep_key(device)
        device.save(update_fields=["key"])


def decrypt(apps: Any, _editor: Any) -> None:
    """Every encrypted key."""
    for device in apps.get_model("otp_totp", "TOTPDevice").objects.all():
        at_rest.read_key(device)
        device.save(update_fields=["key"])


class Migration(migrations.Migration):
    dependencies = [("people", "0002_sign_in"), ("otp_totp", "0003_add_timestamps")]
    operations = [migrations.RunPython(encrypt, decrypt)]
