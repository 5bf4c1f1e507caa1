"""The content of a letter, from shares in force or from the tasks of the plan's version; and the letter as a sheet."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date

from qingyuan.cases.letters.written import Letter, chinese_date
from qingyuan.plans.decomposing.rules import rules
from qingyuan.plans.dispatching import things
from qingyuan.plans.dispatching.things import Thing
from qingyuan.plans.facts import plan
from qingyuan.plans.letters.parties import Content, NothingIssued, Party, of_place
from qingyuan.plans.models import Decomposition, Item, Responsible, Share, Version

UNITS = {"ug/m3": "µg/m³", "10^4 t": "万吨", "km2": "平方千米"}
BOUNDS = {">=": "不低于", ">": "高于", "<=": "不高于", "<": "低于"}


@dataclass(frozen=True)
class Signed:
    """The signatures of a letter that is signed, wholly or from below only; number: of its record."""

    number: str
    lower: str = ""
    lower_on: date | None = None
    upper: str = ""
    upper_on: date | None = None


def content(division: str, simulated: bool = False) -> Content:
    """What a place's shares in force ask of it. Raises NothingIssued."""
    shares = Share.objects.filter(
        division=division, party="", decomposition__plan__code=plan().code, decomposition__simulated=simulated,
        decomposition__state=Decomposition.State.ISSUED,
    ).select_related("decomposition")  # fmt: skip
    ordered = sorted(shares, key=lambda each: (int(each.decomposition.indicator), each.decomposition.day))
    if not ordered:
        raise NothingIssued(f"No target is in force for {division}", "Split and issue targets first")
    lines = _numbered(_line(each) for each in ordered)
    return Content(of_place(division), plan().code, plan().title.zh, lines, simulated)


def _numbered(lines: Iterable[str]) -> tuple[str, ...]:
    return tuple(f"{number}. {line}" for number, line in enumerate(lines, start=1))


def _line(share: Share) -> str:
    indicator = plan().indicator(int(share.decomposition.indicator))
    day = chinese_date(share.decomposition.day)
    if share.value is None:
        return f"{indicator.name.zh}：到{day}，{share.wording}。"
    rule = rules()[indicator.no]
    least = "不少于" if indicator.direction == "up" else "不多于"
    if rule.counted:
        counted = f"{round(share.weight, 0):f} 个（{rule.weighed_by.zh}）中"
        return f"{indicator.name.zh}：到{day}，{counted}{least} {round(share.value, 0):f} 个。"
    bound = "不低于" if indicator.direction == "up" else "不高于"
    unit = UNITS.get(indicator.unit, indicator.unit)
    return f"{indicator.name.zh}：到{day}{bound} {round(share.value, rule.decimals):f} {unit}。"


def department_contents(version: Version, parties: Iterable[Party]) -> dict[int, Content]:
    """What a version of a plan asks of departments, by primary key: led, taken part in, indicators; none: left out."""
    known = [each for each in things.things(version) if each.all_organisations]
    led = set(
        Responsible.objects.filter(item__version=version, lead=True)
        .exclude(organisation=None)
        .values_list("item_id", "organisation_id")
    )
    found = {each.organisation: _department(version, each, known, led) for each in parties}
    return {number: made for number, made in found.items() if made.lines}


def _department(version: Version, party: Party, known: list[Thing], led: set[tuple[int, int]]) -> Content:
    own = [each for each in known if party.organisation in each.all_organisations]
    indicators = [each for each in own if each.kind == Item.Kind.INDICATOR]
    works = [each for each in own if each.kind != Item.Kind.INDICATOR]
    leading = [each for each in works if (each.number, party.organisation) in led]
    beside = [each for each in works if (each.number, party.organisation) not in led]
    lines = (
        *(_work(each, "牵头") for each in leading),
        *(_work(each, "配合") for each in beside),
        *(_indicator(version, each) for each in indicators),
    )
    return Content(party, version.plan.code, version.plan.title, _numbered(lines), version.plan.simulated)


def _work(thing: Thing, role: str) -> str:
    sort = "项目" if thing.kind == Item.Kind.PROJECT else "任务"
    asked = "" if thing.quantity is None else f"，完成 {thing.quantity:f} {UNITS.get(thing.unit, thing.unit)}".rstrip()
    return f"{role}{sort}：{thing.title}（{thing.key}）{asked}，到{chinese_date(thing.deadline)}完成。"


def _indicator(version: Version, thing: Thing) -> str:
    facts = version.items.get(pk=thing.number).facts
    day, unit = chinese_date(thing.deadline), UNITS.get(thing.unit, thing.unit)
    target = facts.get("target")
    if thing.quantity is None:
        return f"指标：{thing.title}，到{day}{target or '达到规划要求'}。"
    bound = BOUNDS.get(str(facts.get("target_operator") or ""), "达到")
    return f"指标：{thing.title}，到{day}{bound} {thing.quantity:f} {unit}".rstrip() + "。"


def up_to_date(division: str, signed_digest: str, simulated: bool = False) -> bool:
    """Whether a signed letter of a place still says what the shares in force say."""
    try:
        return content(division, simulated).digest == signed_digest
    except NothingIssued:
        return False


def as_kept(found: Content, text: str) -> Content:
    """The same letter with the content that was signed."""
    return replace(found, lines=tuple(text.split("\n")))


def letter(found: Content, day: date, signed: Signed | None = None, differs: bool = False) -> Letter:
    """The letter as a sheet. differs: what was signed is not what is in force now, which the sheet says."""
    party, above = found.party, found.party.above
    stamps, what = signed or Signed(""), "任务" if party.organisation else "目标"
    changed = ("注意：签订后目标任务已调整，本责任书与现行目标任务不一致，须重新签订。",) if differs else ()
    return Letter(
        title=f"{found.title}{what}责任书",
        to=party.name,
        paragraphs=(
            *changed,
            f"为完成规划目标，{above}与{party.name}签订本责任书。{party.name}承担以下{what}：",
            *found.lines,
            _closing(found),
            f"内容摘要（SHA-256）：{found.digest}",
            _stamp(f"责任方（{party.name}）", stamps.lower, stamps.lower_on),
            _stamp(f"下达方（{above}）", stamps.upper, stamps.upper_on),
        ),
        sender=above,
        day=day,
        number=stamps.number,
        simulated=found.simulated,
    )


def _closing(found: Content) -> str:
    if found.party.organisation:
        return "进展按规划调度的要求填报；任务、期限或责任单位调整后，本责任书须重新签订。"
    return "上述数值按各指标的评价办法计算、修约，与上一级目标合计一致。目标调整后，本责任书须重新签订。"


def _stamp(who: str, name: str, on: date | None) -> str:
    return f"{who}签字：{name}　{chinese_date(on)}" if name and on else f"{who}签字：　　　　年　月　日"
