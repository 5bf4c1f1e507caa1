"""Pages of stations and cities: what they say, what their charts get, what their files hold."""

import csv
import io
import re
from datetime import date

import openpyxl
import pytest
from small_province import built, small_province  # noqa: F401

from qingyuan.interfaces.web.stations.calendar import calendar_of
from qingyuan.interfaces.web.stations.lawful import stretches
from qingyuan.interfaces.web.stations.series import gaps

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("small_province", "built")]


@pytest.fixture
def pages(admin_client):
    def fetch(address, status=200):
        answer = admin_client.get(address, headers={"Accept-Language": "zh"})
        assert answer.status_code == status, answer.content.decode()[:400]
        return answer

    return fetch


def words(answer):
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.content.decode()))


def test_a_station_says_its_name_and_yesterday(pages):
    page = words(pages("/air/station/A1/"))
    assert "北塔" in page
    assert "10-27 AQI" in page
    assert re.search(r"10-27 AQI\s+168\s+4\s*中度", page)
    assert "24 h 平均二级限值 75" not in page  # the label belongs to the chart, fed below


def test_the_series_holds_hours_gaps_flags_and_the_limit(pages):
    series = pages("/air/point/A1/series.json?property=pm25").json()
    assert series["start"] == "2025-10-19T00:00"
    assert len(series["hours"]) == 9 * 24 + 15
    assert [4 * 24, 4 * 24 + 8, "缺 8 h"] in series["gaps"]
    assert series["hours"][8 * 24 + 5] is None
    assert [hour for hour, *_rest in series["excluded"]] == [8 * 24 + 5, 8 * 24 + 6]
    assert series["excluded"][0][1:] == [999, "校准 C", "C"]
    assert [limit["label"] for limit in series["limits"]] == ["24 h 平均二级限值 75 · GB 3095—2012 表 1"]
    days = {day[0]: day for day in series["days"]}
    assert days["2025-10-27"][2:] == ["127", 22, 24, True]
    assert days["2025-10-23"][2:] == [None, 16, 24, False]


def test_the_limit_of_the_other_edition_is_another(pages):
    series = pages("/air/point/A1/series.json?property=pm25&edition=2026").json()
    assert series["limits"][0]["label"] == "24 h 平均二级限值 60 · GB 3095—2026 表 1"


def test_what_if_is_marked_and_judges_anew(pages):
    lawful, assumed = pages("/air/station/A1/"), pages("/air/station/A1/?edition=2026")
    assert "不是法定结果" not in words(lawful)
    assert "不是法定结果" in words(assumed)
    by_law = pages("/air/point/A2/table.csv?tab=day").content.decode("utf-8-sig")
    by_other = pages("/air/point/A2/table.csv?tab=day&edition=2026").content.decode("utf-8-sig")
    aqi = [next(csv.DictReader(io.StringIO(text)))["aqi"] for text in (by_law, by_other)]
    assert aqi == ["57", "60"]  # PM2.5 of 40: (100-50)/(75-35)·5+50, and with 60 in place of 75


def test_missing_is_said_never_zero(pages):
    rows = list(csv.DictReader(io.StringIO(pages("/air/point/A1/table.csv").content.decode("utf-8-sig"))))
    day = next(row for row in rows if row["date"] == "2025-10-23")
    assert day["pm25_daily_ug_m3"] == "" and day["aqi"] == ""
    page = pages("/air/station/A1/").content.decode()
    assert "24 小时中有 16 小时" in page and ">缺<" in page


def test_the_calendar_links_every_day_to_its_trace(pages):
    page = pages("/air/station/A1/").content.decode()
    assert page.count("data-day href") == 300  # 1 January to 27 October
    assert "/trace/day/A1/2025-10-27/" in page
    assert "2025-10-27 AQI 168 中度污染" in page


def test_calendar_weeks_are_columns_monday_first():
    calendar = calendar_of(2025, {date(2025, 1, 6): {"aqi": 160, "level": 4}}, date(2025, 1, 7))
    monday, sunday = calendar.cells[5], calendar.cells[4]
    assert (monday.level, monday.state, calendar.counts[4]) == (4, "level", 1)
    assert monday.x > sunday.x and monday.y < sunday.y
    assert [cell.state for cell in calendar.cells[6:8]] == ["missing", "ahead"]


def test_the_limit_line_steps_where_the_law_changes():
    found = stretches("pm25", date(2026, 2, 20), date(2026, 3, 5), "by-date")
    assert [(each.first, each.last, each.limit.value) for each in found] == [
        (date(2026, 2, 20), date(2026, 2, 28), 75),
        (date(2026, 3, 1), date(2026, 3, 5), 60),
    ]
    (assumed,) = stretches("pm25", date(2026, 2, 20), date(2026, 3, 5), "2012")
    assert assumed.limit.edition == "2012"


def test_gaps_are_runs_of_missing_hours():
    assert [gap[:2] for gap in gaps([1.0, None, None, 2.0, None])] == [[1, 3], [4, 5]]


def test_the_city_is_the_mean_of_its_stations_and_lists_them(pages):
    page = words(pages("/air/city/220100/"))
    assert all(name in page for name in ("北塔", "客车厂", "食品厂"))
    series = pages("/air/point/220100/series.json?property=pm25").json()
    day = next(day for day in series["days"] if day[0] == "2025-10-27")
    assert day[2:] == ["69", 3, 3, True]  # (127.09 + 40 + 40) / 3


def test_the_province_ranks_its_cities(pages):
    assert "长春" in words(pages("/air/city/220000/"))


@pytest.mark.parametrize("tab", ["hour", "day", "month", "year"])
def test_every_step_has_a_table_and_files(pages, tab):
    assert "<tbody>" in pages(f"/air/station/A1/?tab={tab}").content.decode()
    book = openpyxl.load_workbook(io.BytesIO(pages(f"/air/point/A1/table.xlsx?tab={tab}").content))
    assert len(book.sheetnames) == 2
    about = {row[0]: row[1] for row in book.worksheets[1].iter_rows(values_only=True)}
    assert "real" in about["数据集"]
    assert book.worksheets[0].max_row > 1


def test_the_evaluation_names_its_clause(pages):
    page = words(pages("/air/station/A1/"))
    assert "GB 3095—2012 表 1" in page and "第 95 百分位" in page


def test_series_as_csv_can_be_read_again(pages):
    rows = list(csv.DictReader(io.StringIO(pages("/air/point/A1/series.csv").content.decode("utf-8-sig"))))
    flagged = [row for row in rows if row["flag"]]
    assert [(row["phenomenon_time"], row["value"], row["flag"]) for row in flagged] == [
        ("2025-10-27T05:00:00+08:00", "999.0", "C"),
        ("2025-10-27T06:00:00+08:00", "999.0", "C"),
    ]
    assert sum(row["value"] == "" for row in rows) == 8


def test_unknown_places_and_wishes(pages):
    pages("/air/station/NOWHERE/", 404)
    pages("/air/city/A1/", 404)
    pages("/air/station/A1/?tab=century&property=gold&days=7&page=-3&year=1")


def test_a_day_without_results_says_so(pages):
    page = words(pages("/air/station/A1/?time=2020-01-05T10"))
    assert "没有数" in page and "还没有评价结果" in page
