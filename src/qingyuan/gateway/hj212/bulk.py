"""Many frames at once into columns: what `decode` reads one by one, with no object a value.

Sums are folded over all frames together, the insides of CP are cut together (`columns`). Whatever is not plain
is read by `decode`, so both agree on every frame.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa

from qingyuan.gateway.hj212 import checksum, columns, head
from qingyuan.gateway.hj212.decode import (
    SEGMENT_LIMIT,
    Message,
    NotAFrame,
    first,
    flag_number,
    moment,
    number,
    only_frame,
    opened,
    read_head,
    read_segment,
)
from qingyuan.gateway.hj212.framing import MISMATCH, VALID, is_sealed

Record = tuple[int, int, str, bytes]
"""A journal record: id, received (us), peer, the raw bytes of one frame."""

Keys = Callable[[str], Sequence[bytes]]
"""The SM4 keys of a device (MN), newest first."""

_LONGEST_HEAD = 160
_TEXT = pa.dictionary(pa.int32(), pa.string())

SCHEMA = pa.schema(
    [
        ("record", pa.int64()),
        ("mn", _TEXT),
        ("st", _TEXT),
        ("cn", _TEXT),
        ("edition", _TEXT),
        ("rf", pa.bool_()),
        ("data_time", pa.timestamp("s")),
        ("factor", _TEXT),
        ("field", _TEXT),
        ("value", pa.float64()),
        ("value_text", pa.string()),
        ("mark", _TEXT),
        ("sample_time", pa.timestamp("s")),
    ]
)
"""Observations in waiting: a row a value of a factor; unit and meaning come from the site's record.

