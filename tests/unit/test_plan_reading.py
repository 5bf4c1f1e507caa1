"""The reader's parts: notes, figures, points that were lost, files that are no plan."""

from __future__ import annotations

import json
import re
from decimal import Decimal
from pathlib import Path

import pytest

from qingyuan.base.errors import UnreadableInput
from qingyuan.interfaces.cli import main
from qingyuan.plans.reading import read, read_source
from qingyuan.plans.reading.draft import Draft, Quantity
from qingyuan.plans.reading.mapped import mapped
from qingyuan.plans.reading.notes import notes
from qingyuan.plans.reading.numerals import decimal
from qingyuan.plans.reading.quantities import quantities
from qingyuan.plans.reading.sources import Source


def draft_of(text: str) -> Draft:
    return read_source(Source("plan.txt", "txt", "utf-8", text))


@pytest.mark.parametrize(
    ("printed", "lead", "departments"),
    [
        ("（省生态环境厅负责）", "省生态环境厅", ["省生态环境厅"]),
        (
            "（省生态环境厅、省水利厅牵头，省财政厅配合）",
            ["省生态环境厅", "省水利厅"],
            ["省生态环境厅", "省水利厅", "省财政厅"],
        ),
        ("（省文化和旅游厅、省体育局及有关部门按职责分工负责）", None, ["省文化和旅游厅", "省体育局", "有关部门"]),
        ("（责任单位：各市（州）人民政府，省生态环境厅）", None, ["各市（州）人民政府", "省生态环境厅"]),
        ("［责任部门：市水务局等］", "市水务局", ["市水务局"]),
        ("（市水务局（牵头）、市城管局）", "市水务局", ["市水务局", "市城管局"]),
        ("（甲县农业局会同乙县水务局、丙县林业局负责）", "甲县农业局", ["甲县农业局", "乙县水务局", "丙县林业局"]),
        (
            "(牵头单位:市生态环境局;配合单位:市住建局,市水务局)",
            "市生态环境局",
            ["市生态环境局", "市住建局", "市水务局"],
        ),
        ("（市发改委负责，市工信局和市商务局配合）", "市发改委", ["市发改委", "市工信局", "市商务局"]),
        ("【省水利厅、各市、县（市、区）人民政府】", None, ["省水利厅", "各市、县（市、区）人民政府"]),
        ("（省水利\n厅牵头，省 林草局配合）", "省水利厅", ["省水利厅", "省林草局"]),
        ("责任单位：市生态环境局、市交通运输局", None, ["市生态环境局", "市交通运输局"]),
    ],
)
def test_notes(printed: str, lead: object, departments: list[str]) -> None:
    (note,) = notes(mapped("推进治理。" + printed), "推进治理。" + printed)
    assert note.lead() == (tuple(lead) if isinstance(lead, list) else lead)
    assert list(note.departments) == departments


@pytest.mark.parametrize(
    "printed", ["（以下简称《规划》）", "（含县级市）", "（PM2.5）", "（一河一策）", "（试行）", "（如学校、医院）"]
)
def test_brackets_that_are_no_notes(printed: str) -> None:
    assert not notes(mapped("推进治理" + printed + "。"), "推进治理" + printed + "。")


def test_the_first_named_leads_where_the_plan_says_so() -> None:
    text = "一、任务\n（一）治水。整治河道。（市水务局、市财政局，列第一位的为牵头单位，下同）\n（二）治气。压减扬尘。（市住建局、市城管局）\n"
    assert [task.lead for task in draft_of(text).tasks] == ["市水务局", "市住建局"]


FIGURES = [
    ("到2025年，森林覆盖率达到百分之四十五点八。", ("森林覆盖率", "45.8", "%", "=", "2025")),
    ("到２０３０年底，新能源装机突破３００万千瓦。", ("新能源装机", "300", "万千瓦", ">", "2030-12-31")),
    ("2027年6月底前，治理水土流失面积三千平方公里。", ("治理水土流失面积", "3000", "平方公里", "=", "2027-06-30")),
    ("力争绿电占比不低于30%。", ("绿电占比", "30", "%", ">=", None)),
    ("污泥无害化处置率稳定在90%以上。", ("污泥无害化处置率", "90", "%", ">=", None)),
    ("细颗粒物浓度控制在25微克/立方米以内。", ("细颗粒物浓度", "25", "微克/立方米", "<=", None)),
    ("“十五五”期间，造林十五万亩。", ("造林", "15", "万亩", "=", "2030")),
    ("改造老旧管网1.2万公里左右。", ("改造老旧管网", "1.2", "万公里", "~", None)),
    ("再生水利用率达到25%。", ("再生水利用率", "25", "%", "=", None)),
    ("应急监测能力达标率达到100%。", ("应急监测能力达标率", "100", "%", "=", None)),
]


