"""Letters, photographs, attachments, routes and escalation of cases."""

import io
import shutil
from datetime import date, datetime, timedelta

import pytest
from docx import Document
from PIL import Image

from qingyuan.cases import escalation, files, photographs, routing
from qingyuan.cases.letters import printed, word, written

PLACE = (126.55, 43.84)
SINCE, NOW = datetime(2026, 3, 1, 6), datetime(2026, 3, 2, 12)
FACTS = {
    "about": "松江热力2号炉氮氧化物小时均值超标", "number": "吉环案〔2026〕1128号", "organisation": "吉林市支队",
    "opened": "3月1日6时05分", "source": "自动监控", "place": "吉林市丰满区", "due": "3月20日", "leader": "韩冰",
    "step": "核查", "overdue": "1天", "proof_days": "15", "evidence": "", "clause": "GB 13223—2011 表1",
}  # fmt: skip


def photo(taken: datetime | None = NOW, place: tuple[float, float] | None = PLACE, size=(40, 30), kind="JPEG") -> bytes:
    picture, made = Image.new("RGB", size, "green"), io.BytesIO()
    exif = Image.Exif()
    if taken:
        exif.get_ifd(0x8769)[0x9003] = taken.strftime("%Y:%m:%d %H:%M:%S")
    if place:
        gps = exif.get_ifd(0x8825)
        for ref, key, value, sides in ((1, 2, place[1], "NS"), (3, 4, place[0], "EW")):
            whole, rest = divmod(abs(value), 1)
            gps[ref], gps[key] = sides[value < 0], (whole, float(int(rest * 60)), (rest * 60 % 1) * 60)
    picture.save(made, kind, exif=exif)
    return made.getvalue()


def test_a_photograph_tells_when_and_where():
    told = photographs.read(photo())
    assert told.taken == NOW and (told.width, told.height) == (40, 30)
    assert photographs.distance_m((told.lon, told.lat), PLACE) < 20
    assert photographs.doubts(told, PLACE, SINCE, NOW) == []


@pytest.mark.parametrize(
    ("given", "doubts"),
    [
        ({"taken": None}, ["no_time"]),
        ({"place": None}, ["no_place"]),
        ({"taken": None, "place": None}, ["no_time", "no_place"]),
        ({"taken": SINCE - timedelta(days=30)}, ["early"]),
        ({"taken": NOW + timedelta(hours=2)}, ["future"]),
        ({"place": (126.60, 43.84)}, ["far"]),
        ({"place": (-126.55, -43.84)}, ["far"]),
    ],
)
def test_a_photograph_of_another_time_or_place_is_doubted(given, doubts):
    assert photographs.doubts(photographs.read(photo(**given)), PLACE, SINCE, NOW) == doubts


def test_a_case_without_place_doubts_no_place():
    assert photographs.doubts(photographs.read(photo(place=(1.0, 2.0))), None, SINCE, NOW) == []


@pytest.mark.parametrize("content", [b"", b"\xff\xd8\xff broken", b"<svg/>", b"GIF89a" + bytes(100)])
def test_what_is_no_picture_is_refused(content):
    with pytest.raises(photographs.BadPhotograph):
        photographs.read(content)


def test_files_are_kept_by_their_content_and_proven_when_read(tmp_path):
    kept = files.keep(tmp_path, "现场.JPG", photo())
    assert files.keep(tmp_path, "again.jpeg", photo()) == kept and kept.type == "image/jpeg"
    assert files.read(tmp_path, kept.sha256) == photo()
    files.path(tmp_path, kept.sha256).write_bytes(b"another")
    with pytest.raises(files.BadFile, match="was changed"):
        files.read(tmp_path, kept.sha256)


@pytest.mark.parametrize(
    ("name", "content", "told"),
    [
        ("a.jpg", b"%PDF-1.7", "none of"),
        ("a.exe", b"MZ", "none of"),
        ("a.html", b"<html>", "none of"),
        ("a.webp", b"RIFF0000WAVE", "none of"),
        ("a.jpg", b"", "empty"),
        ("a.pdf", b"%PDF-" + bytes(files.LARGEST), "MB"),
    ],
)
def test_other_files_are_refused(tmp_path, name, content, told):
    with pytest.raises(files.BadFile, match=told):
        files.keep(tmp_path, name, content)
    assert not (tmp_path / "attachments").exists()


