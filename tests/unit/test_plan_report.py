"""A report as Word: contents, captions, repeated heads and traces are really in it."""

import re
from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal
from io import BytesIO

import pytest
from docx import Document
from docx.enum.section import WD_ORIENT
from docx.oxml.ns import qn
from stage import build

from qingyuan.people.audit import Actor
from qingyuan.plans.book.entries import Entry
from qingyuan.plans.evaluating import rounds
from qingyuan.plans.evaluating.known import Event, Trace
from qingyuan.plans.evaluating.rounds import Act, Frame
from qingyuan.plans.evaluating.rules import rules, sealed_rules
from qingyuan.plans.evaluating.sheet import score
from qingyuan.plans.facts import Words, plan
from qingyuan.plans.models import Plan
from qingyuan.plans.reporting import charts, making
from qingyuan.plans.reporting.fitting import LETTER, fitted
from qingyuan.plans.reporting.material import Source, gather
from qingyuan.plans.reporting.settled import settled

LAST = datetime(2025, 10, 28, 14)
ENTRIES = (
    Entry("chapter", "空气", "4", facts={"en": "Air"}, key="c004"),
    Entry("section", "颗粒物", "1", parent=0, facts={"en": "Particles"}, key="s401"),
    Entry("task", "清洁取暖", "1", parent=1, departments=("甲厅", "乙厅"), leads=("甲厅",), key="t001"),
)
WHO = Actor(None, "甲", None)


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


@pytest.fixture
def scored(material):
    """A round of the material's sheets: one city claims, is cut, appeals, and is granted it; another has a veto."""
    plan = Plan.objects.create(
        code="p", title="某规划", division="220000", first_day="2021-01-01", last_day="2025-12-31"
    )
    event = Event(
        "falsified",
        Words("环案〔2025〕1号 属实", "held"),
        LAST.date(),
        Trace("case", Words("案件", "cases"), "环案〔2025〕1号"),
    )
    edition = rules("midterm", LAST.date())
    sheets = [score(edition, replace(each.facts, measures=tuple(_issued(one) for one in each.facts.measures), proven=(event,) if each.facts.division == "220200" else ())) for each in material.sheets]  # fmt: skip
    frame = Frame(plan, None, "midterm", LAST, 3, edition, True)
    made = rounds.start(frame, sheets, WHO, LAST)
    this = made.sheets.get(division="220100")
    line = next(each for each in this.computed["lines"] if each["state"] == "scored" and each["points"] != each["full"])
    key, full = f"{line['section']}.{line['key']}", line["full"]
    rounds.assess_self(this, Act({key: full}, {key: "沙尘日应剔除"}), WHO, LAST)
    rounds.review(this, Act({key: "1.11"}, {key: "只认一部分"}), WHO, LAST)
    rounds.appeal(this, Act(evidence=("监测站证明7号",), note="不服复核"), WHO, LAST)
    rounds.decide(this, Act({key: full}, {key: "材料属实"}, note="予以采纳"), WHO, LAST)
    return made, line, made.sheets.get(division="220100")


def _issued(measure):
    """A city's measure with a share of its own, that it misses."""
    return replace(measure, issued=True, base=Decimal(99) if measure.direction == "down" else Decimal(0), base_day=date(2020, 12, 31), target=Decimal(1) if measure.direction == "down" else Decimal(99)) if measure.target is None else measure  # fmt: skip


@pytest.mark.django_db
@pytest.mark.parametrize("language", ["zh", "en"])
def test_a_round_tells_what_was_said_reviewed_and_decided(scored, material, language, monkeypatch):
    monkeypatch.setattr(making, "office", lambda: None)
    made, line, this = scored
    told = settled(material, made, sealed_rules(made.rules["text"]))
    doc = Document(BytesIO(making.make(told, silent, language).word))
    row = next(row for table in doc.tables for row in table.rows if "沙尘日应剔除" in row.cells[-2].text)
    cells = [re.sub(r"\[\d+\]", "", each.text) for each in row.cells]
    full = line["full"]
    assert cells[1:7] == [full, line["points"], full, "1.11", full, full]
    assert all(word in cells[7] for word in ("沙尘日应剔除", "只认一部分", "材料属实"))
    assert all(re.search(r"\[\d+\]", row.cells[place].text) for place in (2, 3, 4, 5))  # each with its source
    text = text_of(doc)
    assert all(word in text for word in ("不服复核", "监测站证明7号", "予以采纳", "环案〔2025〕1号"))
    ranking = next(table for table in doc.tables if table.rows[0].cells[2].text in ("系统计分", "Computed"))
    city = next(row for row in ranking.rows if row.cells[1].text in ("长春市", "Changchun"))
    assert [each.text for each in city.cells][2:6] == [
        str(each) for each in (this.computed["total"], this.total, city.cells[4].text, this.total)
    ]
    assert Decimal(city.cells[4].text) < this.total
    used = {int(each) for each in re.findall(r"\[(\d+)\]", text)}
    lines = [int(row.cells[0].text) for row in doc.tables[-1].rows[1:]]
    assert lines == list(range(1, len(lines) + 1)) and used == set(lines)


@pytest.mark.django_db
def test_a_round_is_reported_as_it_was_sealed_not_as_it_would_be_scored_now(scored, material):
    made, _line, _this = scored
    again = settled(replace(material, results=99), made, sealed_rules(made.rules["text"]))
    assert again.scored == 3 and again.stood[0].total == made.sheets.get(division="220000").total
    assert next(each.facts.division for each in again.sheets) == "22" and len(again.sheets) == 10


def test_wide_tables_stand_on_pages_turned_for_them(document):
    _, doc = document
    turned = {True: 0, False: 0}
    for section in doc.sections:
        wide = section.page_width > section.page_height
        turned[wide] += 1
        assert (section.orientation == WD_ORIENT.LANDSCAPE) is wide
    assert turned[True] >= 2 and turned[False] >= 3
    for number, section in enumerate(doc.sections):
        starts = section._sectPr.find(qn("w:pgNumType"))
        assert (starts is not None) is (number == 1)  # pages are numbered through
    room = {len(table.columns): sum(column.width for column in table.columns) for table in doc.tables}
    assert max(room.values()) > 240 * 36000


def test_columns_are_as_wide_as_their_longest_word_and_fill_the_table():
    rows = [["Line", "Computed", "How"], ["PM2.5", ("22.67", 184), "百分之五十"]]
    plain = fitted((5, 5, 5), rows, 150)
    assert plain == [50, 50, 50]  # where words fit, as asked for
    tight = fitted((10, 0.5, 10), rows, 150)
    assert tight[1] > 8 * LETTER and tight[0] == tight[2] and sum(tight) == pytest.approx(150)
    digest = [["a", "b"], ["x", "f" * 64]]
    assert fitted((3, 1), digest, 100)[1] == pytest.approx(30)  # a code that fits nowhere is broken
    hopeless = [["W" * 40] * 4]
    assert fitted((1, 1, 1, 1), hopeless, 100) == [25] * 4
