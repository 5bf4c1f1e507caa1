"""Devices, quarantine, ledgers, outlets and laboratory sheets: said in both languages, masked, refused when wrong."""

import io
import re
import shutil
from datetime import timedelta
from html import unescape

import field
import openpyxl
import pyarrow as pa
import pytest
from django.test import Client
from openpyxl import load_workbook

from qingyuan.base.time import now
from qingyuan.gateway import push, sheets
from qingyuan.gateway.journal import open_journal
from qingyuan.gateway.models import Device, Quarantined, RemoteCommand
from qingyuan.interfaces.web.devices import frames
from qingyuan.observations import ledgers
from qingyuan.observations.ledger import LEDGER

PAGES = [
    "/devices/",
    "/devices/?q=no-such-device",
    "/devices/?state=silent&state=never&edition_of=2005&sort=last&order=down",
    f"/devices/{field.PLAIN}/",
    f"/devices/{field.SEALED}/",
    f"/devices/{field.SILENT}/",
    f"/devices/{field.PLAIN}/live/",
    f"/devices/{field.PLAIN}/ledger/",
    f"/devices/{field.PLAIN}/commands/",
    f"/devices/{field.SEALED}/commands/?cn=1014",
    f"/devices/{field.SILENT}/commands/?cn=1001",
    "/devices/ledger/",
    "/quarantine/",
    "/quarantine/?state=all&reason=sum",
    "/quarantine/?mn=nobody",
    "/sheets/",
    "/sources/",
    "/sources/?medium=water",
    "/sources/outlet/DA001/?dataset=sources",
    "/sources/outlet/DA001/?dataset=sources&step=day",
    "/sources/outlet/DA001/?dataset=sources&step=minute&page=zz",
    "/sources/outlet/DA001/trace/nox/2026-03-20T08:00/?dataset=sources",
]


@pytest.fixture(scope="module")
def filled(staged, tmp_path_factory):
    folder = tmp_path_factory.mktemp("field") / "data"
    shutil.copytree(staged, folder)
    field.fill(folder)
    return folder


@pytest.fixture
def data(filled, monkeypatch, tmp_path, request):
    """The filled folder; a test that writes into it takes a copy."""
    folder = filled
    if request.node.get_closest_marker("writes"):
        folder = tmp_path / "data"
        shutil.copytree(filled, folder)
    monkeypatch.setenv("QINGYUAN_DATA", str(folder))
    return folder


@pytest.fixture
def browser(signed_in, data):
    field.register(data)
    return signed_in


def words(answer) -> str:
    html = re.sub(r"<(script|style|svg|template)\b.*?</\1>", " ", answer.content.decode(), flags=re.DOTALL)
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", " ", html)))


@pytest.mark.parametrize("language", ["zh-hans", "en"])
@pytest.mark.parametrize("address", PAGES)
def test_every_page_answers_and_keeps_the_secrets(browser, address, language):
    browser.cookies["django_language"] = language
    answer = browser.get(address)
    html = answer.content.decode()
    assert answer.status_code == 200, address
    assert answer.headers["Content-Language"] == language
    assert field.PASSWORD not in html and "bad000" not in html
    assert field.KEY not in html.lower() and field.PASSWORD.encode().hex(" ") not in html
    assert "{%" not in html and "{{" not in html


def test_the_list_says_it_first_and_filters(browser):
    assert "3 台设备中 1 台在线；1 台无声" in words(browser.get("/devices/"))
    assert "1 台从未来报" in words(browser.get("/devices/"))
    assert field.STRANGER in words(browser.get("/devices/")), "who calls without being registered is shown"
    odd = words(browser.get("/devices/?odd=yes"))
    assert field.PLAIN in odd and field.SEALED not in odd
    nothing = words(browser.get("/devices/?q=zzz"))
    assert "没有符合条件的行" in nothing and field.PLAIN not in nothing.replace(field.STRANGER, "")


