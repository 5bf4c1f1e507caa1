"""Traces: from a number to the line of the file it came from, and to the law, in five steps."""

import hashlib
import re
from decimal import Decimal

import pytest
from small_province import built, small_province  # noqa: F401

from qingyuan.interfaces.web.tracing.formula import formula_of
from qingyuan.standards import law

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("small_province", "built")]
DAY = "/trace/day/A1/2025-10-27/"


@pytest.fixture
def fetch(admin_client):
    def answer(address, status=200, **headers):
        found = admin_client.get(address, headers=headers)
        assert found.status_code == status, found.content.decode()[:400]
        return found

    return answer


def trace(fetch, address):
    return fetch(address + ("&" if "?" in address else "?") + "format=json").json()["trace"]


def words(answer):
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.content.decode()))


def test_a_day_shows_validity_mean_and_formula(fetch):
    found = trace(fetch, DAY)
    evaluation = found["evaluation"]
    assert found["value"]["text"] == "168"
    assert (evaluation["validity"]["count"], evaluation["validity"]["ok"]) == (22, True)
    assert (evaluation["mean"], evaluation["rounded"]) == ("127.09", "127")
    assert evaluation["formula"] == "(200−150)/(150−115)×(127−115)+150 = 167.14… → 168"


def test_the_hours_tell_used_excluded_and_link(fetch):
    hours = trace(fetch, DAY)["hours"]
    assert (hours["used"], hours["excluded"], hours["missing"]) == (22, 2, 0)
    assert hours["bars"][5]["state"] == "excluded" and hours["why"] == "5:00 校准 C; 6:00 校准 C"
    assert hours["top"]["hour"] == 18 and hours["top"]["url"].startswith("/trace/hour/A1/2025-10-27T18:00/pm25/")


def test_the_steps_stand_in_order(fetch):
    page = words(fetch(DAY))
    places = [page.index(word) for word in ("1 数值", "2 评价", "3 观测", "4 来源", "5 依据")]
    assert places == sorted(places)


def test_the_other_edition_is_told(fetch):
    other = trace(fetch, "/trace/day/A2/2025-10-27/")["evaluation"]["what_if"]
    assert (other["edition"], other["aqi"], other["same"]) == ("2026", 60, False)


def test_the_basis_marks_the_interval_of_the_table(fetch):
    basis = trace(fetch, DAY)["basis"]
    assert [cell for cell, hit in basis["cells"] if hit] == ["115", "150"]
    assert basis["clause"] == "HJ 633—2012 表 1" and basis["until"] == "2026-02-28"


def test_an_hour_leads_to_file_line_and_value(fetch, small_province):  # noqa: F811
    found = trace(fetch, "/trace/hour/A1/2025-10-27T18:00/pm25/")
    (source,) = found["sources"]
    lines = (small_province.parent / "long.csv").read_text("utf-8").splitlines()
    text = source["text"]
    assert text["before"] + text["value"] + text["after"] == lines[source["line"] - 1]
    assert text["value"] == "171"
    assert source["sha256"] == hashlib.sha256((small_province.parent / "long.csv").read_bytes()).hexdigest()


def test_a_line_of_the_national_layout_is_marked_in_its_column(fetch):
    found = trace(fetch, "/trace/hour/A3/2025-10-27T18:00/pm25/")
    text = found["sources"][0]["text"]
    assert (text["before"], text["value"]) == ("20251027,18,PM2.5,", "40")


def test_the_source_checks_the_kept_file(fetch, small_province):  # noqa: F811
    source = trace(fetch, "/trace/hour/A1/2025-10-27T18:00/pm25/")["sources"][0]
    address = source["url"]
    assert trace(fetch, address)["checksum"] is True
    kept = next((small_province / "datasets/real/files").glob(f"{source['sha256']}*"))
    before = kept.read_bytes()
    kept.write_bytes(before + b"\n")
    try:
        assert trace(fetch, address)["checksum"] is False
        assert "留存文件已被改动" in words(fetch(address))
    finally:
        kept.write_bytes(before)


def test_a_flagged_hour_is_shown_and_not_used(fetch):
    found = trace(fetch, "/trace/hour/A1/2025-10-27T05:00/pm25/")
    assert found["observation"]["value"] == "999" and not found["observation"]["used"]
    assert found["evaluation"]["formula"] is None


def test_a_city_lists_its_stations(fetch):
    found = trace(fetch, "/trace/day/220100/2025-10-27/?property=pm25")
    assert [row["code"] for row in found["stations"]] == ["A1", "A2", "A3"]
    assert found["value"]["text"] == "69"
    assert found["stations"][0]["url"].startswith("/trace/day/A1/2025-10-27/")


def test_an_indicator_leads_to_days(fetch):
    found = trace(fetch, "/trace/indicator/1/")
    assert found["weighting"]["formula"].endswith(f"→ {found['value']['text']}")
    assert found["count"] == 27 and found["pages"] == 1
    assert found["days"][0]["url"].startswith("/trace/day/220100/2025-10-27/")
    page = fetch(found["days"][0]["url"])
    assert "/trace/indicator/1/" in page.content.decode()  # one step back


def test_the_query_form_of_a_trace_shows_the_same(fetch):
    assert words(fetch("/trace/?kind=daily&point=A1&time=2025-10-27T00")).count("168") == words(fetch(DAY)).count("168")
    assert "171" in words(fetch("/trace/?kind=hourly&point=A1&property=aqi&time=2025-10-27T18"))


def test_nothing_to_trace_is_said_in_words(fetch):
    assert "没有 2024-01-01 的评价结果" in words(fetch("/trace/day/A1/2024-01-01/", 400))
    assert "既无观测也无评价" in words(fetch("/trace/hour/A1/2024-01-01T00:00/pm25/", 400))
    assert "在此没有值" in words(fetch("/trace/indicator/7/", 400))
    assert "没有第 99 项指标" in words(fetch("/trace/indicator/99/", 400))
    assert "没有编号为" in words(fetch("/trace/source/nothing/1/", 400))


@pytest.mark.parametrize("address", ["/trace/day/A1/tomorrow/", "/trace/hour/A1/2025-10-27T18:00/gold/", "/trace/"])
def test_what_is_no_address_is_not_found(fetch, address):
    fetch(address, 404)


def test_the_drawer_gets_the_part_alone(fetch):
    part = fetch(DAY, **{"HX-Request": "true"}).content.decode()
    assert "<html" not in part and 'class="trace"' in part


def test_a_parquet_line_is_the_row_of_the_file(tmp_path):
    import pyarrow as pa
    import pyarrow.parquet as pq

    from qingyuan.interfaces.web.tracing.source import _parquet_row

    pq.write_table(pa.table({"value": [1.0, 2.0, 3.0]}), tmp_path / "in.parquet", row_group_size=2)
    assert _parquet_row(tmp_path / "in.parquet", 3) == '{"value": 3.0}'


@pytest.mark.parametrize(
    ("item", "averaging", "value", "text", "interval"),
    [
        ("pm25", "24h", "127", "(200−150)/(150−115)×(127−115)+150 = 167.14… → 168", 4),
        ("co", "24h", "2.2", "(100−50)/(4−2)×(2.2−2)+50 = 55 → 55", 2),
        ("pm25", "24h", "501", "501 > 500 → 500", None),
        ("o3", "8h", "801", "801 > 800 → —", None),
    ],
)
def test_formulas_are_written_with_their_numbers(item, averaging, value, text, interval):
    found = formula_of(Decimal(value), law.breakpoints("HJ 633", item, averaging, edition="2012"))
    assert (found.text, found.interval) == (text, interval)