value: null where the text is no number (then `value_text` has it); mark: the factor's Flag, null when not sent
(which is not N); times at +08:00, null when missing or impossible; rf: data sent again.
"""


class Decoded(NamedTuple):
    """observations: by SCHEMA, records in order but those read one by one at the end.

    failures: (record, reason): a deviation's code (``sum_wrong``, ``no_key``, ``mn_missing``) or ``not_a_frame``.
    deviations: number of frames by (MN, kind of deviation).
    """

    observations: pa.Table
    failures: list[tuple[int, str]]
    deviations: Counter[tuple[str, str]]


class Front(NamedTuple):
    """What the head of a frame says; codes: its deviations."""

    mn: str
    st: str
    cn: str
    edition: str
    rf: bool
    codes: tuple[str, ...]


@dataclass(slots=True)
class _Batch:
    """Frames in clear whose head is known, waiting to be cut together; and what came out so far."""

    keys: Keys
    records: list[Record] = field(default_factory=list)
    fronts: list[Front] = field(default_factory=list)
    insides: list[bytes] = field(default_factory=list)
    segments: list[bytes] = field(default_factory=list)
    outside: list[tuple[str, ...]] = field(default_factory=list)
    singly: list[tuple[int, Message]] = field(default_factory=list)
    failures: list[tuple[int, str]] = field(default_factory=list)
    deviations: Counter[tuple[str, str]] = field(default_factory=Counter)


def no_keys(mn: str) -> Sequence[bytes]:
    """No device has a key."""
    return ()


def decode(records: Sequence[Record], keys: Keys = no_keys) -> Decoded:
    """Read journal records (each the raw bytes of one frame) into columns. keys: SM4 keys by MN.

    Frames whose sum does not fit, that no key opens, or that name no device give failures and no rows.
    """
    batch = _Batch(keys)
    cut = [_segment(record[-1]) for record in records]
    fits = _sums_fit([segment for segment, _ in cut], [printed for _, printed in cut])
    for record, (segment, _), fit in zip(records, cut, fits, strict=True):
        if fit:
            _sort_in(batch, record, segment, ())
        else:
            for opened_segment, odd in _carefully(batch, record):
                _sort_in(batch, record, opened_segment, odd)
    tables = [_together(batch)] if batch.insides else []
    tables += [_one_by_one(batch.singly)] if batch.singly else []
    observations = pa.concat_tables(tables).unify_dictionaries() if tables else SCHEMA.empty_table()
    return Decoded(observations, batch.failures, batch.deviations)


def _segment(raw: bytes) -> tuple[bytes, bytes]:
    """Data segment and printed sum of a well-formed frame; both empty when it is not that plain."""
    digits = raw[2:6]
    if digits.isdigit() and raw.startswith(b"##") and raw.endswith(b"\r\n") and len(raw) == int(digits) + 12:
        return raw[6:-6], raw[-6:-2]
    return b"", b""


def _sums_fit(segments: list[bytes], printed: list[bytes]) -> Any:
    """Whether each segment has the sum printed (empty segments do not)."""
    if not segments:
        return []
    found = np.array(checksum.TEXTS)[columns.registers(segments)]
    return [bool(segment) and fit for segment, fit in zip(segments, (found == np.array(printed)).tolist(), strict=True)]


def _carefully(batch: _Batch, record: Record) -> Iterator[tuple[bytes, tuple[str, ...]]]:
    """Segment in clear and deviations of a frame that is enciphered or oddly made; a failure when it is broken."""
    try:
        frame = only_frame(record[-1])
    except NotAFrame:
        batch.failures.append((record[0], "not_a_frame"))
        return
    segment, status, odd = opened(frame, batch.keys((head.read(frame.segment).mn or b"").decode("latin-1")))
    if status == MISMATCH or "no_key" in odd:
        batch.failures.append((record[0], "no_key" if "no_key" in odd else "sum_wrong"))
    else:
        yield segment, (*frame.odd, *odd)


def _sort_in(batch: _Batch, record: Record, segment: bytes, odd: tuple[str, ...]) -> None:
    """To the others when its head and the frame of CP are plain, else read at once."""
    end = segment.find(b"CP=&&")
    begin, of_qn = _after_qn(segment)
    closed = segment[-2:] == b"&&" and 0 <= end <= min(len(segment) - 7, _LONGEST_HEAD)
    front = _front(segment[begin:end], begin > 0) if closed else None
    if front is None:
        return _singly(batch, record, segment, odd)
    inside, odd = segment[end + 5 : -2], odd + of_qn
    if inside[-1:] in (b";", b","):
        inside, odd = inside[:-1], (*odd, "separator_end")
    if len(segment) > SEGMENT_LIMIT:
        odd = (*odd, "segment_long")
    if not front.mn:
        batch.failures.append((record[0], "mn_missing"))
    elif not inside:
        _count(batch, front.mn, (*odd, *front.codes))
    else:
        batch.records.append(record)
        batch.fronts.append(front)
        batch.insides.append(inside)
        batch.segments.append(segment)
        batch.outside.append(odd)
    return None


def _after_qn(segment: bytes) -> tuple[int, tuple[str, ...]]:
    """Where the head goes on after a QN at its begin (0 without one), and the QN's deviation."""
    if segment[:3] != b"QN=":
        return 0, ()
    if segment[20:21] == b";" and segment[3:20].isdigit():
        return 21, ()
    stop = segment.find(b";", 3, 40)
    number = segment[3:stop]
    if stop < 0 or not (number.isalnum() or not number):
        return 0, ()
    return stop + 1, ("qn_form" if number else "qn_empty",)


@lru_cache(maxsize=65536)
def _front(rest: bytes, named: bool) -> Front | None:
    """A head without its QN (`named`: a good one stood before); None when it must be read with its frame."""
    if b"CP=" in rest or b"QN" in rest or not rest.isascii():
        return None
    header, codes = read_head(("QN=" + "0" * 17 + ";" if named else "") + rest.decode())
    sent = {key: first(value) for key, value in header.items()}
    return _front_of(sent, tuple(codes))


def _front_of(sent: dict[str, str], codes: tuple[str, ...]) -> Front:
    names = head.edition(flag_number(sent.get("Flag", "")))
    return Front(sent.get("MN", ""), sent.get("ST", ""), sent.get("CN", ""), names, sent.get("RF") == "1", codes)


