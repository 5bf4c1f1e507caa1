"""Every page answers in both languages, says everything in the language asked, and asks no outside host."""

import re
from html import unescape
from io import BytesIO
from pathlib import Path

import openpyxl
import pytest
import stage
from django.core.cache import caches
from django.test import Client

WEB = Path(__file__).parents[2] / "src" / "qingyuan" / "interfaces" / "web"
PAGES = [
    "/",
    "/?place=220100",
    "/?edition=2026",
    "/login/",
    "/findings/",
    "/findings/?stands=all&words=nothing",
    "/parts/",
    "/map/",
    "/air/",
    "/air/?kind=station&per=hour",
    "/air/?kind=station&edition=2026",
    "/air/?q=nothing-of-that-name",
    "/air/?time=2020-01-01T00",
    "/air/station/T01/",
    "/air/city/220100/",
    "/plan/",
    "/plan/?place=220100",
    "/plan/1/",
    "/plan/2/?place=220100",
    "/network/",
    f"/network/imports/{stage.IMPORT}/",
    "/devices/",
    "/devices/ledger/",
    "/quarantine/",
    "/sheets/",
    "/sources/",
    "/law/",
    "/law/GB%203095/?on=2026-03-01",
    "/law/HJ%20633/?of=2012&on=2026-03-01",
    "/law/GB/T%208170/",
    "/law/changes/",
    "/trace/day/T01/2025-10-20/",
    "/trace/hour/T01/2025-10-28T05:00/pm25/",
    "/trace/indicator/1/",
]
OUTSIDE = re.compile(r"(?:https?:)?//(?!www\.w3\.org/)[a-z0-9-]+(?:\.[a-z0-9-]+)+", re.IGNORECASE)
NAMED_IN_BUNDLES = {
    "https://github.com",
    "https://maplibre.org",
    "https://maplibre.invalid",
    "https://wiki.openstreetmap.org",
}
"""Hosts the libraries only name, in messages and in an attribution we do not show; none is ever asked."""


def shown(answer) -> str:
    """The words of a page as a person sees them: no scripts, styles or tags."""
    html = re.sub(r"<(script|style|svg|template)\b.*?</\1>", " ", answer.content.decode(), flags=re.DOTALL)
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", " ", html)))


def page(browser: Client, address: str, language: str) -> object:
    browser.cookies["django_language"] = language
    return browser.get(address, follow=address == "/login/")


@pytest.mark.parametrize("language", ["zh-hans", "en"])
@pytest.mark.parametrize("address", PAGES)
def test_every_page_answers(signed_in, address, language):
    answer = page(signed_in, address, language)
    assert answer.status_code == 200, address
    html = answer.content.decode()
    assert f'<html lang="{"en" if language == "en" else "zh-Hans"}"' in html
    assert not OUTSIDE.findall(re.sub(r"<!--.*?-->", "", html))
    assert re.search(r"<h[12]", html)
    assert not re.search(r"\son[a-z]+=", re.sub(r'"[^"]*"', '""', html)), "scripts live in files"
    assert "{%" not in html and "{{" not in html


@pytest.fixture(scope="module")
def phrases():
    """English phrases of the catalogue that cannot stand in a Chinese page by chance: three words and more."""
    from babel.messages.pofile import read_po

    with (WEB / "locale/zh_Hans/LC_MESSAGES/django.po").open("rb") as file:
        texts = [text for each in read_po(file) for text in (each.id if isinstance(each.id, tuple) else (each.id,))]
    plain = [
        text for text in texts if isinstance(text, str) and len(text.split()) >= 3 and not re.search(r"[%{<]", text)
    ]
    assert len(plain) > 100
    return plain


@pytest.mark.parametrize("address", PAGES)
def test_a_chinese_page_holds_no_english_phrase(signed_in, phrases, address):
    words = shown(page(signed_in, address, "zh-hans"))
    assert [phrase for phrase in phrases if phrase in words] == []


def test_everything_said_has_its_chinese():
    import sys

    sys.path.insert(0, str(WEB.parents[3] / "tools"))
    import messages

    lacking = {str(path): messages.missing(catalogue) for path, catalogue in messages.catalogues()}
    assert lacking and not any(lacking.values()), lacking


def test_styles_and_bundles_name_no_outside_host():
    files = [*WEB.glob("static/**/*.css"), *WEB.glob("static/**/*.js"), *WEB.glob("static/**/*.svg")]
    assert any("build" in file.parts for file in files), "build the front end first: python tools/frontend.py"
    found = {match for file in files for match in re.findall(r"https?://[\w.-]+", file.read_text("utf-8"))}
    assert found <= NAMED_IN_BUNDLES | {"http://www.w3.org"}


def test_colours_stand_in_the_tokens_alone():
    """A hex colour anywhere else would not follow the light."""
    sheets = [file for file in WEB.glob("static/look/*.css") if file.name not in ("tokens.css", "base.css")]
    for file in [*sheets, *WEB.glob("templates/**/*.html")]:
        text = re.sub(r"&#?\w+;|href=\"#[^\"]*\"|url\(#\w+\)", "", file.read_text("utf-8"))
        assert not re.findall(r"#[0-9a-fA-F]{3,8}\b(?=[;\s\"')])", text), file.name


def test_headers_keep_the_page_to_this_host(anonymous):
    answer = anonymous.get("/")
    assert answer.headers["Content-Security-Policy"].startswith("default-src 'self'")
    assert "http" not in answer.headers["Content-Security-Policy"]
    assert answer.headers["X-Frame-Options"] == "DENY"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"


