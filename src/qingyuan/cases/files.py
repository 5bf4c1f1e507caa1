"""Attachments on the disk: kept by the hash of their content, of known kinds and sizes only."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path

from qingyuan.base.durable import content_path, keep_content
from qingyuan.base.errors import QingyuanError

LARGEST = 20 * 2**20
"""Bytes of one file."""
KINDS = {
    "image/jpeg": ("jpg", b"\xff\xd8\xff"),
    "image/png": ("png", b"\x89PNG\r\n\x1a\n"),
    "image/webp": ("webp", b"RIFF"),
    "application/pdf": ("pdf", b"%PDF-"),
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document": ("docx", b"PK\x03\x04"),
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": ("xlsx", b"PK\x03\x04"),
}
KEPT_IN = "attachments"
PICTURES = ("image/jpeg", "image/png", "image/webp")


class BadFile(QingyuanError):
    """A file of a kind or size that is not taken."""


@dataclass(frozen=True)
class Kept:
    """A file kept: the SHA-256 of its content, its kind and size in bytes."""

    sha256: str
    type: str
    size: int


def kind_of(name: str, content: bytes) -> str:
    """The kind by name and first bytes, which must agree. Raises BadFile."""
    ending = Path(name).suffix.lower().lstrip(".").replace("jpeg", "jpg")
    for kind, (suffix, start) in KINDS.items():
        if ending == suffix and content.startswith(start) and (suffix != "webp" or content[8:12] == b"WEBP"):
            return kind
    told = ", ".join(suffix for suffix, _start in KINDS.values())
    raise BadFile(f"{name} is none of {told}", "Send photographs as JPEG, documents as PDF.")


def keep(folder: Path, name: str, content: bytes) -> Kept:
    """Write a file under the hash of its content; the same content is kept once. Raises BadFile."""
    if not content:
        raise BadFile(f"{name} is empty", "Choose the file again.")
    if len(content) > LARGEST:
        raise BadFile(f"{name} has {len(content) / 2**20:.1f} MB", f"At most {LARGEST // 2**20} MB are taken.")
    kind = kind_of(name, content)
    return Kept(keep_content(folder / KEPT_IN, content), kind, len(content))


def path(folder: Path, sha256: str) -> Path:
    """Where the file of a hash is kept, below the data folder."""
    return content_path(folder / KEPT_IN, sha256)


def read(folder: Path, sha256: str) -> bytes:
    """The content of a hash, proven again. Raises BadFile when it is gone or was changed."""
    file = path(folder, sha256)
    content = file.read_bytes() if file.exists() else b""
    if hashlib.sha256(content).hexdigest() != sha256:
        raise BadFile(f"The attachment {sha256[:12]}… is missing or was changed", "Restore it from the backup.")
    return content
