"""The cipher of edition 2025: SM4 over the inside of CP, in whole groups of 16 bytes, what is left stays in clear.

ECB without padding: equal groups look equal and nothing is authenticated, so this hides values from the
curious and proves nothing. The sum in a frame is that of the plain segment. On the wire the cipher is raw
bytes; some senders write it as text, ``{0xE4,0x3E}``, as the standard prints its example.
Contexts of the last keys are kept and are not for several threads at once.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Iterable
from functools import lru_cache
from typing import Any, NamedTuple

from qingyuan.base.errors import WrongUsage
from qingyuan.gateway.hj212 import checksum

GROUP = 16
"""Bytes of one group, and of a key."""

TEST_KEY = b"0" * GROUP
"""The key of the standard's printed examples."""

_OPEN = b"CP=&&"
_TEXT = re.compile(rb"\s*\{\s*(0[xX][0-9A-Fa-fxX,\s]*)\}")
_BYTE = re.compile(rb"0[xX]([0-9A-Fa-f]{1,2})")


class Opened(NamedTuple):
    """A segment in clear. sum_fits: whether its sum is the printed one; as_text: the cipher was written out."""

    segment: bytes
    sum_fits: bool
    as_text: bool


def key(text: str) -> bytes:
    """A key from its 32 hexadecimal digits, or from 16 characters; WrongUsage for anything else."""
    for read in (bytes.fromhex, str.encode):
        try:
            found = read(text)
        except ValueError:
            continue
        if len(found) == GROUP:
            return found
    raise WrongUsage("An SM4 key has 16 bytes", "Give it as 32 hexadecimal digits, or as 16 characters")


def encipher(plain: bytes, key: bytes) -> bytes:
    """Whole groups enciphered, the rest in clear; the length stays."""
    whole = len(plain) // GROUP * GROUP
    return _context(key, True).update(plain[:whole]) + plain[whole:]


def decipher(cipher: bytes, key: bytes) -> bytes:
    """The reverse of `encipher`."""
    whole = len(cipher) // GROUP * GROUP
    return _context(key, False).update(cipher[:whole]) + cipher[whole:]


def seal(segment: bytes, key: bytes, *, as_text: bool = False) -> bytes:
    """A plain segment with the inside of CP enciphered, as raw bytes or written out as text."""
    head, inside, close = _parts(segment)
    cipher = encipher(inside, key)
    if as_text:
        cipher = b"{" + b",".join(b"0x%02X" % byte for byte in cipher) + b"}"
    return head + cipher + close


def open_segment(segment: bytes, keys: Iterable[bytes], printed: bytes) -> Opened | None:
    """A sealed segment in clear by the first key whose plain text has the printed sum; None when none opens it.

    printed: the frame's sum in upper case. Where no sum fits, a key that gives readable text is taken.
    """
    head, inside, close = _parts(segment)
    cipher, as_text = _raw(inside)
    readable = None
    for each in keys:
        plain = head + decipher(cipher, each) + close
        if not is_text(plain):
            continue
        opened = Opened(plain, checksum.text(plain) == printed, as_text)
        if opened.sum_fits:
            return opened
        readable = readable or opened
    return readable


def authorization(user: str, password: str, key: bytes) -> str:
    """The Authorization of a multimedia upload (2025, appendix H): Base64 of SM4 with padding over user:password."""
    from cryptography.hazmat.primitives.padding import PKCS7

    padder = PKCS7(8 * GROUP).padder()
    plain = padder.update(f"{user}:{password}".encode()) + padder.finalize()
    return base64.b64encode(_context(key, True).update(plain)).decode()


def is_written_out(segment: bytes) -> bool:
    """Whether the inside of CP is a cipher written out as text."""
    return _raw(_parts(segment)[1])[1]


def _parts(segment: bytes) -> tuple[bytes, bytes, bytes]:
    """Up to and with ``CP=&&``, the inside, and the closing ``&&``."""
    start = segment.find(_OPEN)
    inside = start + len(_OPEN)
    end = len(segment) - 2
    if start < 0 or end < inside or not segment.endswith(b"&&"):
        return segment, b"", b""
    return segment[:inside], segment[inside:end], segment[end:]


def _raw(inside: bytes) -> tuple[bytes, bool]:
    """The cipher's bytes, and whether they were written out as text (with a tail in clear behind)."""
    written = _TEXT.match(inside)
    if written is None:
        return inside, False
    return bytes(int(digits, 16) for digits in _BYTE.findall(written[1])) + inside[written.end() :], True


def is_text(plain: bytes) -> bool:
    """Whether bytes can be read as a line of text, in UTF-8 or in the national encoding."""
    for encoding in ("utf-8", "gb18030"):
        try:
            return plain.decode(encoding).isprintable()
        except UnicodeDecodeError:
            continue
    return False


@lru_cache(maxsize=4096)
def _context(key: bytes, forward: bool) -> Any:
    from cryptography.hazmat.primitives.ciphers import Cipher, modes
    from cryptography.hazmat.primitives.ciphers.algorithms import SM4

    cipher = Cipher(SM4(key), modes.ECB())  # noqa: S305 (the standard's own choice)
    return cipher.encryptor() if forward else cipher.decryptor()
