"""The law library equals the gathered fact tables, entirely."""

import csv
import tomllib
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from qingyuan.standards import law, properties
from qingyuan.standards.records import CONFIDENCES, EXPECTED, IN_FORCE

OLD, NEW = date(2026, 2, 28), date(2026, 3, 1)
CONFIDENCE = {"primary": "primary", "two": "two_sources", "one": "one_source", "memory": "memory"}


def _facts(shared: Path, name: str) -> list[dict[str, str]]:
    with (shared / "reference/standards" / name).open(encoding="utf-8") as stream:
        return list(csv.DictReader(stream))


def _slug(word: str) -> str:
    found = properties.find(word)
    assert found, word
    return found.slug


@pytest.mark.shared_data
def test_limits_equal_the_facts(shared: Path) -> None:
    facts = {
        (
            row["standard"][-4:],
            _slug(row["pollutant"]),
            row["period"],
            grade,
            Decimal(row[f"grade{grade}"]),
            row["unit"],
            row["effective_from"],
            row["effective_to"],
            "" if row["stage"] == "all" else row["stage"],
        ): CONFIDENCE[row["confidence"]]
        for row in _facts(shared, "01_gb3095_limits.csv")
        for grade in (1, 2)
    }
    ours = {
        (
            row.edition,
            row.item,
            row.averaging,
            row.grade,
            row.value,
            row.unit,
            str(row.effective),
            str(row.until or ""),
            row.stage,
        ): row.confidence
        for row in law.standard("GB 3095").limits
    }
    assert set(ours) == set(facts)
    less = {key for key, sure in facts.items() if CONFIDENCES.index(ours[key]) > CONFIDENCES.index(sure)}
    assert not less, f"less sure than the facts, which may not be: {less}"


@pytest.mark.shared_data
def test_breakpoints_equal_the_facts(shared: Path) -> None:
    facts = {
        (
            row["standard"][-4:],
            _slug(row["pollutant"]),
            row["period"],
            int(row["iaqi"]),
            Decimal(row["conc"]),
            row["unit"],
            CONFIDENCE[row["confidence"]],
            row["source"].split("633-")[1][5:12],
        )
        for row in _facts(shared, "01_iaqi_breakpoints.csv")
        if row["conc"]
    }
    ours = {
        (row.edition, row.item, row.averaging, index, value, row.unit, row.confidence, row.clause)
        for row in law.standard("HJ 633").breakpoints
        for index, value in zip(row.index, row.values, strict=True)
    }
    assert ours == facts


@pytest.mark.shared_data
@pytest.mark.parametrize(("edition", "clause"), [("2012", "table 2"), ("2026", "table 1")])
def test_levels_equal_the_facts(shared: Path, edition: str, clause: str) -> None:
    facts = [
        (
            int(row["aqi_low"]),
            int(row["aqi_high"]),
            int(row["level"]),
            row["name"],
            row["key"],
            row["color"],
            row["rgb"],
            CONFIDENCE[row["confidence"]],
            clause,
        )
        for row in _facts(shared, "01_aqi_levels.csv")
    ]
    ours = [
        (
            row.low,
            row.high,
            row.level,
            row.name_zh,
            row.key,
            row.color_zh,
            row.rgb,
            row.confidence,
            row.clause,
        )
        for row in law.levels(edition=edition)
    ]
    assert ours == facts


VALIDITY = {
    ("1h", "minutes_per_hour"): ("GB 3095", "1h.min_minutes"),
    ("24h", "hourly_values_per_day"): ("GB 3095", "24h.min_hours"),
    ("8h", "hourly_values_per_8h_window"): ("GB 3095", "8h.min_hours"),
    ("mda8", "valid_8h_means_ending_08_to_24"): ("HJ 663", "mda8.min_windows"),
    ("annual", "daily_values_per_year"): ("GB 3095", "annual.min_days"),
    ("annual", "daily_values_per_month"): ("GB 3095", "annual.min_days_per_month"),
    ("annual_percentile", "daily_values_per_year"): ("HJ 663", "percentile.min_days"),
    ("annual", "daily_values_per_year_evenly"): ("GB 3095", "annual.sampled.min_days"),
    ("quarter", "daily_values_per_quarter_evenly"): ("GB 3095", "quarter.min_days"),
    ("24h", "sampling_hours"): ("GB 3095", "24h.sampling_hours"),
    ("city", "valid_station_share_min_pct"): ("HJ 663", "city.min_station_share"),
}


