"""The chapter of scores: places, departments, and every sheet line by line, with what was said and decided of it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from qingyuan.plans.evaluating.known import Trace
from qingyuan.plans.evaluating.sheet import Line, Scored, Sheet
from qingyuan.plans.facts import Words
from qingyuan.plans.reporting import charts
from qingyuan.plans.reporting.material import Stood

if TYPE_CHECKING:
    from qingyuan.plans.reporting.chapters import Report

POINTS = {
    "scored": Words("已计分", "scored"),
    "withheld": Words("未观测，暂不得分", "not observed, withheld"),
    "redistributed": Words("未观测，权重分摊", "not observed, shared out"),
}
SAYS = {
    "assess": Words("自评", "Self"),
    "review": Words("复核", "Review"),
    "decide": Words("裁定", "Decision"),
}
RULES = Words("计分办法", "rules of scoring")

HOW = Words(
    "每一分都由计分办法算出：下面各表逐项列出公式、得分与来源；未观测的不当作零。",
    "Every point is computed by the rules: formula, points and source of each line follow.",
)
HELD = Words(
    "系统计分从不改写：自评、复核、申诉裁定的分数并列在旁，各有理由；有裁定的以裁定为准，其次复核，其次系统计分。",
    "Computed points are never overwritten: self-assessed, reviewed and decided points stand beside them with reasons; "
    "decided points hold, else reviewed, else computed.",
)
SUMS = Words(
    "得分为各项之和，逐项来源见下面各表；满分与等次按计分办法",
    "Totals are the sums of the lines that follow; full points and grades by the rules",
)
FULL = Words(
    "满分按计分办法的权重，未观测的权重已分摊",
    "Full points by the weights of the rules, shared out where not observed",
)
RANKED = (
    Words("系统计分", "Computed"), Words("自评", "Self"), Words("复核后", "Reviewed"), Words("最终", "Final"),
    Words("等次", "Grade"), Words("未观测项", "Not observed"), Words("环节", "Step"), Words("一票否决", "Veto"),
)  # fmt: skip

Pair = tuple[Sheet, Stood | None]


class Scores:
    """The sheets of a report being written."""

    def __init__(self, report: Report) -> None:
        self.report, self.paper, self.say = report, report.paper, report.say
        stood: Sequence[Stood | None] = report.m.stood or [None] * len(report.m.sheets)
        self.pairs: list[Pair] = list(zip(report.m.sheets, stood, strict=True))

    def overview(self) -> None:
        """How it was scored, and points and grades of the places and of the departments."""
        words, paper = self.paper.words, self.paper
        paper.heading(words("评分", "Scores"))
        paper.text(self.say(HOW))
        if self.report.m.stood:
            paper.text(self.say(HELD))
        paper.text(self.say(self.report.m.rules.basis), small=True)
        whole = self.report.m.plan.division
        places = [each for each in self.pairs if each[0].facts.party is None and each[0].facts.division != whole]
        offices = [each for each in self.pairs if each[0].facts.party is not None]
        self._ranking(places, words("市州", "City"), words("各市州得分与等次", "Points and grades of the cities"))
        self._ranking(
            offices, words("部门", "Department"), words("各部门得分与等次", "Points and grades of departments")
        )

    def _ranking(self, pairs: Iterable[Pair], of: str, caption: str) -> None:
        words = self.paper.words
        ordered = sorted(pairs, key=_total, reverse=True)
        totals = [_total(each) for each in ordered]
        rows = [self._place(totals.index(_total(each)) + 1, *each) for each in ordered]
        if not rows:
            return
        head = [words("位次", "Rank"), of, *map(self.say, RANKED)]
        widths = (1.2, 4, 2, 2, 2, 2, 2, 2, 2.6, 5)
        self.paper.table(caption, head, rows, widths, (2, 3, 4, 5, 7), (self.say(SUMS), self._rules()))

    def _place(self, rank: int, sheet: Sheet, stood: Stood | None) -> list[Any]:
        missing = sum(line.state != "scored" for line in sheet.lines())
        grade = stood.grade if stood else sheet.grade.title if sheet.grade else None
        vetoes = "；".join(self.say(each.veto.title) for each in sheet.vetoes)
        stands = stood.total if stood else sheet.total
        return [
            rank, self.say(sheet.facts.organisation), sheet.total, _with(sheet, stood, "assess"),
            _with(sheet, stood, "review"), stands, self.say(grade) if grade else None, missing,
            self.say(stood.step) if stood else None, vetoes or None,
        ]  # fmt: skip

    def _rules(self) -> int:
        rules = self.report.m.rules
        return self.report.traces.of(Trace("plan", RULES, rules.edition, version=rules.digest[:16]))

    def sheet(self, sheet: Sheet, stood: Stood | None) -> None:
        """One sheet: total and grade, vetoes, points by section, every line, and how it went."""
        words, paper, name = self.paper.words, self.paper, self.say(sheet.facts.organisation)
        paper.heading(words(f"{name}评分表", f"Score sheet: {name}"), 2)
        self._verdict(sheet, stood)
        if sheet.total is None and not stood:
            return
        parts = sheet.sections
        points = [_section_now(each, stood) for each in parts]
        chart = charts.shares([self.say(each.section.title) for each in parts], points, [each.full for each in parts],
                              words("未观测", "not observed"))  # fmt: skip
        paper.picture(chart, words(f"{name}各部分得分", f"{name}: points by section"), (self._rules(),))
        self._lines(sheet, stood, name)
        if stood and stood.turns:
            self._turns(stood, name)

    def _verdict(self, sheet: Sheet, stood: Stood | None) -> None:
        words, paper = self.paper.words, self.paper
        total = stood.total if stood else sheet.total
        grade = stood.grade if stood else sheet.grade.title if sheet.grade else None
        if total is None:
            paper.text(words("可计分的内容都未观测，不评等次。", "Nothing that can be scored was observed: no grade."))
        else:
            told = self.say(grade) if grade else "—"
            state = words(f"（{self.say(stood.step)}）", f" ({self.say(stood.step)})") if stood else ""
            paper.text(words(f"总分 {total}，等次{told}{state}。", f"Total {total}, grade {told}{state}."), held=True)
        for each in sheet.vetoes:
            refs = [self.report.traces.of(trace) for trace in each.traces]
            title, why = self.say(each.veto.title), self.say(each.why)
            paper.text(words(f"一票否决“{title}”：{why}。", f"Veto “{title}”: {why}."), *refs, held=True)

    def _lines(self, sheet: Sheet, stood: Stood | None, name: str) -> None:
        words = self.paper.words
        head = [words("评分项", "Line"), words("满分", "Full"), words("系统计分", "Computed")]
        widths, right = [4.0, 1.5, 1.9], [1, 2]
        if stood:
            head += [self.say(each) for each in SAYS.values()] + [words("最终", "Final")]
            widths, right = [4.4, 1.3, 1.8, 1.8, 1.8, 1.8, 1.5], [1, 2, 3, 4, 5, 6]
        head += [words("怎样算出", "How"), words("状态", "State")]
        rows = [self._line(each, stood) for each in sheet.lines()]
        caption = words(f"{name}逐项得分", f"{name}: line by line")
        note = (self.say(FULL), self._rules())
        self.paper.table(caption, head, rows, (*widths, 9, 3.4), right, note)

    def _line(self, line: Line, stood: Stood | None) -> list[Any]:
        points = None if line.points is None else (line.points, self.report.traces.of(line.trace))
        row: list[Any] = [self.say(line.title), line.full, points]
        how = self.say(line.formula)
        if stood:
            key = f"{line.section}.{line.key}"
            said = [(word, stood.said.get(key, {}).get(verb)) for verb, word in SAYS.items()]
            row += [(one.points, self.report.traces.of(one.trace)) if one else None for _word, one in said]
            row.append(stood.now.get(key))
            how = "\n".join([how, *(f"{self.say(word)}：{one.why}" for word, one in said if one and one.why)])
        return [*row, how, self.say(POINTS[line.state])]

    def _turns(self, stood: Stood, name: str) -> None:
        words = self.paper.words
        head = [words("时间", "Time"), words("环节", "Step"), words("谁", "Who"), words("说明", "In words"),
                words("佐证", "Evidence")]  # fmt: skip
        rows = [[f"{each.at:%Y-%m-%d %H:%M}", (self.say(each.title), self.report.traces.of(each.trace)), each.by,
                 each.note or None, "\n".join(each.evidence) or None] for each in stood.turns]  # fmt: skip
        caption = words(f"{name}自评、复核与申诉经过", f"{name}: self-assessment, review and appeal")
        self.paper.table(caption, head, rows, (2.6, 2, 3.4, 8, 6))


def _total(pair: Pair) -> Decimal:
    sheet, stood = pair
    total = stood.total if stood else sheet.total
    return Decimal(-1) if total is None else total


def _with(sheet: Sheet, stood: Stood | None, verb: str) -> Decimal | None:
    """The total with the points given by a verb in the place of the computed ones; None before it was done."""
    if stood is None or sheet.total is None or all(each.verb != verb for each in stood.turns):
        return None
    computed = {f"{each.section}.{each.key}": each.points or Decimal(0) for each in sheet.lines()}
    moved = sum((said[verb].points - computed[key] for key, said in stood.said.items() if verb in said), Decimal(0))
    return min(max(sheet.total + moved, Decimal(0)), Decimal(100))


def _section_now(part: Scored, stood: Stood | None) -> Decimal | None:
    """Points of a section as they stand."""
    if stood is None or part.points is None:
        return part.points
    moved = Decimal(0)
    for line in part.lines:
        now = stood.now.get(f"{line.section}.{line.key}")
        moved += Decimal(0) if now is None else now - (line.points or Decimal(0))
    return part.points + moved
