"""The other doors: HTTP push, drop folder, laboratory sheets; all end in the same journal."""

import io
import json
from datetime import datetime

import pytest
from django.test import Client
from openpyxl import load_workbook

from qingyuan.base.errors import UnreadableInput, WrongUsage
from qingyuan.gateway import accounts, decoding, drop, push, registering, sheets
from qingyuan.gateway.hj212 import replies
from qingyuan.gateway.journal import QUARANTINE, open_journal

pytestmark = pytest.mark.django_db

CSV = (
    b"property,phenomenon_time,value,unit\nso2,2026-01-01T00:00:00+08:00,0.5,mg/m3\npm25,2026-01-01T01:00:00,-9,ug/m3\n"
)
FRAME = replies.frame(
    b"QN=20260101000000000;ST=31;CN=2011;PW=123456;MN=LAB1;Flag=5;CP=&&DataTime=20260101000000;a1-Rtd=1&&"
)


@pytest.fixture
def device():
    return registering.register({"mn": "LAB1", "point": "DA009"}, "wang")[0]


@pytest.fixture
def data(tmp_path, monkeypatch):
    monkeypatch.setenv("QINGYUAN_DATA", str(tmp_path))
    return tmp_path


def decoded(data):
    records = list(open_journal(data).read())
    return records, decoding.decode(records, *accounts.known_sites(data))


def rows(data):
    tables = decoded(data)[1].tables
    return tables["sources"].drop_columns(["record", "month"]).to_pylist() if tables else []


def test_a_document_is_stored_as_sent_and_decoded_by_the_library(data, device):
    done = push.push(data, device, CSV, "10.0.0.1:http")
    assert (done.record, done.rows, done.repeated) == (1, 2, False)
    assert push.push(data, device, CSV, "10.0.0.1:http").repeated
    (record,), _ = decoded(data)
    assert record.raw == CSV
    first, second = rows(data)
    assert (first["point"], first["property"], first["value"], first["unit"]) == ("DA009", "so2", 500.0, "ug/m3")
    assert (first["source"], first["line"], second["line"], second["flag"]) == ("journal:1", 2, 3, "negative")


@pytest.mark.parametrize(
    ("body", "told"),
    [
        (b"", "columns none"),
        (b"\xff\xfe", "not UTF-8"),
        (b"a,b\n1,2\n", "It needs property"),
        (CSV.replace(b"0.5", b"half"), "Line 2: value 'half' is no number"),
        (CSV.replace(b"-9", b"nan"), "Line 3: value 'nan' is not finite"),
        (CSV.replace(b"mg/m3", b"degC"), "Line 2: property 'so2' in unit 'degC'"),
        (b'{"property": "so2"', "Line 1 is no JSON"),
        (b'{"property": "so2", "value": 1, "unit": "mg/m3", "phenomenon_time": "soon"}', "'soon' cannot be read"),
    ],
)
def test_a_faulty_document_is_refused_whole_and_the_line_named(data, device, body, told):
    with pytest.raises(WrongUsage, match=told.replace("(", "\\(")):
        push.push(data, device, body, "p")
    assert not (data / "journal").exists() or open_journal(data).count() == 0


def test_push_over_http_needs_a_token_of_an_active_device(data, device):
    token, browser = push.new_token("LAB1", "wang"), Client(SERVER_NAME="localhost", enforce_csrf_checks=True)
    row = {"property": "so2", "value": 1, "unit": "mg/m3", "phenomenon_time": "2026-01-01T00:00:00"}
    body = "\n".join(json.dumps({**row, "value": value}) for value in (1, 2))

    def post(given, text=body):
        headers = {"Authorization": f"Bearer {given}"} if given else {}
        return browser.post("/push/", text, content_type="application/json", headers=headers)

    assert post("").status_code == post("wrong").status_code == 401
    answer = post(token)
    assert (answer.status_code, answer.json()) == (201, {"record": 1, "rows": 2})
    assert post(token).status_code == 200
    assert "Line 1" in post(token, "{").json()["error"]
    assert browser.get("/push/").status_code == 405
    device.active = False
    device.save()
    assert post(token).status_code == 401


def test_a_revoked_token_opens_nothing(data, device):
    token = push.new_token("LAB1", "wang")
    assert push.device_of(token) == device
    assert push.revoke(device) == 1
    with pytest.raises(push.NotAllowed):
        push.device_of(token)
    with pytest.raises(WrongUsage):
        push.new_token("nobody", "wang")


def test_the_drop_folder(data, device):
    folder = data / "drop"
    (folder / "LAB1").mkdir(parents=True)
    (folder / "frames.txt").write_bytes(b"noise\r\n" + FRAME + FRAME.replace(b"MN=LAB1", b"MN=LAB2") + FRAME)
    (folder / "LAB1" / "hours.csv").write_bytes(CSV)
    (folder / "hours.csv").write_bytes(CSV)
    (folder / "empty.txt").write_bytes(b"## nothing")
    assert drop.take(data, folder, settled=60).files == 0
    done = drop.take(data, folder, settled=0)
    assert (done.files, done.frames, done.aside, sorted(done.failed)) == (2, 2, 1, ["empty.txt", "hours.csv"])
    assert "MN of a registered one" in next((folder / "failed").glob("*hours.reason.txt")).read_text()
    assert [record.peer for record in open_journal(data).read()] == ["file:hours.csv", "file:frames.txt"]
    assert open_journal(data, QUARANTINE).count() == 1
    assert drop.take(data, folder, settled=0).files == 0
    assert len(rows(data)) == 3


