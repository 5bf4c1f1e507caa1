"""Sealed identity: what a reporter tells of themself can be locked by anybody and opened with one private key only.

X25519 with a fresh key a seal, HKDF-SHA-256, ChaCha20-Poly1305; the number of the report is bound in, so that a seal
cannot be moved to another report. The public key suffices to take reports: the private one may live on another machine.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from qingyuan.base.durable import kept_secret
from qingyuan.base.errors import QingyuanError
from qingyuan.base.locking import alone

KEY = 32
_NONCE = bytes(12)  # each seal has a key of its own


class CannotOpen(QingyuanError):
    """The private key is not here, or the seal is not of this key or report."""


def seal(told: Mapping[str, str], public: bytes, bound_to: str) -> bytes:
    """Lock what was told (name, telephone, account ...). public: 32 bytes; bound_to: number of the report."""
    once = X25519PrivateKey.generate()
    own = once.public_key().public_bytes_raw()
    shared = once.exchange(X25519PublicKey.from_public_bytes(public))
    text = json.dumps(dict(told), ensure_ascii=False, sort_keys=True).encode()
    return own + _box(shared, own + public).encrypt(_NONCE, text, bound_to.encode())


def unseal(sealed: bytes, private: X25519PrivateKey, bound_to: str) -> dict[str, str]:
    """What was told. Raises CannotOpen."""
    own, locked = bytes(sealed[:KEY]), bytes(sealed[KEY:])
    shared = private.exchange(X25519PublicKey.from_public_bytes(own))
    box = _box(shared, own + private.public_key().public_bytes_raw())
    try:
        return json.loads(box.decrypt(_NONCE, locked, bound_to.encode()))
    except InvalidTag:
        raise CannotOpen(f"The identity of {bound_to} does not open", "It was sealed for another key.") from None


def _box(shared: bytes, bound: bytes) -> ChaCha20Poly1305:
    derived = HKDF(hashes.SHA256(), KEY, salt=None, info=b"qingyuan identity" + bound).derive(shared)
    return ChaCha20Poly1305(derived)


def public_key(data: Path) -> bytes:
    """The key that seals, made with its counterpart on first use under ``keys`` in the data folder."""
    folder = data / "keys"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    public = folder / "identity.public"
    with alone(folder / "identity.lock"):
        if not public.exists():
            _make(folder)
    return bytes.fromhex(public.read_text("ascii"))


def private_key(data: Path) -> X25519PrivateKey:
    """The key that opens. Raises CannotOpen where it was taken away to another machine."""
    kept = data / "keys" / "identity.private"
    if not kept.exists():
        raise CannotOpen("The key of the sealed identities is not on this machine", "Open them where the key is kept.")
    return X25519PrivateKey.from_private_bytes(bytes.fromhex(kept.read_text("ascii")))


def _make(folder: Path) -> None:
    private = X25519PrivateKey.generate()
    raw = private.private_bytes(
        serialization.Encoding.Raw, serialization.PrivateFormat.Raw, serialization.NoEncryption()
    )
    kept_secret(folder / "identity.private", raw.hex)
    kept_secret(folder / "identity.public", private.public_key().public_bytes_raw().hex)
