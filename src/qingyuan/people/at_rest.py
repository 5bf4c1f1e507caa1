"""Secrets the platform has to read again itself, encrypted where they lie: keys of second factors, of webhooks.

ChaCha20-Poly1305 under a key beside the database, not in it: ``QINGYUAN_AT_REST_KEY`` (64 hexadecimal digits; the same
for every machine of a deployment), else ``keys/at_rest`` in the data folder, made on first use. What it is for is bound
in, so that a secret cannot be moved to another purpose. Text kept before encryption is read as it stands.
"""

from __future__ import annotations

import os
from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305
from django.db import models

from qingyuan.base.durable import kept_secret
from qingyuan.base.errors import QingyuanError
from qingyuan.base.settings import data_dir

MARK = "at1:"
_NONCE = 12


class CannotRead(QingyuanError):
    """A secret that was encrypted under another key, or a key that is none."""


def seal(secret: bytes, purpose: str) -> str:
    """The secret as it is kept: text of a third more than its length and 42 characters."""
    nonce = os.urandom(_NONCE)
    return MARK + urlsafe_b64encode(nonce + _box().encrypt(nonce, secret, purpose.encode())).decode()


def is_sealed(kept: str) -> bool:
    """Whether a text is kept encrypted."""
    return kept.startswith(MARK)


def opened(kept: str, purpose: str) -> bytes:
    """The secret of `seal`. Raises CannotRead."""
    try:
        raw = urlsafe_b64decode(kept.removeprefix(MARK))
        return _box().decrypt(raw[:_NONCE], raw[_NONCE:], purpose.encode())
    except (InvalidTag, Error, ValueError):
        told = f"A kept secret ({purpose}) does not open"
        raise CannotRead(told, "Put back the key it was kept under: QINGYUAN_AT_REST_KEY or keys/at_rest.") from None


def _box() -> ChaCha20Poly1305:
    key = os.environ.get("QINGYUAN_AT_REST_KEY") or kept_secret(data_dir() / "keys" / "at_rest")
    try:
        return ChaCha20Poly1305(bytes.fromhex(key))
    except ValueError:
        raise CannotRead("QINGYUAN_AT_REST_KEY is no key", "Give 64 hexadecimal digits.") from None


class SealedText(models.CharField):
    """A text column that is encrypted in the database and plain in the program; empty stays empty."""

    def __init__(self, *given: Any, purpose: str = "", **more: Any) -> None:
        self.purpose = purpose
        super().__init__(*given, **more)

    def deconstruct(self) -> Any:
        """As migrations write it."""
        name, path, given, more = super().deconstruct()
        return name, path, given, {**more, "purpose": self.purpose}

    def from_db_value(self, value: str | None, _expression: object, _connection: object) -> str | None:
        """Plain, also where it was kept before encryption."""
        return opened(value, self.purpose).decode() if value and is_sealed(value) else value

    def get_prep_value(self, value: Any) -> Any:
        """Encrypted."""
        plain = super().get_prep_value(value)
        return seal(plain.encode(), self.purpose) if plain and not is_sealed(plain) else plain


TOTP = "second factor"


def read_key(instance: Any, **_more: Any) -> None:
    """After a TOTP device was read: its key, plain in the program."""
    if "key" in instance.__dict__ and is_sealed(instance.key):
        instance.key = opened(instance.key, TOTP).hex()


def keep_key(instance: Any, **_more: Any) -> None:
    """Before a TOTP device is written: its key, encrypted."""
    if "key" in instance.__dict__ and not is_sealed(instance.key):
        instance.key = seal(bytes.fromhex(instance.key), TOTP)