def test_without_devices_the_list_says_how_to_begin(signed_in):
    assert "登记第一台" in words(signed_in.get("/devices/"))
    assert "qingyuan ledger" in words(signed_in.get("/devices/ledger/"))


def test_the_workbook_holds_all_devices(browser):
    book = openpyxl.load_workbook(io.BytesIO(browser.get("/devices/?export=xlsx").content))
    rows = list(book.worksheets[0].iter_rows(values_only=True))
    assert {row[0] for row in rows[1:]} == {field.PLAIN, field.SEALED, field.SILENT}


def test_a_frame_is_shown_raw_and_read_with_its_place_in_the_chain(browser):
    html = browser.get(f"/devices/{field.PLAIN}/").content.decode()
    assert "<b>31.7</b>" in html and "PW=<span" in html.replace("\n", "")
    told = words(browser.get(f"/devices/{field.PLAIN}/?record=1"))
    assert "二氧化硫" in told and "mg/m³" in told and "超过测量上限" in told
    assert "校验码相符" in told and "哈希链连续" in told


def test_an_enciphered_frame_is_shown_in_clear_beside(browser):
    html = browser.get(f"/devices/{field.SEALED}/").content.decode()
    assert "解密后" in html and "<b>31.7</b>" in html and "00••••ff" in html


def test_a_changed_record_is_told(browser, filled, monkeypatch, tmp_path):
    import sqlite3

    folder = tmp_path / "changed"
    shutil.copytree(filled, folder)
    with sqlite3.connect(folder / "journal" / "journal.sqlite3") as journal:
        (raw,) = journal.execute("SELECT raw FROM block WHERE first = 1").fetchone()
        journal.execute("UPDATE block SET raw = ? WHERE first = 1", [raw.replace(b"31.7", b"11.7", 1)])
    monkeypatch.setenv("QINGYUAN_DATA", str(folder))
    assert "哈希不符" in words(browser.get(f"/devices/{field.PLAIN}/?record=1"))


@pytest.mark.parametrize("record", ["0", "4", "999", "x", "-1"])
def test_a_record_that_is_not_the_devices_is_not_found(browser, record):
    assert browser.get(f"/devices/{field.PLAIN}/?record={record}").status_code == 404


def test_unknown_devices_are_not_found(browser):
    for address in (
        "/devices/nobody/",
        "/devices/nobody/live/",
        "/devices/nobody/commands/",
        "/devices/nobody/ledger/",
    ):
        assert browser.get(address).status_code == 404, address


def test_a_password_is_reset_and_shown_once(browser):
    answer = browser.post(f"/devices/{field.PLAIN}/password/", {"password": ""})
    fresh = Device.objects.get(mn=field.PLAIN).password
    assert (
        fresh != field.PASSWORD and fresh in answer.content.decode() and "no-store" in answer.headers["Cache-Control"]
    )
    assert fresh not in browser.get(f"/devices/{field.PLAIN}/").content.decode()
    assert browser.post(f"/devices/{field.PLAIN}/password/", {"password": "short"}).status_code == 400
    assert Device.objects.get(mn=field.PLAIN).password == fresh


def test_a_key_is_changed_and_the_old_one_ends(browser):
    shown = browser.post(f"/devices/{field.SEALED}/key/").content.decode()
    before, newest = Device.objects.get(mn=field.SEALED).keys.order_by("pk")
    assert newest.key.upper() in shown and newest.valid_until is None and before.valid_until is not None
    assert newest.key.upper() not in browser.get(f"/devices/{field.SEALED}/").content.decode()


def test_a_token_of_the_http_door_is_shown_once_and_taken_back(browser):
    shown = browser.post(f"/devices/{field.PLAIN}/token/", {"do": "make"}).content.decode()
    token = re.search(r"<code[^>]*>([\w-]{40,})</code>", shown)[1]
    assert push.device_of(token).mn == field.PLAIN
    assert token not in browser.get(f"/devices/{field.PLAIN}/").content.decode()
    browser.post(f"/devices/{field.PLAIN}/token/", {"do": "revoke"})
    with pytest.raises(push.NotAllowed):
        push.device_of(token)


