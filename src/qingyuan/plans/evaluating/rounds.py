"""A round of evaluation from start to publication: self-assessment, review, appeal, decision, result.

Computed points are never overwritten: what an organisation says of itself, what the reviewer found and what the appeal
came to stand beside them, each with its reason. Every act is a step chained by digest and a line of the audit chain.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any

from django.db import transaction

from qingyuan.base.errors import QingyuanError
from qingyuan.people import audit
from qingyuan.plans.evaluating.rules import STEPS, Rules
from qingyuan.plans.evaluating.sheet import Sheet, as_json
from qingyuan.plans.facts import Words
from qingyuan.plans.models import Evaluation, Plan, SheetStep, Standing, Version

KIND = "plan_sheet"


class NotNow(QingyuanError):
    """The sheet does not stand at that step, or what was given cannot be taken; nothing was changed.

    what, todo: as every error; words: both in both languages, for a page to say.
    """

    def __init__(self, what: str, todo: str, zh: str) -> None:
        super().__init__(what, todo)
        self.words = Words(zh, str(self))


STEPS_TOLD = {"self": "自评", "review": "复核", "appeal": "申诉", "decide": "申诉裁定", "done": "办结"}


@dataclass(frozen=True)
class Act:
    """What somebody hands in. points: ``section.key`` → points as text; reasons: for the same lines.

    evidence: digests or numbers of files and records; note: in words.
    """

    points: Mapping[str, str] = field(default_factory=dict)
    reasons: Mapping[str, str] = field(default_factory=dict)
    evidence: tuple[str, ...] = ()
    note: str = ""


@dataclass(frozen=True)
class Frame:
    """What a round is about. results: version of the stored results its numbers come from."""

    plan: Plan
    version: Version | None
    kind: str
    as_of: datetime
    results: int
    rules: Rules
    simulated: bool


@transaction.atomic
def start(frame: Frame, sheets: Iterable[Sheet], actor: audit.Actor, at: datetime) -> Evaluation:
    """Open a round: rules are sealed into it, each place and department gets its sheet. NotNow without a sheet."""
    made = Evaluation.objects.create(
        plan=frame.plan, version=frame.version, kind=frame.kind, division=frame.plan.division, as_of=frame.as_of,
        results=frame.results, rules=_sealed(frame.rules), started_at=at, started_by=actor.name,
        simulated=frame.simulated,
    )  # fmt: skip
    for sheet in sheets:
        division = sheet.facts.division.ljust(6, "0")
        name = sheet.facts.organisation
        standing = Standing(
            evaluation=made, division=division, organisation_id=sheet.facts.party, name=name.zh, name_en=name.en,
            computed=as_json(sheet), due=at + timedelta(days=frame.rules.deadlines["self"]),
        )  # fmt: skip
        _settle(standing)
        standing.save()
    if not made.sheets.exists():
        raise NotNow("The round has no sheet", "Choose at least one place", "这一轮没有评分表，请至少选一个地区")
    _audit(made, "start", actor, at, {"kind": [None, made.kind], "rules": [None, made.rules["digest"]]})
    return made


def _sealed(rules: Rules) -> dict[str, Any]:
    return {
        "edition": rules.edition,
        "digest": rules.digest,
        "text": rules.text,
        "grades": [[each.code, str(each.least), each.title.zh, each.title.en] for each in rules.grades],
        "vetoes": {each.code: each.at_most for each in rules.vetoes},
        "sections": [[each.code, str(each.weight), each.title.zh, each.title.en] for each in rules.sections],
        "deadlines": rules.deadlines,
    }


def assess_self(sheet: Standing, act: Act, actor: audit.Actor, at: datetime) -> Standing:
    """The organisation says what it thinks of each line; a line it leaves out it takes as computed."""
    return _act(sheet, "self", "assess", act, actor, at, said="self", why="self_note", then="review")


def review(sheet: Standing, act: Act, actor: audit.Actor, at: datetime) -> Standing:
    """The reviewer settles each line that differs, with a reason; the others stay as computed."""
    return _act(sheet, "review", "review", act, actor, at, said="reviewed", why="reason", then="appeal")


def send_back(sheet: Standing, act: Act, actor: audit.Actor, at: datetime) -> Standing:
    """The self-assessment is asked for again; the note says why."""
    return _act(sheet, "review", "return", act, actor, at, then="self", noted=True)


def accept(sheet: Standing, act: Act, actor: audit.Actor, at: datetime) -> Standing:
    """The organisation does not appeal."""
    return _act(sheet, "appeal", "accept", act, actor, at, then="done")


def appeal(sheet: Standing, act: Act, actor: audit.Actor, at: datetime) -> Standing:
    """The organisation appeals, in words and with evidence."""
    if not act.evidence:
        raise NotNow(f"The appeal of {sheet.name} has no evidence", "Name a file or a record it rests on",
                     f"{sheet.name}的申诉没有佐证，请上传文件或写明记录编号")  # fmt: skip
    return _act(sheet, "appeal", "appeal", act, actor, at, then="decide", noted=True)


def decide(sheet: Standing, act: Act, actor: audit.Actor, at: datetime) -> Standing:
    """The appeal is decided: changed lines with reasons, or none; the note says what was decided."""
    return _act(sheet, "decide", "decide", act, actor, at, said="decided", why="decision", then="done", noted=True)


def close_unappealed(at: datetime, actor: audit.Actor = audit.SYSTEM) -> int:
    """Sheets whose days to appeal are over stand as reviewed; returns how many."""
    over = list(Standing.objects.filter(step=Standing.Step.APPEAL, due__lt=at))
    for sheet in over:
        _act(sheet, "appeal", "lapse", Act(), actor, at, then="done")
    return len(over)


@transaction.atomic
def publish(round_: Evaluation, actor: audit.Actor, at: datetime) -> Evaluation:
    """Seal every result and make it public. NotNow while a sheet is not done."""
    locked = Evaluation.objects.select_for_update().get(pk=round_.pk)
    if locked.state != Evaluation.State.RUNNING:
        raise NotNow(f"Round {locked.pk} was published already", "Start a new round to correct it",
                     f"第 {locked.pk} 轮已经公布，要更正请另起一轮")  # fmt: skip
    waiting = list(locked.sheets.exclude(step=Standing.Step.DONE).values_list("name", flat=True))
    if waiting:
        names = "、".join(waiting)
        raise NotNow(f"The sheets of {names} are not done", "Finish review and appeals first",
                     f"{names}的评分表还没有办结，请先完成复核和申诉")  # fmt: skip
    locked.state, locked.published_at, locked.published_by = Evaluation.State.PUBLISHED, at, actor.name
    locked.digest = digest(locked)
    locked.save()
    _audit(locked, "publish", actor, at, {"state": ["running", "published"], "digest": [None, locked.digest]})
    return locked


def digest(round_: Evaluation) -> str:
    """SHA-256 over rules and results of all sheets and the heads of their chains."""
    told: list[Any] = [round_.rules["digest"], round_.kind, round_.as_of.isoformat()]
    for sheet in round_.sheets.order_by("division", "organisation_id"):
        last = sheet.steps.order_by("-sequence").first()
        told.append([sheet.code, sheet.computed, sheet.lines, _text(sheet.total), sheet.grade,
                     last.digest if last else ""])  # fmt: skip
    return _digest(told)


def whole(sheet: Standing) -> bool:
    """Whether the chain of a sheet's steps is as it was written."""
    before = ""
    for step in sheet.steps.order_by("sequence"):
        if step.digest != _step_digest(step, before):
            return False
        before = step.digest
    return True


