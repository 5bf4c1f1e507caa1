"""The chapters of a report, written from its material; every number is followed by the line it has in the appendix."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from decimal import Decimal
from itertools import groupby
from typing import Any

from qingyuan.plans.book.entries import Entry
from qingyuan.plans.evaluating.known import Trace
from qingyuan.plans.facts import Words
from qingyuan.plans.reporting import charts
from qingyuan.plans.reporting.material import Followed, Material, trace_of
from qingyuan.plans.reporting.paper import Paper
from qingyuan.plans.reporting.scores import RULES, Scores
from qingyuan.plans.units import printed

KINDS = {
    "midterm": Words("中期评估报告", "Half-way evaluation"),
    "final": Words("终期评估报告", "Final evaluation"),
    "yearly": Words("年度考核报告", "Yearly assessment"),
}
STATES = {
    "good": Words("达标", "on course"),
    "tight": Words("吃紧", "tight"),
    "bad": Words("可能落空", "may be missed"),
    "not_observed": Words("未观测", "not observed"),
    "none": Words("未上报", "not reported"),
}
LIGHTS = {"good": Words("绿灯", "green"), "tight": Words("黄灯", "amber"), "bad": Words("红灯", "red"),
          "none": Words("未上报", "not reported")}  # fmt: skip
NATURES = {"binding": Words("约束性", "binding"), "expected": Words("预期性", "expected")}
FACTS = Words("规划文本", "text of the plan")
LAST_YEAR = Words("平台据监测结果计算，上年同期", "computed from observations, same days of last year")


class Traces:
    """The appendix in the making: each source once, numbered as first used."""

    def __init__(self) -> None:
        self.numbers: dict[Trace, int] = {}

    def of(self, trace: Trace) -> int:
        """The number of a trace's line."""
        return self.numbers.setdefault(trace, len(self.numbers) + 1)


