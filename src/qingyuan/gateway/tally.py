"""What the journal says came, for the ledger: values by point, property, averaging and day, and what became of them.

The journal is read anew, so that the ledger does not rest on the counts of the same program that filled the lake.
"""

from __future__ import annotations

from collections.abc import Iterator
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
LATER = timedelta(days=3)
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


def tallied(data: Path, slug: str, day: date) -> pa.Table:
    """The values of a day that frames of the journal brought for a dataset (schema RECORD of the ledger). Needs Django.

    quarantined: of frames of the main journal that could not be decoded, by their device's point, without property.
    """
    if not exists(data):
        return RECORD.empty_table()
    site_of, keys_of = accounts.known_sites()
    parts, lost = [], dict[str, int]()
    for records in _batches(data, day, ingest.position(data)):
        decoded = decoding.decode(records, site_of, keys_of)
        if slug in decoded.tables:
            table = decoded.tables[slug]
            parts.append(table.filter(_of_day(table["phenomenon_time"], day)).select(_COLUMNS).cast(_GIVEN))
        by_number = {record.id: record for record in records}
        for number, _reason in decoded.faults:
            record = by_number[number]
            site = site_of(record.mn)
            if site.dataset == slug and wall_clock(record.received).date() == day:
                lost[site.point] = lost.get(site.point, 0) + 1
    given = pa.concat_tables(parts) if parts else _GIVEN.empty_table()
    return pa.concat_tables([_counted(decoding.folder_of(data, slug), given, day), _lost(lost, day)])


_COLUMNS = ("point", "property", "averaging", "phenomenon_time", "source")
_GIVEN = pa.schema([(name, pa.timestamp("us") if name == "phenomenon_time" else pa.string()) for name in _COLUMNS])


def _batches(data: Path, day: date, upto: int) -> Iterator[list[Record]]:
    """Records received from the day on, as long as its back-fill may come, but none ingest has yet to take."""
    journal = open_journal(data, window=0)
    with closing(journal.store):
        days = [each for each in journal.anchors.all() if day.isoformat() <= each.day <= (day + LATER).isoformat()]
        kept = [each for each in days if not each.removed and each.last >= each.first]
        if not kept:
            return
        last, batch = min(upto, max(each.last for each in kept)), list[Record]()
        for record in journal.read(min(each.first for each in kept) - 1):
            if record.id > last:
                break
            batch.append(record)
            if len(batch) == BATCH:
                yield batch
                batch = []
        if batch:
            yield batch


def _of_day(times: pa.ChunkedArray, day: date) -> pa.ChunkedArray:
    begin = datetime.combine(day, datetime.min.time())
    return pc.and_(pc.greater_equal(times, begin), pc.less(times, begin + timedelta(days=1)))


def _counted(dataset: Path, given: pa.Table, day: date) -> pa.Table:
    stored = lake.read_arrow(dataset, first=day, last=day, flagged=True)
    with duckdb.connect(config={"threads": 2}) as engine:
        engine.register("given", given)
        engine.register("stored", stored)
        return engine.execute(_COUNTED).to_arrow_table().select(RECORD.names).cast(RECORD)


def _lost(frames: dict[str, int], day: date) -> pa.Table:
    """Frames that could not be told apart into properties: each counts once, received and set aside."""
    rows = [
        {"point": point, "property": None, "averaging": None, "day": day, "received": count, "quarantined": count,
         "repeated": 0}
        for point, count in frames.items()
    ]  # fmt: skip
    return pa.Table.from_pylist(rows, RECORD)