@pytest.mark.parametrize(("sentence", "expected"), FIGURES)
def test_figures(sentence: str, expected: tuple[str, str, str, str, str | None]) -> None:
    (found,) = quantities(mapped(sentence))
    assert (found.subject, str(found.value), found.unit, found.operator, found.by) == expected


def test_ranges_differences_and_shared_subjects() -> None:
    assert only("到2030年，日处理能力提高到10—15万吨。").upper == 15
    fall = only("单位产值能耗比2025年下降12%。")
    assert (fall.change, fall.compared_with, fall.value) == ("down", "2025", 12)
    both = quantities(mapped("到2030年，农膜回收率和秸秆利用率分别达到85%、92%。"))
    assert [(each.subject, each.value) for each in both] == [("农膜回收率", 85), ("秸秆利用率", 92)]
    assert only("每年创建示范村200个左右。").per == "年"
    assert (only("每三年评估一次成效。").operator, only("每三年评估一次成效。").value) == ("every", 3)


def only(sentence: str) -> Quantity:
    (found,) = quantities(mapped(sentence))
    return found


@pytest.mark.parametrize(
    "sentence",
    [
        "推进20万千瓦以下燃煤机组改造。",
        "不再新建每小时35蒸吨以下锅炉。",
        "依据〔2018〕27号文件。",
        "发展5G和PM2.5监测。",
        "开展一批试点。",
        "第3条河流。",
    ],
)
def test_what_is_no_figure_of_an_aim(sentence: str) -> None:
    assert not quantities(mapped(sentence))


@pytest.mark.parametrize(
    ("printed", "value"), [("三千", 3000), ("十五", 15), ("一百二十", 120), ("二〇三〇", 2030), ("两万", 20000)]
)
def test_chinese_numbers(printed: str, value: int) -> None:
    assert decimal(printed) == value


TABLE = """第一章 目标
第一节 指标
序号 指标 2025年 2030年 属性
1 细颗粒物浓度（微克/立方米） 275 255 约束性
2 优良天数比例（%） 913 935 约束性
3 重污染天数比例（%） 08 05 约束性
4 危险废物处置率（%） 95 ＞98 约束性
5 氮氧化物减排量（万吨） — 36 预期性
第二章 任务
第一节 治气
到2030年，细颗粒物浓度降至25.5微克/立方米。
"""


def test_a_lost_point_is_settled_by_a_second_mention_or_marked() -> None:
    pm, good, bad, waste, nox = draft_of(TABLE).indicators
    assert (pm.target, good.base, good.target) == (Decimal("25.5"), Decimal("91.3"), Decimal("93.5"))
    assert not any(doubt.field == "target" for doubt in pm.doubtful)
    assert {doubt.field for doubt in good.doubtful} == {"base", "target"}
    assert (bad.base, bad.target, bad.doubtful) == (Decimal("0.8"), Decimal("0.5"), ())
    assert waste.target == 98
    assert (Decimal("3.6") in (nox.target, *nox.doubtful[0].alternatives)) and 36 in (
        nox.target,
        *nox.doubtful[0].alternatives,
    )


def test_a_table_with_points_is_believed() -> None:
    sound = (
        TABLE.replace("275 255", "27.5 25.5")
        .replace("913 935", "91.3 93.5")
        .replace("08 05", "0.8 0.5")
        .replace(" 36 ", " 3.6 ")
    )
    assert not any(each.doubtful for each in draft_of(sound).indicators)


def test_a_point_of_private_code_is_read_and_marked() -> None:
    (each,) = draft_of(
        "第一章 目标\n序号 指标 2025年 2030年 属性\n1 减排量（万吨） — ３\ue010６ 约束性\n第二章 任务\n"
    ).indicators
    assert each.target == Decimal("3.6")
    assert [doubt.alternatives for doubt in each.doubtful] == [(Decimal(36),)]


def test_contents_footnotes_and_heads_of_pages_are_left_out() -> None:
    page = "云泽市生态规划\n—{}—\n"
    text = (
        "云泽市生态规划\n目 录\n第一章 目标…………1\n第二章 任务…………5\n第一章 目标\n持续改善水质①。\n① 指国控断面。\n"
        + page.format(1)
        + "第二章 任务\n整治河道，开展\n"
        + page.format(2)
        + "清淤，恢复岸线。（市水务局负责）\n"
    )
    draft = draft_of(text)
    assert [each.title for each in draft.chapters] == ["目标", "任务"]
    assert "指国控断面" not in draft.tasks[0].text
    assert "规划" not in draft.tasks[0].text


