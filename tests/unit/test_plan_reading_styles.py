"""Plans in other styles: what their headings, notes, tables, boxes and figures are read as."""

from __future__ import annotations

import time
from decimal import Decimal
from pathlib import Path

import pytest

from qingyuan.base.errors import UnreadableInput
from qingyuan.plans.reading import read, read_source, warnings
from qingyuan.plans.reading.draft import Draft
from qingyuan.plans.reading.mapped import mapped
from qingyuan.plans.reading.notes import due, notes
from qingyuan.plans.reading.quantities import quantities
from qingyuan.plans.reading.sources import Source
from qingyuan.plans.reading.warnings import GAPS, GUESSED, NO_INDICATORS, NO_TASKS, UNREAD


def draft_of(text: str) -> Draft:
    return read_source(Source("plan.txt", "txt", "utf-8", text))


NOTES = [
    ("〔县林业局牵头，县财政局参与。以下任务均需各镇落实，不再列出。〕", "县林业局", ["县林业局", "县财政局"]),
    ("（责任单位：县水利局（牵头）、县住建局）", "县水利局", ["县水利局", "县住建局"]),
    ("责任单位：县水利局（牵头），县住建局（按职责分工负责）", "县水利局", ["县水利局", "县住建局"]),
    ("主办：县城管局；协办：县公安局", "县城管局", ["县城管局", "县公安局"]),
    ("【责任单位】县城管局、县公安局", None, ["县城管局", "县公安局"]),
    ("（责任单位：县城管局；完成时限：2029年6月底）", "县城管局", ["县城管局"]),
    ("（县城管局负责，县住建局监督指导；2027年10月底前完成）", "县城管局", ["县城管局", "县住建局"]),
    ("（县住建局牵头，县交通局按职责分工负责；长期坚持）", "县住建局", ["县住建局", "县交通局"]),
    ("（以上任务由县能源局牵头，县电力公司配合）", "县能源局", ["县能源局", "县电力公司"]),
    ("（县能源局、县住建局分别牵头）", ["县能源局", "县住建局"], ["县能源局", "县住建局"]),
    ("（由县水利局牵头负责，县财政局等部门予以配合）", "县水利局", ["县水利局", "县财政局"]),
    ("（县水利局牵头，县林业局等部门和单位配合）", "县水利局", ["县水利局", "县林业局"]),
    ("（县教育局、县妇联、县科协、县疾控中心等）", None, ["县教育局", "县妇联", "县科协", "县疾控中心"]),
    ("(县工信局、县应急局(县安委办)等)", None, ["县工信局", "县应急局(县安委办)"]),
    ("（文旅局会同公安局指导，各镇政府负责）", "各镇政府", ["文旅局", "公安局", "各镇政府"]),
    ("（各县、区人民政府(管委会)负责落实）", "各县、区人民政府(管委会)", ["各县、区人民政府(管委会)"]),
]


@pytest.mark.parametrize(("printed", "lead", "departments"), NOTES)
def test_notes(printed: str, lead: object, departments: list[str]) -> None:
    text = "推进治理。" + printed if printed[0] in "（(〔" else printed
    (note,) = notes(mapped(text), text)
    assert note.lead() == (tuple(lead) if isinstance(lead, list) else lead)
    assert list(note.departments) == departments


@pytest.mark.parametrize("printed", ["（市级部门）", "（县级以上人民政府）"])
def test_a_bracket_that_says_of_which_level_is_no_note(printed: str) -> None:
    assert not notes(mapped("报送" + printed + "。"), "报送" + printed + "。")


