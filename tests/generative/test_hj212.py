"""HJ 212: many frames read together and one by one say the same; nothing fed is lost; what is written is read."""

import math
from collections import Counter

from hypothesis import given, settings
from hypothesis import strategies as st

from qingyuan.gateway.hj212 import bulk, checksum, replies, sm4
from qingyuan.gateway.hj212.decode import Message, NotAFrame, decode, first, moment, number

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
    st.sampled_from(["12.5", "-3", "N", "--", "20240520210600", "1e3", "+5"]),
).map(lambda item: f"{item[0]}-{item[1]}={item[2]}")
insides = st.one_of(
    st.lists(plain_items, max_size=8, unique_by=lambda item: item.partition("=")[0]).map(
        lambda parts: ";".join(["DataTime=20240520210600", *parts])
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


@settings(max_examples=150)
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
            deviations.update((message.mn, code) for code in message.deviations)
    table = found.observations
    assert table.schema.equals(bulk.SCHEMA)
    assert Counter(zip(*(column.to_pylist() for column in table.columns), strict=True)) == rows
    assert set(found.failures) == failures and len(found.failures) == len(failures)
    assert found.deviations == deviations


@given(st.text(alphabet="0123456789.-+eE", max_size=12))
def test_numbers_are_the_same_alone_and_in_columns(text: str) -> None:
    raw = replies.frame(f"QN=20240520210700123;ST=31;CN=2011;PW=1;MN=1;Flag=5;CP=&&a-Rtd={text}&&".encode())
    (row,) = bulk.decode([(1, 0, "", raw)]).observations.to_pylist()
    assert row["value"] == number(text) and (row["value"] is None) == (row["value_text"] == text)
    assert row["value"] is None or math.isfinite(row["value"])