@pytest.mark.shared_data
def test_validity_minimums_equal_the_facts(shared: Path) -> None:
    rows = _facts(shared, "01_air_validity.csv")
    assert {(row["statistic"], row["rule"]) for row in rows} == set(VALIDITY)
    for row in rows:
        rule = law.rule(*VALIDITY[row["statistic"], row["rule"]], on=NEW)
        factor = 100 if row["rule"].endswith("pct") else 1
        assert Decimal(rule.value) * factor == Decimal(row["minimum"]), row  # type: ignore[arg-type]
        assert rule.confidence == CONFIDENCE[row["confidence"]], row
        if rule.standard == "GB 3095":
            assert set(rule.items) == {_slug(word) for word in row["pollutants"].split(";")}, row


@pytest.mark.shared_data
def test_digits_equal_the_facts(shared: Path) -> None:
    places = {
        "daily_or_hourly_input_to_AQI": ("HJ 633", "2026", IN_FORCE),
        "evaluation_result_2013": ("HJ 663", "2013", IN_FORCE),
        "monthly_quarterly_annual_statistic_2026_practice": ("HJ 663", "2026", EXPECTED),
    }
    special = {"exceed_multiple", "attainment_rate_pct", "single_index", "composite_index"}
    rows = [row for row in _facts(shared, "01_rounding.csv") if row["context"] != "IAQI_AQI"]
    for row in rows:
        code, edition, status = places[row["context"]]
        word = row["item"].removesuffix("_pct") if row["item"] in special else _slug(row["item"])
        found = [
            rule
            for rule in law.standard(code).rules
            if (rule.name, rule.edition, rule.status) == (f"digits.{word}", edition, status)
        ]
        assert [rule.value for rule in found] == [int(row["decimals"])], row
        assert found[0].confidence == CONFIDENCE[row["confidence"]], row


@pytest.mark.shared_data
def test_rules_of_hj_663_equal_the_facts(shared: Path) -> None:
    facts = tomllib.loads((shared / "reference/standards/01_hj663_rules.toml").read_text("utf-8"))
    for name in ("so2", "no2", "pm10", "pm25", "co"):
        assert law.rule("HJ 663", f"percentile.{name}", on=OLD).value == facts["percentile"][name]
    assert law.rule("HJ 663", "percentile.o3", on=OLD).value == facts["percentile"]["o3_mda8"]
    assert law.rule("HJ 663", "mda8.min_windows", on=OLD).value == facts["o3_mda8"]["min_windows"]
    assert law.rule("GB 3095", "8h.min_hours", on=OLD).value == facts["o3_mda8"]["min_hours_in_window"]
    weights = facts["composite_index"]["hj663_2026"]["weights"]
    shown = {line["name"]: line["value"] for line in law.as_lines("HJ 663", NEW) if line["status"] == EXPECTED}
    assert {f"composite.weight.{_slug(k)}": str(v) for k, v in weights.items()}.items() <= shown.items()


@pytest.mark.shared_data
@pytest.mark.parametrize(("key", "day"), [("limits_2012", OLD), ("limits_2026_transition", NEW)])
def test_the_ranking_divides_by_the_limits_of_the_day(shared: Path, key: str, day: date) -> None:
    facts = tomllib.loads((shared / "reference/standards/01_hj663_rules.toml").read_text("utf-8"))
    for name, value in facts["composite_index"]["ranking_rule"][key].items():
        averaging = str(law.rule("city_ranking", f"limit.{_slug(name)}", on=day).value)
        assert law.limit("GB 3095", _slug(name), averaging, on=day).value == value