FIGURES = [
    ("新建充电桩260台、换电站12座。", [("充电桩", "260", "台", None), ("换电站", "12", "座", None)]),
    ("完成50个园区、12处填埋场的调查。", [("园区", "50", "个", None), ("填埋场", "12", "处", None)]),
    ("绿地率超七成，三分之一以上的村庄完成整治。", [("绿地率", "70", "%", None), ("村庄", "33.3", "%", None)]),
    ("投入不少于三亿二千万元。", [("投入", "3.2", "亿元", None)]),
    ("建设处理中心两个。", [("处理中心", "2", "个", None)]),
    ("大型矿山100%达到绿色标准。", [("大型矿山", "100", "%", None)]),
    ("烟尘浓度低于20微克每立方米。", [("烟尘浓度", "20", "微克每立方米", None)]),
    ("降尘量不高于5吨/月·平方公里。", [("降尘量", "5", "吨/月·平方公里", None)]),
    ("水质达标率：100%。", [("水质达标率", "100", "%", None)]),
    ("推动30家企业开展审核。", [("企业", "30", "家", None)]),
    ("实现优良率85%以上、烟尘浓度38微克/立方米以下的目标。", [("优良率", "85", "%", None), ("烟尘浓度", "38", "微克/立方米", None)]),
    ("到2028年和2030年，治理率分别达到40%和60%。", [("治理率", "40", "%", "2028"), ("治理率", "60", "%", "2030")]),
    ("到2030年，排放于2028年达到峰值，蓄积量达到6.4亿立方米。", [("蓄积量", "6.4", "亿立方米", "2030")]),
    ("2027年年底前完成9个园区整治。", [("园区", "9", "个", "2027-12-31")]),
    ("到2028年，国、省考断面优良率100%。", [("断面优良率", "100", "%", "2028")]),
    ("城市达标率达到95%，县城达到90%。", [("城市达标率", "95", "%", None), ("县城", "90", "%", None)]),
]  # fmt: skip


@pytest.mark.parametrize(("sentence", "expected"), FIGURES)
def test_figures(sentence: str, expected: list[tuple[str, str, str, str | None]]) -> None:
    found = quantities(mapped(sentence))
    assert [(str(each.value), each.unit, each.by) for each in found] == [(v, u, by) for _, v, u, by in expected]
    assert all(subject in each.subject for each, (subject, *_) in zip(found, expected, strict=True))


@pytest.mark.parametrize(
    "sentence", ["目前覆盖率80%。", "推进10千伏以上线路改造。", "形成一江两岸格局。", "执行GB 3838-2002。"]
)
def test_what_is_no_aim(sentence: str) -> None:
    assert not quantities(mapped(sentence))


def test_a_review_has_the_time_before_it_and_a_note_has_no_figures() -> None:
    text = "一、考核\n建立年度评估制度，2028年6月底前完成中期评估。（县政府办负责，2029年完成）\n二、完\n"
    assert [(each.subject, each.by) for each in draft_of(text).targets] == [("中期评估", "2028-06-30")]


def test_targets_below_a_heading_that_tells_of_both_past_and_aims() -> None:
    text = "一、形势与目标\n（一）现状\n覆盖率达到30%。\n（二）目标\n覆盖率达到50%。\n二、任务\n做好。\n"
    assert [each.value for each in draft_of(text).targets] == [50]


def test_deadlines_stand_in_the_note_on_a_line_below_it_or_in_a_column() -> None:
    assert due("责任单位：县水利局；完成时限：2027年底") == "2027年底"
    assert due("（县城管局负责，县住建局配合；2027年10月底前完成）") == "2027年10月底前"
    assert due("（县城管局牵头，县住建局配合；长期坚持）") == "长期坚持"
    assert due("（县城管局牵头，县住建局配合）") is None
    text = (
        "一、任务\n1、治水。整治河道。\n牵头单位：县水利局\n配合单位：县住建局\n完成时限：2027年6月\n"
        "2、治气。压减扬尘。\n责任单位：县住建局\n完成时限：长期坚持\n二、分工\n"
        "序号\t重点任务\t牵头单位\t完成时限\n1\t整治排口\t县水利局\t2028年底\n2\t造林\t县林业局\t2029年\n"
    )
    found = draft_of(text).tasks
    assert [(each.title, each.lead, each.deadline) for each in found] == [
        ("治水", "县水利局", "2027-06-30"),
        ("治气", "县住建局", "长期坚持"),
        ("整治排口", "县水利局", "2028-12-31"),
        ("造林", "县林业局", "2029"),
    ]


