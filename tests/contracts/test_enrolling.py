"""Registering devices on screen: form, workbook, newcomers; every change is kept, no secret is shown."""

import io

import field
import pytest
import seats
import stage
from django.test import Client
from openpyxl import load_workbook

from qingyuan.gateway import register_book, registering
from qingyuan.gateway.models import Device, DeviceChange, Quarantined
from qingyuan.places.outlets import registered_points

pytestmark = pytest.mark.django_db(transaction=True)
CODES = {"code": ["a21026", ""], "property": ["so2", ""], "unit": ["mg/m3", ""], "low": ["0", ""], "high": ["500", ""]}
NEW = {
    "mn": "NEW1",
    "name_zh": "新排口",
    "edition": "2017",
    "dataset": "plant",
    "point": "DA7",
    "kind": "outlet",
    **CODES,
}


@pytest.fixture
def data(tmp_path, monkeypatch):
    monkeypatch.setenv("QINGYUAN_DATA", str(tmp_path))
    stage.build(tmp_path)
    field.fill(tmp_path)
    field.register(tmp_path)
    return tmp_path


@pytest.fixture
def client(data, django_user_model):
    made = Client(SERVER_NAME="localhost")
    made.force_login(seats.seated("wang"))
    return made


def test_a_device_is_registered_with_its_outlet_and_codes(client, data):
    answer = client.post("/devices/register/", {**NEW, "password": "Ab12Cd"})
    assert (answer.status_code, answer.headers["Location"]) == (302, "/devices/NEW1/")
    device = Device.objects.get(mn="NEW1")
    assert (device.place, device.registered_by, device.password) == ("DA7", "wang", "Ab12Cd")
    assert [(each.code, each.unit, each.high) for each in device.factors.all()] == [("a21026", "mg/m3", 500.0)]
    assert registered_points(data / "datasets" / "plant") == {"DA7"}
    page = client.get("/devices/NEW1/").content.decode()
    assert (
        "wang" in page and "Ab12Cd" not in page and "Ab12Cd" not in client.get("/devices/NEW1/edit/").content.decode()
    )


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ({"mn": "A B"}, "f-mn"),
        ({"mn": field.PLAIN}, "已登记"),
        ({"addresses": "10.1.2.300"}, "10.1.0.0/16"),
        ({"key": "12"}, "32"),
        ({"unit": ["furlong", ""]}, "f-code-0"),
        ({"real_time_seconds": "soon"}, "3600"),
        ({"dataset": "sources"}, "outlets.yaml"),
    ],
)
def test_what_cannot_be_is_told_at_its_field_and_nothing_is_saved(client, wrong, told):
    before = Device.objects.count(), DeviceChange.objects.count()
    answer = client.post("/devices/register/", {**NEW, **wrong})
    page = answer.content.decode()
    assert answer.status_code == 400 and told in page and "新排口" in page
    assert (Device.objects.count(), DeviceChange.objects.count()) == before


def test_a_change_is_kept_with_fields_and_name_secrets_masked(client):
    form = {"mn": "X", "name_zh": "改名", "point": "DA001", "password": "Zz99Zz", "minute_interval": "", **CODES}
    assert client.post(f"/devices/{field.PLAIN}/edit/", form).status_code == 302
    entry = DeviceChange.objects.filter(mn=field.PLAIN, what="changed").first()
    assert (entry.by, entry.fields["name_zh"]) == ("wang", ["试排口1", "改名"])
    assert "Zz99Zz" not in str(list(DeviceChange.objects.values_list("fields", flat=True)))
    form = {**form, "password": "", **{key: [] for key in CODES}}
    assert client.post(f"/devices/{field.PLAIN}/edit/", form).status_code == 302
    assert not Device.objects.get(mn=field.PLAIN).factors.exists()
    assert Device.objects.get(mn=field.PLAIN).password == "Zz99Zz"
    assert DeviceChange.objects.filter(what="factor_removed").exists()


def test_a_password_reset_is_kept_too(client):
    client.post(f"/devices/{field.PLAIN}/password/", {"password": "Qq11Qq"})
    entry = DeviceChange.objects.filter(mn=field.PLAIN).first()
    assert (entry.by, list(entry.fields)) == ("wang", ["password"]) and "Qq11Qq" not in str(entry.fields)


