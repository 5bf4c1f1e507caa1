"""Attachments: kept once by their digest in the data folder, each noted with the record it belongs to."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from qingyuan.base.durable import content_path, keep_content
from qingyuan.base.errors import WrongUsage
from qingyuan.registers.flow.declared import Kind
from qingyuan.registers.flow.store import Change
from qingyuan.registers.models import StoredFile

LARGEST = 20 << 20
KEPT_IN = "files"
MEDIA = {
    "jpg": "image/jpeg", "jpeg": "image/jpeg", "png": "image/png", "webp": "image/webp", "pdf": "application/pdf",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document", "txt": "text/plain",
    "csv": "text/csv", "zip": "application/zip", "geojson": "application/geo+json",
}  # fmt: skip
"""Endings that are taken, and what they are sent as."""


def store(folder: Path, name: str, content: bytes) -> dict[str, Any]:
    """Keep a file; what a field of type file holds. Raises WrongUsage for an ending or a size that is not taken."""
    ending = name.rpartition(".")[2].lower()
    if ending not in MEDIA:
        raise WrongUsage(f"Files like {name[-40:]!r} are not taken", f"Use one of {', '.join(MEDIA)}.")
    if not content or len(content) > LARGEST:
        raise WrongUsage(f"{name[-40:]!r} has {len(content)} bytes", f"Files have 1 to {LARGEST} bytes.")
    digest = keep_content(folder / KEPT_IN, content)
    plain = re.sub(r"[^\w. ()-]", "_", name.rpartition("/")[2])[-120:]
    return {"name": plain, "sha256": digest, "size": len(content), "media": MEDIA[ending]}


def at(folder: Path, digest: str) -> Path:
    """Where a file is kept."""
    return content_path(folder / KEPT_IN, digest)


def note(kind: Kind, change: Change, at_moment: datetime) -> None:
    """Note the files an act brought with their record, so that whoever sees the record may open them."""
    for name, value in change.entry.values.items():
        if kind.fields[name].type == "file":
            for each in value or ():
                _noted(change, each, at_moment)


def _noted(change: Change, file: Mapping[str, Any], at_moment: datetime) -> None:
    StoredFile.objects.get_or_create(
        record_id=change.record.pk,
        sha256=file["sha256"],
        defaults={
            "name": file["name"],
            "media": file["media"],
            "size": file["size"],
            "account": change.entry.actor.account,
            "at": at_moment,
        },
    )