class Report:
    """A report being written; `parts` yields what is being written, so that progress can be told between them."""

    def __init__(self, material: Material, paper: Paper) -> None:
        self.m, self.paper, self.traces = material, paper, Traces()

    def say(self, words: Words) -> str:
        """A wording in the report's language."""
        return self.paper.words(words.zh, words.en)

    def parts(self) -> Iterator[str]:
        """Write chapter by chapter."""
        self._front()
        yield self.say(Words("总论", "Summary"))
        self._summary()
        for each in self.m.followed:
            yield self.say(each.indicator.short)
            if each is self.m.followed[0]:
                self.paper.heading(self.say(Words("指标进展", "Indicators")))
            self._indicator(each)
        self.paper.turn(wide=True)
        for chapter, below in _chapters(self.m.entries):
            yield self.paper.words(chapter.title, str(chapter.facts.get("en", chapter.title)))
            self._chapter(chapter, below)
        self.paper.turn(wide=True)
        scores = Scores(self)
        for index, (sheet, stood) in enumerate(scores.pairs):
            yield self.say(sheet.facts.organisation)
            if index == 0:
                scores.overview()
            scores.sheet(sheet, stood)
        yield self.say(Words("版本与附录", "Versions and appendix"))
        self.paper.turn(wide=bool(self.m.changed))
        self._versions()
        self.paper.turn(wide=False)
        self._rules()
        self.paper.turn(wide=True)
        self._appendix()

    # -- front and summary

    def _front(self) -> None:
        note = (
            [(self.paper.words("（模拟数据，不具效力）", "(simulated data)"), 12.0, True)] if self.m.simulated else []
        )
        day = f"{self.m.on:%Y 年 %-m 月 %-d 日}" if self.paper.language == "zh" else f"{self.m.on}"
        self.paper.cover([
            (self.say(self.m.plan.title), 22.0, True), (self.say(KINDS[self.m.kind]), 26.0, True), *note,
            (f"{self.paper.words('数据截至', 'Data as of ')} {day}", 12.0, False),
            (f"{self.m.dataset} · {self.m.version} · {self.m.rules.edition}", 10.0, False),
        ])  # fmt: skip
        self.paper.contents_here()

    def _summary(self) -> None:
        say, paper = self.paper.words, self.paper
        paper.heading(self.say(Words("总论", "Summary")))
        paper.heading(say("一句话结论", "In one sentence"), 2)
        counts = Counter(each.row.state for each in self.m.followed)
        told = "，".join(f"{self.say(STATES[state])} {counts[state]} 项" for state in
                        ("good", "tight", "bad", "not_observed") if counts[state])  # fmt: skip
        told = told if paper.language == "zh" else ", ".join(f"{n} {STATES[state].en}" for state, n in counts.items())
        paper.text(
            say(f"全部 {len(self.m.followed)} 项指标中，{told}。", f"Of {len(self.m.followed)} indicators: {told}.")
        )
        self._verdict()
        paper.heading(say("指标一览", "Indicators at a glance"), 2)
        head = ["", say("指标", "Indicator"), say("单位", "Unit"), say("基数", "Base"), say("目标", "Target"),
                say("现值", "Now"), say("上年同期", "Last year"), say("判断", "State")]  # fmt: skip
        source = say("基数与目标的出处", "Source of base and target")
        note = (source, self._plan(), say("；上年同期", "; last year"), self._last_year())
        paper.table(say("规划指标进展一览", "Indicators of the plan"), head, [self._glance(each) for each in
                    self.m.followed], (1.5, 7, 2, 2, 3.4, 2.8, 2.6, 3), (3, 5, 6), note)  # fmt: skip
        paper.heading(say("任务一览", "Tasks at a glance"), 2)
        self._lights_by_chapter()

    def _verdict(self) -> None:
        say, whole = self.paper.words, self.m.sheets[0]
        stood = self.m.stood[0] if self.m.stood else None
        total = stood.total if stood else whole.total
        grade = stood.grade if stood else whole.grade.title if whole.grade else None
        if total is None or grade is None:
            self.paper.text(
                say("可计分的内容都未观测，不评等次。", "Nothing that can be scored was observed: no grade.")
            )
            return
        missing = sum(line.state != "scored" for line in whole.lines())
        zh = f"按计分办法 {whole.rules.edition}，全省得 {total} 分，等次为{grade.zh}；"
        zh += f"{missing} 项未观测，按办法分摊权重或暂不得分，逐项列在评分表中。"
        en = f"By the rules {whole.rules.edition} the province has {total} points: {grade.en}; "
        self.paper.text(say(zh, en + f"{missing} lines were not observed, shared out or withheld as the rules say."))

    def _glance(self, each: Followed) -> list[Any]:
        row = each.row
        value = (row.value, self.traces.of(each.trace)) if row.value is not None else self.paper.words("缺", "missing")
        base = None if row.base is None else row.base.value
        unit = _unit(each.indicator.unit, self.paper.words)
        return [row.no, self.say(each.indicator.short), unit, base, self._target(each), value, row.last_year,
                self.say(STATES[row.state])]  # fmt: skip

    def _target(self, each: Followed) -> str:
        final = each.indicator.targets[-1]
        if final.value is None:
            return self.say(final.wording) if final.wording else ""
        sign = "≤" if each.indicator.direction == "down" else ">" if final.bound == "above" else "≥"
        return f"{sign} {final.value}"

    def _lights_by_chapter(self) -> None:
        chapters = [(chapter, below) for chapter, below in _chapters(self.m.entries) if _tasks(below)]
        if not chapters:
            self.paper.text(self.paper.words("还没有审定的规划版本，导入并审定后这里列出任务。",
                                             "No version of the plan is in force: import and adopt one."))  # fmt: skip
            return
        names = [self._title(chapter) for chapter, _ in chapters]
        counts = [dict(Counter(self._light(each) for each in _tasks(below))) for _, below in chapters]
        words = {state: self.say(title) for state, title in LIGHTS.items()}
        caption = self.paper.words("各章任务亮灯情况", "Lights of tasks")
        self.paper.picture(charts.lights(names, counts, words), caption, (self._plan(),))

    def _plan(self) -> int:
        """The reference of what the plan itself says, in its version."""
        return self.traces.of(Trace("plan", FACTS, self.say(self.m.plan.title), version=self.m.version))

    def _last_year(self) -> int:
        day = f"{self.m.on.year - 1}-{self.m.on:%m-%d}"
        return self.traces.of(Trace("computed", LAST_YEAR, "air.daily_aqi", day, str(self.m.results)))

    def _title(self, entry: Entry) -> str:
        return self.paper.words(entry.title, str(entry.facts.get("en", entry.title)))

    def _light(self, task: Entry) -> str:
        light = self.m.lights.get(task.key)
        return light.state if light and light.state in LIGHTS else "none"

    # -- indicators

    def _indicator(self, each: Followed) -> None:
        say, paper, indicator = self.paper.words, self.paper, each.indicator
        paper.heading(self.say(indicator.short), 2)
        unit = _unit(indicator.unit, say)
        told = "，".join(filter(None, (self.say(NATURES[indicator.nature]), unit)))
        paper.text(f"{self.say(indicator.name)}（{told}）。", self.say(each.row.reason) + "。",
                   self.traces.of(each.trace), held=True)  # fmt: skip
        if indicator.base and indicator.base.note:
            paper.text(self.say(indicator.base.note), small=True, held=True)
        numeric = [(target.day, target.value) for target in indicator.targets if target.value is not None]
        if numeric:
            base = _on_the_way(each)
            words = (say("目标", "target"), say("现值", "value"), say("（当年）", " (so far)"))
            caption = say(f"{indicator.short.zh}：历年值与目标路径", f"{indicator.short.en}: years and path")
            refs = (self._plan(), *([self.traces.of(each.trace)] if each.years else []))
            paper.picture(charts.path(each.years, base, numeric, unit, words), caption, refs)
        self._years(each)
        self._cities(each)

    def _years(self, each: Followed) -> None:
        say, base = self.paper.words, each.row.base
        rows: list[list[Any]] = [] if base is None else [[base.year, say("基数", "base"), base.value, ""]]
        for target in each.indicator.targets:
            shown = target.value if target.value is not None else self.say(target.wording or Words("", ""))
            what = say("节点目标", "milestone") if target.milestone else say("目标", "target")
            rows.append([target.day.year, what, shown, self.paper.words(*target.cited)])
        for year, value, running in each.years:
            what = say("年内累计", "so far") if running else say("全年", "whole year")
            rows.append([year, what, (value, self.traces.of(each.trace)), ""])
        rows.sort(key=lambda row: row[0])
        caption = say(
            f"{each.indicator.short.zh}：基数、目标与历年值", f"{each.indicator.short.en}: base, targets, years"
        )
        head = [say("年份", "Year"), say("性质", "What"), say("数值", "Value"), say("出处", "Clause")]
        note = (self.paper.words("基数与目标的出处", "Source of base and targets"), self._plan())
        self.paper.table(caption, head, rows, (2, 3, 6, 5), note=note)

    def _cities(self, each: Followed) -> None:
        if not each.cities:
            supplier = each.row.supplier.name
            self.paper.text(self.paper.words(f"数值由{supplier.zh}报送，本平台不代算。", f"Supplied by {supplier.en}."))
            return
        say, final = self.paper.words, each.indicator.targets[-1].value
        order = sorted(each.cities, key=lambda pair: pair[1].value or 0, reverse=each.indicator.direction == "up")
        names, values = [self.say(name) for name, _ in order], [row.value or Decimal(0) for _, row in order]
        chart = charts.ranked(
            names, values, final, _unit(each.indicator.unit, self.paper.words), say("全省目标", "province's target")
        )
        caption = say(f"各市州{each.indicator.short.zh}", f"{each.indicator.short.en} by city")
        self.paper.picture(chart, caption, (self._plan(), self.traces.of(each.trace)))
        head = [say("位次", "Rank"), say("市州", "City"), say("现值", "Now"), say("上年同期", "Last year"),
                say("与全省目标差", "To target"), say("判断", "State")]  # fmt: skip
        rows = [[rank, self.say(name), (row.value, self.traces.of(_at(each.trace, name))), row.last_year, row.distance,
                 self.say(STATES[row.state])] for rank, (name, row) in enumerate(order, 1)]  # fmt: skip
        caption = say(f"各市州{each.indicator.short.zh}与上年同期", f"{each.indicator.short.en} by city, and last year")
        note = (
            say("上年同期", "Last year"),
            self._last_year(),
            say("；全省目标", "; the province's target"),
            self._plan(),
        )
        self.paper.table(caption, head, rows, (1.4, 4, 3, 3, 3, 3), (2, 3, 4), note)

    # -- tasks

    def _chapter(self, chapter: Entry, below: Sequence[Entry]) -> None:
        tasks = _tasks(below)
        projects = [each for each in below if each.kind == "project"]
        if not tasks and not projects:
            return
        say, paper = self.paper.words, self.paper
        paper.heading(say(f"任务进展：{chapter.title}", f"Tasks: {chapter.facts.get('en', chapter.title)}"))
        counts = Counter(map(self._light, tasks))
        listed = "，".join(f"{self.say(LIGHTS[state])} {counts[state]}" for state in LIGHTS if counts[state])
        paper.text(say(f"本章 {len(tasks)} 项任务，{listed}。", f"{len(tasks)} tasks: {listed}."))
        for section, part in _sections(below):
            self._section(section, _tasks(part))
        if projects:
            self._projects(projects)

    def _section(self, section: Entry | None, tasks: Sequence[Entry]) -> None:
        if not tasks:
            return
        say = self.paper.words
        name = self._title(section) if section else say("其他任务", "Other tasks")
        self.paper.heading(name, 2)
        head = [say("编号", "No."), say("任务", "Task"), say("牵头", "Lead"), say("参加", "With"), say("灯", "Light"),
                say("理由", "Reason")]  # fmt: skip
        self.paper.table(say(f"{name}：任务、责任与进展", f"{name}: tasks, departments, progress"), head,
                         [self._task(each) for each in tasks], (1.3, 5.4, 3.6, 6.6, 1.9, 6))  # fmt: skip

    def _task(self, task: Entry) -> list[Any]:
        rest = [each for each in task.departments if each not in task.leads]
        return [task.number, self._title(task), "、".join(task.leads) or self.paper.words("未定牵头", "nobody leads"),
                "、".join(rest) or "—", *self._lit(task)]  # fmt: skip

    def _lit(self, entry: Entry) -> list[Any]:
        """Light with its reference, and the reason with the numbers in it."""
        light = self.m.lights.get(entry.key)
        word = self.say(LIGHTS[self._light(entry)])
        if light is None:
            return [word, self.say(LIGHTS["none"])]
        return [(word, self.traces.of(trace_of(entry, light, self.m.version))), self.say(light.reason)]

    def _projects(self, projects: Sequence[Entry]) -> None:
        say = self.paper.words
        self.paper.heading(say("专栏工程", "Projects of the boxes"), 2)
        rows = [[each.number, self._title(each), *self._lit(each)] for each in projects]
        head = [say("序号", "No."), say("工程", "Project"), say("灯", "Light"), say("理由", "Reason")]
        self.paper.table(say("本章专栏工程", "Projects of this chapter"), head, rows, (1.3, 11, 2, 8))

    # -- end

    def _versions(self) -> None:
        say, paper = self.paper.words, self.paper
        paper.heading(say("规划版本", "Versions of the plan"))
        paper.text(
            say(f"本报告依据的版本：{self.m.version}。", f"This report follows: {self.m.version}."), self._plan()
        )
        if self.m.scored is not None and self.m.scored != self.m.results:
            was, now = self.m.scored, self.m.results
            zh = f"评分表按结果版本 {was} 封存；指标各章按现在的结果版本 {now} 计算。"
            en = f"The sheets were sealed on results version {was}; the chapters of indicators are computed on {now}."
            paper.text(say(zh, en))
        if not self.m.changed:
            paper.text(
                say("只有一个审定版本，没有可比的差异。", "There is one adopted version, so nothing to compare.")
            )
            return
        head = [say("条目", "Item"), say("哪一项", "Field"), say("原来", "Before"), say("现在", "Now")]
        paper.table(say("版本差异", "What changed"), head, self.m.changed, (4, 2.4, 8, 8))

    def _rules(self) -> None:
        say, paper, rules = self.paper.words, self.paper, self.m.rules
        paper.heading(say("计分办法", "Rules of scoring"))
        paper.text(f"{self.say(rules.title)}（{rules.edition}）。{self.say(rules.basis)}。")
        source = self.traces.of(Trace("plan", RULES, rules.edition, version=rules.digest[:16]))
        rows = [[self.say(each.title), each.weight, self.say(WAYS[each.points]), self.say(WAYS[each.missing])]
                for each in rules.sections]  # fmt: skip
        head = [say("部分", "Section"), say("权重", "Weight"), say("计分方式", "Points"), say("未观测时", "If missing")]
        paper.table(say("各部分权重", "Weights"), head, rows, (4, 2, 6, 4), (1,), (say("出处", "Source"), source))
        grades = [[self.say(each.title), each.least] for each in rules.grades]
        paper.table(
            say("等次", "Grades"),
            [say("等次", "Grade"), say("不低于", "From")],
            grades,
            (4, 3),
            (1,),
            (say("出处", "Source"), source),
        )

    def _appendix(self) -> None:
        say, paper = self.paper.words, self.paper
        paper.heading(say("附录：数字的来处", "Appendix: where the numbers come from"))
        paper.text(
            say(
                "正文数字右上角的编号对应下表一行：来源、记录、数据截至时间、结果版本。",
                "The small numbers in the text are lines of this table: source, record, time, version.",
            )
        )
        rows = [[number, self.say(trace.source), trace.record, trace.as_of[:16].replace("T", " ") or None,
                 trace.version[:24] or None]
                for trace, number in self.traces.numbers.items()]  # fmt: skip
        head = [say("编号", "No."), say("来源", "Source"), say("记录", "Record"), say("截至", "As of"),
                say("版本", "Version")]  # fmt: skip
        paper.table(say("数字来源", "Sources of numbers"), head, rows, (1.2, 8, 7.2, 3.4, 4.2))