def test_a_device_is_switched_off_and_on(client):
    client.post(f"/devices/{field.PLAIN}/withdraw/")
    assert not Device.objects.get(mn=field.PLAIN).active
    client.post(f"/devices/{field.PLAIN}/withdraw/", {"do": "restore"})
    assert Device.objects.get(mn=field.PLAIN).active
    assert [each.what for each in DeviceChange.objects.filter(mn=field.PLAIN)[:2]] == ["restored", "withdrawn"]


def test_a_newcomer_is_taken_in_by_one_click_with_its_frames(client):
    assert field.STRANGER in client.get("/quarantine/").content.decode()
    answer = client.post("/devices/promote/", {"mn": field.STRANGER})
    assert answer.headers["Location"] == f"/devices/{field.STRANGER}/edit/"
    device = Device.objects.get(mn=field.STRANGER)
    assert (device.edition, device.password) == ("2017", field.PASSWORD)
    entry = Quarantined.objects.get(mn=field.STRANGER)
    assert (entry.state, entry.settled_by) == ("replayed", "wang")
    assert field.PASSWORD not in client.get(answer.headers["Location"]).content.decode()
    assert client.post("/devices/promote/", {"mn": field.STRANGER}).status_code == 400


def test_a_newcomers_form_knows_what_its_frames_say_and_takes_them(client):
    page = client.get("/devices/register/", {"mn": field.STRANGER}).content.decode()
    assert 'value="a21026"' in page and 'value="so2"' in page and 'value="outlet" selected' in page
    assert field.PASSWORD not in page
    client.post("/devices/register/", {**NEW, "mn": field.STRANGER})
    assert Device.objects.get(mn=field.STRANGER).password == field.PASSWORD
    assert Quarantined.objects.get(mn=field.STRANGER).state == "replayed"


def upload(client, content):
    return client.post("/devices/workbook/", {"file": io.BytesIO(content)}, follow=True)


def filled(content, sheet, *rows):
    book = load_workbook(io.BytesIO(content))
    for row in rows:
        head = [cell.value.split()[-1] for cell in book[sheet][1]]
        book[sheet].append([row.get(name) for name in head])
    made = io.BytesIO()
    book.save(made)
    return made.getvalue()


def test_the_register_goes_out_and_comes_back_unchanged_without_secrets(client):
    Device.objects.filter(mn=field.SILENT).update(name_zh="=1+1")
    content = client.get("/devices/workbook.xlsx").content
    book = load_workbook(io.BytesIO(content))
    cells = [str(cell) for page in book for row in page.iter_rows(values_only=True) for cell in row]
    assert field.PLAIN in cells and field.PASSWORD not in cells and field.KEY not in cells
    before = list(Device.objects.values("mn", "name_zh", "password", "edition", "point", "active"))
    rows = register_book.save(content, "wang")
    assert len(rows) == 4
    assert list(Device.objects.values("mn", "name_zh", "password", "edition", "point", "active")) == before


def test_a_workbook_is_shown_row_by_row_and_saved_whole_or_not_at_all(client):
    empty = client.get("/devices/workbook.xlsx?empty=yes").content
    good = [{"mn": "B1", "name_zh": "一号", "point": "P1"}, {"mn": "B2"}]
    bad = [{"mn": "B3", "edition": "1999"}, {"mn": 12345678901234567890}, {"mn": "B1"}]
    page = upload(client, filled(empty, "devices", *good, *bad)).content.decode()
    assert "3 行" in page and "2005、2017" in page and "写成文本" in page and "不止一次" in page
    assert not Device.objects.filter(mn__startswith="B").exists()
    assert client.post("/devices/workbook/save/", {"do": "save"}).status_code == 400
    assert not Device.objects.filter(mn__startswith="B").exists()
    content = filled(filled(empty, "devices", *good), "factors", {"mn": "B1", "code": "a21002", "unit": "ppm"})
    upload(client, content)
    assert client.post("/devices/workbook/save/", {"do": "save"}).status_code == 302
    device = Device.objects.get(mn="B1")
    assert (device.name_zh, device.factors.get().unit, device.registered_by) == ("一号", "ppm", "wang")


@pytest.mark.parametrize("content", [b"no workbook", b""])
def test_what_is_no_workbook_is_told(client, content):
    assert upload(client, content).status_code == 400


def test_a_point_entered_by_kind_needs_a_site_file_the_platform_may_write(data):
    device, _ = registering.register({"mn": "K1", "dataset": "plant", "point": "DA8", "kind": "outlet"}, "wang")
    assert registered_points(data / "datasets" / "plant") == {"DA8"}
    with pytest.raises(registering.WrongUsage, match="kind"):
        registering.register({"mn": device.mn, "kind": "station"}, "wang")