def points_now(sheet: Standing) -> dict[str, Decimal | None]:
    """Points of each line as they stand: decided, else reviewed, else computed; None = not observed, shared out."""
    found: dict[str, Decimal | None] = {}
    for line in sheet.computed["lines"]:
        key = f"{line['section']}.{line['key']}"
        said = sheet.lines.get(key, {})
        text = said.get("decided") or said.get("reviewed") or line["points"]
        found[key] = None if text is None else Decimal(text)
    return found


@transaction.atomic
def _act(sheet: Standing, step: str, verb: str, act: Act, actor: audit.Actor, at: datetime, *, then: str,
         said: str = "", why: str = "", noted: bool = False) -> Standing:  # fmt: skip
    locked = Standing.objects.select_for_update().select_related("evaluation").get(pk=sheet.pk)
    if locked.step != step:
        stands, asked = STEPS_TOLD[locked.step], STEPS_TOLD[step]
        raise NotNow(f"The sheet of {locked.name} waits for {locked.step}, not {step}", "Look at it again",
                     f"{locked.name}的评分表现在是“{stands}”，不是“{asked}”，请刷新再看")  # fmt: skip
    if noted and not act.note.strip():
        raise NotNow(f"Nothing was said on the sheet of {locked.name}", "Say it in words",
                     f"{locked.name}的评分表没有写说明，请写明理由")  # fmt: skip
    if step in ("review", "decide"):
        _other_hand(locked, actor)
    if said:
        _take(locked, act, said, why)
    before = (locked.step, _text(locked.total), locked.grade)
    locked.step = then
    days = locked.evaluation.rules["deadlines"].get(then) if then in STEPS else None
    locked.due = at + timedelta(days=days) if days else None
    _settle(locked)
    locked.save()
    _keep(locked, step, verb, act, actor, at)
    after = (locked.step, _text(locked.total), locked.grade)
    change = {name: [one, other] for name, one, other in zip(("step", "total", "grade"), before, after, strict=True)}
    audit.append(actor, "plan.report" if step in ("self", "appeal") else "plan.evaluate", KIND, str(locked.pk),
                 division=locked.division, domain=locked.domain, change=change, at=at)  # fmt: skip
    return locked


