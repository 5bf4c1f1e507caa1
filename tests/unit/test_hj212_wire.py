"""HJ 212 on the wire: the sum, the cutting of a stream into frames, the head, the replies."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qingyuan.gateway.hj212 import checksum, head, replies
from qingyuan.gateway.hj212.framing import Frame, Framer, Skipped

SEGMENT = b"QN=20160801085857223;ST=32;CN=1062;PW=100000;MN=010000A8900016F000169DC0;Flag=5;CP=&&RtdInterval=30&&"
GOOD = b"##0101" + SEGMENT + b"1C80\r\n"
OTHER = replies.frame(b"QN=20240601085857223;ST=32;CN=1011;PW=123456;MN=010000A8900016F000169DC0;Flag=9;CP=&&&&")


def bit_by_bit(segment: bytes) -> int:
    """Appendix A as printed."""
    register = 0xFFFF
    for byte in segment:
        register = (register >> 8) ^ byte
        for _ in range(8):
            low = register & 1
            register >>= 1
            if low:
                register ^= 0xA001
    return register


def modbus_bit_by_bit(segment: bytes) -> int:
    register = 0xFFFF
    for byte in segment:
        register ^= byte
        for _ in range(8):
            register = register >> 1 ^ (0xA001 if register & 1 else 0)
    return register


def cut(stream: bytes, size: int = 1 << 20, limit: int = 8192) -> list[Frame | Skipped]:
    framer = Framer(limit)
    pieces = [piece for at in range(0, len(stream), size) for piece in framer.feed(stream[at : at + size])]
    return pieces + framer.close()


def frames(pieces: list[Frame | Skipped]) -> list[Frame]:
    return [piece for piece in pieces if isinstance(piece, Frame)]


@settings(deadline=None)
@given(st.binary(max_size=1500))
def test_the_folded_sum_is_the_standards_sum(segment: bytes) -> None:
    assert checksum.checksum(segment) == bit_by_bit(segment)
    assert checksum.text(segment) == b"%04X" % bit_by_bit(segment)


@settings(deadline=None)
@given(st.binary(max_size=300))
def test_modbus_by_pairs_is_modbus(segment: bytes) -> None:
    assert checksum.modbus(segment) == modbus_bit_by_bit(segment)


@pytest.mark.parametrize("length", [511, 512, 513, 1024, 1025, 2047, 4097, 8192, 9999, 70001])
def test_sums_of_long_segments(length: int) -> None:
    segment = bytes(index * 31 % 251 for index in range(length))
    assert checksum.checksum(segment) == bit_by_bit(segment)


@settings(deadline=None)
@given(st.binary(min_size=1, max_size=90), st.binary(min_size=1, max_size=90))
def test_the_sum_of_a_whole_comes_from_its_parts(front: bytes, tail: bytes) -> None:
    zero = checksum.register(bytes(len(front)) + tail) ^ checksum.moved(len(tail))[checksum.register(bytes(len(front)))]
    assert checksum.register(front + tail) == checksum.moved(len(tail))[checksum.register(front)] ^ zero


def test_published_sums() -> None:
    assert checksum.text(SEGMENT) == b"1C80"
    assert checksum.modbus(SEGMENT) == 0x0759
    assert checksum.modbus(b"123456789") == 0x4B37


@pytest.mark.parametrize("size", [1, 2, 3, 5, 7, 11, 50, 108, 109, 110])
def test_frames_split_at_every_byte(size: int) -> None:
    stream = b"noise##12" + GOOD + b"\r\n" + OTHER + b"##" + GOOD + b"##0"
    whole, parts = cut(stream), cut(stream, size)
    assert [frame.raw for frame in frames(parts)] == [GOOD, OTHER, GOOD]
    assert frames(parts) == frames(whole)
    assert b"".join(piece.raw for piece in parts) == stream


@settings(deadline=None)
@given(st.lists(st.one_of(st.just(GOOD), st.just(OTHER), st.binary(max_size=40)), max_size=8), st.integers(1, 60))
def test_every_byte_comes_out_once_and_in_order(parts: list[bytes], size: int) -> None:
    stream = b"".join(parts)
    assert b"".join(piece.raw for piece in cut(stream, size)) == stream


@settings(deadline=None)
@given(st.binary(max_size=400), st.integers(1, 500))
def test_a_good_frame_after_garbage_is_found(garbage: bytes, size: int) -> None:
    assert GOOD in [frame.raw for frame in frames(cut(garbage + GOOD, size))]


@settings(deadline=None)
@given(st.integers(0, len(GOOD) - 1), st.binary(max_size=3), st.integers(1, 300))
def test_a_good_frame_after_a_damaged_one_is_found(place: int, put: bytes, size: int) -> None:
    damaged = GOOD[:place] + put + GOOD[place + 1 :]
    found = [frame.raw for frame in frames(cut(damaged + OTHER, size)) if frame.status == "valid"]
    assert found[-1] == OTHER


@settings(deadline=None)
@given(st.integers(0, len(GOOD) - 3))
def test_a_frame_broken_off_does_not_hold_up_the_next(place: int) -> None:
    framer = Framer()
    assert OTHER in [piece.raw for piece in framer.feed(GOOD[:place] + OTHER)]


def test_a_wrong_length_is_read_up_to_the_line_end() -> None:
    for declared in (b"0099", b"0103", b"0400", b"0012"):
        (frame,) = frames(cut(b"##" + declared + GOOD[6:] + OTHER))[:1]
        assert (frame.segment, frame.status, frame.odd) == (SEGMENT, "valid", ("length_wrong",))


def test_a_length_over_the_limit_is_dropped_at_once() -> None:
    framer = Framer()
    (skipped,) = framer.feed(b"##9999" + GOOD[6:])
    assert skipped.reason == "too_long" and framer.pending == 0


@pytest.mark.parametrize("ending", [b"", b"\r"])
def test_a_pause_takes_a_frame_without_line_end_but_no_half_one(ending: bytes) -> None:
    framer = Framer()
    assert framer.feed(GOOD[:-2] + ending) == []
    (frame,) = framer.pause()
    assert (frame.raw, frame.status, frame.odd) == (GOOD[:-2], "valid", ("no_line_end",))
    assert framer.pause() == [] and framer.feed(GOOD[:50]) == ([Skipped(b"\r", "blank")] if ending else [])
    assert framer.pause() == []
    assert [piece.raw for piece in framer.feed(GOOD[50:])] == [GOOD]


def test_what_is_kept_back_is_bounded() -> None:
    framer = Framer(limit=200)
    for _ in range(100):
        framer.feed(b"##0200QN=" + b"x" * 30)
        framer.feed(b"\x00#" * 40)
    assert framer.pending < 230


@pytest.mark.parametrize("piece", [b"##0101QN=", b"##", b"#", b"##9999QN=1", b"##0064QN=1;CP=&&&&0000\r\n", b"\r\n"])
def test_hostile_bytes_take_time_in_proportion(piece: bytes) -> None:
    import gc
    import time

    def seconds(size: int) -> float:
        stream, begun = piece * (size // len(piece)), time.process_time()
        assert sum(len(found.raw) for found in cut(stream, 65536)) == len(stream)
        return time.process_time() - begun

    gc.disable()  # its rounds grow with all that the tests before have left, not with the bytes
    try:
        assert seconds(1_600_000) < 40 * seconds(100_000) + 0.2
    finally:
        gc.enable()


def test_the_sum_may_be_lower_case_or_modbus_or_wrong() -> None:
    lower = replies.frame(b"ST=32;CN=2011;MN=1;CP=&&a=1&&")
    lower = lower[:-6] + lower[-6:].lower()
    modbus = b"##0101" + SEGMENT + checksum.modbus_text(SEGMENT) + b"\r\n"
    wrong = GOOD.replace(b"1C80", b"1C81")
    told = [(frame.status, frame.odd) for frame in frames(cut(lower + modbus + wrong))]
    assert told == [("valid", ("sum_lower_case",)), ("modbus_low_high", ()), ("mismatch", ())]


def test_cipher_may_hold_line_ends_and_starts() -> None:
    plain = b"QN=20240520210700000;ST=31;CN=2051;PW=123456;MN=010000A8900016F000169DC0;Flag=9;CP=&&%b&&"
    segment = plain % b"\xff\r\n##0101 &&1C80\r\n\x00"
    stream = b"##%04d%b2200\r\n" % (len(segment), segment)
    for size in (1, 9, 1000):
        (frame,) = frames(cut(stream, size))
        assert (frame.raw, frame.status) == (stream, "sealed")


def test_all_vectors_are_framed_as_told(shared) -> None:
    vectors = json.loads((shared / "reference" / "hj212_vectors.json").read_text())["vectors"]
    for vector in vectors:
        if "auth" in vector:
            continue
        stream = _stream(vector)
        for size in (1, 4, 10_000):
            found = frames(cut(stream, size))
            if "stream" in vector:
                assert [frame.raw.decode() for frame in found if frame.status == "valid"] == vector["expected_frames"]
            else:
                assert [frame.status for frame in found] == [_status(vector)], vector["id"]


def _stream(vector: dict) -> bytes:
    if "raw_hex" in vector:
        return bytes.fromhex(vector["raw_hex"])
    return next(vector[key] for key in ("raw", "framed", "stream") if key in vector).encode()


def _status(vector: dict) -> str:
    told = vector["crc_status"]
    return {"none printed": "valid", "valid after decryption": "sealed"}.get(told, told)


def test_the_head_in_any_order() -> None:
    found = head.read(b"ST=31;CN=2051;MN=14513567846884;PW=1;PNO=0002;PNUM=0003;QN=20191112091100598;Flag=3;CP=&&a=1&&")
    assert found == head.Head(b"20191112091100598", b"31", b"2051", b"1", b"14513567846884", 3, b"0003", b"0002", None)
    assert found.wants_reply and found.is_split and found.edition == "2005"
    assert head.read(b"QN=20040516010101001,ST=32;CN=2011;CP=&&").st == b"32"
    assert head.read(b"").flag is None


@settings(deadline=None)
@given(
    st.integers(0, 10**17 - 1),
    st.sampled_from([b"2011", b"2051", b"1013", b"2081"]),
    st.binary(max_size=9).map(lambda raw: raw.hex().encode()),
    st.binary(max_size=14).map(lambda raw: raw.hex().encode()),
    st.integers(4, 255).filter(lambda flag: flag & 1),
)
def test_replies_repeat_the_exchange(qn: int, cn: bytes, pw: bytes, mn: bytes, flag: int) -> None:
    segment = b"QN=%017d;ST=31;CN=%b;PW=%b;MN=%b;Flag=%d;CP=&&a=1&&" % (qn, cn, pw, mn, flag)
    answered = replies.reply(head.read(segment))
    code = b"9013" if cn == b"1013" else b"9014"
    expected = b"QN=%017d;ST=91;CN=%b;PW=%b;MN=%b;Flag=%d;CP=&&&&" % (qn, code, pw, mn, flag & 0xFC)
    assert answered == b"##%04d%b%04X\r\n" % (len(expected), expected, bit_by_bit(expected))


def test_replies_of_2005_carry_qn_in_cp() -> None:
    segment = b"QN=20040516010101001;ST=32;CN=2051;PW=123456;MN=88888880000001;Flag=%d;PNUM=2;PNO=1;CP=&&&&"
    answered = replies.reply(head.read(segment % 3))
    assert (
        answered is not None
        and b"ST=91;CN=9014;PW=123456;MN=88888880000001;Flag=0;CP=&&QN=20040516010101001;" in answered
    )
    assert b"CN=2051;PNO=1;PNUM=2&&" in answered
    assert replies.reply(head.read(segment % 2)) is None
    assert replies.answer(head.read(segment % 3), b"9011", b"QnRtn=1").count(b"QN=20040516010101001;QnRtn=1") == 1


def test_answers_are_not_answered() -> None:
    assert replies.reply(head.read(b"QN=20210412154543393;ST=21;CN=9014;PW=1;MN=2;Flag=5;CP=&&&&")) is None
