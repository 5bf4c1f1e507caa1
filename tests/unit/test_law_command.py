"""The command ``qingyuan law``."""

import csv
import json
from datetime import date

import pytest

from qingyuan.interfaces.cli import main
from qingyuan.standards import law

NEW = date(2026, 3, 1)


def _run(capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, str, str]:
    status = main(["law", *words])
    out, err = capsys.readouterr()
    return status, out, err


def _wide(text: str) -> int:
    from qingyuan.interfaces.cli.tables import width

    return width(text)


def test_show_prints_one_line_a_value(capsys: pytest.CaptureFixture[str]) -> None:
    status, out, _ = _run(capsys, "show", "GB 3095", "--on", "2026-03-01")
    lines = [line.split() for line in out.splitlines()[2:]]
    assert status == 0
    assert len(lines) == len(law.as_lines("GB 3095", NEW))
    wanted = ["pm25", "24h", "grade", "2", "60", "ug/m3", "table", "1", "2026", "transition", "primary"]
    assert [line[:11] for line in lines].count(wanted) == 1


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_show_aligns_its_columns(capsys: pytest.CaptureFixture[str], lang: str) -> None:
    _, out, _ = _run(capsys, "show", "HJ 663", "--on", "2026-03-01", "--lang", lang)
    head, rule, *rows = out.splitlines()
    ends = [len(part) for part in rule.split("  ")]
    start = 0
    for length in ends[:-1]:
        start += length + 2
        assert all(_prefix_ends_blank(row, start) for row in (head, *rows) if _wide(row) > start)


def _prefix_ends_blank(row: str, column: int) -> bool:
    at, taken = 0, ""
    for sign in row:
        if at >= column:
            break
        taken, at = taken + sign, at + _wide(sign)
    return at == column and taken.endswith("  ")


def test_show_as_csv_and_json(capsys: pytest.CaptureFixture[str]) -> None:
    _, text, _ = _run(capsys, "show", "hj633", "--on", "2026-03-01", "--format", "csv")
    rows = list(csv.DictReader(text.splitlines()))
    _, text, _ = _run(capsys, "show", "hj633", "--on", "2026-03-01", "--format", "json")
    objects = json.loads(text)
    assert len(rows) == len(objects) == len(law.as_lines("HJ 633", NEW))
    row = next(r for r in rows if (r["item"], r["averaging"], r["name"]) == ("pm25", "24h", "index 100"))
    assert (row["value"], row["unit"], row["clause"], row["edition"]) == ("60", "ug/m3", "table 3", "2026")
    assert row["effective"] == "2026-03-01" and row["until"] == ""
    assert objects[0]["until"] is None


def test_the_day_decides_where_the_code_names_another_edition(capsys: pytest.CaptureFixture[str]) -> None:
    status, out, err = _run(capsys, "show", "gb 3095-2012", "--on", "2026-03-01", "--format", "csv")
    assert status == 0 and {row["edition"] for row in csv.DictReader(out.splitlines())} == {"2026"}
    assert "edition 2026 is shown" in err
    _, out, err = _run(capsys, "show", "gb 3095-2012", "--format", "csv")
    assert {row["edition"] for row in csv.DictReader(out.splitlines())} == {"2012"} and not err


def test_diff_prints_only_what_changes(capsys: pytest.CaptureFixture[str]) -> None:
    status, out, _ = _run(capsys, "diff", "2026-02-28", "2026-03-01")
    assert status == 0
    assert any(line.split()[1:7] == ["3095", "pm25", "24h", "grade", "2", "75"] for line in out.splitlines())
    assert not any(line.startswith("GB 3095") and " so2 " in line for line in out.splitlines())
    _, out, _ = _run(capsys, "diff", "2025-01-01", "2025-06-01")
    assert out == "nothing changes\n"
    _, out, _ = _run(capsys, "diff", "2025-01-01", "2025-06-01", "--format", "json")
    assert json.loads(out) == []


def test_list_names_every_edition(capsys: pytest.CaptureFixture[str]) -> None:
    status, out, _ = _run(capsys, "list", "--lang", "zh")
    assert status == 0
    for each in law.standards():
        assert sum(line.startswith(each.code) for line in out.splitlines()) == len(each.editions)


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("show", "GB 3059"), "GB 3095"),
        (("show", "GB 3095-2019"), "2012, 2026"),
        (("show", "GB 3095", "--on", "2026-13-01"), "2026-03-01"),
        (("show", "GB 3095", "--on", "yesterday"), "'yesterday' is no day"),
        (("diff", "2026-02-28", "20260301"), "'20260301' is no day"),
    ],
)
def test_wrong_usage_is_told_with_status_2(
    capsys: pytest.CaptureFixture[str], words: tuple[str, ...], told: str
) -> None:
    status, out, err = _run(capsys, *words)
    assert (status, out) == (2, "")
    assert told in err and "Traceback" not in err
