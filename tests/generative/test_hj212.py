"""HJ 212: many frames read together and one by one say the same; nothing fed is lost; what is written is read."""

import math
from collections import Counter

from hypothesis import given, settings
from hypothesis import strategies as st

from qingyuan.gateway.hj212 import bulk, checksum, fragments, replies, sm4
from qingyuan.gateway.hj212.decode import Message, NotAFrame, decode, first, moment, number
from qingyuan.gateway.hj212.encode import Sender, Unencodable, encode
from qingyuan.gateway.hj212.framing import Frame, Framer

KEYS = [b"fedcba9876543210", sm4.TEST_KEY]

factor_codes = st.sampled_from(["a21026", "w01018", "S03", "011", "SB1", "Leq", "ua19004", "a-b", "烟尘"])
fields = st.sampled_from(["Rtd", "Avg", "Min", "Max", "Cou", "ZsAvg", "RS", "Info", "EFlag", "Flag", "SampleTime", ""])
values = st.one_of(
    st.integers(-1000, 100000).map(lambda whole: f"{whole / 100:.2f}"),
    st.sampled_from(["0", "", "N", "--", "1e3", "+5", ".5", "5.", "1e999", "nan", "inf", "1,2", "a=b", " 7 ", "浓度"]),
    st.sampled_from(["20240520210600", "20240231000000", "20240520210600123", "2024"]),
)
params = st.sampled_from(["DataTime", "SystemTime", "PolId", "Flag", "BeginTime", "QN", "=", "-Rtd", "x "])
items = st.one_of(
    st.tuples(factor_codes, fields, values).map(lambda item: f"{item[0]}-{item[1]}={item[2]}"),
    st.tuples(params, values).map("=".join),
    st.sampled_from(["", " ", "word", "{0x3E", "&&"]),
)
plain_items = st.tuples(
    st.sampled_from(["a21026", "w01018", "S03"]),
    st.sampled_from(["Rtd", "Avg", "ZsRtd", "Flag", "SampleTime", "EFlag"]),
    st.sampled_from(["12.5", "-3", "N", "--", "20240520210600", "202405202106001", "1e3", "+5"]),
).map(lambda item: f"{item[0]}-{item[1]}={item[2]}")
data_times = st.sampled_from(["DataTime=20240520210600"] * 3 + ["DataTime=20240520210600123", "PolId=1"])
insides = st.one_of(
    st.tuples(data_times, st.lists(plain_items, max_size=8, unique_by=lambda item: item.partition("=")[0])).map(
        lambda parts: ";".join([parts[0], *parts[1]])
    ),
    st.lists(st.tuples(items, st.sampled_from([";", ","])), max_size=6).map(lambda parts: "".join(map("".join, parts))),
)
heads = st.builds(
    "{0}ST={1};CN={2};{3}MN={4};{5}".format,
    st.sampled_from(["QN=20240520210700123;", "QN=2024;", "QN=;", ""]),
    st.sampled_from(["31", "101", ""]),
    st.sampled_from(["2011", "2051", "9014", "x"]),
    st.sampled_from(["PW=123456;", "PW=1234567;", ""]),
    st.sampled_from(["010000A8900016F000169DC0", "4201003", ""]),
    st.sampled_from(["Flag=5;", "Flag=9;", "Flag=3;PNUM=2;PNO=1;", "", "Flag=300;", "Flag=9;RF=1;", "QN=1;"]),
)


@st.composite
def wires(draw) -> bytes:
    """A frame as some device could send it."""
    segment = f"{draw(heads)}CP=&&{draw(insides)}&&".encode(draw(st.sampled_from(["utf-8", "utf-8", "gb18030"])))
    printed = checksum.text(segment)
    if draw(st.integers(0, 5)) == 0:
        segment = sm4.seal(segment, draw(st.sampled_from([*KEYS, b"another key 1234"])), as_text=draw(st.booleans()))
    printed = draw(st.sampled_from([printed] * 6 + [checksum.modbus_text(segment), b"0041", printed.lower()]))
    return b"##%04d%b%b\r\n" % (len(segment), segment, printed)


def rows_of(message: Message) -> list[tuple]:
    """The rows of a frame read by itself, as the table should have them."""
    rows = []
    for factor, sent in message.factors.items():
        mark = first(sent["Flag"]) if "Flag" in sent else None
        sampled = moment(first(sent["SampleTime"])) if "SampleTime" in sent else None
        for name in sent.keys() - {"Flag", "SampleTime"}:
            for text in [sent[name]] if isinstance(sent[name], str) else sent[name]:
                value = number(text)
                words = None if value is not None else text
                head = (message.mn, first(message.header.get("ST", "")), message.cn, message.edition)
                resent = first(message.header.get("RF", "")) == "1"
                rows.append((*head, resent, message.data_time, factor, name, value, words, mark, sampled))
    return rows


@settings(max_examples=150, deadline=None)
@given(st.lists(wires(), max_size=4))
def test_many_together_are_read_as_one_by_one(raws: list[bytes]) -> None:
    found = bulk.decode([(number, 0, "", raw) for number, raw in enumerate(raws)], lambda mn: KEYS)
    rows, failures, deviations = Counter(), set(), Counter()
    for record, raw in enumerate(raws):
        try:
            message = decode(raw, KEYS)
        except NotAFrame:
            failures.add((record, "not_a_frame"))
            continue
        if "no_key" in message.deviations or message.crc_status == "mismatch":
            failures.add((record, "no_key" if "no_key" in message.deviations else "sum_wrong"))
        elif not message.mn:
            failures.add((record, "mn_missing"))
        else:
            rows.update((record, *row) for row in rows_of(message))
            deviations.update((message.mn, kind) for kind in message.kinds)
    table = found.observations
    assert table.schema.equals(bulk.SCHEMA)
    assert Counter(zip(*(column.to_pylist() for column in table.columns), strict=True)) == rows
    assert set(found.failures) == failures and len(found.failures) == len(failures)
    assert found.deviations == deviations


