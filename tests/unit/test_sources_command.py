"""``qingyuan assess sources.*`` on files as people write them: units, marks, site files, bad rows."""

import csv
from datetime import datetime, timedelta

import pytest

from qingyuan.base.errors import UnreadableInput
from qingyuan.interfaces.cli import main
from qingyuan.places.outlets import outlets_of, read_outlets

HEAD = "point,property,averaging,phenomenon_time,value,unit,flag\n"
SITE = "point,medium,limit_so2,limit_nox\nA,gas,50,100\n"


def hours(item, values, unit="mg/m3", point="A", flag="N", averaging="1h"):
    start = datetime(2025, 3, 1)
    return "".join(
        f"{point},{item},{averaging},{(start + timedelta(hours=n)).isoformat()},{value},{unit},{flag}\n"
        for n, value in enumerate(values)
    )


def assess(tmp_path, name, text, *options, site=SITE):
    source, output = tmp_path / "in.csv", tmp_path / "out.csv"
    source.write_text(text, encoding="utf-8")
    arguments = ["assess", name, "--input", str(source), "--output", str(output), *options]
    if site:
        (tmp_path / "site.csv").write_text(site, encoding="utf-8")
        arguments += ["--site", str(tmp_path / "site.csv")]
    assert main(arguments) == 0
    with output.open(encoding="utf-8") as stream:
        rows = list(csv.DictReader(stream))
    rejected = tmp_path / "out.csv.rejects.csv"
    return rows, rejected.read_text("utf-8") if rejected.exists() else ""


def test_ppm_is_converted_by_the_rounded_molar_mass_and_22_4(tmp_path):
    text = HEAD + hours("SO2", [35], "ppm") + hours("a21002", [50], "ppm") + hours("nh3", [1000], "ug/m3")
    rows, _ = assess(tmp_path, "sources.hourly", text)
    found = {row["property"]: float(row["value"]) for row in rows}
    assert found == {"so2": 100.0, "nox": pytest.approx(50 * 46 / 22.4, abs=1e-6), "nh3": 1.0}


def test_a_concentration_no_air_could_have_is_good_at_an_outlet(tmp_path):
    rows, rejects = assess(tmp_path, "sources.hourly", HEAD + hours("so2", [2500]))
    assert (rows[0]["value"], rows[0]["over_limit"], rejects) == ("2500", "49", "")


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (hours("so2", [5], "m/s"), "impossible"),
        (hours("so2", [-5]), "negative"),
        (hours("pm", [5], "ppm"), "impossible"),
        (hours("so2", ["five"]), "no number"),
        (hours("o2", [26], "%"), "impossible: above"),
        (hours("so2", [5]) + hours("so2", [6]), "different values"),
    ],
)
def test_bad_rows_are_rejected_and_told(tmp_path, line, reason):
    rows, rejects = assess(tmp_path, "sources.hourly", HEAD + hours("nox", [10]) + line)
    assert reason in rejects
    assert [row["property"] for row in rows] == ["nox"]


def test_a_minute_given_twice_with_other_values_is_not_used(tmp_path):
    minutes = "".join(f"A,so2,1min,2025-03-01T00:{n:02d}:00,30,mg/m3,\n" for n in range(60))
    twice = "A,so2,1min,2025-03-01T00:07:00,31,mg/m3,\nA,so2,1min,2025-03-01T00:08:00,30,mg/m3,\n"
    odd = "A,so2,1min,2025-03-01T01:00:30,31,mg/m3,\n"
    rows, rejects = assess(tmp_path, "sources.hourly", HEAD + minutes + twice + odd)
    assert [(row["completeness"], row["value"]) for row in rows] == [("59", "30")]
    assert "different values" in rejects and "not on the full minute" in rejects


def test_a_column_of_tags_stands_beside_the_flag(tmp_path):
    text = (
        HEAD.replace("flag", "flag,tag") + "A,so2,1h,2025-03-01,90,mg/m3,N,启炉\nA,so2,1h,2025-03-01T01,90,mg/m3,N,\n"
    )
    rows, _ = assess(tmp_path, "sources.exceedance", text)
    assert [(row["tag"], row["over"], row["reason"]) for row in rows] == [
        ("start_up", "", "plant: start_up"),
        ("", "true", ""),
    ]


def test_limits_and_standards_may_stand_in_the_input(tmp_path):
    head = HEAD.replace("flag", "limit,standard,source_type,grade")
    text = head + "A,so2,1h,2025-03-01,90,mg/m3,80,,,\nB,so2,1h,2025-03-01,90,mg/m3,,GB 13223,coal boiler,special\n"
    rows, _ = assess(tmp_path, "sources.exceedance", text + "B,o2,1h,2025-03-01,6,%,,,,\n", site=None)
    assert [(row["point"], row["limit"], row["over"], row["clause"]) for row in rows] == [
        ("A", "80", "true", "permit"),
        ("B", "50", "true", "GB 13223—2011 not recorded"),
    ]


def test_limits_of_hour_and_day_may_differ_in_the_input(tmp_path):
    head = HEAD.replace("flag", "limit,judged_by")
    text = head + "A,so2,1h,2025-03-01,90,mg/m3,100,1h\nA,so2,24h,2025-03-02,90,mg/m3,80,1h\n"
    rows, _ = assess(tmp_path, "sources.daily", text, site=None)
    assert [(row["limit"], row["over"]) for row in rows if row["phenomenon_time"].startswith("2025-03-02")] == [
        ("80", "true")
    ]


def test_without_any_limit_the_result_says_so(tmp_path):
    rows, _ = assess(tmp_path, "sources.exceedance", HEAD + hours("so2", [90]), site=None)
    assert (rows[0]["value"], rows[0]["over"]) == ("90", "")
    assert "no standard and no limit is known" in rows[0]["reason"]
    assert rows[0]["clause"].startswith("HJ 75—2017")


def test_yaml_and_csv_site_files_tell_the_same(tmp_path):
    yaml, long = tmp_path / "site.yaml", tmp_path / "site.csv"
    yaml.write_text("outlets:\n - {point: A, medium: gas, limits: {so2: 50, nox.1h: 100}, permitted: {so2: 120}}\n")
    long.write_text(
        "point,medium,property,averaging,limit,permitted_t\nA,gas,SO2,,50,120\nA,gas,a21002,1h,100,\n", "utf-8"
    )
    told = [sorted(read_outlets(file)[0].limits, key=lambda own: own.item) for file in (yaml, long)]
    assert [(own.item, own.averaging, own.value) for own in told[0]] == [("nox", "1h", 100), ("so2", "", 50)]
    assert told[0] == told[1]


@pytest.mark.parametrize(
    ("row", "told"),
    [
        ({"point": "A", "standart": "GB 13223"}, "standart is no field"),
        ({"point": "A", "limit_so2": "much"}, "no number"),
        ({"point": "A", "limits": {"phlogiston": 3}}, "phlogiston is no observed property"),
        ({"point": "A", "state": "moist"}, "state is 'moist'"),
        ({"standard": "GB 13223"}, "a row has no point"),
    ],
)
def test_a_faulty_site_file_names_outlet_and_field(row, told):
    with pytest.raises(UnreadableInput, match=told):
        outlets_of([row], "site.csv")


def test_contradicting_rows_of_one_outlet_are_refused():
    with pytest.raises(UnreadableInput, match="is given as '50' and as '60'"):
        outlets_of([{"point": "A", "limit_so2": "50"}, {"point": "A", "limit_so2": "60"}], "site.csv")