def bad_files() -> dict[str, tuple[str, bytes]]:
    return {
        "empty": ("plan.txt", b" \n"),
        "not Chinese text": ("plan.txt", "規劃".encode("big5") * 40 + b"\xff\xff"),
        "no plan": ("plan.txt", "今天的天气很好，我们和朋友去公园。\n".encode()),
        "damaged or no Word": ("plan.docx", b"PK\x03\x04 this is no archive"),
        "damaged or no PDF": ("plan.pdf", b"%PDF-1.7 this is no document"),
        "old Word document": ("plan.doc", b"\xd0\xcf\x11\xe0" + bytes(600)),
    }


@pytest.mark.parametrize("told", bad_files())
def test_files_that_cannot_be_read(told: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    name, content = bad_files()[told]
    (tmp_path / name).write_bytes(content)
    with pytest.raises(UnreadableInput, match=re.escape(told)):
        read(tmp_path / name)
    assert main(["plan", "import", str(tmp_path / name)]) == 2
    assert name in capsys.readouterr().err


def test_a_scanned_pdf_is_told(tmp_path: Path) -> None:
    from reportlab.pdfgen.canvas import Canvas

    canvas = Canvas(str(tmp_path / "scan.pdf"))
    canvas.rect(100, 100, 300, 500, fill=1)
    canvas.showPage()
    canvas.save()
    with pytest.raises(UnreadableInput, match="OCR"):
        read(tmp_path / "scan.pdf")


def test_a_table_of_duties_where_the_text_has_no_notes() -> None:
    rows = "序号\t重点任务\t牵头单位\t配合单位\n1\t整治排口20个\t县生态环境局\t县水务局、县住建局\n2\t修复湿地\t县林业局\t县水务局和县农业农村局\n"
    draft = draft_of(
        "甲县“十五五”治水行动计划\n一、总体要求\n改善水质。\n二、主要任务\n整治河道。\n附表：任务分工表\n" + rows
    )
    assert [(task.title, task.lead, task.departments) for task in draft.tasks] == [
        ("整治排口20个", "县生态环境局", ("县生态环境局", "县水务局", "县住建局")),
        ("修复湿地", "县林业局", ("县林业局", "县水务局", "县农业农村局")),
    ]
    assert [(each.value, each.unit) for each in draft.tasks[0].quantities] == [(20, "个")]


def test_word_numbers_that_are_not_in_the_text(tmp_path: Path) -> None:
    """Headings and items that Word numbers itself are read with their numbers."""
    import docx

    document = docx.Document()
    for kind, text in [
        ("Heading 1", "总体要求"),
        ("Heading 1", "主要任务"),
        ("List Number", "治水。整治河道。（市水务局负责）"),
        ("List Number", "治气。压减扬尘。（市住建局负责）"),
    ]:
        document.add_paragraph(text, style=kind)
    document.save(str(tmp_path / "plan.docx"))
    draft = read(tmp_path / "plan.docx")
    assert [each.title for each in draft.chapters] == ["总体要求", "主要任务"]
    assert [(task.title, task.lead) for task in draft.tasks] == [("治水", "市水务局"), ("治气", "市住建局")]
    assert "2." in draft.text


def test_the_command_writes_the_draft(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "plan.txt").write_text(TABLE, encoding="gb18030")
    assert main(["plan", "import", str(tmp_path / "plan.txt"), "--output", str(tmp_path / "draft.json")]) == 0
    draft = json.loads((tmp_path / "draft.json").read_text(encoding="utf-8"))
    assert set(draft) >= {"chapters", "tasks", "boxes", "indicators", "targets", "text", "origin"}
    assert draft["indicators"][0]["target"] == 25.5
    start, end = draft["targets"][0]["text_span"]
    assert draft["text"][start:end] == "25.5微克/立方米"
    assert "indicators 指标: 5" in capsys.readouterr().out
    assert main(["plan", "import", str(tmp_path / "plan.txt"), "--output", str(tmp_path / "draft.txt")]) == 2


def test_a_type_behind_the_values_is_the_nature_and_numbered_works_are_a_box(tmp_path: Path) -> None:
    file = tmp_path / "plan.txt"
    lines = [
        "某县规划", "第一部分 目标", "指标名称\t单位\t2025年\t2030年\t指标类型", "优良天数比率\t%\t90.7\t91\t预期性",
        "森林覆盖率\t%\t40\t41\t约束性", "第二部分 任务", "建设。（县政府办公室负责）", "重点工程1：农村污水治理",
        "① 管网工程", "② 黑臭水体治理工程", "第三部分 保障", "落实。（县政府办公室负责）",
    ]  # fmt: skip
    file.write_text("\n".join(lines), encoding="utf-8")
    draft = read(file)
    assert [(each.group, each.nature) for each in draft.indicators] == [(None, "expected"), (None, "binding")]
    assert [(each.title, len(each.items)) for each in draft.boxes] == [("农村污水治理", 2)]
