"""Sealing evidence: what a finding rests on, gathered, signed and put on the disk once for each revision."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Iterable
from contextlib import closing
from datetime import datetime
from importlib.resources import files
from math import inf
from pathlib import Path
from time import monotonic
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from django.db.models import F

from qingyuan import __version__
from qingyuan.base.durable import kept_secret, write_whole
from qingyuan.base.time import isoformat
from qingyuan.gateway.journal import Block, Journal, exists, open_journal
from qingyuan.gateway.journal.blocks import START
from qingyuan.observations import lake
from qingyuan.people import audit
from qingyuan.people.audit import Actor
from qingyuan.rules.evidence.verifying import MANIFEST, SIGNATURE, canonical, pack
from qingyuan.rules.keeping import plain
from qingyuan.rules.models import Finding

FOLDER = "evidence"
MOST_FRAMES = 500
"""Frames in one file; of more the newest, and the manifest says how many were left out."""
FIELDS = (
    "id", "rule", "severity", "dataset", "division", "domain", "site", "point", "property", "averaging", "opened_at",
    "window_from", "window_to", "still", "rows", "value", "unit", "limit", "clause", "edition", "confidence", "state",
    "case_kind", "event_id", "revision", "simulated",
)  # fmt: skip


def seal_waiting(data: Path, at: datetime, seconds: float = inf) -> int:
    """Seal the findings that have changed since they were sealed, for so many seconds; gives how many.

    Those longest unsealed first, so that none waits for ever behind newer ones.
    """
    waiting = Finding.objects.filter(revision__gt=F("sealed_revision")).order_by("changed_at", "pk")
    ends, sealed = monotonic() + seconds, 0
    for number in list(waiting.values_list("pk", flat=True)):
        seal(data, Finding.objects.get(pk=number), at)
        sealed += 1
        if monotonic() > ends:
            break
    return sealed


def seal(data: Path, finding: Finding, at: datetime) -> Path:
    """Write the evidence of a finding as it stands, on disk when it returns, and note path and SHA-256 with it."""
    content = pack(_parts(data, finding, at))
    name = f"{FOLDER}/{finding.window_from:%Y-%m}/finding-{finding.pk}-{finding.revision}.zip"
    write_whole(data / name, content)
    finding.evidence_path, finding.evidence_sha256 = name, hashlib.sha256(content).hexdigest()
    finding.sealed_revision = finding.revision
    finding.save(update_fields=["evidence_path", "evidence_sha256", "sealed_revision"])
    return data / name


def taken(data: Path, finding: Finding, actor: Actor, at: datetime) -> Path | None:
    """The sealed file for somebody, with a line of the audit chain; None while it is not sealed."""
    file = data / finding.evidence_path
    if not finding.evidence_path or not file.is_file():
        return None
    audit.append(
        actor, "findings.evidence", "finding", str(finding.pk), division=finding.division, domain=finding.domain,
        change={"sha256": finding.evidence_sha256}, at=at, sealed=True,
    )  # fmt: skip
    return file


def _parts(data: Path, finding: Finding, at: datetime) -> list[tuple[str, bytes]]:
    observed = _observed(data, finding)
    frames, blocks, anchors, left_out = _journal(data, observed)
    parts = [
        ("rule.json", finding.declared.encode()),
        ("series.json", canonical(finding.series)),
        ("observations.json", canonical(observed)),
        ("frames.json", canonical(frames)),
        ("blocks.json", canonical(blocks)),
        ("anchors.json", canonical(anchors)),
        ("history.json", canonical(_history(finding))),
        ("verify.py", files(__package__).joinpath("verifying.py").read_bytes()),
    ]
    manifest = canonical(
        {
            "finding": {name: plain(getattr(finding, name)) for name in FIELDS},
            "basis": finding.basis,
            "thresholds": finding.thresholds,
            "worst": finding.worst,
            "frames_left_out": left_out,
            "sealed_at": isoformat(at),
            "sealed_by": f"qingyuan {__version__}",
            "parts": [
                {"name": name, "sha256": hashlib.sha256(part).hexdigest(), "bytes": len(part)} for name, part in parts
            ],
        }
    )
    key = _key(data)
    signature = {"algorithm": "Ed25519", "public_key": public_key(data), "signature": key.sign(manifest).hex()}
    return [(MANIFEST, manifest), (SIGNATURE, canonical(signature)), *parts]


def _observed(data: Path, finding: Finding) -> list[dict[str, Any]]:
    """The observations of the point in the window, all items, flagged ones too."""
    folder = data / "datasets" / finding.dataset
    if not finding.dataset or not folder.is_dir():
        return []
    rows = lake.read_arrow(
        folder, points=[finding.point], first=finding.window_from, last=finding.window_to, flagged=True
    ).to_pylist()
    return [{name: plain(value) for name, value in row.items() if name != "month"} for row in rows]


def _history(finding: Finding) -> list[dict[str, Any]]:
    return [
        {"at": plain(each.at), "what": each.what, "was": each.was, "became": each.became, "reason": each.reason}
        for each in finding.changes.all()
    ]


def _journal(data: Path, observed: Iterable[dict[str, Any]]) -> tuple[list[Any], list[Any], list[Any], int]:
    """The raw frames of observations, the blocks that hold them, their days' anchors, how many frames were left out."""
    sources = {str(row["source"]) for row in observed if str(row["source"] or "").startswith("journal:")}
    wanted = sorted(int(each.removeprefix("journal:")) for each in sources if each[8:].isdigit())
    if not wanted or not exists(data):
        return [], [], [], 0
    journal = open_journal(data, window=0)
    with closing(journal.store):
        blocks = _blocks(journal, wanted[-MOST_FRAMES:])
        frames = [_frame(record) for block in blocks for record in block.records() if record.id in set(wanted)]
        proofs = [_proof(journal, block) for block in blocks]
        anchors = [_anchor(journal, day) for day in sorted({block.day for block in blocks})]
    return frames, proofs, [each for each in anchors if each], len(wanted) - len(frames)


