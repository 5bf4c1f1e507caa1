"""A month of minute records of 200 outlets (8 items): exceedances from the file, beside a bare scan of it."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

import duckdb

from benchmarks.assessments import scan, timed

ITEMS = (
    "('so2',5,40,1,'mg/m3'),('nox',10,50,2,'mg/m3'),('pm',1,8,3,'mg/m3'),('o2',5,4,4,'%'),('flow',100000,50000,5,'m3/h'),"
    "('gas_temperature',50,10,6,'degC'),('gas_pressure',0,1,7,'kPa'),('gas_humidity',8,3,8,'%')"
)
COMMAND = "import sys; from qingyuan.interfaces.cli import main; sys.exit(main(sys.argv[1:]))"


def make(folder: Path, outlets: int, days: int = 31) -> tuple[Path, Path, int]:
    """Write the canonical Parquet file and the site file; returns both and the number of rows."""
    file, site = folder / "minutes.parquet", folder / "outlets.csv"
    with duckdb.connect(config={"threads": 2, "memory_limit": "2GB", "preserve_insertion_order": False}) as engine:
        engine.execute(
            "CREATE MACRO draw(s, m, k) AS (hash(s * 100000::BIGINT + m + k * 77777777::BIGINT) % 10000) / 1e4"
        )
        engine.execute(
            f"""COPY (SELECT 'DA' || lpad(s::VARCHAR, 4, '0') AS point, property, '1min' AS averaging,
                  TIMESTAMP '2025-03-01' + to_minutes(m::INT) AS phenomenon_time,
                  round(a + b * draw(s, m, k) * draw(s, m, k), 1)::DOUBLE AS value, unit,
                  CASE WHEN draw(s, m // 45, k + 3) < 0.01 THEN 'M' END AS flag
                FROM range({outlets}) t(s), (VALUES {ITEMS}) p(property, a, b, k, unit), range({1440 * days}) u(m)
                WHERE draw(s, m, k + 31) > 0.01) TO '{file}' (ROW_GROUP_SIZE 200000)"""
        )
        rows = int(engine.execute(f"SELECT count(*) FROM '{file}'").fetchall()[0][0])
    lines = [f"DA{number:04d},gas,GB 13223,coal boiler,special\n" for number in range(outlets)]
    site.write_text("point,medium,standard,source_type,grade\n" + "".join(lines), encoding="utf-8")
    return file, site, rows


def main(folder: Path, outlets: int = 200) -> None:
    """Print rows, seconds, the ratio to a bare scan, and memory."""
    file, site, rows = make(folder, outlets)
    bare = min(scan(file) for _ in range(3))
    output = str(folder / "judged.parquet")
    command = ["assess", "sources.exceedance", "--input", str(file), "--site", str(site), "--output", output]
    seconds, memory = timed(COMMAND, *command)
    print(f"{rows:,} minute records of {outlets} outlets: judged in {seconds:.1f} s, {memory:.2f} GB")
    print(f"  bare scan {bare:.2f} s: ratio {seconds / bare:.1f}")


if __name__ == "__main__":
    with tempfile.TemporaryDirectory(prefix="qingyuan-bench-") as temporary:
        main(Path(temporary), int(sys.argv[1]) if len(sys.argv) > 1 else 200)