def test_a_row_that_repeats_a_note_is_no_second_task() -> None:
    text = "一、任务\n整治排口。（县水利局负责）\n二、分工\n序号\t任务\t责任单位\n1\t整治排口\t县水利局\n2\t造林\t县林业局\n"
    assert [(each.no, each.title) for each in draft_of(text).tasks] == [(1, "整治排口"), (2, "造林")]


def test_headings_without_numbers_are_guessed_and_said_so() -> None:
    text = "某县规划\n现状形势\n工作成效\n成绩很大。\n存在问题\n问题不少。\n保障措施\n组织领导\n加强领导。\n"
    found = draft_of(text)
    assert [(each.title, [section.title for section in each.sections]) for each in found.chapters] == [
        ("现状形势", ["工作成效", "存在问题"]),
        ("保障措施", ["组织领导"]),
    ]
    assert {GUESSED, NO_TASKS, NO_INDICATORS} <= set(found.warnings)


def test_a_table_of_duties_without_its_columns_is_warned_of() -> None:
    text = "一、任务\n序号 重点任务 牵头单位 完成时限\n1 整治\n排口 县水利局\n2028年\n二、保障\n做好。\n"
    assert UNREAD in draft_of(text).warnings
    assert UNREAD not in draft_of(text.replace(" ", "\t").replace("\n排", "排").replace("\n2028", "\t2028")).warnings


def test_a_missing_chapter_is_warned_of() -> None:
    assert GAPS in draft_of("第一章 甲\n做好。\n第三章 丙\n做完。\n").warnings
    assert GAPS not in draft_of("第一章 甲\n做好。\n第二章 乙\n做完。\n").warnings


def test_markdown_keeps_its_places() -> None:
    text = "# 某县规划\n\n## 一、目标\n\n到**2030年**，绿地率达到**40%**。\n\n## 二、任务\n\n1. **治水**。整治河道。\n\n   *责任单位：县水利局*\n"
    from qingyuan.plans.reading.sources import _unmarked

    plain, levels = _unmarked(text)
    found = read_source(Source("plan.md", "txt", "utf-8", plain, levels))
    assert [each.title for each in found.chapters] == ["目标", "任务"]
    (target,) = found.targets
    assert (target.value, text[slice(*target.text_span)].strip("*")) == (40, "40%")
    assert [(each.title, each.lead) for each in found.tasks] == [("治水", "县水利局")]


def test_articles_and_chapters_with_a_mark_behind() -> None:
    text = "第一章、目标\n第1条 总体目标\n做好。\n第二章、任务\n第2条 治水\n整治第三条河流。（县水利局负责）\n"
    found = draft_of(text)
    assert [(each.title, [section.title for section in each.sections]) for each in found.chapters] == [
        ("目标", ["总体目标"]),
        ("任务", ["治水"]),
    ]


def test_heads_of_pages_that_repeat_the_chapter_are_left_out() -> None:
    page = "水是生命之源，要把治水摆在突出位置，统筹上下游左右岸，推进系统治理和综合治\n"
    text = f"第一章\n治理水体\n{page}5\n第一章 治理水体\n理。（县水利局负责）\n{page}6\n第一章 治理水体\n理。\n第二章\n治理大气\n好。\n"
    found = draft_of(text)
    assert [each.title for each in found.chapters] == ["治理水体", "治理大气"]
    assert [each.lead for each in found.tasks] == ["县水利局"]


LAID = """一、指标
类别      指标名称    2025年    2030年    属性
环境质量    烟尘年均浓    36       ≤33      约束性
        度（微克/
        立方米）
        优良天数比    81.5     84       约束性
        例（%）
生态      森林覆盖率    41       稳定        预期性
        （%）
二、任务
序号   主要任     牵头单     配合单     完成时
     务       位       位       限
1    扬尘治     县住建     县城管     2026年
     理       局       局、县     底
                     公安局
2    整治入     县水利     县住建     2027年
     河排口     局       局
     37个
三、保障
加强领导。
"""


