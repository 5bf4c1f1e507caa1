"""The gateway under pressure and in other surroundings: rates, a long queue, TLS, no uvloop, idle connections."""

import re
import ssl
import time
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from running_gateway import Talker, exported, gateway, upload

UNKNOWN = "--accept-unknown"


def test_who_sends_too_fast_is_read_more_slowly_and_loses_nothing(tmp_path):
    with gateway(tmp_path, UNKNOWN, env={"QINGYUAN_GATEWAY_FRAMES_PER_DEVICE": "100"}) as started:
        talker, begun = Talker(started.port, wait=10), time.monotonic()
        for at in range(0, 400, 50):
            talker.send(*(upload(serial) for serial in range(at, at + 50)))
            time.sleep(0.02)
        assert len(talker.hear(400)) == 400
        assert time.monotonic() - begun > 1


def test_a_long_queue_before_the_disk_stops_reading_only(tmp_path):
    with gateway(tmp_path, UNKNOWN, env={"QINGYUAN_GATEWAY_WAITING_FRAMES": "20"}) as started:
        talkers = [Talker(started.port, wait=20) for _ in range(5)]
        for number, talker in enumerate(talkers):
            talker.send(*(upload(serial, mn=f"M{number}") for serial in range(1000)))
        assert [len(talker.hear(1000)) for talker in talkers] == [1000] * 5
    assert len(exported(tmp_path)) == 5000


def test_too_many_connections_of_one_address(tmp_path):
    with gateway(tmp_path, UNKNOWN, env={"QINGYUAN_GATEWAY_CONNECTIONS_PER_ADDRESS": "2"}) as started:
        first, second = Talker(started.port), Talker(started.port)
        second.send(upload(1))
        second.hear()
        assert Talker(started.port).closed()
        first.send(upload(2))
        assert len(first.hear()) == 1


def test_silence_is_closed_after_its_time(tmp_path):
    with gateway(tmp_path, UNKNOWN, env={"QINGYUAN_GATEWAY_IDLE_SECONDS": "1"}) as started:
        assert Talker(started.port).closed(5)


def test_a_frame_without_line_end_is_taken_after_a_pause(tmp_path):
    with gateway(tmp_path, UNKNOWN, env={"QINGYUAN_GATEWAY_PAUSE_SECONDS": "1"}) as started:
        talker = Talker(started.port, wait=5)
        talker.send(upload(1)[:-2])
        assert len(talker.hear()) == 1


def test_without_uvloop(tmp_path):
    absent = tmp_path / "absent"
    absent.mkdir()
    (absent / "uvloop.py").write_text("raise ImportError('not installed here')")
    path = f"{absent}:{Path(__file__).parents[2] / 'src'}"
    with gateway(tmp_path / "data", UNKNOWN, env={"PYTHONPATH": path}) as started:
        talker = Talker(started.port)
        talker.send(*(upload(serial) for serial in range(50)))
        assert len(talker.hear(50)) == 50
        assert started.terminate() == 0


@pytest.fixture
def certificate(tmp_path):
    """A certificate of this machine, made here, with its key in the same file."""
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.x509.oid import NameOID

    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    now = datetime(2026, 1, 1)
    made = x509.CertificateBuilder(name, name, key.public_key(), 1, now, now + timedelta(days=36500))
    signed = made.add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), False).sign(
        key, hashes.SHA256()
    )
    pem = serialization.Encoding.PEM
    private = key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    file = tmp_path / "certificate.pem"
    file.write_bytes(signed.public_bytes(pem) + private)
    return file


def test_tls(tmp_path, certificate):
    with gateway(tmp_path / "data", UNKNOWN, "--tls-cert", str(certificate)) as started:
        talker = Talker(started.port)
        talker.line = ssl.create_default_context(cafile=certificate).wrap_socket(
            talker.line, server_hostname="localhost"
        )
        talker.send(*(upload(serial) for serial in range(300)))
        assert len(talker.hear(300)) == 300


def test_idle_connections_cost_little(tmp_path):
    with gateway(tmp_path, UNKNOWN) as started:
        status = Path(f"/proc/{started.process.pid}/status")

        def used():
            return int(re.search(r"VmRSS:\s+(\d+) kB", status.read_text())[1])

        before = used()
        talkers = [Talker(started.port) for _ in range(400)]
        talkers[-1].send(upload(1))
        talkers[-1].hear()
        assert (used() - before) / len(talkers) < 40