def _other_hand(sheet: Standing, actor: audit.Actor) -> None:
    """Nobody reviews or decides what they handed in themselves."""
    handed = sheet.steps.filter(verb__in=("assess", "appeal")).values_list("account", flat=True)
    if actor.account is not None and actor.account in handed:
        raise NotNow(f"{actor.name} handed in the sheet of {sheet.name}", "Let a colleague review it",
                     f"{sheet.name}的评分表是{actor.name}自己交的，请由别人复核")  # fmt: skip


def faults(sheet: Standing, act: Act) -> dict[str, NotNow]:
    """What of the points and reasons given cannot be taken, by line; nothing is changed."""
    found = {}
    for key, text in act.points.items():
        try:
            _checked(sheet, key, text, act.reasons.get(key, "").strip())
        except NotNow as why:
            found[key] = why
    return found


def _take(sheet: Standing, act: Act, said: str, why: str) -> None:
    for key, text in act.points.items():
        reason = act.reasons.get(key, "").strip()
        given = _checked(sheet, key, text, reason)
        sheet.lines.setdefault(key, {}).update({said: str(given), why: reason})


def _checked(sheet: Standing, key: str, text: str, reason: str) -> Decimal:
    """The points given for a line. NotNow for no such line, no such number, and a difference without a reason."""
    line = next((each for each in sheet.computed["lines"] if f"{each['section']}.{each['key']}" == key), None)
    if line is None:
        raise NotNow(f"The sheet of {sheet.name} has no line {key}", "Load the sheet again",
                     f"{sheet.name}的评分表没有 {key} 这一行，请重新下载")  # fmt: skip
    title, full, given = line["title"]["zh"], Decimal(line["full"]), _points(text, line["title"]["zh"])
    if not 0 <= given <= full:
        raise NotNow(f"{title}: {given} is not between 0 and {full}", "Correct the points",
                     f"{title}：{given} 不在 0–{full} 之间，请改正")  # fmt: skip
    if _text(given) != line["points"] and not reason:
        raise NotNow(f"{title}: {given} differs from {line['points']} without a reason", "Give one",
                     f"{title}：{given} 与系统计分 {line['points'] or '（未观测）'} 不同，请写理由")  # fmt: skip
    return given


def _points(text: str, title: str) -> Decimal:
    try:
        given = Decimal(str(text).strip())
    except InvalidOperation:
        raise NotNow(f"{title}: {text!r} is no number", "Write points such as 12.50",
                     f"{title}：“{text}”不是数字，请写成 12.50 这样") from None  # fmt: skip
    if not given.is_finite() or given != round(given, 2):
        raise NotNow(f"{title}: {text!r} has more than two decimals", "Write points such as 12.50",
                     f"{title}：“{text}”多于两位小数，请写成 12.50 这样")  # fmt: skip
    return given.quantize(Decimal("0.01"))


def _settle(sheet: Standing) -> None:
    """Total: the computed one, moved by what was reviewed and decided; grade: by the sealed rules, after vetoes."""
    if sheet.computed["total"] is None:
        return
    now = points_now(sheet)
    computed = {f"{each['section']}.{each['key']}": each["points"] for each in sheet.computed["lines"]}
    moved = sum((value - Decimal(computed[key] or 0) for key, value in now.items() if value is not None), Decimal(0))
    sheet.total = min(max(Decimal(sheet.computed["total"]) + moved, Decimal(0)), Decimal(100))
    grades = sheet.evaluation.rules["grades"]
    reached = next(index for index, (_, least, *_names) in enumerate(grades) if sheet.total >= Decimal(least))
    codes = [code for code, *_rest in grades]
    lowered = [codes.index(sheet.evaluation.rules["vetoes"][each["code"]]) for each in sheet.computed["vetoes"]]
    sheet.grade = codes[max([reached, *lowered])]


def _keep(sheet: Standing, step: str, verb: str, act: Act, actor: audit.Actor, at: datetime) -> None:
    last = sheet.steps.order_by("-sequence").first()
    given = {"points": dict(act.points), "reasons": dict(act.reasons), "evidence": list(act.evidence)}
    made = SheetStep(
        sheet=sheet, sequence=last.sequence + 1 if last else 1, step=step, verb=verb, at=at, account=actor.account,
        by=actor.name, organisation=actor.organisation, given=given, note=act.note.strip(),
    )  # fmt: skip
    made.digest = _step_digest(made, last.digest if last else "")
    made.save()


def _step_digest(step: SheetStep, before: str) -> str:
    return _digest([before, step.sheet_id, step.sequence, step.step, step.verb, step.at.isoformat(), step.account,
                    step.by, step.organisation, step.given, step.note])  # fmt: skip


def _digest(told: Any) -> str:
    return hashlib.sha256(json.dumps(told, ensure_ascii=False, sort_keys=True).encode()).hexdigest()


def _audit(round_: Evaluation, what: str, actor: audit.Actor, at: datetime, change: dict[str, Any]) -> None:
    audit.append(actor, "plan.evaluate", "plan_evaluation", str(round_.pk), division=round_.division,
                 domain=round_.domain, change={"act": [None, what], **change}, at=at)  # fmt: skip


def _text(value: Decimal | None) -> str | None:
    return None if value is None else str(value.quantize(Decimal("0.01")))
