"""Secrets encrypted where they lie: second factors and webhooks, those kept before, and another key."""

from importlib import import_module

import pytest
from django.apps import apps
from django.contrib.auth.models import User
from django.db import connection
from django_otp.oath import totp
from django_otp.plugins.otp_totp.models import TOTPDevice

from qingyuan.base.time import now
from qingyuan.cases.models import Channel
from qingyuan.people import at_rest, second

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    monkeypatch.setenv("QINGYUAN_DATA", str(tmp_path))
    return tmp_path


def stored(table, column):
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {column} FROM {table}")
        return cursor.fetchone()[0]


@pytest.fixture
def device():
    return second.pending(User.objects.create(username="li"))


def test_the_key_of_a_second_factor_is_not_in_the_database(device):
    kept = stored("otp_totp_totpdevice", "key")
    assert at_rest.is_sealed(kept) and device.key not in kept and len(kept) <= 80
    again = TOTPDevice.objects.get()
    assert again.key == device.key and len(again.bin_key) == 20
    code = f"{totp(device.bin_key):06}"
    assert again.verify_token(code) and TOTPDevice.objects.get().key == device.key


def test_the_secret_of_a_webhook_is_not_in_the_database():
    secret = "s" * 128
    Channel.objects.create(kind="webhook", address="https://a.cn/", secret=secret, since=now())
    kept = stored("cases_channel", "secret")
    assert at_rest.is_sealed(kept) and secret not in kept and len(kept) <= 255
    assert Channel.objects.get().secret == secret
    Channel.objects.update(secret="")
    assert stored("cases_channel", "secret") == "" and Channel.objects.get().secret == ""


def test_what_was_kept_plain_is_read_and_encrypted_by_the_migration(device):
    with connection.cursor() as cursor:
        cursor.execute("UPDATE otp_totp_totpdevice SET key = %s", [device.key])
    assert TOTPDevice.objects.get().key == device.key
    import_module("qingyuan.people.migrations.0003_at_rest").encrypt(apps, None)
    assert at_rest.is_sealed(stored("otp_totp_totpdevice", "key")) and TOTPDevice.objects.get().key == device.key


def test_another_key_opens_nothing_and_says_what_to_do(device, monkeypatch):
    monkeypatch.setenv("QINGYUAN_AT_REST_KEY", "ab" * 32)
    with pytest.raises(at_rest.CannotRead, match="Put back the key"):
        TOTPDevice.objects.get()
    monkeypatch.setenv("QINGYUAN_AT_REST_KEY", "ab")
    with pytest.raises(at_rest.CannotRead, match="64 hexadecimal"):
        at_rest.seal(b"x", "p")


def test_a_secret_cannot_be_moved_to_another_purpose():
    with pytest.raises(at_rest.CannotRead):
        at_rest.opened(at_rest.seal(b"x", "one"), "two")