@settings(deadline=None)
@given(st.text(alphabet="0123456789.-+eE", max_size=12))
def test_numbers_are_the_same_alone_and_in_columns(text: str) -> None:
    raw = replies.frame(f"QN=20240520210700123;ST=31;CN=2011;PW=1;MN=1;Flag=5;CP=&&a-Rtd={text}&&".encode())
    (row,) = bulk.decode([(1, 0, "", raw)]).observations.to_pylist()
    assert row["value"] == number(text) and (row["value"] is None) == (row["value_text"] == text)
    assert row["value"] is None or math.isfinite(row["value"])


editions = st.sampled_from(["2005", "2017", "2025"])
sent_values = st.one_of(
    st.integers(-(10**6), 10**6).map(lambda whole: f"{whole / 1000:.3f}"),
    st.text(alphabet="ABCNabc019.:/_-浓度", min_size=0, max_size=8),
)
sent_factors = st.dictionaries(
    st.sampled_from([f"a{21000 + number}" for number in range(40)] + ["S01", "w01018", "Leq"]),
    st.dictionaries(st.sampled_from(["Rtd", "Avg", "Min", "Max", "Flag", "ZsAvg"]), sent_values, min_size=1),
    max_size=40,
)


@settings(deadline=None)
@given(
    editions,
    st.sampled_from(["2011", "2051", "2061", "2031", "1011", "3020"]),
    sent_factors,
    st.booleans(),
    st.booleans(),
    st.sampled_from([None, sm4.TEST_KEY]),
    st.booleans(),
)
def test_what_is_written_is_read(edition, cn, factors, reply, resent, key, as_text) -> None:
    sender = Sender(edition, "31", "123456", "88888880000001", key, as_text)
    params = {"DataTime": "20261126100000"}
    frames = sender.frames(cn, "20261126100000123", params, factors, reply=reply, resent=resent)
    framer = Framer()
    pieces = [
        piece
        for byte in range(0, len(b"".join(frames)), 97)
        for piece in framer.feed(b"".join(frames)[byte : byte + 97])
    ]
    messages = [decode(piece, [sm4.TEST_KEY], strict=not (key and as_text)) for piece in pieces]
    assert [piece.raw for piece in pieces] == frames
    assert {code: fields for message in messages for code, fields in message.factors.items()} == factors
    for place, (message, frame) in enumerate(zip(messages, frames, strict=True), 1):
        assert (message.params, message.cn, message.edition) == (params, cn, edition)
        assert message.crc_status == "valid" and message.flag is not None
        assert message.flag & 1 == reply and bool(message.flag & 2) == (len(frames) > 1)
        assert len(frames) == 1 or fragments.part_of(frame, [sm4.TEST_KEY]) == (
            fragments.Key("88888880000001", "31", cn, "20261126100000", len(frames)),
            place,
        )
        assert (message.header.get("RF") == "1") == (resent and edition == "2025")


@settings(deadline=None)
@given(wires())
def test_a_frame_read_and_written_again_says_the_same(raw: bytes) -> None:
    try:
        message = decode(raw, KEYS)
        again = decode(encode(message.header, message.params, message.factors))
    except (NotAFrame, Unencodable):
        return
    assert (again.header, again.params, again.factors) == (message.header, message.params, message.factors)


@settings(deadline=None)
@given(st.lists(st.one_of(wires(), st.binary(max_size=30)), max_size=5), st.integers(1, 400))
def test_cutting_does_not_depend_on_how_bytes_arrive(parts: list[bytes], size: int) -> None:
    stream = b"".join(parts)
    whole, framer = Framer(), Framer()
    at_once = [*whole.feed(stream), *whole.close()]
    bit_by_bit = [piece for at in range(0, len(stream), size) for piece in framer.feed(stream[at : at + size])]
    bit_by_bit += framer.close()
    assert [p for p in at_once if isinstance(p, Frame)] == [p for p in bit_by_bit if isinstance(p, Frame)]
    assert b"".join(piece.raw for piece in bit_by_bit) == stream


@settings(deadline=None)
@given(
    wires(),
    st.lists(st.tuples(st.integers(0, 10**6), st.integers(-1, 255)), min_size=1, max_size=6),
    st.integers(1, 999),
)
def test_a_good_frame_after_a_damaged_one_is_never_lost(raw: bytes, damage: list[tuple[int, int]], size: int) -> None:
    damaged = bytearray(raw)
    for place, byte in damage:
        if damaged and byte < 0:
            del damaged[place % len(damaged)]
        elif damaged:
            damaged[place % len(damaged)] = byte
    good = replies.frame(b"QN=20261126100000123;ST=31;CN=2011;PW=1;MN=1;Flag=5;CP=&&a-Rtd=1&&")
    stream, framer = bytes(damaged) + good, Framer()
    pieces = [piece for at in range(0, len(stream), size) for piece in framer.feed(stream[at : at + size])]
    assert Frame(good, good[6:-6], "valid") in pieces
