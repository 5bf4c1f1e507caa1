"""Decoded values become observations: the site's record applied column by column, not row by row."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from qingyuan.gateway.sites import AVERAGING, PRINCIPAL, Site
from qingyuan.observations.schema import OBSERVATION

Ints = npt.NDArray[np.int64]

UTC_TO_WALL_CLOCK = np.timedelta64(8, "h")
NOTHING = "N"
"""The mark of a value without reservation."""


def observations(
    decoded: pa.Table, received: Callable[[Ints], Ints], site_of: Callable[[str], Site]
) -> dict[str, pa.Table]:
    """The observations by dataset, by property and point, with a column `record` behind those of the lake.

    decoded: by ``hj212.bulk.SCHEMA``; rows of commands that bring no data, and without a time, are left out.
    received: microseconds (UTC) of records.
    """
    wanted = pc.and_(pc.is_in(decoded["cn"], pa.array(list(AVERAGING))), pc.is_valid(decoded["data_time"]))
    data = decoded.filter(wanted).combine_chunks()
    if not data.num_rows:
        return {}
    meant = _Meant(data, site_of)
    table = _table(data, meant, data["record"].to_numpy(), received)
    slugs = meant.words("dataset")
    which = meant.places("dataset")
    order = meant.order()
    chosen = [order] if len(slugs) == 1 else [order[which[order] == place] for place in range(len(slugs))]
    return {slug: table.take(pa.array(rows)) for slug, rows in zip(slugs, chosen, strict=True)}


class _Meant:
    """What every combination of device, command, factor and field in the batch means; there are few of them."""

    def __init__(self, data: pa.Table, site_of: Callable[[str], Site]) -> None:
        columns = [_coded(data[name]) for name in ("mn", "cn", "factor", "field")]
        number = np.zeros(data.num_rows, np.int64)
        for codes, words in columns:
            number = number * (len(words) + 1) + codes
        _, first, self.of_row = np.unique(number, return_index=True, return_inverse=True)
        told = [[words[codes[place]] for codes, words in columns] for place in first]
        self.combinations = [_meaning(site_of(mn), cn, factor, name) for mn, cn, factor, name in told]

    def words(self, name: str) -> list[Any]:
        """The different values of a column."""
        return list(dict.fromkeys(each[name] for each in self.combinations))

    def column(self, name: str) -> pa.Array:
        """A text column of all rows."""
        return pa.DictionaryArray.from_arrays(pa.array(self.places(name)), pa.array(self.words(name), pa.string()))

    def places(self, name: str) -> npt.NDArray[np.int32]:
        """Of all rows the place of their word among `words`."""
        place = {word: number for number, word in enumerate(self.words(name))}
        return np.array([place[each[name]] for each in self.combinations], np.int32)[self.of_row]

    def order(self) -> Ints:
        """The rows by property and point, those of one series as they came."""
        series = [(each["property"], each["point"]) for each in self.combinations]
        rank = {each: number for number, each in enumerate(sorted(set(series)))}
        kind = np.uint16 if len(rank) <= 1 << 16 else np.uint32  # sixteen bits are sorted without comparing
        return np.argsort(np.array([rank[each] for each in series], kind)[self.of_row], kind="stable")

    def numbers(self, name: str) -> npt.NDArray[np.float64]:
        """A number of all rows."""
        return np.array([each[name] for each in self.combinations], float)[self.of_row]


def _meaning(site: Site, cn: str, code: str, name: str) -> Mapping[str, Any]:
    factor = site.factor(code)
    principal = name in PRINCIPAL.get(cn, ("Avg",))
    low, high = factor.low, factor.high
    measured = principal or name in ("Min", "Max")
    return {
        "dataset": site.dataset,
        "point": site.point,
        "property": factor.property if principal else f"{factor.property}-{name}",
        "averaging": site.averaging(cn),
        "unit": factor.unit if measured else "",
        "times": factor.scale.numerator if measured else 1,
        "over": factor.scale.denominator if measured else 1,
        "low": low if measured and low is not None else -np.inf,
        "high": high if measured and high is not None else np.inf,
    }


def _coded(column: pa.ChunkedArray) -> tuple[npt.NDArray[np.int64], list[str]]:
    whole = column.combine_chunks()
    return whole.indices.to_numpy().astype(np.int64), whole.dictionary.to_pylist()


def _table(data: pa.Table, meant: _Meant, record: Ints, received: Callable[[Ints], Ints]) -> pa.Table:
    sent = data["value"].to_numpy()
    records, of_row = np.unique(record, return_inverse=True)
    arrived = received(records).astype("datetime64[us]") + UTC_TO_WALL_CLOCK
    sources = pc.binary_join_element_wise("journal", pa.array(records).cast(pa.string()), ":")
    columns = {
        **{name: meant.column(name) for name in ("point", "property", "averaging", "unit")},
        "phenomenon_time": data["data_time"].cast(pa.timestamp("us")),
        "value": pa.array(sent * meant.numbers("times") / meant.numbers("over"), from_pandas=True),
        "flag": _flags(data["mark"], sent, meant),
        "result_time": pa.array(arrived[of_row]),
        "source": pa.DictionaryArray.from_arrays(pa.array(of_row.astype(np.int32)), sources),
        "line": pa.array(_lines(record)),
        "month": _months(data["data_time"]),
        "record": pa.array(record),
    }
    names = [*OBSERVATION.names, "record"]
    return pa.table([columns[name] for name in names], names=names)


def _flags(marks: pa.ChunkedArray, sent: npt.NDArray[np.float64], meant: _Meant) -> pa.Array:
    """The device's mark; else `not_a_number`, `negative` or `range` of a value that cannot be; else null."""
    given = marks.combine_chunks()
    told = given if isinstance(given, pa.DictionaryArray) else given.dictionary_encode()
    words = told.dictionary.to_pylist()
    codes = told.indices.fill_null(-1).to_numpy()
    quiet = [place for place, word in enumerate(words) if word in (NOTHING, "")]
    codes = np.where(np.isin(codes, quiet), -1, codes)
    below, above, none = sent < meant.numbers("low"), sent > meant.numbers("high"), np.isnan(sent)
    own = np.select([none, below & (sent < 0), below | above], [0, 1, 2], -1)
    codes = np.where((codes < 0) & (own >= 0), len(words) + own, codes).astype(np.int32)
    all_words = pa.array([*words, "not_a_number", "negative", "range"], pa.string())
    return pa.DictionaryArray.from_arrays(pa.array(codes, mask=codes < 0), all_words)


def _months(times: pa.ChunkedArray) -> pa.Array:
    months, of_row = np.unique(times.to_numpy().astype("datetime64[M]"), return_inverse=True)
    return pa.DictionaryArray.from_arrays(pa.array(of_row.astype(np.int32)), pa.array(np.datetime_as_string(months)))


def _lines(record: Ints) -> Ints:
    """Place of each row among those of its record, from 1; the rows of a record stand together."""
    begins = np.flatnonzero(np.diff(record, prepend=record[0] - 1))
    lengths = np.diff(np.append(begins, len(record)))
    return np.arange(len(record)) - np.repeat(begins, lengths) + 1