def test_devices_and_outlets_are_found_by_name_and_number(browser):
    hits = browser.get(f"/search/?q={field.PLAIN}").json()["hits"]
    assert hits[0]["url"] == f"/devices/{field.PLAIN}/"
    assert browser.get("/search/?q=试排口2").json()["hits"][0]["url"] == f"/devices/{field.SEALED}/"
    assert browser.get("/search/?q=da001&dataset=sources").json()["hits"][0]["url"].startswith("/sources/outlet/DA001/")


@pytest.mark.parametrize(
    "address",
    [
        f"/devices/{field.PLAIN}/password/",
        f"/devices/{field.SEALED}/key/",
        f"/devices/{field.PLAIN}/token/",
        "/quarantine/settle/",
        "/sheets/save/",
    ],
)
def test_changes_need_a_sign_in_a_form_and_post(browser, anonymous, address):
    assert anonymous.post(address).status_code == 302
    assert browser.get(address).status_code == 405
    strict = Client(enforce_csrf_checks=True, SERVER_NAME="localhost")
    strict.cookies = browser.cookies
    assert strict.post(address).status_code == 403
    assert Device.objects.get(mn=field.PLAIN).password == field.PASSWORD


def test_a_command_is_queued_with_what_the_form_says(browser):
    times = {"BeginTime": "2026-03-01T00:00", "EndTime": "2026-03-01T12:00:00"}
    answer = browser.post(f"/devices/{field.PLAIN}/commands/", {"cn": "2061", **times})
    command = RemoteCommand.objects.get()
    assert answer.status_code == 302 and answer.headers["Location"].endswith(f"/commands/{command.pk}/")
    assert command.params == {"BeginTime": "20260301000000", "EndTime": "20260301120000"} and command.asked_by == "wang"
    told = browser.get(answer.headers["Location"])
    assert "等网关取走" in words(told) and b"every 1s" in told.content
    command.state = "done"
    command.save()
    command.steps.create(at=now(), what="sent", zh="已发送", en="sent", raw="##0010PW=abc123;NewPW=def456")
    told = browser.get(answer.headers["Location"])
    assert b"every 1s" not in told.content and b"abc123" not in told.content and b"def456" not in told.content


@pytest.mark.parametrize(
    ("cn", "given", "fault"),
    [
        ("2061", {"BeginTime": "2026-03-02T00:00", "EndTime": "2026-03-01T00:00"}, "结束早于开始"),
        ("2061", {"BeginTime": "yesterday", "EndTime": "2026-03-01T00:00"}, "请写成"),
        ("1062", {"RtdInterval": "5"}, "30 至 3600"),
        ("1064", {"MinInterval": "7"}, "请从列表中选择"),
        ("1072", {"NewPW": "12;456"}, "不能含"),
        ("1000", {"OverTime": "5"}, "此项必填"),
        ("3011", {"PolId": "a99999"}, "请从列表中选择"),
    ],
)
def test_a_faulty_command_is_not_sent(browser, cn, given, fault):
    answer = browser.post(f"/devices/{field.PLAIN}/commands/", {"cn": cn, **given})
    assert answer.status_code == 400 and fault in words(answer) and not RemoteCommand.objects.exists()
    assert "错误：" in re.search(r"<title>(.*?)</title>", answer.content.decode())[1]


@pytest.mark.parametrize("cn", ["9999", "1002", "9014", "1022", ""])
def test_a_command_nobody_may_send_is_refused(browser, cn):
    assert browser.post(f"/devices/{field.PLAIN}/commands/", {"cn": cn}).status_code == 400
    assert not RemoteCommand.objects.exists()


def test_a_command_of_another_device_is_not_found(browser):
    browser.post(f"/devices/{field.PLAIN}/commands/", {"cn": "1011"})
    number = RemoteCommand.objects.get().pk
    assert browser.get(f"/devices/{field.PLAIN}/commands/{number}/").status_code == 200
    assert browser.get(f"/devices/{field.SEALED}/commands/{number}/").status_code == 404


