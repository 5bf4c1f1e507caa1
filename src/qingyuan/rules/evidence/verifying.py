"""Verify an evidence file offline: ``python3 verify.py FILE [--key HEX]``. Needs Python's standard library only.

Checked: that the file is byte for byte what was packed; the SHA-256 of every part; the signature (Ed25519) of the
manifest; that each frame is the one its block of the journal holds, and that each block's head follows from it.
Who re-signs a changed file does so with another key: compare the key with the one the authority publishes (--key).
"""

from __future__ import annotations

import base64
import hashlib
import io
import json
import sys
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

MANIFEST, SIGNATURE = "manifest.json", "signature.json"

P = 2**255 - 19
L = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, P - 2, P) % P
ROOT = pow(2, (P - 1) // 4, P)
BASE_Y = 4 * pow(5, P - 2, P) % P

Point = tuple[int, int, int, int]


def canonical(content: Any) -> bytes:
    """The one way a thing is written as JSON here."""
    return json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


def pack(parts: Sequence[tuple[str, bytes]]) -> bytes:
    """A zip file that is the same whenever and wherever its parts are the same: stored, without times."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_STORED) as packed:
        for name, content in parts:
            entry = zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0))
            entry.create_system, entry.external_attr = 3, 0o644 << 16
            packed.writestr(entry, content)
    return stream.getvalue()


def unpack(content: bytes) -> list[tuple[str, bytes]]:
    """The parts of a file in order. Raises zipfile.BadZipFile and the like for what is none."""
    with zipfile.ZipFile(io.BytesIO(content)) as packed:
        return [(entry.filename, packed.read(entry)) for entry in packed.infolist()]


def faults(content: bytes, key: str = "") -> list[str]:
    """What is wrong with an evidence file; nothing when it is as it was sealed. key: the public key expected, hex."""
    try:
        listed = unpack(content)
        if pack(listed) != content:
            return ["the file is not byte for byte what was packed"]
        return list(_faults(dict(listed), key))
    except Exception as problem:  # a changed file may break anywhere, and is broken then
        return [f"the file cannot be read: {type(problem).__name__}: {problem}"]


def _faults(parts: Mapping[str, bytes], key: str) -> Iterator[str]:
    manifest, signature = json.loads(parts[MANIFEST]), json.loads(parts[SIGNATURE])
    if key and signature["public_key"] != key:
        yield f"signed with the key {signature['public_key']}, not with {key}"
    if not signed(bytes.fromhex(signature["public_key"]), parts[MANIFEST], bytes.fromhex(signature["signature"])):
        yield "the signature does not fit the manifest"
    told = {each["name"]: each["sha256"] for each in manifest["parts"]}
    if set(told) | {MANIFEST, SIGNATURE} != set(parts):
        yield f"parts were added or taken away: {sorted(set(told) ^ (set(parts) - {MANIFEST, SIGNATURE}))}"
    for name in sorted(set(told) & set(parts)):
        if hashlib.sha256(parts[name]).hexdigest() != told[name]:
            yield f"{name} was changed"
    yield from _journal_faults(json.loads(parts["frames.json"]), json.loads(parts["blocks.json"]))


def _journal_faults(frames: list[dict[str, Any]], blocks: list[dict[str, Any]]) -> Iterator[str]:
    for block in blocks:
        if head(block) != block["head"]:
            yield f"the head of block {block['first']}-{block['last']} does not follow from what it holds"
    for frame in frames:
        holding = [each for each in blocks if each["first"] <= frame["record"] <= each["last"]]
        if not holding:
            yield f"record {frame['record']} has no block"
        elif leaf(frame) != base64.b64decode(holding[0]["leaves"])[32 * (frame["record"] - holding[0]["first"]) :][:32]:
            yield f"record {frame['record']} is not the one its block holds"


def leaf(frame: Mapping[str, Any]) -> bytes:
    """The hash of one record: its device and its bytes."""
    return hashlib.sha256(b"%b\n%b" % (frame["mn"].encode(), base64.b64decode(frame["raw"]))).digest()


def head(block: Mapping[str, Any]) -> str:
    """The head a block must have after the head before it, as the journal computes it."""
    parts = (
        f"{block['first']}-{block['last']} {block['day']}".encode(),
        *(base64.b64decode(block[name]) for name in ("received", "sizes", "lates")),
        block["peers"].encode(),
        block["mns"].encode(),
        base64.b64decode(block["leaves"]),
    )
    chained = hashlib.sha256(bytes.fromhex(block["before"]))
    for part in parts:
        chained.update(len(part).to_bytes(8, "little"))
        chained.update(part)
    return chained.hexdigest()


def signed(public: bytes, message: bytes, signature: bytes) -> bool:
    """Whether an Ed25519 signature (RFC 8032) is of this message and key."""
    if len(public) != 32 or len(signature) != 64:
        return False
    key, nonce = _decoded(public), _decoded(signature[:32])
    factor = int.from_bytes(signature[32:], "little")
    if key is None or nonce is None or factor >= L:
        return False
    challenge = int.from_bytes(hashlib.sha512(signature[:32] + public + message).digest(), "little") % L
    base = _decoded(BASE_Y.to_bytes(32, "little"))
    return base is not None and _same(_times(factor, base), _added(nonce, _times(challenge, key)))


def _decoded(text: bytes) -> Point | None:
    """The point of the curve that 32 bytes name."""
    number = int.from_bytes(text, "little")
    sign, y = number >> 255, number & (2**255 - 1)
    square = (y * y - 1) * pow(D * y * y + 1, P - 2, P) % P
    x = pow(square, (P + 3) // 8, P)
    if (x * x - square) % P:
        x = x * ROOT % P
    if y >= P or (x * x - square) % P or (x == 0 and sign):
        return None
    x = P - x if x & 1 != sign else x
    return x, y, 1, x * y % P


def _added(one: Point, other: Point) -> Point:
    a = (one[1] - one[0]) * (other[1] - other[0]) % P
    b = (one[1] + one[0]) * (other[1] + other[0]) % P
    c, d = 2 * one[3] * other[3] * D % P, 2 * one[2] * other[2] % P
    e, f, g, h = b - a, d - c, d + c, b + a
    return e * f % P, g * h % P, f * g % P, e * h % P


def _times(factor: int, point: Point) -> Point:
    found: Point = (0, 1, 1, 0)
    while factor:
        if factor & 1:
            found = _added(found, point)
        point, factor = _added(point, point), factor >> 1
    return found


def _same(one: Point, other: Point) -> bool:
    return (one[0] * other[2] - other[0] * one[2]) % P == 0 and (one[1] * other[2] - other[1] * one[2]) % P == 0


def main(arguments: Sequence[str]) -> int:
    """Verify one file; 0 when it is as it was sealed, 1 when not, 2 for wrong usage."""
    if not arguments:
        print(__doc__, file=sys.stderr)
        return 2
    key = arguments[arguments.index("--key") + 1] if "--key" in arguments[:-1] else ""
    with open(arguments[0], "rb") as file:  # noqa: PTH123 - as plain as can be
        content = file.read()
    wrong = faults(content, key)
    for fault in wrong:
        print(f"NOT INTACT: {fault}")
    if not wrong:
        parts = dict(unpack(content))
        manifest = json.loads(parts[MANIFEST])
        print(f"intact: finding {manifest['finding']['id']}, sealed {manifest['sealed_at']}, {len(parts)} parts")
        print(f"signed with the key {json.loads(parts[SIGNATURE])['public_key']}")
    return 1 if wrong else 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
