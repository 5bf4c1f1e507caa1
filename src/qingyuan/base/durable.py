"""What is on disk, not only written."""

from __future__ import annotations

import hashlib
import os
import secrets
from collections.abc import Callable
from pathlib import Path


def sync_folder(folder: Path) -> None:
    """Bring the names in a folder to the disk: a file renamed into it is there only then."""
    opened = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(opened)
    finally:
        os.close(opened)


def write_whole(file: Path, content: str | bytes) -> None:
    """Write a file so that it is there whole and on disk, or as it was; a text is UTF-8 as given."""
    file.parent.mkdir(parents=True, exist_ok=True)
    _part_of(file, content, 0o666).replace(file)
    sync_folder(file.parent)


def keep_content(root: Path, content: bytes) -> str:
    """Keep bytes below a folder under their SHA-256, which it gives: once, whole and on disk."""
    name = hashlib.sha256(content).hexdigest()
    file = content_path(root, name)
    if not file.exists():
        write_whole(file, content)
    return name


def content_path(root: Path, name: str) -> Path:
    """Where `keep_content` keeps the bytes of a SHA-256."""
    return root / name[:2] / name


def kept_secret(file: Path, make: Callable[[], str] = lambda: secrets.token_hex(32)) -> str:
    """The secret a file holds, readable by its owner only; made by whoever comes first, and never seen half written."""
    if not file.exists():
        file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        part = _part_of(file, make(), 0o600)
        try:
            os.link(part, file)  # unlike a rename it does not replace one made in between
            sync_folder(file.parent)
        except FileExistsError:
            pass
        finally:
            part.unlink()
    return file.read_text("utf-8")


def _part_of(file: Path, content: str | bytes, mode: int) -> Path:
    """The content on disk beside where it is to stand."""
    part = file.with_name(f"{file.name}.{os.getpid()}.{secrets.token_hex(4)}.part")
    handle = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
    with os.fdopen(handle, "wb") as stream:
        stream.write(content.encode() if isinstance(content, str) else content)
        stream.flush()
        os.fsync(stream.fileno())
    return part
