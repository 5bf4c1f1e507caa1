"""``qingyuan quality``: files in, rows with codes and findings out, mistakes told."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pytest

from qingyuan.interfaces.cli import main


@pytest.fixture
def file(tmp_path: Path) -> Path:
    chance = np.random.default_rng(8)
    values = np.round(40 + np.cumsum(chance.normal(0, 1, 900)), 3)
    values[400:430] = values[50:80]
    values[600] = -3
    written = tmp_path / "stack.csv"
    with written.open("w", encoding="utf-8") as stream:
        stream.write("point,property,averaging,phenomenon_time,value,unit\n")
        for hour, value in enumerate(values):
            time = np.datetime64("2026-03-01T00", "h") + hour
            stream.write(f"A,a21002,1h,{time}:00:00+08:00,{value},mg/m3\n")
    return written


def test_rows_and_findings_are_written(file: Path, tmp_path: Path) -> None:
    output, findings = tmp_path / "rows.parquet", tmp_path / "findings.csv"
    assert main(["quality", "--input", str(file), "--output", str(output), "--findings", str(findings)]) == 0
    table = pq.read_table(output)
    assert table.num_rows == 900
    assert table.column("flag").to_pylist()[600] == "negative"
    with findings.open(encoding="utf-8") as stream:
        found = {row["code"]: row for row in csv.DictReader(stream)}
    assert found["replayed"]["begin"] == "2026-03-17T16:00:00+08:00"
    assert "2026-03-03T02:00:00+08:00" in found["replayed"]["evidence"]


def test_sites_and_tests_are_obeyed(file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    sites = tmp_path / "sites.yaml"
    sites.write_text("A: {a21002: {negative_tolerance: 5}}\n")
    assert main(["quality", "--input", str(file), "--sites", str(sites), "--tests", "negative"]) == 0
    assert "900 rows tested: nothing found" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("content", "told"),
    [("a,b\n1,2\n", "It needs point"), ("point,property,averaging,phenomenon_time,value\nA,x,1h,yesterday,1\n", "ISO")],
)
def test_unreadable_files_are_told(content: str, told: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    wrong = tmp_path / "wrong.csv"
    wrong.write_text(content)
    assert main(["quality", "--input", str(wrong)]) == 2
    assert told in capsys.readouterr().err
    assert main(["quality", "--input", str(tmp_path / "none.csv")]) == 2


def test_an_unknown_code_is_told(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["quality", "--input", str(file), "--tests", "honesty"]) == 2
    assert "There is no test 'honesty'" in capsys.readouterr().err
