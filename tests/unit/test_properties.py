"""Words for what is observed."""

import unicodedata
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qingyuan.base.errors import UnknownLaw
from qingyuan.standards import properties
from qingyuan.standards.properties import all_properties, find, find_with_averaging, get

SLUGS = (
    "so2 no2 co o3 pm10 pm25 no nox tsp pb bap temperature pressure dew_point humidity precipitation "
    "wind_speed wind_direction aqi laeq"
)


@pytest.mark.parametrize("slug", SLUGS.split())
def test_every_slug_finds_itself(slug: str) -> None:
    each = get(slug)
    for word in (slug, slug.upper(), each.symbol, each.name_zh, each.name_en, *each.codes, *each.aliases):
        assert find(word) == each


@pytest.mark.parametrize(
    ("word", "slug"),
    [
        ("PM2.5", "pm25"),
        ("PM₂.₅", "pm25"),
        ("ＰＭ２．５", "pm25"),
        ("pm2_5", "pm25"),
        ("O₃", "o3"),
        ("a34004", "pm25"),
        ("A05024", "o3"),
        ("细颗粒物", "pm25"),
        ("TEMP", "temperature"),
        ("PRES", "pressure"),
        ("DEWP", "dew_point"),
        ("RAIN", "precipitation"),
        ("WSPM", "wind_speed"),
        ("wd", "wind_direction"),
        ("WDIR", "wind_direction"),
    ],
)
def test_words(word: str, slug: str) -> None:
    found = find(word)
    assert found and found.slug == slug


@pytest.mark.parametrize(
    ("word", "slug", "averaging"),
    [
        ("PM2.5", "pm25", None),
        ("PM2.5_24h", "pm25", "24h"),
        ("SO2_24h", "so2", "24h"),
        ("O3_1h", "o3", "1h"),
        ("O3_8h", "o3", "8h"),
        ("O3_8h_24h", "o3", "mda8"),
        ("O3_24h", "o3", "24h"),
        ("AQI", "aqi", None),
        ("PM₁₀ 24小时", "pm10", "24h"),
    ],
)
def test_words_with_an_averaging(word: str, slug: str, averaging: str | None) -> None:
    found = find_with_averaging(word)
    assert found and (found[0].slug, found[1]) == (slug, averaging)


@pytest.mark.parametrize("word", ["", "date", "hour", "24h", "_24h", "PM3", "PM2.5_25h"])
def test_other_words_are_not_guessed(word: str) -> None:
    assert find_with_averaging(word) is None


@pytest.mark.shared_data
def test_the_parameters_of_the_real_files_are_known(shared: Path) -> None:
    import pyarrow.compute as pc
    import pyarrow.parquet as pq

    for path in sorted((shared / "data/air").glob("*.parquet")):
        for word in pc.unique(pq.read_table(path, columns=["parameter"])["parameter"]).to_pylist():
            assert find_with_averaging(word), (path.name, word)


@pytest.mark.shared_data
def test_no_real_value_is_called_implausible(shared: Path) -> None:
    import pyarrow.compute as pc
    import pyarrow.parquet as pq

    for path in sorted((shared / "data/air").glob("*.parquet")):
        table = pq.read_table(path, columns=["parameter", "value"])
        for row in table.group_by("parameter").aggregate([("value", "min"), ("value", "max")]).to_pylist():
            found = find_with_averaging(row["parameter"])
            assert found and found[0].plausible(row["value_min"]) and found[0].plausible(row["value_max"]), row
        assert pc.count(table["value"]).as_py() > 0


def test_bounds() -> None:
    assert get("pm10").plausible(Decimal(10000))
    assert not get("pm10").plausible(Decimal(-1))
    assert get("temperature").plausible(-40.0)
    assert not get("co").plausible(100000)


def test_an_unknown_slug_names_near_ones() -> None:
    with pytest.raises(UnknownLaw, match="pm25"):
        get("pm2.5")


def test_a_faulty_table_names_file_and_key(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    text = properties.FILE.read_text("utf-8").replace("molar_mass: 64.066", "molar_mas: 64.066")
    path = tmp_path / "properties.yaml"
    path.write_text(text, "utf-8")
    monkeypatch.setattr(properties, "FILE", path)
    properties._table.cache_clear()
    try:
        with pytest.raises(Exception, match=r"properties\.yaml: properties\.so2\.molar_mas: unknown key"):
            all_properties()
    finally:
        properties._table.cache_clear()


@given(st.sampled_from(SLUGS.split()))
def test_case_and_width_do_not_matter(slug: str) -> None:
    wide = "".join(chr(ord(sign) + 0xFEE0) if "!" <= sign <= "~" else sign for sign in slug)
    assert unicodedata.normalize("NFKC", wide) == slug
    assert find(wide) == find(slug.upper()) == get(slug)