@pytest.mark.parametrize("name", list(written.templates()))
def test_every_letter_can_be_written_and_leaves_out_what_is_not_known(name):
    facts = {**FACTS, "site_name": "松江热力", "above": "省生态环境厅", "proof": "", "opinion": "现场核实。"}
    facts |= {"plan_title": "小规划", "reasons": "1 项任务进度落后。", "question": "", "due_day": "2026年3月20日"}
    letter = written.write(name, facts, "吉林市生态环境局", date(2026, 3, 1))
    assert letter.paragraphs and not any("{" in each for each in (letter.title, letter.to, *letter.paragraphs))
    assert all(paragraph.strip() for paragraph in letter.paragraphs)


def test_a_letter_without_addressee_is_refused():
    with pytest.raises(written.NoLetter, match="organisation"):
        written.write("supervision", {**FACTS, "organisation": ""}, "", date(2026, 3, 1))
    with pytest.raises(written.NoLetter, match="no letter"):
        written.write("invitation", FACTS, "", date(2026, 3, 1))


def test_the_word_file_has_the_layout_of_official_letters():
    letter = written.write("supervision", FACTS, "吉林市生态环境局", date(2026, 3, 1), simulated=True)
    made = Document(io.BytesIO(word.document(letter)))
    page = made.sections[0]
    assert [round(each.mm) for each in (page.page_width, page.top_margin, page.left_margin)] == [210, 37, 28]
    texts = [each.text for each in made.paragraphs]
    assert texts[1] == letter.title and "吉林市支队：" in texts and texts[-1] == "2026年3月1日"
    assert "不具效力" in texts[0] and "已逾期 1天" in "".join(texts)
    assert made.paragraphs[1].runs[0].font.size.pt == 22 and made.paragraphs[-1].runs[0].font.size.pt == 16


@pytest.mark.skipif(not shutil.which("chromium"), reason="there is no chromium on this machine")
def test_the_pdf_is_printed():
    letter = written.write("supervision", {**FACTS, "about": "<b>&测试"}, "吉林市生态环境局", date(2026, 3, 1))
    assert "<b>&" not in printed.page(letter)
    assert printed.pdf(letter).startswith(b"%PDF-")


def test_without_chromium_the_letter_says_what_to_do(monkeypatch):
    monkeypatch.delenv("CHROMIUM", raising=False)
    monkeypatch.setenv("PATH", "/nowhere")
    letter = written.write("supervision", FACTS, "", date(2026, 3, 1))
    with pytest.raises(printed.CannotPrint, match="Word"):
        printed.pdf(letter)


@pytest.mark.parametrize(
    ("facts", "division", "expected"),
    [
        ({"kind": "exceedance", "severity": "high"}, "220204", ("city", "inspection", "220200")),
        ({"kind": "exceedance", "severity": "normal"}, "220204", ("county", "inspection", "220204")),
        ({"kind": "exceedance", "severity": "normal"}, "220200", ("city", "inspection", "220200")),
        ({"kind": "air_event"}, "220000", ("province", "environment", "220000")),
        ({"kind": "public_report", "domain": "straw"}, "220122101005", ("township", "grid", "220122101")),
        ({"kind": "public_report", "domain": "noise"}, "220122101", ("county", "inspection", "220122")),
        ({"kind": "never seen"}, "220122", ("county", "environment", "220122")),
    ],
)
def test_a_case_goes_to_its_level_and_place(facts, division, expected):
    made = routing.route(facts, division)
    assert (made.level, made.duty, made.division) == expected


def test_a_case_cannot_be_handed_below_its_place():
    assert routing.lifted("220122101005", "city") == "220100" and routing.above("county") == "city"
    with pytest.raises(routing.NoWay):
        routing.lifted("220100", "county")


def working(moment: datetime, days: int) -> datetime:
    return moment + timedelta(days=days)


@pytest.mark.parametrize(("hours", "names"), [(-30, 0), (-20, 1), (1, 2), (25, 3), (24 * 11, 4)])
def test_a_deadline_escalates_step_by_step(hours, names):
    reached = escalation.reached(NOW, NOW + timedelta(hours=hours), working)
    assert [stage.name for stage in reached] == ["warning", "overdue", "supervision", "accountability"][:names]
    assert escalation.reached(None, NOW, working) == ()
    assert all(stage.letter in ("", *written.templates()) for stage in escalation.stages())


@pytest.mark.parametrize("form", ["PNG", "JPEG", "WEBP"])
def test_a_photograph_of_every_taken_form_is_read(form):
    kept = io.BytesIO()
    Image.new("RGB", (40, 30)).save(kept, form)
    read = photographs.read(kept.getvalue())
    assert (read.format, read.width, read.height) == (form, 40, 30)
