"""Properties the sources' methods must keep for any input: exact formulas, order of rows, two engines agree."""

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

from qingyuan.assessments import engines, running
from qingyuan.assessments.declaration import Options
from qingyuan.base.rounding import round_half_even
from qingyuan.domains.sources import methods
from qingyuan.domains.sources.assessments import ASSESSMENTS
from qingyuan.places.outlets import outlets_of

OUTLETS = outlets_of(
    [
        {
            "point": "A",
            "standard": "GB 13223",
            "source_type": "coal boiler",
            "grade": "special",
            "permitted": {"so2": 1},
        },
        {"point": "B", "standard": "GB 18485", "state": "wet"},
        {"point": "W", "standard": "GB 18918", "grade": "1A", "checks": "2025-03-02"},
        {"point": "X", "standard": "GB 13271", "source_type": "coal boiler"},
    ],
    "test",
)
AIR = 21_000_000
small = st.integers(0, 10**9)


def column(build, **values):
    """One value of a formula over columns of one row."""
    rows = ibis.memtable(pa.table({name: pa.array([value], pa.int64()) for name, value in values.items()}))
    return rows.select(r=build(rows)).to_pyarrow()["r"][0].as_py()


@given(small, st.integers(0, 20_999_999), st.integers(0, 20_000_000))
@settings(deadline=None, max_examples=60)
def test_correction_is_the_fraction_rounded_once(concentration, oxygen, reference):
    found = column(lambda t: methods.at_reference_oxygen(t.c, t.o, t.r, AIR), c=concentration, o=oxygen, r=reference)
    true = Fraction(concentration * (AIR - reference), AIR - oxygen)
    assert found == round_half_even(true, 0)


@given(small, st.integers(21_000_000, 25_000_000))
@settings(deadline=None, max_examples=20)
def test_oxygen_of_air_gives_no_correction(concentration, oxygen):
    assert column(lambda t: methods.at_reference_oxygen(t.c, t.o, t.o * 0, AIR), c=concentration, o=oxygen) is None


@given(small, st.integers(0, 10**13))
@settings(deadline=None, max_examples=60)
def test_amounts_are_whole_and_exact_to_a_microgram(concentration, flow):
    gas = column(lambda t: methods.gas_amount(t.c, t.q), c=concentration, q=flow)
    assert abs(gas - Fraction(concentration * flow, 10**9)) <= Fraction(1, 2) + Fraction(1, 1000)
    water = column(lambda t: methods.water_amount(t.c, t.q), c=concentration, q=flow)
    assert abs(water - Fraction(concentration * flow, 10**6)) <= Fraction(1, 2)


@given(st.integers(1, 10**9), st.integers(1, 10**9))
@settings(deadline=None, max_examples=60)
def test_over_limit_is_two_digits_of_the_quotient(concentration, limit):
    found = column(lambda t: methods.over_limit(t.c, t.l), c=concentration, l=limit)
    true = Fraction(concentration, limit) - 1
    assert found is None if true <= 0 else Decimal(str(found)) == round_half_even(true, 2)


def random_observations(seed, minutes=False):
    """Three days of gas and water outlets with gaps, marks, tags, stops and readings every two hours."""
    random = np.random.default_rng(seed)
    flags = [None] * 12 + ["M", "C", "start_up", "out_of_control"]
    rows = []
    start = datetime(2025, 3, 1)
    gas = {"so2": 80, "nox": 120, "pm": 30, "no": 60, "o2": 20, "flow": 100000, "gas_humidity": 20}
    water = {"cod": 80, "ammonia_n": 9, "total_p": 1, "ph": 12, "flow": 300, "water_temperature": 20}
    for point, items in (("A", gas), ("B", gas), ("W", water), ("X", gas), ("U", gas)):
        for item, most in items.items():
            every = 2 if item in ("cod", "ammonia_n") else 1
            for hour in range(0, 72, every):
                if random.random() < 0.08:
                    continue
                value = 0.0 if item == "flow" and random.random() < 0.05 else float(random.integers(0, most * 10)) / 10
                at, flag = start + timedelta(hours=hour), flags[random.integers(0, len(flags))]
                step = 10 if minutes and point == "A" else 60
                for minute in range(0, 60, step):
                    averaging = "10min" if step == 10 else f"{every}h"
                    rows.append((point, item, averaging, at + timedelta(minutes=minute), value, "mg/m3", flag, None))
    names = ["point", "property", "averaging", "phenomenon_time", "value", "unit", "flag", "city"]
    kinds = [pa.string()] * 3 + [pa.timestamp("us"), pa.float64(), pa.string(), pa.string(), pa.string()]
    columns = [pa.array(list(c), kind) for c, kind in zip(zip(*rows, strict=True), kinds, strict=True)]
    return pa.table(dict(zip(names, columns, strict=True)))