def test_quarantine_tells_reasons_and_bytes(browser):
    told = words(browser.get("/quarantine/"))
    assert "3 条记录等待处理" in told and "MN 未登记" in told and "密码不符" in told
    assert "MN 未登记 1" not in words(browser.get("/quarantine/?reason=sum")).split("校验码不符")[-1]
    entry = Quarantined.objects.get(reason="password")
    html = browser.get(f"/quarantine/{entry.pk}/").content.decode()
    assert "逐字节" in html and "••" in html and "23 23 30" in html
    assert browser.get("/quarantine/99999/").status_code == 404


@pytest.mark.writes
def test_a_mended_record_is_taken_again_and_the_result_told(browser, data):
    Device.objects.filter(mn=field.PLAIN).update(password="bad000")
    numbers = list(Quarantined.objects.values_list("pk", flat=True))
    answer = browser.post("/quarantine/settle/", {"do": "replay", "id": numbers}, follow=True)
    told = words(answer)
    assert "已接收 1 条" in told and "仍有 2 条不能接收" in told
    assert Quarantined.objects.get(reason="password").state == "replayed"
    journal = open_journal(data)
    assert journal.count() == 5
    journal.store.close()
    browser.post("/quarantine/settle/", {"do": "dismiss", "all": "yes", "state": "open"})
    assert not Quarantined.objects.filter(state="open").exists()
    assert "没有记录等待处理" in words(browser.get("/quarantine/"))


@pytest.mark.parametrize("given", [{}, {"do": "replay"}, {"do": "erase", "id": "1"}, {"do": "dismiss", "id": "x"}])
def test_settling_nothing_is_told(browser, given):
    assert browser.post("/quarantine/settle/", given).status_code == 400
    assert Quarantined.objects.filter(state="open").count() == 3


@pytest.mark.writes
def test_the_ledger_shows_what_does_not_come_out_even(browser, data):
    day = now().date() - timedelta(days=1)
    row = {
        "point": "DA001",
        "property": "so2",
        "averaging": "1h",
        "day": day,
        "expected": 24,
        "received": 23,
        "stored": 22,
    }
    row |= {"quarantined": 0, "repeated": 0, "difference": 1, "valid": 18, "transmission_rate": 22 / 24}
    row |= {"valid_rate": 18 / 22, "effective_rate": 0.75, "met": False}
    ledgers.keep(data / "datasets" / "sources", pa.Table.from_pylist([row], LEDGER), day)
    Device.objects.filter(mn=field.PLAIN).update(point="DA001")
    told = words(browser.get(f"/devices/{field.PLAIN}/ledger/"))
    assert "账不平" in told and "91.7" in told and "75.0" in told
    assert "1 个设备日账不平" in words(browser.get("/devices/ledger/"))
    assert "91.7" in words(browser.get("/devices/"))
    book = load_workbook(io.BytesIO(browser.get(f"/devices/{field.PLAIN}/ledger/?export=xlsx").content))
    assert list(book.worksheets[0].iter_rows(values_only=True))[1][9] == 1
    assert browser.get(f"/devices/{field.PLAIN}/ledger/?day=tomorrow").status_code == 400


def test_outlets_say_who_is_over(browser):
    told = words(browser.get("/sources/?time=2026-03-20T09"))
    assert "1 个排口中 1 个超标" in told and "NOx" in told
    assert "现在没有排口超标" in words(browser.get("/sources/?dataset=sources"))
    assert "这里列出本数据集的排口" in words(browser.get("/sources/?dataset=simulated"))


def test_an_outlet_shows_exceedances_amounts_and_why_not(browser):
    told = words(browser.get("/sources/outlet/DA001/?dataset=sources"))
    assert "120" in told and "0.20" in told and "GB 13223—2011" in told
    assert "0.824" in told and "/ 10 t" in told, "two days of 400 kg, 12 kg of each substituted"
    assert "校准" in told, "why an hour was not judged"
    assert browser.get("/sources/outlet/NONE/?dataset=sources").status_code == 404


