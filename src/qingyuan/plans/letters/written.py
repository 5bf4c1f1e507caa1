"""The content of a responsibility letter, from the shares in force; its digest tells when it is out of date."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import date

from qingyuan.base.errors import QingyuanError
from qingyuan.cases.letters.written import Letter, chinese_date
from qingyuan.places.divisions import division as place_of
from qingyuan.plans.decomposing.rules import rules
from qingyuan.plans.facts import plan
from qingyuan.plans.models import Decomposition, Share

UNITS = {"ug/m3": "µg/m³", "10^4 t": "万吨", "km2": "平方千米"}


class NothingIssued(QingyuanError):
    """No share of this place is in force, so there is nothing to sign."""


@dataclass(frozen=True)
class Content:
    """What a letter binds to: one sentence a target, in the order of indicators and days."""

    division: str
    lines: tuple[str, ...]
    simulated: bool

    @property
    def text(self) -> str:
        """The sentences, one a line: what is signed."""
        return "\n".join(self.lines)

    @property
    def digest(self) -> str:
        """SHA-256 of plan, place and text, in hexadecimal digits."""
        return hashlib.sha256(f"{plan().code}\n{self.division}\n{self.text}".encode()).hexdigest()


def content(division: str, simulated: bool = False) -> Content:
    """The content of a place's letter as its shares stand now. Raises NothingIssued."""
    shares = Share.objects.filter(
        division=division, decomposition__plan__code=plan().code, decomposition__simulated=simulated,
        decomposition__state=Decomposition.State.ISSUED,
    ).select_related("decomposition")  # fmt: skip
    ordered = sorted(shares, key=lambda each: (int(each.decomposition.indicator), each.decomposition.day))
    if not ordered:
        raise NothingIssued(f"No target is in force for {division}", "Split and issue targets first")
    lines = tuple(f"{number}. {_line(each)}" for number, each in enumerate(ordered, start=1))
    return Content(division, lines, simulated)


def _line(share: Share) -> str:
    indicator = plan().indicator(int(share.decomposition.indicator))
    day = chinese_date(share.decomposition.day)
    if share.value is None:
        return f"{indicator.name.zh}：到{day}，{share.wording}。"
    rule = rules()[indicator.no]
    least = "不少于" if indicator.direction == "up" else "不多于"
    if rule.counted:
        things = f"{round(share.weight, 0):f} 个（{rule.weighed_by.zh}）中"
        return f"{indicator.name.zh}：到{day}，{things}{least} {round(share.value, 0):f} 个。"
    bound = "不低于" if indicator.direction == "up" else "不高于"
    unit = UNITS.get(indicator.unit, indicator.unit)
    return f"{indicator.name.zh}：到{day}{bound} {round(share.value, rule.decimals):f} {unit}。"


def up_to_date(division: str, signed_digest: str, simulated: bool = False) -> bool:
    """Whether a signed letter still says what the shares in force say."""
    try:
        return content(division, simulated).digest == signed_digest
    except NothingIssued:
        return False


def letter(found: Content, above: str, day: date) -> Letter:
    """The letter as a sheet. above: name of the authority that hands the targets down."""
    place = place_of(found.division).name_zh
    return Letter(
        title=f"{plan().title.zh}目标责任书",
        to=place,
        paragraphs=(
            f"为完成规划目标，{above}与{place}签订本责任书。{place}承担以下目标：",
            *found.lines,
            "上述数值按各指标的评价办法计算、修约，与全省目标合计一致。目标调整后，本责任书须重新签订。",
            f"内容摘要（前 16 位）：{found.digest[:16]}",
            f"责任方（{place}）签字：　　　　年　月　日",
            f"下达方（{above}）签字：　　　　年　月　日",
        ),
        sender=above,
        day=day,
        simulated=found.simulated,
    )
