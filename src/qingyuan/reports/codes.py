"""Codes that stand for a person nobody knows: a report's tracking code, a reward's claim code.

Sixteen characters of 32 (80 random bits): too many to try, so the plain digest may be kept; the code itself never is.
The alphabet has no I, L, O, U: what is misread is put right before looking up.
"""

from __future__ import annotations

import hashlib
import secrets

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
LENGTH = 16
_MISREAD = str.maketrans("ILO", "110")


def make() -> str:
    """A new code as it is told: ``7K3M-Q0XR-91TB-ZC4D``."""
    letters = "".join(secrets.choice(ALPHABET) for _ in range(LENGTH))
    return "-".join(letters[at : at + 4] for at in range(0, LENGTH, 4))


def normal(told: str) -> str:
    """A code as somebody wrote it, brought to its letters; empty when it can be none."""
    letters = "".join(each for each in told.upper() if each.isalnum()).translate(_MISREAD)
    return letters if len(letters) == LENGTH and set(letters) <= set(ALPHABET) else ""


def digest(told: str) -> str:
    """What is kept of a code, SHA-256 in hexadecimal digits; empty for what can be no code."""
    letters = normal(told)
    return hashlib.sha256(letters.encode()).hexdigest() if letters else ""
