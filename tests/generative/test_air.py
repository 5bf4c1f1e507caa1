"""Properties the air methods must keep for any input: exactness, monotone indices, two engines agree."""

from datetime import datetime, timedelta
from decimal import Decimal
from fractions import Fraction

import ibis
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qingyuan.assessments import engines, exact, running
from qingyuan.assessments.declaration import Options
from qingyuan.base.rounding import round_half_even
from qingyuan.domains.air.assessments import ASSESSMENTS
from qingyuan.domains.air.law import DAILY_TABLE, HOURLY_TABLE, ITEMS
from qingyuan.domains.air.methods import iaqi, individual_index
from qingyuan.standards import law

TABLES = [
    law.breakpoints("HJ 633", item, column, edition=edition)
    for edition in ("2012", "2026")
    for item, column in dict.fromkeys((*HOURLY_TABLE.items(), *DAILY_TABLE.items()))
]


@given(st.integers(0, 10**13), st.integers(1, 400))
@settings(deadline=None)
def test_half_even_is_the_rounding_of_the_standard(dividend, divisor):
    columns = ibis.memtable(pa.table({"a": [dividend], "b": [divisor]}))
    rounded = columns.mutate(r=exact.half_even(columns.a, columns.b)).r.to_pyarrow()[0].as_py()
    assert rounded == round_half_even(Fraction(dividend, divisor), 0)


@pytest.mark.parametrize("table", TABLES, ids=lambda t: f"{t.item}.{t.averaging}-{t.edition}")
def test_index_of_a_column_is_the_index_of_each_value(table):
    """All whole steps up to beyond the last breakpoint: gap-free, never falling, equal to exact decimals."""
    last = exact.in_steps(table.values[-1], table.step)
    steps = list(range(last + 50))
    column = ibis.memtable(pa.table({"steps": steps}))
    found = column.mutate(i=iaqi(column.steps, table)).order_by("steps").i.to_pyarrow().to_pylist()
    assert found == [individual_index(Decimal(step) * table.step, table) for step in steps]
    known = [index for index in found if index is not None]
    assert all(b - a >= 0 for a, b in zip(known, known[1:], strict=False))
    for value, index in zip(table.values, table.index, strict=True):
        assert found[exact.in_steps(value, table.step)] == index


@given(st.lists(st.integers(0, 3_000_000), min_size=20, max_size=24))
@settings(deadline=None)
def test_day_mean_is_exact(hours):
    """A mean of micro values in quanta is the fraction itself, and rounds as the fraction does."""
    columns = ibis.memtable(pa.table({"total": [sum(hours)], "count": [len(hours)]}))
    quanta = exact.mean(columns.total, columns["count"], 20, 24)
    row = columns.mutate(q=quanta, s=exact.steps(quanta, Decimal("0.1"))).to_pyarrow().to_pylist()[0]
    true = Fraction(sum(hours), len(hours) * exact.MICRO)
    assert Fraction(row["q"], exact.UNIT) == true
    assert Decimal(row["s"]) / 10 == round_half_even(true, 1)


def random_observations(seed):
    """Ten days of three points of two cities with gaps, ties at .5, flags and both editions of the law."""
    random = np.random.default_rng(seed)
    rows = []
    start = datetime(2026, 2, 24)
    for point, city in (("A", "X"), ("B", "X"), ("C", "Y")):
        for item in ITEMS:
            for hour in range(240):
                if random.random() < 0.1:
                    continue
                value = random.integers(0, 60) / 10 if item == "co" else random.integers(0, 700) / 2
                flag = "C" if random.random() < 0.02 else None
                rows.append((point, item, "1h", start + timedelta(hours=hour), float(value), flag, city))
    names = ["point", "property", "averaging", "phenomenon_time", "value", "flag", "city"]
    columns = [pa.array(list(column)) for column in zip(*rows, strict=True)]
    return pa.table(dict(zip(names, columns, strict=True)))


def rounded(rows):
    return [{k: round(v, 9) if isinstance(v, float) else v for k, v in row.items()} for row in rows]


@pytest.mark.spark
def test_two_engines_agree(tmp_path):
    file = tmp_path / "observations.parquet"
    pq.write_table(random_observations(1), file)
    found = {}
    for engine in ("duckdb", "spark"):
        with engines.connect(engine, threads=2, spill=tmp_path) as backend:
            table = engines.read_parquet(backend, [file])
            for assessment in ASSESSMENTS:
                for by in ("point", "city") if assessment.name == "air.daily_aqi" else ("point",):
                    rows = running.run(assessment, table, Options(by=by)).to_pyarrow().to_pylist()
                    assert rows
                    found.setdefault((assessment.name, by), []).append(rounded(rows))
    for name, (first, second) in found.items():
        assert first == second, name