def test_the_overview_is_public_and_shows_only_the_default_dataset(anonymous):
    assert anonymous.get("/").status_code == 200
    assert anonymous.get("/?place=220100").status_code == 200
    other = anonymous.get("/?dataset=another")
    assert other.status_code in (302, 400) and b'class="cys"' not in other.content


def test_simulated_is_said_on_every_screen(signed_in):
    for address in PAGES:
        assert "模拟数据" in shown(page(signed_in, address, "zh-hans")), address


def test_the_briefing_counts_what_the_cards_show(signed_in):
    html = page(signed_in, "/", "zh-hans").content.decode()
    levels = [int(level) for level in re.findall(r'<span class="lv a(\d) "', html)]
    told = re.search(r"9 市中 <a[^>]*>(\d+)</a> 市空气优良", html)
    assert len(levels) == 9 and told and int(told[1]) == sum(level <= 2 for level in levels)


def test_a_silent_station_is_named(signed_in):
    words = shown(page(signed_in, "/network/", "zh-hans"))
    assert "12 站中 11 站在线" in words
    assert words.index("试站12") < words.index("试站1 ")


def test_a_bad_address_is_told(signed_in):
    answer = signed_in.get("/air/?time=yesterday")
    assert answer.status_code == 400 and "时间“yesterday”读不懂" in shown(answer)


def test_an_unknown_page_is_told(signed_in):
    answer = signed_in.get("/nothing-here/")
    assert answer.status_code == 404 and "这里没有页面" in shown(answer)


def test_a_platform_without_data_says_how_to_fill_it(signed_in, monkeypatch, tmp_path):
    monkeypatch.setenv("QINGYUAN_DATA", str(tmp_path))
    assert "qingyuan demo" in shown(signed_in.get("/"))
    assert signed_in.get("/law/").status_code == 200


def test_the_table_filters_and_sorts(signed_in):
    part = signed_in.get("/air/?kind=station&sort=pm25&order=up&level=3", headers={"HX-Request": "true"})
    html = part.content.decode()
    assert "<html" not in html
    values = [int(value) for value in re.findall(r'<td class="r item over"><a[^>]*>(\d+)</a>', html)]
    assert values and values == sorted(values) and min(values) > 75


def test_the_workbook_holds_the_screen_and_its_basis(signed_in):
    answer = signed_in.get("/air/?kind=station&sort=name&order=up&export=xlsx")
    book = openpyxl.load_workbook(BytesIO(answer.content))
    first, second = book.worksheets
    rows = list(first.iter_rows(values_only=True))
    assert len(rows) == 13
    lacking = next(row for row in rows if row[0] == "试站3")
    assert lacking[-2] is None, "a missing value is an empty cell"
    told = {(row[0], row[1]) for row in second.iter_rows(values_only=True)}
    assert ("数据集", "simulated") in told and ("试站3", "T03") in told and ("版本", "2012") in told


def test_turned_away_rows_come_as_a_file(signed_in):
    text = signed_in.get(f"/network/imports/{stage.IMPORT}/rejects.csv").content.decode("utf-8-sig")
    assert text.splitlines()[1] == f'{stage.IMPORT},jilin.csv,17,value below zero,"\'=2,-4"'
    assert signed_in.get("/network/imports/unknown/").status_code == 404


def test_search_finds_by_name_and_code(signed_in):
    by_name = signed_in.get("/search/?q=试站1").json()["hits"]
    assert by_name[0]["url"] == "/air/station/T01/"
    assert signed_in.get("/search/?q=t07&place=220100").json()["hits"][0]["url"] == "/air/station/T07/?place=220100"
    assert signed_in.get("/search/?q=zzz").json()["hits"] == []


@pytest.mark.parametrize("target", ["https://example.org/", "//example.org/", "javascript:alert(1)", "/\\example.org"])
def test_login_goes_on_only_within_this_host(anonymous, django_user_model, target):
    django_user_model.objects.create_user("li", password="a long password")
    answer = anonymous.post("/login/", {"username": "li", "password": "a long password", "next": target})
    assert answer.status_code == 302 and answer.headers["Location"] == "/"


def test_login_goes_on_to_the_page_asked_for(anonymous, django_user_model):
    django_user_model.objects.create_user("li", password="a long password")
    words = {"username": "li", "password": "a long password", "next": "/air/?kind=city"}
    assert anonymous.post("/login/", words).headers["Location"] == "/air/?kind=city"


def test_login_rests_after_failures(anonymous, django_user_model):
    caches["counts"].clear()
    django_user_model.objects.create_user("li", password="a long password")
    wrong = {"username": "li", "password": "wrong"}
    assert [anonymous.post("/login/", wrong).status_code for _ in range(5)] == [400] * 5
    assert anonymous.post("/login/", wrong).status_code == 429
    right = {"username": "li", "password": "a long password"}
    assert anonymous.post("/login/", right).status_code == 429
    caches["counts"].clear()
    assert anonymous.post("/login/", right).status_code == 302


def test_the_language_is_remembered(anonymous):
    anonymous.post("/language/", {"language": "en", "next": "/"})
    assert '<html lang="en"' in anonymous.get("/").content.decode()
    assert '<html lang="zh-Hans"' in anonymous.get("/?lang=zh-hans").content.decode()
