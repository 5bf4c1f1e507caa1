"""A report as Word: contents, captions, repeated heads and traces are really in it."""

import re
from datetime import date, datetime
from decimal import Decimal
from io import BytesIO

import pytest
from docx import Document
from docx.oxml.ns import qn
from stage import build

from qingyuan.plans.book.entries import Entry
from qingyuan.plans.evaluating.rules import rules
from qingyuan.plans.facts import plan
from qingyuan.plans.reporting import charts, making
from qingyuan.plans.reporting.material import Source, gather

LAST = datetime(2025, 10, 28, 14)
ENTRIES = (
    Entry("chapter", "空气", "4", facts={"en": "Air"}, key="c004"),
    Entry("section", "颗粒物", "1", parent=0, facts={"en": "Particles"}, key="s401"),
    Entry("task", "清洁取暖", "1", parent=1, departments=("甲厅", "乙厅"), leads=("甲厅",), key="t001"),
)
DRAWN = b"\x89PNG"


def silent(*told):
    pass


@pytest.fixture(scope="module")
def material(tmp_path_factory):
    dataset = build(tmp_path_factory.mktemp("report"))
    source = Source(plan(), dataset, "模拟省", True, "第 1 版", ENTRIES, {})
    return gather(source, "midterm", rules("midterm", LAST.date()), LAST, silent)


@pytest.fixture(scope="module", params=["zh", "en"])
def document(request, material):
    return request.param, Document(BytesIO(making.make(material, silent, request.param, pdf=False).word))


def text_of(document):
    return "".join(each.text or "" for each in document.element.iter(qn("w:t")))


def test_every_place_has_a_sheet_and_every_indicator_its_years(material):
    assert next(each.facts.division for each in material.sheets) == "22" and len(material.sheets) == 10
    assert len(material.followed) == 19
    assert [year for year, _, _ in material.followed[0].years] == [2023, 2024, 2025]
    assert [running for *_, running in material.followed[0].years] == [False, False, True]
    tasks = [line for line in material.sheets[0].lines() if line.section == "tasks"]
    assert [line.state for line in tasks] == ["withheld"]


def test_the_contents_are_a_field_with_an_entry_for_each_heading(document):
    _language, doc = document
    codes = [each.text.strip() for each in doc.element.iter(qn("w:instrText"))]
    assert sum(code.startswith("TOC") for code in codes) == 1
    marks = [each.get(qn("w:fldCharType")) for each in doc.element.iter(qn("w:fldChar"))]
    assert marks.count("begin") == marks.count("end") == marks.count("separate")
    titles = [each.text for each in doc.paragraphs if each.style.name in ("Heading 1", "Heading 2")]
    entries = [each.text.split("\t")[0] for each in doc.paragraphs if "\t" in each.text]
    assert entries == titles and len(titles) > 30


def test_captions_are_numbered_in_order_and_heads_repeat(document):
    language, doc = document
    word = "表 " if language == "zh" else "Table "
    numbers = [int(found[1]) for each in doc.paragraphs if (found := re.match(rf"{word}(\d+)　", each.text))]
    assert numbers == list(range(1, len(doc.tables) + 1))
    assert all(table.rows[0]._tr.find(f".//{qn('w:tblHeader')}") is not None for table in doc.tables)


def test_every_reference_has_its_line_in_the_appendix(document):
    _, doc = document
    used = {int(each) for each in re.findall(r"\[(\d+)\]", text_of(doc))}
    lines = [int(row.cells[0].text) for row in doc.tables[-1].rows[1:]]
    assert lines == list(range(1, len(lines) + 1)) and used == set(lines)


def test_simulated_data_are_marked_on_the_cover(document):
    language, doc = document
    assert ("模拟数据" if language == "zh" else "simulated data") in "".join(each.text for each in doc.paragraphs[:5])


def test_progress_may_stop_it(material):
    class Stopped(Exception):
        pass

    def stop(what, done, total):
        if done == 3:
            raise Stopped

    with pytest.raises(Stopped):
        making.make(material, stop)


def test_the_pages_of_the_contents_are_those_of_the_print(material):
    if making.office() is None:
        pytest.skip("LibreOffice is not installed")
    made = making.make(material, silent)
    printed = making.headings(made.pdf)
    doc = Document(BytesIO(made.word))
    listed = dict(each.text.split("\t") for each in doc.paragraphs if "\t" in each.text)
    assert made.pages > 20 and len(listed) > 30
    assert {title: int(page) for title, page in listed.items()} == {title: printed[title] for title in listed}


def test_without_libreoffice_there_is_the_word_file_alone(material, monkeypatch):
    monkeypatch.setattr(making, "office", lambda: None)
    made = making.make(material, silent)
    assert made.pdf is None and made.pages is None
    assert Document(BytesIO(made.word)).settings.element.find(qn("w:updateFields")) is not None
    with pytest.raises(making.CannotPrint, match="libreoffice-writer"):
        making.printed(made.word)


def test_without_a_chinese_face_it_is_told_what_to_install(monkeypatch):
    monkeypatch.setattr(charts, "FACES", ("No Such Face",))
    charts.face.cache_clear()
    with pytest.raises(charts.NoFont, match="fonts-noto-cjk"):
        charts.path([], (2020, Decimal(1)), [(date(2025, 12, 31), Decimal(2))], "%", ("a", "b", "c"))
    charts.face.cache_clear()