def test_tables_laid_out_across_the_line_with_wrapped_cells() -> None:
    found = draft_of(LAID)
    assert [(each.group, each.name, each.unit, each.base, each.target) for each in found.indicators] == [
        ("环境质量", "烟尘年均浓度", "微克/立方米", 36, 33),
        ("环境质量", "优良天数比例", "%", Decimal("81.5"), 84),
        ("生态", "森林覆盖率", "%", 41, "稳定"),
    ]
    assert [(each.title, each.lead, each.departments[1:], each.deadline) for each in found.tasks] == [
        ("扬尘治理", "县住建局", ("县城管局", "县公安局"), "2026-12-31"),
        ("整治入河排口37个", "县水利局", ("县住建局",), "2027"),
    ]
    assert [(each.value, each.unit) for each in found.targets] == [(37, "个")]


LINES = """一、指标
类型 指标 单位 2025 年 2030 年 年均增速/累
计
属性
环境质量
重点流域优良
断面比例
%
81.5 84 — 约束性
生态保护 森林覆盖率较
高乡镇占比 % 41 43 [2] 预期性
城市绿地率 % 38 40 [2] 预期性
二、任务
做好。
"""


def test_lines_of_cells_with_groups_and_broken_names() -> None:
    found = draft_of(LINES).indicators
    assert [(each.group, each.name, each.base, each.target) for each in found] == [
        ("环境质量", "重点流域优良断面比例", Decimal("81.5"), 84),
        ("生态保护", "森林覆盖率较高乡镇占比", 41, 43),
        ("生态保护", "城市绿地率", 38, 40),
    ]


def test_natures_and_heads_whose_last_letters_stand_on_the_next_line() -> None:
    text = (
        "一、指标\n指标 单位 2025 年\n（基期）\n2030 年\n（目标）\n性质\n城市绿\n地率\n% 38 40 约束性指\n标\n"
        "城市清\n洁率\n% 90 95 预期性指\n标\n二、任务\n做好。\n"
    )
    found = [(each.name, each.base, each.target, each.nature) for each in draft_of(text).indicators]
    assert found == [("城市绿地率", 38, 40, "binding"), ("城市清洁率", 90, 95, "expected")]


def test_words_of_a_cell_are_given_as_printed() -> None:
    text = "一、指标\n指标\t2025年\t2030年\t属性\n回收率（%）\t60\t65～70%\t预期性\n绿地率（%）\t38\t不降(见注)\t预期性\n二、完\n好。\n"
    assert [each.target for each in draft_of(text).indicators] == ["65～70%", "不降(见注)"]


def test_levels_of_names_marks_behind_them_and_heads_of_two_rows() -> None:
    text = (
        "一、指标\n一级指标\t二级指标\t序号\t三级指标\t现状值（2025年）\t中期目标（2028年）\t目标值（2030年）\t性质\n"
        "减量\t工业\t1\t产生强度★\t1.3吨/万元\t1.2吨/万元\t≤1.1吨/万元\t约束性\n\t农业\t2\t回收率\t80%\t82%\t新增5%\t预期性\n二、完\n好。\n"
    )
    first, second = draft_of(text).indicators
    assert (first.group, first.name, first.unit, first.base, first.target) == ("减量", "产生强度", "吨/万元", Decimal("1.3"), Decimal("1.1"))  # fmt: skip
    assert first.milestones == {"2028": Decimal("1.2")}
    assert (second.group, second.name, second.target) == ("减量", "回收率", 5)


def test_a_row_whose_cells_a_single_space_parts() -> None:
    text = (
        "一、指标\n序号    指标    2025年    2030年    属性\n1    绿地率（%）    38    40    约束性\n"
        "2    单位产值能耗降低（%） 12    完成下达任务 约束性\n二、完\n好。\n"
    )
    assert [(each.name, each.target) for each in draft_of(text).indicators] == [
        ("绿地率", 40),
        ("单位产值能耗降低", "完成下达任务"),
    ]