def filled(*given):
    book = load_workbook(io.BytesIO(sheets.template(["DA009", "DA010"], ["so2", "pm25"])))
    for row in given:
        book.worksheets[0].append(row)
    made = io.BytesIO()
    book.save(made)
    return made.getvalue()


def test_a_laboratory_sheet_is_shown_before_it_is_saved(data, device):
    good = ("DA010", datetime(2026, 1, 2, 9), "so2", 0.25, "mg/m3", None)
    faulty = filled(
        good, ("DA010", "yesterday", "so2", 1, "mg/m3", None), ("DA010", "2026-01-02T09:00", "xyz", "x", "", "")
    )
    shown = sheets.preview(data, faulty, device)
    assert [(row.number, bool(row.fault)) for row in shown.rows] == [(2, False), (3, True), (4, True)]
    assert "'yesterday' cannot be read" in shown.rows[1].fault
    with pytest.raises(WrongUsage, match="Row 3"):
        sheets.save(data, device, faulty, "lab.xlsx")
    content = filled(good, ("DA010", "2026-01-02T09:00:00", "pm25", "<3", "ug/m3", "blank"))
    sheets.save(data, device, content, "lab.xlsx")
    found = {row["property"]: row for row in rows(data)}
    assert (found["so2"]["value"], found["so2"]["averaging"], found["so2"]["point"]) == (250.0, "sample", "DA010")
    assert (found["pm25"]["value"], found["pm25"]["flag"]) == (3.0, "below_detection")
    assert next((data / "datasets/sources/files").glob("*.xlsx")).read_bytes() == content


def test_what_is_no_sheet_is_told(data, device):
    for content in (b"no workbook", filled()[:100]):
        with pytest.raises(UnreadableInput):
            sheets.preview(data, content, device)
    book = load_workbook(io.BytesIO(filled()))
    book.worksheets[0]["A1"] = "something"
    made = io.BytesIO()
    book.save(made)
    with pytest.raises(UnreadableInput, match="template"):
        sheets.preview(data, made.getvalue(), device)


def test_at_an_outlet_ppm_and_units_follow_the_law_of_emissions(data):
    folder = data / "datasets" / "sources"
    decoding.folder_of(data, "sources")
    (folder / "outlets.csv").write_text("point,medium\nDA009,gas\n", "utf-8")
    body = b"point,property,phenomenon_time,value,unit\n" + b"".join(
        b"%s,nox,2026-03-01T00:00,35,ppm\n%s,so2,2026-03-01T00:00,700,mg/m3\n" % (point, point)
        for point in (b"DA009", b"AIR1")
    )
    for mn, point in (("M1", "DA009"), ("M2", "AIR1")):
        made = registering.register({"mn": mn, "point": point}, "wang")[0]
        registering.set_factor(made, {"code": "a21002", "property": "nox", "unit": "ppm"})
        push.push(data, made, body, "10.0.0.1:http")
    found = {(row["point"], row["property"]): (row["value"], row["unit"]) for row in rows(data)}
    assert found["DA009", "nox"] == (pytest.approx(35 * 46 / 22.4), "mg/m3")
    assert found["DA009", "so2"] == (700, "mg/m3")
    assert found["AIR1", "nox"] == (pytest.approx(35 * 46.006 / 24.4654 * 1000, rel=1e-5), "ug/m3")
    site_of, _ = accounts.known_sites(data)
    stack, air = (site_of(mn).factor("a21002") for mn in ("M1", "M2"))
    assert (float(stack.scale), stack.unit) == (pytest.approx(46 / 22.4), "mg/m3")
    assert (float(air.scale), air.unit) == (pytest.approx(46006 / 24.4654, rel=1e-5), "ug/m3")


def test_a_faulty_site_file_stops_nothing_the_outlets_known_before_hold(data, device, caplog):
    decoding.folder_of(data, "sources")
    file = data / "datasets" / "sources" / "outlets.csv"
    file.write_text("point,medium\nDA009,gas\n", "utf-8")
    registering.set_factor(device, {"code": "a21026", "property": "so2", "unit": "mg/m3"})
    assert accounts.known_sites(data)[0]("LAB1").factor("a21026").unit == "mg/m3"
    file.write_text("point,moon\nDA009,full\n", "utf-8")
    assert accounts.known_sites(data)[0]("LAB1").factor("a21026").unit == "mg/m3"
    assert "moon" in caplog.text
    file.unlink()
    assert accounts.known_sites(data)[0]("LAB1").factor("a21026").unit == "ug/m3"