def test_the_series_holds_limit_flags_and_exceedances(browser):
    made = browser.get("/sources/outlet/DA001/series.json?dataset=sources&property=nox&days=7").json()
    assert (
        made["step"] == 3_600_000
        and made["limits"][0]["value"] == 100
        and "GB 13223—2011" in made["limits"][0]["label"]
    )
    assert {made["hours"][at] for at in made["over"]} == {120.5}
    assert all(made["hours"][at] is None for at, *_ in made["excluded"]) and len(made["excluded"]) == 2
    for wrong in ("property=nox&step=year", "property=zzz", ""):
        assert browser.get(f"/sources/outlet/DA001/series.json?dataset=sources&{wrong}").status_code == 404


def test_the_trace_of_an_hour_shows_its_formula(browser):
    told = words(browser.get("/sources/outlet/DA001/trace/nox/2026-03-20T08:00/?dataset=sources"))
    assert "(21 − 6) / (21 − 7.5)" in told and "小时均值限值 100 · GB 13223—2011" in told and "超标" in told
    for wrong in ("nox/2020-01-01T00:00", "nox/never", "zzz/2026-03-20T08:00"):
        assert browser.get(f"/sources/outlet/DA001/trace/{wrong}/?dataset=sources").status_code == 404


def test_the_outlet_workbook(browser):
    book = load_workbook(io.BytesIO(browser.get("/sources/outlet/DA001/?dataset=sources&export=xlsx").content))
    assert len(list(book.worksheets[0].iter_rows())) == 49


def _sheet(rows) -> io.BytesIO:
    book = load_workbook(io.BytesIO(sheets.template(["DA001"])))
    for row in rows:
        book.worksheets[0].append(row)
    made = io.BytesIO()
    book.save(made)
    made.seek(0)
    made.name = "lab.xlsx"
    return made


@pytest.mark.writes
def test_a_sheet_is_shown_before_it_is_saved(browser, data):
    good = _sheet(
        [
            ["DA001", "2026-03-01T08:00:00", "so2", 12.5, "mg/m3", ""],
            ["DA001", "2026-03-01T09:00", "so2", "<3", "mg/m3", ""],
        ]
    )
    told = words(browser.post("/sheets/", {"mn": field.PLAIN, "file": good}, follow=True))
    journal = open_journal(data)
    assert "2 行可以保存" in told and "低于检出限" in told and journal.count() == 4
    saved = words(browser.post("/sheets/save/", {"do": "save"}, follow=True))
    assert "2 个数已入流水" in saved and journal.count() == 5
    journal.store.close()


def test_a_faulty_sheet_is_locked(browser):
    bad = _sheet(
        [["DA001", "some day", "so2", 12.5, "mg/m3", ""], ["DA001", "2026-03-01T08:00", "so2", 1, "mg/m3", ""]]
    )
    told = words(browser.post("/sheets/", {"mn": field.PLAIN, "file": bad}, follow=True))
    assert "有 1 行要改" in told and "读不懂" in told and "每一行都对才能保存" in told
    browser.post("/sheets/save/", {"do": "drop"})
    assert "选择填好的模板" in words(browser.get("/sheets/"))


def test_what_is_no_sheet_is_refused(browser):
    assert browser.post("/sheets/", {"mn": field.PLAIN, "file": io.BytesIO(b"PK not a workbook")}).status_code == 400
    assert browser.post("/sheets/", {"mn": field.PLAIN}).status_code == 400
    assert browser.post("/sheets/", {"mn": "nobody", "file": _sheet([])}).status_code == 400
    assert browser.get("/sheets/template.xlsx").status_code == 200


@pytest.mark.parametrize("text", ["PW=abc123;MN=1", "pw = abc123", "CP=&&NewPW=abc123&&", "NewSK=abc123,x=1"])
def test_secrets_are_masked_however_they_are_written(text):
    assert "abc123" not in frames.masked(text)
    assert "abc123" not in "".join(piece.text for piece in frames.pieces(text.encode()))