def test_lost_points_of_long_figures_follow_their_table() -> None:
    text = "一、指标\n序号 指标 2025年 2030年 属性\n1 甲减排量（万吨） — 125 约束性\n2 乙减排量（万吨） — 086 约束性\n二、完\n好。\n"
    first, second = draft_of(text).indicators
    assert (first.target, second.target) == (Decimal("1.25"), Decimal("0.86"))
    assert Decimal(125) in first.doubtful[0].alternatives


def test_projects_in_a_table_of_a_box_are_named_by_their_column(tmp_path: Path) -> None:
    import docx

    document = docx.Document()
    for line in ("一、工程", "表3-1 某县重点工程一览表"):
        document.add_paragraph(line)
    table = document.add_table(rows=0, cols=4)
    for row in (
        ("序号", "项目名称", "建设内容", "责任单位"),
        ("1", "管网工程", "新建管网48公里", "县水利局"),
        ("2", "绿化工程", "造林3万亩", "县林业局"),
    ):
        cells = table.add_row().cells
        for cell, text in zip(cells, row, strict=True):
            cell.text = text
    document.add_paragraph("二、保障")
    document.save(str(tmp_path / "plan.docx"))
    found = read(tmp_path / "plan.docx")
    (box,) = found.boxes
    assert (box.title, [(item.no, item.title) for item in box.items]) == (
        "某县重点工程一览表",
        [(1, "管网工程"), (2, "绿化工程")],
    )
    assert not found.tasks


def test_items_of_a_box_with_figures_behind_their_number_and_text_below() -> None:
    text = (
        "一、任务\n专栏1 重点工程\n1. 10万吨加工项目。新建生产线。\n2. 200兆瓦风电项目\n总投资12亿元。\n二、完\n好。\n"
    )
    (box,) = draft_of(text).boxes
    assert [item.title for item in box.items] == ["10万吨加工项目", "200兆瓦风电项目"]


def test_headings_of_a_pdf_by_the_size_of_print(tmp_path: Path) -> None:
    from reportlab.pdfbase import pdfmetrics
    from reportlab.pdfbase.cidfonts import UnicodeCIDFont
    from reportlab.pdfgen.canvas import Canvas

    pdfmetrics.registerFont(UnicodeCIDFont("STSong-Light"))
    canvas = Canvas(str(tmp_path / "plan.pdf"))
    lines = [
        (24, "某县生态规划"),
        (16, "现状"),
        (13, "成效"),
        (10, "成绩很大，水质改善。"),
        (16, "任务（重点）"),
        (13, "治水"),
        (10, "整治河道。（县水利局负责）"),
    ]
    for place, (size, text) in enumerate(lines):
        canvas.setFont("STSong-Light", size)
        canvas.drawString(60, 780 - 40 * place, text)
    canvas.save()
    found = read(tmp_path / "plan.pdf")
    assert [(each.title, [section.title for section in each.sections]) for each in found.chapters] == [
        ("现状", ["成效"]),
        ("任务（重点）", ["治水"]),
    ]


def test_lines_of_a_pdf_that_reach_the_edge_go_on(tmp_path: Path) -> None:
    from reportlab.lib.styles import ParagraphStyle
    from reportlab.pdfbase import pdfmetrics
    from reportlab.pdfbase.cidfonts import UnicodeCIDFont
    from reportlab.platypus import Paragraph, SimpleDocTemplate

    pdfmetrics.registerFont(UnicodeCIDFont("STSong-Light"))
    style = ParagraphStyle("body", fontName="STSong-Light", fontSize=12, leading=20, wordWrap="CJK")
    lines = [
        "一、目标",
        "加强治理，切实改善水体、大气和土壤的质量，建设美丽家园，到2030年绿地率达到百分之四十，垃圾回收率达到35%。",
        "二、保障",
        "做好。",
    ]
    SimpleDocTemplate(str(tmp_path / "plan.pdf")).build([Paragraph(line, style) for line in lines])
    found = read(tmp_path / "plan.pdf")
    assert [(each.subject, each.value, each.by) for each in found.targets] == [
        ("绿地率", 40, "2030"),
        ("垃圾回收率", 35, "2030"),
    ]
    assert [each.title for each in found.chapters] == ["目标", "保障"]