def _blocks(journal: Journal, wanted: list[int]) -> list[Block]:
    found: list[Block] = []
    for number in wanted:
        if found and found[-1].first <= number <= found[-1].last:
            continue
        block = next(journal.blocks(number - 1), None)
        if block and block.first <= number <= block.last:
            found.append(block)
    return found


def _frame(record: Any) -> dict[str, Any]:
    return {
        "record": record.id,
        "received_us": record.received,
        "peer": record.peer,
        "mn": record.mn,
        "raw": _text(record.raw),
        "text": record.raw.decode("utf-8", "replace"),
    }


def _proof(journal: Journal, block: Block) -> dict[str, Any]:
    before = next(journal.blocks(block.first - 2), None) if block.first > 1 else None
    return {
        "first": block.first,
        "last": block.last,
        "day": block.day,
        "before": (before.head if before else START).hex(),
        "head": block.head.hex(),
        "received": _text(block.received),
        "sizes": _text(block.sizes),
        "lates": _text(block.lates),
        "peers": block.peers,
        "mns": block.mns,
        "leaves": _text(b"".join(block.leaves())),
    }


def _anchor(journal: Journal, day: str) -> dict[str, Any] | None:
    """The signed anchor of a day as it stands on the disk."""
    file = journal.anchors.folder / f"{day}.json"
    return json.loads(file.read_text("ascii")) if file.exists() else None


def _text(content: bytes) -> str:
    return base64.b64encode(content).decode()


def public_key(data: Path) -> str:
    """The key evidence is signed with, as it may be published: 32 bytes in hexadecimal digits."""
    return _key(data).public_key().public_bytes(Encoding.Raw, PublicFormat.Raw).hex()


def _key(data: Path) -> Ed25519PrivateKey:
    """The signing key of a data folder, made when first used and readable by its owner only."""
    file = data / "keys" / "evidence.key"
    told = kept_secret(file, lambda: Ed25519PrivateKey.generate().private_bytes_raw().hex())
    return Ed25519PrivateKey.from_private_bytes(bytes.fromhex(told))
