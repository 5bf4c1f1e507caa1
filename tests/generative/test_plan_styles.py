"""One invented plan, printed in many styles, is read back as it was."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from plan_pages import (
    BOXES,
    HEADS,
    ITEMS,
    LEADERLESS,
    NOTES,
    Duty,
    Measure,
    Part,
    Plan,
    Project,
    Style,
    as_pdf,
    as_text,
    as_word,
)

from qingyuan.plans.reading import read, read_source
from qingyuan.plans.reading.draft import Draft
from qingyuan.plans.reading.sources import Source

PLAN = Plan(
    title="云泽省“十五五”生态环境保护规划",
    base_year=2025,
    parts=(
        Part(
            "规划基础",
            (
                ("主要成效", ()),
                ("总体思路", ()),
            ),
        ),
        Part("目标指标", (("主要目标", ()), ("远景展望", ()))),
        Part(
            "推进绿色转型",
            (
                (
                    "优化空间格局",
                    (
                        Duty(
                            "加强分区管控",
                            "把生态保护红线、资源利用上线和准入清单落到每一个单元，严把新上项目的环境关口，定期评价实施效果。",
                            ("省生态环境厅",),
                            ("省自然资源厅", "省发展改革委"),
                        ),
                        Duty(
                            "提升资源效率",
                            "到2030年，大宗固体废物综合利用率达到62.5%以上，单位产值用水量比2025年下降12%。加快园区改造，形成一批示范企业。",
                            ("省发展改革委", "省工业和信息化厅"),
                            ("省住房和城乡建设厅", "各市（州）人民政府"),
                        ),
                    ),
                ),
                (
                    "调整运输方式",
                    (
                        Duty(
                            "发展清洁运输",
                            "鼓励大宗货物改走铁路和水路，新增充电桩1.2万个，港口岸电使用率不低于85%，淘汰老旧货车三万辆。",
                            ("省交通运输厅",),
                            ("云泽海关", "中铁云泽局集团", "省政务服务和数字化局"),
                        ),
                    ),
                ),
            ),
            Project(
                "绿色转型重点工程",
                (
                    ("园区改造工程", "改造园区20个。"),
                    ("清洁运输工程", "建设换电站50座。"),
                    ("固废利用工程", "推广先进技术。"),
                ),
            ),
        ),
        Part(
            "建设美丽河湖",
            (
                (
                    "统筹水系治理",
                    (
                        Duty(
                            "整治入河排口",
                            "2027年6月底前完成全部入河排口的溯源，对重点河段逐一制定方案，按季度通报进展，接受社会监督。",
                            ("省生态环境厅",),
                            ("省水利厅",),
                        ),
                        Duty(
                            "修复河湖湿地",
                            "在入湖口和支流汇入处建设人工湿地，恢复湿地1500公顷，重要湖泊的生态水位得到保障。",
                            ("省林草局",),
                            ("省水利厅", "省农业农村厅"),
                        ),
                    ),
                ),
            ),
            Project("河湖保护工程", (("湿地恢复工程", "在湖滨带开展修复。"), ("排口整治工程", "对排口分类整治。"))),
        ),
        Part("健全保障体系", (("加强组织领导", ()), ("严格监督考核", ()))),
    ),
    measures=(
        Measure("环境质量", "城市细颗粒物浓度", "微克/立方米", "27.5", "25.5", "约束性"),
        Measure("环境质量", "空气质量优良天数比例", "%", "91.3", "≥93", "约束性"),
        Measure("环境质量", "地表水水质优良断面比例", "%", "—", "完成国家下达任务", "预期性"),
        Measure("污染减排", "氮氧化物重点工程减排量", "万吨", "—", "[3.6]", "约束性"),
        Measure("生态保护", "生态质量指数", "", "稳定", "持续提升", "预期性"),
    ),
)


def duties() -> list[Duty]:
    return [duty for part in PLAN.parts for _, held in part.sections for duty in held]


def check(draft: Draft, style: Style) -> None:
    assert draft.title == PLAN.title
    assert (draft.first_year, draft.last_year) == (2026, 2030)
    assert [each.title for each in draft.chapters] == [part.title for part in PLAN.parts]
    assert [[s.title for s in each.sections] for each in draft.chapters] == [
        [title for title, _ in part.sections] for part in PLAN.parts
    ]
    check_tasks(draft, style)
    boxes = [part.box for part in PLAN.parts if part.box]
    assert [(each.title, [item.title for item in each.items]) for each in draft.boxes] == [
        (box.title, [name for name, _ in box.items]) for box in boxes
    ]
    check_indicators(draft)
    check_targets(draft)
    check_places(draft)


def check_tasks(draft: Draft, style: Style) -> None:
    assert [each.title for each in draft.tasks] == [duty.title for duty in duties()]
    for task, duty in zip(draft.tasks, duties(), strict=True):
        lead = duty.leads[0] if len(duty.leads) == 1 else duty.leads
        assert task.departments == (*duty.leads, *duty.others)
        assert task.lead == (None if style.note in LEADERLESS else lead)
        assert task.text.endswith(duty.text[-12:])
        assert duty.title in task.text


def check_indicators(draft: Draft) -> None:
    found = [(each.no, each.group, each.name, each.unit or "") for each in draft.indicators]
    assert found == [(no, each.group, each.name, each.unit) for no, each in enumerate(PLAN.measures, 1)]
    assert [each.nature for each in draft.indicators] == ["binding", "binding", "expected", "binding", "expected"]
    assert [each.base for each in draft.indicators] == [Decimal("27.5"), Decimal("91.3"), None, None, "稳定"]
    assert [each.target for each in draft.indicators] == [
        Decimal("25.5"),
        Decimal(93),
        "完成国家下达任务",
        Decimal("3.6"),
        "持续提升",
    ]
    assert draft.indicators[1].target_operator == ">="
    assert draft.indicators[3].cumulative


def check_targets(draft: Draft) -> None:
    found = {(each.value, each.unit, each.operator, each.by, each.change) for each in draft.targets}
    assert {
        (Decimal("62.5"), "%", ">=", "2030", None),
        (Decimal(12), "%", "=", "2030", "down"),
        (Decimal("1.2"), "万个", "=", "2030", None),
        (Decimal(85), "%", ">=", "2030", None),
        (Decimal(3), "万辆", "=", "2030", None),
        (Decimal(1500), "公顷", "=", "2030", None),
        (Decimal(50), "座", "=", "2030", None),
    } <= found
    assert any(each.by == "2027-06-30" and each.words for each in draft.targets)


def check_places(draft: Draft) -> None:
    """Every item lies within the text, and tasks, boxes and rows where their words are."""
    squeezed = "".join(draft.text.split())
    for task in draft.tasks:
        assert task.text_span[0] < task.note_span[0] < task.note_span[1] <= len(draft.text)
        assert "牵头" in task.note or "".join(draft.text[slice(*task.note_span)].split()) in squeezed
    for each in draft.indicators:
        assert each.name in "".join(draft.text[slice(*each.text_span)].split())


@pytest.mark.parametrize("heads", HEADS)
@pytest.mark.parametrize("table", ["pipes", "tabs", "aligned", "one_a_line", "decomposed"])
def test_text_of_every_heading_and_table(heads: str, table: str) -> None:
    style = Style(heads=heads, table=table)
    check(read_source(Source("plan.txt", "txt", "utf-8", as_text(PLAN, style))), style)


@pytest.mark.parametrize("note", NOTES)
@pytest.mark.parametrize("wrap", [None, 28])
def test_text_of_every_note(note: str, wrap: int | None) -> None:
    style = Style(note=note, wrap=wrap, spaced=wrap is not None)
    check(read_source(Source("plan.txt", "txt", "utf-8", as_text(PLAN, style))), style)


STYLES = st.builds(
    Style,
    heads=st.sampled_from(sorted(HEADS)),
    note=st.sampled_from(sorted(NOTES)),
    table=st.sampled_from(["pipes", "tabs", "aligned", "one_a_line", "decomposed"]),
    box=st.sampled_from(sorted(BOXES)),
    items=st.sampled_from(sorted(ITEMS)),
    wrap=st.sampled_from([None, 26, 28, 33, 40]),
    spaced=st.booleans(),
    wide=st.booleans(),
    pages=st.booleans(),
    contents=st.booleans(),
    indent=st.booleans(),
)


@given(style=STYLES)
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_text_of_any_style(style: Style) -> None:
    check(read_source(Source("plan.txt", "txt", "utf-8", as_text(PLAN, style))), style)


@pytest.mark.parametrize("heads", HEADS)
@pytest.mark.parametrize("items", ITEMS)
def test_word(heads: str, items: str, tmp_path: Path) -> None:
    style = Style(heads=heads, items=items, note="labels")
    as_word(PLAN, style, tmp_path / "plan.docx")
    check(read(tmp_path / "plan.docx"), style)


@pytest.mark.parametrize("heads", HEADS)
def test_pdf(heads: str, tmp_path: Path) -> None:
    style = Style(heads=heads)
    as_pdf(PLAN, style, tmp_path / "plan.pdf")
    check(read(tmp_path / "plan.pdf"), style)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
def test_encodings(encoding: str, tmp_path: Path) -> None:
    style = Style()
    (tmp_path / "plan.txt").write_bytes(as_text(PLAN, style).encode(encoding))
    check(read(tmp_path / "plan.txt"), style)