def _singly(batch: _Batch, record: Record, segment: bytes, odd: tuple[str, ...]) -> None:
    """Read one frame by itself."""
    if is_sealed(segment):
        for opened_segment, found in _carefully(batch, record):
            _take(batch, record[0], read_segment(opened_segment, VALID, found))
    else:
        _take(batch, record[0], read_segment(segment, VALID, odd))


def _count(batch: _Batch, mn: str, codes: tuple[str, ...]) -> None:
    """Each kind of deviation once a frame: details are the device's words and without number."""
    batch.deviations.update({(mn, code.partition(":")[0]) for code in codes})


def _take(batch: _Batch, record: int, message: Message) -> None:
    if not message.mn:
        batch.failures.append((record, "mn_missing"))
        return
    _count(batch, message.mn, message.deviations)
    batch.singly.append((record, message))


def _together(batch: _Batch) -> pa.Table:
    """The waiting frames as rows; those that are not plain after all are read singly."""
    cut = columns.cut(batch.insides)
    _tell(batch, cut)
    record = np.fromiter((each[0] for each in batch.records), dtype=np.int64, count=len(batch.records))
    fronts = {front: place for place, front in enumerate(dict.fromkeys(batch.fronts))}
    of_frame = np.fromiter(map(fronts.__getitem__, batch.fronts), dtype=np.int64, count=len(batch.fronts))
    of_row = of_frame[cut.frame]
    parts = {
        "record": pa.array(record[cut.frame]),
        **{name: _dictionary([getattr(front, name) for front in fronts], of_row) for name in Front._fields[:4]},
        "rf": pa.array(np.array([front.rf for front in fronts])[of_row]),
        "data_time": pa.array(cut.data_time[cut.frame], pa.timestamp("s")),
        "factor": cut.factor,
        "field": cut.field,
        "value": cut.value,
        "value_text": cut.text,
        "mark": cut.mark,
        "sample_time": pa.array(cut.sample_time, pa.timestamp("s")),
    }
    return pa.Table.from_arrays([parts[name] for name in SCHEMA.names], schema=SCHEMA)


def _tell(batch: _Batch, cut: columns.Columns) -> None:
    """Count the deviations of the plain frames, and read the others singly."""
    for place, (unplain, told) in enumerate(zip(cut.unplain.tolist(), cut.odd, strict=True)):
        front, odd = batch.fronts[place], batch.outside[place]
        if unplain:
            _singly(batch, batch.records[place], batch.segments[place], _outer(odd))
        elif told or odd or front.codes:
            _count(batch, front.mn, (*odd, *front.codes, *told))


def _outer(odd: tuple[str, ...]) -> tuple[str, ...]:
    """Deviations that reading a segment does not find out itself."""
    return tuple(code for code in odd if code not in ("separator_end", "segment_long", "qn_form", "qn_empty"))


def _dictionary(words: list[Any], of_row: Any) -> pa.Array:
    different, places = columns.places(words)
    return pa.DictionaryArray.from_arrays(pa.array(places[of_row], pa.int32()), different)


def _one_by_one(singly: list[tuple[int, Message]]) -> pa.Table:
    """Frames read singly as rows."""
    rows = [row for record, message in singly for row in _rows(record, message)]
    parts = zip(*rows, strict=True) if rows else [()] * len(SCHEMA)
    return pa.Table.from_arrays(
        [pa.array(list(part), column.type) for part, column in zip(parts, SCHEMA, strict=True)], schema=SCHEMA
    )


def _rows(record: int, message: Message) -> Iterator[tuple[Any, ...]]:
    sent = {key: first(value) for key, value in message.header.items()}
    front = _front_of(sent, ())
    for factor, fields in message.factors.items():
        mark = first(fields["Flag"]) if "Flag" in fields else None
        sampled = moment(first(fields.get("SampleTime", "")))
        for name, values in fields.items():
            if name in ("Flag", "SampleTime"):
                continue
            for text in [values] if isinstance(values, str) else values:
                value = number(text)
                words = text if value is None else None
                yield (record, *front[:5], message.data_time, factor, name, value, words, mark, sampled)