def bad() -> dict[str, tuple[str, bytes]]:
    return {
        "old Word document": ("plan.doc", b"\xd0\xcf\x11\xe0" + bytes(600)),
        "rich text": ("plan.doc", rb"{\rtf1\ansi x}"),
        "a web page": ("plan.txt", "<!DOCTYPE html><p>一、总体要求的</p>".encode()),
        "a packed file": ("plan.txt", b"PK\x03\x04" + bytes(100)),
    }


@pytest.mark.parametrize("told", bad())
def test_files_of_other_kinds_are_told(told: str, tmp_path: Path) -> None:
    name, content = bad()[told]
    (tmp_path / name).write_bytes(content)
    with pytest.raises(UnreadableInput, match=told):
        read(tmp_path / name)


def test_a_locked_pdf_is_told(tmp_path: Path) -> None:
    from reportlab.lib.pdfencrypt import StandardEncryption
    from reportlab.pdfgen.canvas import Canvas

    canvas = Canvas(str(tmp_path / "plan.pdf"), encrypt=StandardEncryption("secret", "owner"))
    canvas.drawString(10, 10, "x")
    canvas.save()
    with pytest.raises(UnreadableInput, match="password"):
        read(tmp_path / "plan.pdf")


@pytest.mark.parametrize("encoding", ["gb18030", "utf-8-sig", "utf-16", "utf-16-le"])
def test_encodings(encoding: str, tmp_path: Path) -> None:
    (tmp_path / "plan.txt").write_bytes("一、目标\n做好的。\n二、任务\n做完。\n".encode(encoding))
    assert [each.title for each in read(tmp_path / "plan.txt").chapters] == ["目标", "任务"]


LONG = [
    "（" * 40000,
    "（县水利局负责）" * 3000,
    "（" * 3000 + "县水利局" + "）" * 3000,
    "1," * 30000,
    "到2025年达到" + "一二三" * 20000,
    "推进治理，到2025年，绿地率达到50%以上。（县林业局负责）" * 1000,
    "序号   指标   2020年   2025年   属性\n" + "1   率    5    6   约束性\n     的\n" * 1000,
]


@pytest.mark.parametrize("body", LONG, ids=["open", "notes", "nested", "digits", "numerals", "sentences", "table"])
def test_long_texts_take_time_in_proportion(body: str) -> None:
    begun = time.perf_counter()
    draft_of("第一章 任务\n" + body + "\n第二章 完\n")
    assert time.perf_counter() - begun < 8


def test_notes_in_a_last_sentence_and_behind_a_dash() -> None:
    text = (
        "1 任务\n1.1 治气\n1.1.1 压减扬尘\n压减扬尘。本任务由县住建局牵头，县城管局配合实施。\n"
        "1.1.2 治理油烟\n——责任单位：县城管局 / 县市场监管局\n1.1.3 解释\n规划由县生态环境局负责解释。\n2 保障\n2.1 组织\n做好。\n"
    )
    assert [(each.title, each.lead, each.departments) for each in draft_of(text).tasks] == [
        ("压减扬尘", "县住建局", ("县住建局", "县城管局")),
        ("治理油烟", None, ("县城管局", "县市场监管局")),
    ]


def test_a_table_that_only_single_spaces_part_and_that_names_no_natures() -> None:
    text = "1 目标\n1.1 指标\n序号 指标名称 单位 2025年 2030年\n1 烟尘浓度 微克/立方米 38 34\n2 绿地率 % 38 40以上\n2 任务\n2.1 治气\n做好。\n"
    found = draft_of(text)
    assert [(each.name, each.base, each.target, each.nature) for each in found.indicators] == [
        ("烟尘浓度", 38, 34, None),
        ("绿地率", 38, 40, None),
    ]
    assert [each.title for each in found.chapters] == ["目标", "任务"]