def results(engine, file, folder):
    with engines.connect(engine, threads=2, spill=folder) as backend:
        if engine == "spark":
            backend._session.conf.set("spark.sql.codegen.wholeStage", "false")
            backend._session.conf.set("spark.sql.codegen.factoryMode", "NO_CODEGEN")
        table = engines.read_parquet(backend, [file])
        for assessment in ASSESSMENTS:
            if assessment.name == "sources.furnace":  # reads other records
                continue
            rows = running.run(assessment, table, Options(outlets=OUTLETS)).to_pyarrow().to_pylist()
            assert rows
            yield (
                assessment.name,
                [{k: round(v, 9) if isinstance(v, float) else v for k, v in row.items()} for row in rows],
            )


@pytest.mark.parametrize("minutes", [False, True])
def test_the_order_of_rows_does_not_matter(tmp_path, minutes):
    table = random_observations(2, minutes)
    shuffled = table.take(pa.array(np.random.default_rng(3).permutation(table.num_rows)))
    found = []
    for name, rows in (("as_given", table), ("shuffled", shuffled)):
        file = tmp_path / f"{name}.parquet"
        pq.write_table(rows, file)
        found.append(dict(results("duckdb", file, tmp_path)))
    assert found[0] == found[1]


@pytest.mark.spark
def test_two_engines_agree(tmp_path):
    file = tmp_path / "observations.parquet"
    pq.write_table(random_observations(1, minutes=True), file)
    first, second = (dict(results(engine, file, tmp_path)) for engine in ("duckdb", "spark"))
    for name, rows in first.items():
        assert rows == second[name], name


def good(table, point, item):
    """Usable hourly values of one item, exact, by hour; and the hours in which the plant was tagged."""
    rows = [row for row in table.to_pylist() if (row["point"], row["property"]) == (point, item)]
    used = {None, "start_up"}
    values = {r["phenomenon_time"]: Fraction(str(r["value"])) for r in rows if r["flag"] in used}
    return values, {r["phenomenon_time"] for r in rows if r["flag"] == "start_up"}


def tagged_hours(table, point):
    return {r["phenomenon_time"] for r in table.to_pylist() if r["point"] == point and r["flag"] == "start_up"}


def by_day(rows, point, item):
    return {row["phenomenon_time"]: row for row in rows if (row["point"], row["property"]) == (point, item)}


@pytest.mark.parametrize("seed", [1, 2])
def test_a_plain_reckoning_of_the_law_gives_the_same(tmp_path, seed):
    """Days of gas and water, reckoned hour by hour in exact fractions."""
    table = random_observations(seed)
    file = tmp_path / "observations.parquet"
    pq.write_table(table, file)
    found = dict(results("duckdb", file, tmp_path))
    days = [datetime(2025, 3, day) for day in (1, 2, 3)]

    so2, oxygen, flow = (good(table, "A", item)[0] for item in ("so2", "o2", "flow"))
    away = tagged_hours(table, "A")
    ours = by_day(found["sources.daily"], "A", "so2")
    for day in days:
        hours = [day + timedelta(hours=h) for h in range(24)]
        counted = [h for h in hours if h in so2 and h in oxygen and h not in away and flow.get(h) != 0]
        corrected = [so2[h] * 15 / (21 - oxygen[h]) for h in counted]
        amount = sum(so2[h] * flow[h] for h in hours if h in so2 and h in flow)
        assert ours[day]["completeness"] == len(counted)
        assert ours[day]["valid"] == (len(counted) >= 20)
        assert ours[day]["value"] == pytest.approx(float(sum(corrected) / len(corrected)), abs=2e-6)
        assert ours[day]["amount_kg"] == pytest.approx(float(amount / 10**6), abs=1e-6)

    cod, flow = (good(table, "W", item)[0] for item in ("total_p", "flow"))
    away = tagged_hours(table, "W")
    ours = by_day(found["sources.daily"], "W", "total_p")
    given = {row["phenomenon_time"] for row in table.to_pylist() if (row["point"], row["property"]) == ("W", "total_p")}
    for day in days:
        hours = [day + timedelta(hours=h) for h in range(24)]
        read = [h for h in hours if h in cod and h not in away]
        weight = {
            h: flow[h] + (0 if h + timedelta(hours=1) in given else flow.get(h + timedelta(hours=1), 0))
            for h in read
            if h in flow
        }
        assert (ours[day]["completeness"], ours[day]["due"]) == (len(read), 24)
        assert ours[day]["valid"] == (len(read) >= 18 and len(weight) * 100 >= len(read) * 75)
        if ours[day]["valid"]:
            mean = sum(cod[h] * weight[h] for h in weight) / sum(weight.values())
            assert ours[day]["value"] == pytest.approx(float(mean), abs=1e-6)