WAYS = {
    "met": Words("达标得满分", "all when met"),
    "share": Words("按完成进度得分", "share of the way"),
    "ranked": Words("按位次得分", "by rank"),
    "lights": Words("按亮灯得分", "by lights"),
    "spent": Words("按投入比例得分", "share of money"),
    "deducted": Words("逐项扣分", "deducted"),
    "redistribute": Words("权重分摊给其余", "weight shared out"),
    "withhold": Words("暂不得分", "points withheld"),
}


def _on_the_way(each: Followed) -> tuple[int, Decimal] | None:
    """The base as the first point of the path; None where it is of another kind than the target (an earlier total)."""
    base, target = each.indicator.base, each.indicator.targets[-1].value
    if base is None or target is None:
        return None
    away = base.value > target if each.indicator.direction == "up" else base.value < target
    return None if away else (base.year, base.value)


def _unit(unit: str, words: Callable[[str, str], str]) -> str:
    """A unit as printed."""
    return words(*printed(unit))


def _at(trace: Trace, name: Words) -> Trace:
    return Trace(trace.kind, trace.source, f"{trace.record.split(' @ ')[0]} @ {name.zh}", trace.as_of, trace.version)


def _chapters(entries: Sequence[Entry]) -> Iterator[tuple[Entry, list[Entry]]]:
    """Each chapter with everything below it, in order."""
    for index, chapter in enumerate(entries):
        if chapter.kind == "chapter":
            yield chapter, [each for each in entries if _under(entries, each, index)]


def _under(entries: Sequence[Entry], entry: Entry, chapter: int) -> bool:
    above = entry.parent
    while above is not None and above != chapter:
        above = entries[above].parent
    return above == chapter


def _tasks(entries: Sequence[Entry]) -> list[Entry]:
    return [each for each in entries if each.kind == "task"]


def _sections(below: Sequence[Entry]) -> Iterator[tuple[Entry | None, list[Entry]]]:
    """Runs of tasks with the section they stand in; None before the first."""
    current: Entry | None = None
    marked = []
    for each in below:
        current = each if each.kind == "section" else current
        marked.append((current, each))
    for section, pairs in groupby(marked, key=lambda pair: pair[0]):
        yield section, [each for _, each in pairs]
