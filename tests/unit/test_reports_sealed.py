"""Codes, seals and photos of public reports: nothing here needs the database."""

import io
from datetime import datetime

import pytest
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image
from PIL.TiffImagePlugin import IFDRational

from qingyuan.base.durable import keep_content
from qingyuan.reports import codes, identity, keys, photos

TOLD = {"name": "李四", "telephone": "13800000000"}
PRIVATE = X25519PrivateKey.generate()
PUBLIC = PRIVATE.public_key().public_bytes_raw()


def jpeg(exif=None, size=(640, 480)):
    out = io.BytesIO()
    Image.new("RGB", size, (90, 120, 60)).save(out, "JPEG", **({"exif": exif} if exif else {}))
    return out.getvalue()


def exif_of(latitude_ref="N", seconds=36.0):
    exif = Image.Exif()
    exif[0x010F] = "Maker of a telephone"
    exif.get_ifd(0x8769)[0x9003] = "2025:10:28 09:12:30"
    exif.get_ifd(0x8825).update({1: latitude_ref, 2: (43.0, 52.0, seconds), 3: "E", 4: (125.0, 19.0, 12.0)})
    return exif


def test_a_code_is_read_as_people_write_it():
    code = codes.make()
    sloppy = code.lower().replace("-", " ").replace("0", "o").replace("1", "l")
    assert codes.digest(sloppy) == codes.digest(code) != ""
    assert codes.normal(code) == code.replace("-", "")


@pytest.mark.parametrize("told", ["", "ABCD", "U" * 16, "A" * 17, "密" * 16, "٣" * 16])
def test_what_can_be_no_code_has_no_digest(told):
    assert codes.digest(told) == ""


def test_codes_do_not_repeat():
    assert len({codes.make() for _ in range(2000)}) == 2000


@given(st.dictionaries(st.sampled_from(["name", "telephone", "mail"]), st.text(max_size=60)))
def test_a_seal_opens_to_what_was_told(told):
    assert identity.unseal(identity.seal(told, PUBLIC, "R2026-000001"), PRIVATE, "R2026-000001") == told


@given(st.integers(0, 10_000), st.integers(1, 255))
def test_a_changed_seal_does_not_open(at, change):
    sealed = bytearray(identity.seal(TOLD, PUBLIC, "R2026-000001"))
    sealed[at % len(sealed)] ^= change
    with pytest.raises((identity.CannotOpen, ValueError)):
        identity.unseal(bytes(sealed), PRIVATE, "R2026-000001")


def test_a_seal_is_bound_to_its_report_and_key():
    sealed = identity.seal(TOLD, PUBLIC, "R2026-000001")
    with pytest.raises(identity.CannotOpen):
        identity.unseal(sealed, PRIVATE, "R2026-000002")
    with pytest.raises(identity.CannotOpen):
        identity.unseal(sealed, X25519PrivateKey.generate(), "R2026-000001")


def test_two_seals_of_the_same_words_differ():
    assert identity.seal(TOLD, PUBLIC, "R") != identity.seal(TOLD, PUBLIC, "R")


def test_keys_are_made_once_and_only_for_their_owner(tmp_path):
    public = identity.public_key(tmp_path)
    assert identity.public_key(tmp_path) == public
    assert identity.private_key(tmp_path).public_key().public_bytes_raw() == public
    assert (tmp_path / "keys" / "identity.private").stat().st_mode & 0o077 == 0


def test_without_the_private_key_reports_are_taken_but_not_opened(tmp_path):
    identity.public_key(tmp_path)
    (tmp_path / "keys" / "identity.private").unlink()
    assert identity.seal(TOLD, identity.public_key(tmp_path), "R")
    with pytest.raises(identity.CannotOpen, match="not on this machine"):
        identity.private_key(tmp_path)


def test_digests_of_different_kinds_differ(tmp_path):
    assert keys.keyed(tmp_path, "reward", "x") != keys.keyed(tmp_path, "address", "x")
    assert keys.keyed(tmp_path, "reward", "x") == keys.keyed(tmp_path, "reward", "x")


def test_a_photo_tells_time_and_place_and_is_shown_without_them():
    taken = photos.read(jpeg(exif_of()))
    assert taken.taken_at == datetime(2025, 10, 28, 9, 12, 30)
    assert (taken.longitude, taken.latitude) == (125.32, 43.876667)
    shown = Image.open(io.BytesIO(taken.shown))
    assert not shown.getexif()
    assert b"Maker" not in taken.shown
    assert shown.size == (640, 480)


def test_a_place_south_of_the_equator_is_negative():
    assert photos.read(jpeg(exif_of("S"))).latitude == -43.876667


def test_a_place_that_is_no_number_is_none():
    taken = photos.read(jpeg(exif_of(seconds=IFDRational(0, 0))))
    assert taken.latitude is None
    assert taken.longitude is None


def test_a_large_photo_is_drawn_smaller():
    taken = photos.read(jpeg(size=(4000, 1000)))
    assert (taken.width, taken.height) == (2000, 500)


@pytest.mark.parametrize("content", [b"", b"GIF89a" + bytes(40), b"<svg/>", jpeg()[:300], b"\xff\xd8" + bytes(200)])
def test_what_is_no_photo_is_refused(content):
    with pytest.raises(photos.NoPhoto):
        photos.read(content)


def test_a_picture_of_too_many_points_is_refused():
    out = io.BytesIO()
    Image.new("1", (12_000, 12_000)).save(out, "PNG")
    with pytest.raises(photos.NoPhoto):
        photos.read(out.getvalue())


def test_the_same_bytes_are_kept_once(tmp_path):
    first = keep_content(tmp_path, b"picture")
    assert keep_content(tmp_path, b"picture") == first
    assert [each.read_bytes() for each in tmp_path.rglob("*") if each.is_file()] == [b"picture"]