def test_a_table_of_two_columns_for_each_task_and_tracked_changes_in_word(tmp_path: Path) -> None:
    import docx
    from docx.oxml import parse_xml
    from docx.oxml.ns import nsdecls

    document = docx.Document()
    paragraph = document.add_heading("一、", 1)
    run = "<w:r><w:{0}>{1}</w:{0}></w:r>"
    paragraph._p.append(parse_xml(f"<w:ins {nsdecls('w')} w:id='1'>{run.format('t', '任务')}</w:ins>"))
    paragraph._p.append(parse_xml(f"<w:del {nsdecls('w')} w:id='2'>{run.format('delText', '旧题')}</w:del>"))
    table = document.add_table(rows=0, cols=2)
    for row in (
        ("任务内容", "建设基地2个"),
        ("牵头单位", "县工信局"),
        ("配合单位", "县发改局、县财政局"),
        ("完成时限", "2028年底"),
    ):
        cells = table.add_row().cells
        cells[0].text, cells[1].text = row
    document.add_heading("二、保障", 1)
    document.save(str(tmp_path / "plan.docx"))
    found = read(tmp_path / "plan.docx")
    assert [each.title for each in found.chapters] == ["任务", "保障"]
    assert [(each.title, each.lead, len(each.departments), each.deadline) for each in found.tasks] == [
        ("建设基地2个", "县工信局", 3, "2028-12-31")
    ]


def test_a_note_below_all_measures_is_of_their_heading() -> None:
    text = (
        "一、任务\n（一）治气行动\n1.压减扬尘。设围挡。\n2.治理油烟。\n责任单位：县住建局（牵头），县城管局\n"
        "（二）治水行动\n1.整治排口。\n责任单位：县水利局\n2.修复河岸。\n责任单位：县林业局\n二、保障\n做好。\n"
    )
    assert [(each.title, each.lead) for each in draft_of(text).tasks] == [
        ("治气行动", "县住建局"),
        ("整治排口", "县水利局"),
        ("修复河岸", "县林业局"),
    ]


def test_headings_without_numbers_are_counted_so_that_tasks_name_theirs(tmp_path: Path) -> None:
    import docx

    document = docx.Document()
    for level, text in ((1, "现状"), (2, "成效"), (1, "任务"), (2, "治气"), (2, "治水")):
        document.add_heading(text, level)
        document.add_paragraph("做好工作。（县水利局负责）" if text == "治水" else "成绩很大。")
    document.save(str(tmp_path / "plan.docx"))
    found = read(tmp_path / "plan.docx")
    assert [(each.chapter, each.section) for each in found.tasks] == [(2, 2)]
    assert GUESSED not in found.warnings


def test_what_is_asked_of_a_task_stands_beside_it() -> None:
    text = "一、分工\n序号\t主要任务\t目标要求\t牵头部门\n1\t治气\t覆盖率达到90%\t县住建局\n二、保障\n做好。\n"
    (task,) = draft_of(text).tasks
    assert (task.title, task.text, [each.value for each in task.quantities]) == ("治气", "治气覆盖率达到90%", [90])


def test_rows_of_tables_are_no_headings() -> None:
    text = "一、甲\n（一）乙\n做好。\n1 河长制 全面实施\n2 林长制 全面实施\n（二）丙\n做好。\n二、丁\n做完。\n"
    found = draft_of(text)
    assert [(each.title, [section.title for section in each.sections]) for each in found.chapters] == [
        ("甲", ["乙", "丙"]),
        ("丁", []),
    ]


def test_every_warning_is_told_in_both_languages():
    told = {text for name, text in vars(warnings).items() if name.isupper() and isinstance(text, str)}
    assert told == set(warnings.ZH)
