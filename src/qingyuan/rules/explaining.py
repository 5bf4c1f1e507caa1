"""A finding explained: inputs, flags, method, clause, judgement, result, in that order and in both languages."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from qingyuan.assessments.declaration import Assessment
from qingyuan.rules.declared import Rule
from qingyuan.rules.models import Finding

SURE = {
    "primary": ("据标准原文", "read in the text of the standard"),
    "two_sources": ("两处来源一致", "two sources agree"),
    "one_source": ("一处来源，未经核对", "one source, not confirmed"),
    "memory": ("凭记忆录入，未经核对", "from memory, not confirmed"),
}
STATES = {
    "open": ("未结束", "open"),
    "relapsed": ("再次发生", "relapsed"),
    "suppressed": ("已抑制", "suppressed"),
    "ended": ("已结束", "ended"),
    "retracted": ("已撤回", "retracted"),
}
SEVERITIES = {
    "urgent": ("紧急", "urgent"),
    "high": ("严重", "high"),
    "normal": ("一般", "normal"),
    "low": ("提示", "low"),
}
CHANGES = {
    "opened": ("生成", "opened"),
    "grew": ("延续", "grew"),
    "changed": ("依据数据变化", "changed with its rows"),
    "ended": ("结束", "ended"),
    "retracted": ("撤回", "retracted"),
    "again": ("再次成立", "holds again"),
    "suppressed": ("抑制", "suppressed"),
    "released": ("解除抑制", "released"),
    "joined": ("归入另一事件", "joined another event"),
}


@dataclass(frozen=True)
class Part:
    """One part of the explanation: its name and its sentences, each (zh, en)."""

    name: str
    title: tuple[str, str]
    lines: tuple[tuple[str, str], ...]


def explain(finding: Finding, rule: Rule | None, assessments: Mapping[str, Assessment]) -> list[Part]:
    """The parts in order. rule: as it is declared now, None when it is not any more."""
    return [
        Part("inputs", ("输入", "Inputs"), tuple(_inputs(finding))),
        Part("flags", ("标记", "Flags"), tuple(_flags(finding))),
        Part("method", ("方法", "Method"), tuple(_method(rule, assessments))),
        Part("clause", ("依据", "Clause"), tuple(_clause(finding))),
        Part("judgement", ("判定", "Judgement"), tuple(_judgement(finding, rule))),
        Part("result", ("结果", "Result"), tuple(_result(finding))),
    ]


def _inputs(finding: Finding) -> Iterator[tuple[str, str]]:
    rows = finding.series
    what = " ".join(part for part in (finding.point, finding.property, finding.averaging) if part)
    if rows:
        first, last = clock(rows[0]["at"]), clock(rows[-1]["at"])
        yield f"{what}：{len(rows)} 行，{first} 至 {last}", f"{what}: {len(rows)} rows, {first} to {last}"
    for row in rows[-12:]:
        told = [(name, shown(value)) for name, value in row.items() if name in _SHOWN]
        zh, en = ("，".join(f"{_SHOWN[name][at]} {value}" for name, value in told) for at in (0, 1))
        judged = JUDGED[row["judged"]]
        yield f"{clock(row['at'])}　{zh}：{judged[0]}", f"{clock(row['at'])}  {en.replace('，', ', ')}: {judged[1]}"


_SHOWN = {
    "value": ("数值", "value"),
    "unit": ("单位", "unit"),
    "limit": ("限值", "limit"),
    "over_limit": ("超标倍数", "times over"),
    "flag": ("标记", "flag"),
    "tag": ("工况", "plant"),
    "mark": ("仪器", "monitor"),
    "aqi": ("指数", "index"),
    "level": ("级别", "level"),
    "change_per_hour": ("每小时变化", "change an hour"),
    "missing": ("缺失", "missing"),
    "effective_rate": ("传输有效率", "transmission-valid rate"),
    "code": ("检验", "test"),
    "statistic": ("统计量", "statistic"),
    "silent_hours": ("失联小时", "hours silent"),
    "days_left": ("剩余天数", "days left"),
    "amount": ("余额", "amount"),
}
JUDGED = {
    "on": ("成立", "bad"),
    "off": ("正常", "good"),
    "between": ("两限之间", "between the thresholds"),
    "unknown": ("不判定", "not judged"),
}


def _flags(finding: Finding) -> Iterator[tuple[str, str]]:
    counted = Counter(str(row[name]) for row in finding.series for name in ("flag", "tag", "mark") if row.get(name))
    for flag, count in counted.most_common():
        yield f"{flag}：{count} 行，不作判定依据或按规则处理", f"{flag}: {count} rows, no basis, or as the rule says"
    if not counted:
        yield "没有标记的数据", "no row carries a flag"


def _method(rule: Rule | None, assessments: Mapping[str, Assessment]) -> Iterator[tuple[str, str]]:
    if rule is None:
        yield (
            "此规则已不再声明，见证据文件中的 rule.json",
            "the rule is not declared any more: see rule.json of the evidence",
        )
        return
    found = assessments.get(rule.when.name)
    if found:
        law = "、".join(found.law)
        yield f"{found.title_zh}（{found.name}，{law}）", f"{found.title_en} ({found.name}; {', '.join(found.law)})"
    if rule.method:
        yield rule.method.zh, rule.method.en
    if rule.when.on:
        good = rule.when.off.text if rule.when.off else f"not ({rule.when.on.text})"
        yield f"成立：{rule.when.on.text}；恢复：{good}", f"bad: {rule.when.on.text}; good again: {good}"


def _clause(finding: Finding) -> Iterator[tuple[str, str]]:
    if finding.limit is not None:
        text = f"{shown(finding.limit)} {finding.unit} · {finding.clause}"
        yield f"限值 {text}", f"limit {text}"
    zh, en = SURE.get(finding.confidence, ("", ""))
    if zh:
        yield f"可信程度：{zh}", f"confidence: {en}"
    for each in finding.basis:
        if each["kind"] == "house":
            yield f"平台规则（非法定）：{each['zh']}", f"rule of the house, not of the law: {each['en']}"
        elif each["kind"] == "practice":
            yield (
                f"通行做法（{SURE[each['confidence']][0]}）：{each['zh']}",
                f"practice ({SURE[each['confidence']][1]}): {each['en']}",
            )
        else:
            yield each["zh"], each["en"]
    for name, each in finding.thresholds.items():
        why = each.get("house")
        yield (
            f"{name} = {each['value']}（{'平台规则：' + why['zh'] if why else each.get('law', '')}）",
            f"{name} = {each['value']} ({'rule of the house: ' + why['en'] if why else each.get('law', '')})",
        )


def _judgement(finding: Finding, rule: Rule | None) -> Iterator[tuple[str, str]]:
    if rule and rule.when.hold > 1:
        yield f"连续 {rule.when.hold} 行成立方计", f"counts from {rule.when.hold} bad rows in a row"
    yield f"成立 {finding.rows} 行", f"{finding.rows} bad rows"
    if finding.ended_at:
        at = clock(finding.ended_at.isoformat())
        yield f"{at} 的数据表明已恢复", f"the row of {at} showed that it was good again"
    else:
        yield "此后没有数据表明已恢复；无数据不等于恢复", "no later row shows it good again; silence is not recovery"


def _result(finding: Finding) -> Iterator[tuple[str, str]]:
    zh, en = SEVERITIES[finding.severity]
    state_zh, state_en = STATES[finding.state]
    first, last = clock(finding.window_from.isoformat()), clock(finding.window_to.isoformat())
    yield f"{zh}，{state_zh}，{first} 至 {last}", f"{en}, {state_en}, {first} to {last}"
    for each in finding.via:
        yield (
            f"与线索 {each['finding']} 属同一事件（{each['how']}）",
            f"one event with finding {each['finding']} ({each['how']})",
        )
    if finding.relapse_of_id:
        yield f"是线索 {finding.relapse_of_id} 的再次发生", f"a relapse of finding {finding.relapse_of_id}"
    for change in finding.changes.all():
        told = CHANGES[change.what]
        at = clock(change.at.isoformat())
        yield f"{at} {told[0]} {change.reason}".strip(), f"{at} {told[1]} {change.reason}".strip()
    if finding.evidence_sha256:
        yield f"证据文件 SHA-256 {finding.evidence_sha256}", f"evidence file, SHA-256 {finding.evidence_sha256}"


def clock(text: str) -> str:
    """A moment as people write it."""
    return text[:16].replace("T", " ")


def shown(value: Any) -> str:
    """A number without what floats add to it."""
    return f"{value:.6g}" if isinstance(value, float) else str(value)
