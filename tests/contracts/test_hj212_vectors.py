"""Every vector of the facts sheet, through the library and through the command line."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from qingyuan.gateway.hj212 import sm4
from qingyuan.gateway.hj212.decode import Nonconforming, decode
from qingyuan.gateway.hj212.encode import encode

STATUS = {"none printed": "valid", "valid after decryption": "valid"}


@pytest.fixture(scope="module")
def vectors(shared: Path) -> list[dict]:
    return json.loads((shared / "reference" / "hj212_vectors.json").read_text(encoding="utf-8"))["vectors"]


def wire(vector: dict) -> bytes | None:
    if "raw_hex" in vector:
        return bytes.fromhex(vector["raw_hex"])
    text = vector.get("raw") or vector.get("framed")
    return text.encode() if text else None


def run(*arguments: str, stdin: bytes = b"") -> subprocess.CompletedProcess[bytes]:
    command = [sys.executable, "-m", "qingyuan.interfaces.cli", "hj212", *arguments]
    return subprocess.run(command, input=stdin, capture_output=True, check=False)


def told(vector: dict) -> dict:
    """What a vector says about itself, in the words of `decode`."""
    expected = dict(vector["decoded"]) if "decoded" in vector else {}
    expected.pop("command", None), expected.pop("odd", None)
    expected["crc_status"] = STATUS.get(vector["crc_status"], vector["crc_status"])
    if "raw" in vector:
        expected["deviations"] = vector.get("deviations", [])
    return expected


def test_decode_gives_meaning_and_status_of_every_vector(vectors: list[dict]) -> None:
    chosen = [vector for vector in vectors if wire(vector) is not None]
    assert len(chosen) == 110
    for vector in chosen:
        found = decode(wire(vector) or b"", [sm4.TEST_KEY]).as_json()
        expected = told(vector)
        assert {key: found[key] for key in expected} == expected, vector["id"]
        if "encrypted" in vector:
            assert decode(wire(vector) or b"", [sm4.TEST_KEY]).segment.decode() == vector["encrypted"]["plain_segment"]


def test_the_command_line_reads_all_vectors_as_one_stream(vectors: list[dict]) -> None:
    chosen = [vector for vector in vectors if wire(vector) is not None]
    stream = b"".join((wire(vector) or b"").removesuffix(b"\r\n") + b"\r\n" for vector in chosen)
    done = run("decode", "-", "--key", sm4.TEST_KEY.hex(), stdin=stream)
    assert done.returncode == 0, done.stderr.decode()
    lines = [json.loads(line) for line in done.stdout.decode().splitlines()]
    assert len(lines) == len(chosen)
    for vector, found in zip(chosen, lines, strict=True):
        expected = told(vector)
        assert {key: found[key] for key in expected} == expected, vector["id"]
    assert b"wrong length and a wrong sum" in done.stderr


def test_the_command_line_finds_the_frames_of_each_stream(vectors: list[dict], tmp_path: Path) -> None:
    for vector in vectors:
        if "stream" not in vector:
            continue
        file = tmp_path / f"{vector['id']}.bin"
        file.write_bytes(vector["stream"].encode())
        done = run("decode", str(file), "--skipped")
        lines = [json.loads(line) for line in done.stdout.decode().splitlines()]
        good = [line for line in lines if line.get("crc_status") == "valid"]
        assert len(good) == len(vector["expected_frames"]), vector["id"]
        skipped = sum(line.get("skipped", 0) for line in lines)
        assert (skipped > 0) == (b"skipped" in done.stderr)


def test_encode_is_the_reverse_for_every_well_formed_vector(vectors: list[dict]) -> None:
    same = 0
    for vector in vectors:
        raw = wire(vector)
        if raw is None:
            continue
        message = decode(raw, [sm4.TEST_KEY])
        key = sm4.TEST_KEY if "encrypted" in vector else None
        written = encode(message.header, message.params, message.factors, key=key)
        again = decode(written, [sm4.TEST_KEY])
        assert (again.header, again.params, again.factors) == (message.header, message.params, message.factors)
        assert again.crc_status == "valid"
        same += written == raw.removesuffix(b"\r\n") + b"\r\n"
    assert same > 85  # others have odd sums, lengths or separators, which are not written again


def test_strict_reading_refuses_what_deviates(vectors: list[dict], tmp_path: Path) -> None:
    for vector in vectors:
        if "raw" in vector and set(vector.get("deviations", [])) - {"no Flag in header (2005 style)"}:
            with pytest.raises(Nonconforming, match="MN"):
                decode(wire(vector) or b"", strict=True)
    file = tmp_path / "two.bin"
    good, odd = (next(v for v in vectors if v["id"] == number) for number in ("v001", "v010"))
    file.write_bytes(b"\r\n".join([wire(good) or b"", wire(odd) or b"", b""]))
    done = run("decode", str(file), "--strict")
    assert done.returncode == 3 and len(done.stdout.splitlines()) == 1 and b"PW over 6" in done.stderr


def test_the_authorization_of_a_multimedia_upload(vectors: list[dict]) -> None:
    (auth,) = [vector["auth"] for vector in vectors if "auth" in vector]
    user, _, password = auth["plain"].partition(":")
    assert sm4.authorization(user, password, auth["key"].encode()) == auth["result"]


def test_decode_and_encode_through_the_command_line(vectors: list[dict]) -> None:
    raw = wire(next(vector for vector in vectors if vector["id"] == "v004")) or b""
    lines = run("decode", "-", "--key", "30" * 16, stdin=raw).stdout
    assert run("encode", "--key", "30" * 16, stdin=lines).stdout == raw
    assert run("decode", "-", "--key", "30", stdin=raw).returncode == 2
    assert run("decode", "/no/such/file").returncode == 2
    assert run("encode", stdin=b"no json").returncode == 2
    numbers = b'{"header": {"ST": 32, "CN": 2011, "Flag": 4}, "factors": {"a": {"Rtd": 1.5}}}'
    assert run("encode", stdin=numbers).stdout.startswith(b"##0037ST=32;CN=2011;Flag=4;CP=&&a-Rtd=1.5&&")


def test_the_example_as_the_standard_prints_it(vectors: list[dict]) -> None:
    """Cipher as text under the length of the plain text."""
    vector = next(vector for vector in vectors if vector["id"] == "v004")
    raw, plain = wire(vector) or b"", vector["encrypted"]["plain_segment"].encode()
    printed = b"##0295" + sm4.seal(plain, sm4.TEST_KEY, as_text=True) + raw[-6:]
    found = json.loads(run("decode", "-", "--key", "30" * 16, stdin=printed).stdout)
    assert found["crc_status"] == "valid" and found["params"] == {"DataTime": "20240520210600"}
    assert found["deviations"] == ["declared length differs", "cipher written as text"]


def test_frames_of_public_sources_have_the_sums_told(shared: Path) -> None:
    import csv

    with (shared / "data" / "sources" / "hj212_frames.csv").open(encoding="utf-8") as file:
        lines = list(csv.DictReader(file))
    for line in lines:
        message = decode(line["frame"].encode())
        assert (message.crc_status == "valid") == (line["crc_ok"] == "True"), line["frame"]
        assert message.header["ST"] == line["ST"] and message.cn == line["CN"]
