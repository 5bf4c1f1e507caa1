"""The page of an indicator: what the jobs stored, said in words; honest where nothing was, and a workbook of it."""

from datetime import datetime, timedelta
from decimal import Decimal
from io import BytesIO

import openpyxl
import pytest
import stage
from django.core.cache import caches

from qingyuan.plans.forecast import earlier, kept
from qingyuan.plans.indicators import CityDay


@pytest.fixture
def place(tmp_path, settings, monkeypatch):
    monkeypatch.setenv("QINGYUAN_DATA", str(tmp_path))
    settings.DATA = tmp_path
    caches["default"].clear()
    return stage.build(tmp_path)


def told(client, address):
    answer = client.get(address)
    assert answer.status_code == 200, address
    return answer.content.decode()


def test_without_stored_forecasts_the_page_says_so(admin_client, place):
    page = told(admin_client, "/plan/1/?lang=en")
    assert "the forecast is made with the next refresh" in page
    assert "too short for a back-test" in page


def test_the_stored_forecast_and_its_back_test_are_shown(admin_client, place):
    first = datetime(2021, 1, 1)
    rows = [
        CityDay("220100", (first + timedelta(n)).date(), 60, 2, Decimal(30 + n % 40), 24, "2012", "0")
        for n in range(730)
    ]
    earlier.put(place, rows)
    kept.refresh_forecasts(place, stage.LAST)
    stored = kept.stored(place)["indicators"]["1"]
    page = told(admin_client, "/plan/1/?lang=en")
    assert f"mean absolute error {stored['backtest']['all']['forecast']:.2f}" in page
    assert "the rule" in page and "probability of meeting it" in page
    assert told(admin_client, "/plan/1/?lang=zh-hans").count("预测回算") == 2
    book = openpyxl.load_workbook(BytesIO(admin_client.get("/plan/1.xlsx?lang=en").content))
    assert book.sheetnames == ["Cities", "Back-test", "Codes and basis"]
    assert [cell.value for cell in book["Back-test"]["A"]][1:] == list(stored["backtest"]["years"])
    assert book["Cities"].max_row == 10


def test_what_is_not_computed_has_a_page_that_says_who_has_to_report_it(admin_client, place):
    page = told(admin_client, "/plan/14/?lang=en")
    assert "to be supplied by Forestry and Grassland Administration" in page
    assert 'data-chart="course"' not in page and "too short for a back-test" not in page
    assert admin_client.get("/plan/99/").status_code == 404
    assert admin_client.get("/plan/99.xlsx").status_code == 404
