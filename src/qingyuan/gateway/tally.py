"""What the journal says came, for the ledger: values by point, property, averaging and day, and what became of them.

The journal is read anew, so that the ledger does not rest on the counts of the same program that filled the lake.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import closing
from datetime import date, datetime, timedelta
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.compute as pc

from qingyuan.gateway import accounts, decoding, ingest
from qingyuan.gateway.journal import Record, exists, open_journal
from qingyuan.gateway.quarantine import wall_clock
from qingyuan.observations import lake
from qingyuan.observations.ledger import RECORD

BATCH = 20_000
LATER = timedelta(days=31)
"""How long after a day its values may come as back-fill and still be counted."""

_COUNTED = """
SELECT point, property, averaging, CAST(phenomenon_time AS DATE) AS day, count(*) AS received,
       CAST(0 AS BIGINT) AS quarantined, count(*) FILTER (known AND NOT own) AS repeated
FROM (SELECT g.*, EXISTS (SELECT 1 FROM stored s WHERE s.point = g.point AND s.property = g.property
               AND s.averaging = g.averaging AND s.phenomenon_time = g.phenomenon_time) AS known,
             EXISTS (SELECT 1 FROM stored s WHERE s.point = g.point AND s.property = g.property
               AND s.averaging = g.averaging AND s.phenomenon_time = g.phenomenon_time AND s.source = g.source) AS own
      FROM given g)
GROUP BY ALL
"""


def tallied(data: Path, slug: str, first: date, last: date) -> pa.Table:
    """The values of some days that frames of the journal brought for a dataset (schema RECORD of the ledger).

    quarantined: of frames of the main journal that could not be decoded, by their device's point and day of receipt,
    without property. Needs Django.
    """
    if not exists(data):
        return RECORD.empty_table()
    site_of, keys_of = accounts.known_sites(data)
    parts, lost = [], Counter[tuple[str, date]]()
    for records in _batches(data, first, last, ingest.position(data)):
        decoded = decoding.decode(records, site_of, keys_of)
        if slug in decoded.tables:
            table = decoded.tables[slug]
            within = table.filter(_between(table["phenomenon_time"], first, last))
            parts.append(within.select(_COLUMNS).cast(_GIVEN))
        by_number = {record.id: record for record in records} if decoded.faults else {}
        for number, _reason in decoded.faults:
            site = site_of(by_number[number].mn)
            if site.dataset == slug:
                lost[site.point, wall_clock(by_number[number].received).date()] += 1
    given = pa.concat_tables(parts) if parts else _GIVEN.empty_table()
    counted = _counted(decoding.folder_of(data, slug), given, first, last)
    return pa.concat_tables([counted, _lost({key: count for key, count in lost.items() if first <= key[1] <= last})])


_COLUMNS = ("point", "property", "averaging", "phenomenon_time", "source")
_GIVEN = pa.schema([(name, pa.timestamp("us") if name == "phenomenon_time" else pa.string()) for name in _COLUMNS])


def _batches(data: Path, first: date, last: date, upto: int) -> Iterator[list[Record]]:
    """Records of the days from the first on, as long as back-fill may come, but none that ingest has yet to take."""
    journal = open_journal(data, window=0)
    with closing(journal.store):
        until = (last + LATER).isoformat()
        days = [each for each in journal.anchors.all() if first.isoformat() <= each.day <= until]
        kept = [each for each in days if not each.removed and each.last >= each.first]
        if not kept:
            return
        end, batch = min(upto, max(each.last for each in kept)), list[Record]()
        for record in journal.read(min(each.first for each in kept) - 1):
            if record.id > end:
                break
            batch.append(record)
            if len(batch) == BATCH:
                yield batch
                batch = []
        if batch:
            yield batch


def _between(times: pa.ChunkedArray, first: date, last: date) -> pa.ChunkedArray:
    begin, end = (datetime.combine(day, datetime.min.time()) for day in (first, last + timedelta(days=1)))
    return pc.and_(pc.greater_equal(times, begin), pc.less(times, end))


def _counted(dataset: Path, given: pa.Table, first: date, last: date) -> pa.Table:
    stored = lake.read_arrow(dataset, first=first, last=last, flagged=True)
    with duckdb.connect(config={"threads": 2}) as engine:
        engine.register("given", given)
        engine.register("stored", stored)
        return engine.execute(_COUNTED).to_arrow_table().select(RECORD.names).cast(RECORD)


def _lost(frames: Mapping[tuple[str, date], int]) -> pa.Table:
    """Frames that could not be told apart into properties: each counts once, received and set aside."""
    rows = [
        {"point": point, "property": None, "averaging": None, "day": day, "received": count, "quarantined": count,
         "repeated": 0}
        for (point, day), count in frames.items()
    ]  # fmt: skip
    return pa.Table.from_pylist(rows, RECORD)
