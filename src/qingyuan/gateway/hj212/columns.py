"""The insides of many CPs cut into columns together: NumPy finds the separators, Arrow takes the pieces.

A plain inside is ``name=value`` parted by ``;`` or ``,``, printable ASCII, each name once. Others are told back
by their place, to be read one by one.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from qingyuan.gateway.hj212 import checksum
from qingyuan.gateway.hj212.decode import TIMES, number

Ints = np.ndarray[Any, np.dtype[np.int64]]
Bools = np.ndarray[Any, np.dtype[np.bool_]]

_EQUALS, _PARTING, _ODD = 1, 2, 3
_CLASSES = np.full(256, _ODD, dtype=np.uint8)
_CLASSES[0x21:0x7F] = 0
_CLASSES[ord("=")], _CLASSES[ord(";")], _CLASSES[ord(",")] = _EQUALS, _PARTING, _PARTING

_VALUE, _MARK, _SAMPLED, _MOMENT, _OTHER, _BARE = range(6)
_ODDITIES = ((), ("time_form",), ("flag_bare",), ("time_form", "flag_bare"))
_DENSE = 1 << 24
_LONGEST_KEPT = 40
_NO_TIME = np.datetime64("NaT", "s")
_PLAIN_NUMBER = r"^-?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$"


class Columns(NamedTuple):
    """Rows of the plain insides. frame: place of the inside; factor, field, mark: dictionary arrays of text.

    data_time: a value for each inside (not each row); odd: the kinds of its deviations; unplain: whether it must
    be read one by one.
    """

    frame: Ints
    factor: pa.Array
    field: pa.Array
    value: pa.Array
    text: pa.Array
    mark: pa.Array
    sample_time: Any
    data_time: Any
    odd: list[tuple[str, ...]]
    unplain: Bools


class _Items(NamedTuple):
    """All items of the plain insides: whose they are, where the name begins, where ``=`` and the parting stand."""

    frame: Ints
    start: Ints
    equals: Ints
    end: Ints
    name: Ints

    def of(self, chosen: Any) -> _Items:
        return _Items(*(part[chosen] for part in self))


_WEIGHTS = np.array([np.frombuffer(weights, dtype=np.uint8) for weights in checksum.WEIGHTS[::-1]])


def registers(segments: list[bytes]) -> Any:
    """`checksum.register` of each segment (0 for an empty one), folded together."""
    padded = [segment.rjust(len(segment) + 7 & ~7, b"\0") or bytes(8) for segment in segments]
    lengths = np.fromiter(map(len, padded), dtype=np.int64, count=len(padded)) // 8
    groups = np.frombuffer(b"".join(padded), dtype=np.uint64)
    folded = np.bitwise_xor.reduceat(groups, np.cumsum(lengths) - lengths).view(np.uint8).reshape(-1, 8)
    starts = np.fromiter((-len(segment) % 8 for segment in segments), dtype=np.int64, count=len(segments))
    folded[np.arange(len(segments)), starts] ^= 0xFF
    weighed = np.take_along_axis(_WEIGHTS, folded.T.astype(np.int64), axis=1)
    return np.bitwise_xor.reduce(weighed, axis=0)


def cut(insides: list[bytes]) -> Columns:
    """The insides (none empty) as columns."""
    joined = b";".join(insides) + b";"
    lengths = np.fromiter(map(len, insides), dtype=np.int64, count=len(insides)) + 1
    text = np.frombuffer(joined, dtype=np.uint8)
    items, unplain = _items(text, lengths)
    names = _pieces(joined, items.start, items.equals).dictionary_encode()
    items = items._replace(name=names.indices.to_numpy().astype(np.int64))
    meanings = [_kept_meaning(name) for name in names.dictionary.to_pylist()]
    _mark_repeats(items, len(meanings), unplain)
    kinds = np.array([kind for kind, _, _ in meanings], dtype=np.int8)[items.name]
    times = items.of((kinds == _SAMPLED) | (kinds == _MOMENT))
    moments = _moments(text, times.equals + 1, times.end)
    unplain[times.frame[np.isnat(moments)]] = True
    kept = ~unplain[items.frame]
    items, kinds = items.of(kept), kinds[kept]
    return _columns(joined, text, items, kinds, meanings, unplain)


def _columns(
    joined: bytes, text: Any, items: _Items, kinds: Any, meanings: list[tuple[int, str, str]], unplain: Bools
) -> Columns:
    """The items of plain insides put into columns."""
    factors, factor_of = places([factor for _, factor, _ in meanings])
    fields, field_of = places([field for _, _, field in meanings])
    rows, marks, sampled = (items.of(kinds == kind) for kind in (_VALUE, _MARK, _SAMPLED))
    beside = _Beside(rows.frame * len(factors) + factor_of[rows.name], len(unplain) * len(factors))
    value, words = _numbers(_pieces(joined, rows.equals + 1, rows.end))
    marked = _pieces(joined, marks.equals + 1, marks.end).dictionary_encode()
    found = beside.find(marks.frame * len(factors) + factor_of[marks.name])
    mark = np.append(marked.indices.to_numpy(), 0)[found]
    taken = beside.find(sampled.frame * len(factors) + factor_of[sampled.name])
    sample_time = np.append(_moments(text, sampled.equals + 1, sampled.end), _NO_TIME)[taken]
    return Columns(
        rows.frame,
        pa.DictionaryArray.from_arrays(pa.array(factor_of[rows.name], pa.int32()), factors),
        pa.DictionaryArray.from_arrays(pa.array(field_of[rows.name], pa.int32()), fields),
        value,
        words,
        pa.DictionaryArray.from_arrays(pa.array(mark, pa.int32(), mask=found < 0), marked.dictionary),
        sample_time,
        _data_times(text, items, meanings, len(unplain)),
        _odd(items, kinds, len(unplain)),
        unplain,
    )


def _items(text: Any, lengths: Ints) -> tuple[_Items, Bools]:
    """The items of all plain insides, and which insides are not plain."""
    ends = np.cumsum(lengths)
    classes = _CLASSES[text]
    places = np.flatnonzero(classes)
    kinds = classes[places]
    counts = np.diff(np.searchsorted(places, ends), prepend=0)
    frames = np.repeat(np.arange(len(lengths)), counts)
    before = np.empty_like(kinds)
    before[0], before[1:] = _PARTING, kinds[:-1]
    unplain = np.zeros(len(lengths), dtype=bool)
    unplain[frames[(kinds == before) | (kinds == _ODD)]] = True
    kept = ~unplain[frames]
    places, frames = places[kept], frames[kept][0::2]
    equals, parting = places[0::2], places[1::2]
    starts = np.empty_like(equals)
    starts[1:] = parting[:-1] + 1
    first = np.ones(len(frames), dtype=bool)
    first[1:] = frames[1:] != frames[:-1]
    starts[first] = (ends - lengths)[frames[first]]
    return _Items(frames, starts, equals, parting, equals), unplain


def _pieces(joined: bytes, starts: Ints, ends: Ints) -> pa.Array:
    """The pieces of a text from `starts` to `ends` (rising, apart) as an Arrow array of strings."""
    offsets = np.empty(2 * len(starts) + 1, dtype=np.int32)
    offsets[0:-1:2], offsets[1::2] = starts, ends
    offsets[-1] = len(joined)
    buffers = [None, pa.py_buffer(offsets), pa.py_buffer(joined)]
    whole = pa.Array.from_buffers(pa.string(), len(offsets) - 1, buffers)
    return whole.take(pa.array(np.arange(0, 2 * len(starts), 2)))


def _kept_meaning(name: str) -> tuple[int, str, str]:
    return (_meaning if len(name) < _LONGEST_KEPT else _meaning.__wrapped__)(name)


@lru_cache(maxsize=65536)
def _meaning(name: str) -> tuple[int, str, str]:
    """What an item of that name is: kind, factor, field."""
    factor, dash, field = name.rpartition("-")
    if not (dash and factor and field):
        kind = _MOMENT if name in TIMES else _BARE if name == "Flag" else _OTHER
        return kind, "", name
    return {"Flag": _MARK, "SampleTime": _SAMPLED}.get(field, _VALUE), factor, field


def _mark_repeats(items: _Items, names: int, unplain: Bools) -> None:
    """Mark the insides in which a name comes twice."""
    keys = items.frame * names + items.name
    ordered = np.sort(keys)
    repeated = ordered[1:][ordered[1:] == ordered[:-1]]
    unplain[repeated // max(names, 1)] = True


def places(words: list[str]) -> tuple[pa.Array, Ints]:
    """The different words, and the place of each given one among them."""
    different = {word: place for place, word in enumerate(dict.fromkeys(words))}
    return pa.array(different, pa.string()), np.array([different[word] for word in words], dtype=np.int64)


class _Beside:
    """Finds, for rows known by a key (frame and factor), the one other item of the same key."""

    def __init__(self, keys: Ints, size: int) -> None:
        self._keys, self._size = keys, size

    def find(self, others: Ints) -> Ints:
        """For each row the place of the other item with its key, -1 where there is none."""
        if self._size <= _DENSE:
            table = np.full(self._size + 1, -1, dtype=np.int32)
            table[others] = np.arange(len(others), dtype=np.int32)
            return table[self._keys].astype(np.int64)
        order = np.argsort(others, kind="stable")
        if not len(order):
            return np.full(len(self._keys), -1, dtype=np.int64)
        near = np.minimum(np.searchsorted(others[order], self._keys), len(order) - 1)
        return np.where(others[order][near] == self._keys, order[near], -1)


def _numbers(values: pa.Array) -> tuple[pa.Array, pa.Array]:
    """Values as float64 (null where they are none), and as text where they are no number."""
    try:
        found = pc.cast(values, pa.float64())
    except pa.ArrowInvalid:
        found = _numbers_with_words(values)
    odd = pc.invert(pc.fill_null(pc.is_finite(found), False))
    if not pc.any(odd).as_py():
        return found, pa.nulls(len(values), pa.string())
    places = np.flatnonzero(odd.to_numpy(zero_copy_only=False))
    exact = [number(values[int(place)].as_py()) for place in places]
    found = pc.replace_with_mask(found, odd, pa.array(exact, pa.float64()))
    words = pc.if_else(pc.is_null(found), values, pa.scalar(None, pa.string()))
    return found, words


def _numbers_with_words(values: pa.Array) -> pa.Array:
    """The plainly written numbers among the values, null for the others."""
    plain = pc.match_substring_regex(values, _PLAIN_NUMBER)
    return pc.cast(pc.if_else(plain, values, pa.scalar(None, pa.string())), pa.float64())


def _moments(text: Any, starts: Ints, ends: Ints) -> Any:
    """Times of 14 digits or more as datetime64[s]; NaT for anything else and for impossible times."""
    right = ends - starts >= 14
    places = np.where(right, starts, 0)[:, None] + np.arange(14)
    digits = text[np.minimum(places, len(text) - 1)].astype(np.int64) - ord("0")
    right &= ((digits >= 0) & (digits <= 9)).all(axis=1)
    pairs = digits[:, 0::2] * 10 + digits[:, 1::2]
    year, month, day = pairs[:, 0] * 100 + pairs[:, 1], pairs[:, 2], pairs[:, 3]
    hour, minute, second = pairs[:, 4], pairs[:, 5], pairs[:, 6]
    right &= (year > 0) & (month >= 1) & (month <= 12) & (hour < 24) & (minute < 60) & (second < 60)
    months = ((year - 1970) * 12 + month - 1).astype("datetime64[M]")
    days = months.astype("datetime64[D]")
    right &= (day >= 1) & (days + (day - 1) < (months + 1).astype("datetime64[D]"))
    moments = days.astype("datetime64[s]") + (day - 1) * 86400 + hour * 3600 + minute * 60 + second
    return np.where(right, moments, _NO_TIME)


def _odd(items: _Items, kinds: Any, frames: int) -> list[tuple[str, ...]]:
    """Of each inside the deviations that can be in a plain one: a time of more than 14 digits, a bare mark."""
    long = np.zeros(frames, dtype=np.int8)
    timed = (kinds == _SAMPLED) | (kinds == _MOMENT)
    long[items.frame[timed & (items.end - items.equals > 15)]] = 1
    long[items.frame[kinds == _BARE]] += 2
    return [_ODDITIES[each] for each in long.tolist()]


def _data_times(text: Any, items: _Items, meanings: list[tuple[int, str, str]], frames: int) -> Any:
    """DataTime of each inside; NaT where there is none."""
    times = np.full(frames, _NO_TIME)
    wanted = [place for place, meaning in enumerate(meanings) if meaning[1:] == ("", "DataTime")]
    if wanted:
        found = items.of(items.name == wanted[0])
        times[found.frame] = _moments(text, found.equals + 1, found.end)
    return times
