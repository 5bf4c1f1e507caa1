"""Factor codes of HJ 212 against the fact table."""

import csv
from pathlib import Path

from qingyuan.base.units import canonical
from qingyuan.standards import factors


def test_all_codes_of_the_fact_table_with_their_old_ones(shared: Path) -> None:
    with (shared / "reference" / "hj212_factors_2017.csv").open(encoding="utf-8") as file:
        lines = list(csv.DictReader(file))
    assert len(lines) == 196
    for line in lines:
        found = factors.find(line["code"])
        assert found is not None and found.old == line["code_2005"].replace("--", "")
        assert found.data_type == line["data_type"] or not line["data_type"]
        printed = canonical(line["unit_concentration"]) if line["unit_concentration"] else None
        assert printed is None or found.default_unit == printed, line
        if found.old:
            assert factors.find(found.old, "2005") is found


def test_codes_are_read_by_edition() -> None:
    oxygen, copper = factors.find("S01"), factors.find("029", "2005")
    assert oxygen and (oxygen.code, oxygen.default_unit) == ("a19001", "%")
    assert copper and copper.code == "w20122"
    assert factors.find("zzz") is None
    velocity = factors.find("a01011")
    assert velocity and (velocity.default_unit, velocity.default_unit_2005) == ("m/s", "m3/h")


def test_the_traps_of_public_code_lists() -> None:
    named = {code: (factors.find(code) or factors.all_factors()[0]).name_zh for code in ("a21003", "a05001", "a21005")}
    assert named == {"a21003": "一氧化氮", "a05001": "二氧化碳", "a21005": "一氧化碳"}
    mercury, ozone, particles = (factors.find(code) for code in ("w20111", "a05024", "a34004"))
    assert mercury and mercury.default_unit == "ug/L" and mercury.amount_unit == "g"
    assert ozone and ozone.default_unit == ""
    assert particles and particles.doubtful == "unit"
