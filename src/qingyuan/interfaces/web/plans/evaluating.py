"""What the evaluation pages show: rounds one may read, their matrix, a sheet line by line; who may do what."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy, pgettext, pgettext_lazy

from qingyuan.base.errors import QingyuanError
from qingyuan.interfaces.web import wording
from qingyuan.people.rights import Grant, Rights
from qingyuan.plans.book import scope
from qingyuan.plans.evaluating import rounds
from qingyuan.plans.evaluating.rules import Rules, rules_of
from qingyuan.plans.models import Evaluation, SheetFile, Standing

KINDS = {
    "midterm": pgettext_lazy("evaluation", "half-way evaluation"),
    "final": pgettext_lazy("evaluation", "final evaluation"),
    "yearly": pgettext_lazy("evaluation", "yearly assessment"),
}
STEPS = {
    "self": pgettext_lazy("evaluation", "self-assessment"),
    "review": pgettext_lazy("evaluation", "review"),
    "appeal": pgettext_lazy("evaluation", "days to appeal"),
    "decide": pgettext_lazy("evaluation", "appeal to be decided"),
    "done": pgettext_lazy("evaluation", "done"),
}
VERBS = {
    "assess": pgettext_lazy("evaluation", "self-assessed"),
    "review": pgettext_lazy("evaluation", "reviewed"),
    "return": pgettext_lazy("evaluation", "sent back"),
    "accept": pgettext_lazy("evaluation", "accepted"),
    "appeal": pgettext_lazy("evaluation", "appealed"),
    "decide": pgettext_lazy("evaluation", "decided"),
    "lapse": pgettext_lazy("evaluation", "not appealed in time"),
}
LINES = {
    "scored": pgettext_lazy("score line", "scored"),
    "withheld": pgettext_lazy("score line", "not observed, withheld"),
    "redistributed": pgettext_lazy("score line", "not observed, shared out"),
}
REASONS = {"self_note": gettext_lazy("Self"), "reason": gettext_lazy("Reviewed"), "decision": gettext_lazy("Decided")}
"""Where the reasons of a line are kept → whose they are."""
OWN = {"self": ("assess",), "appeal": ("accept", "appeal")}
REVIEWING = {"review": ("review", "return"), "decide": ("decide",)}
PUBLISHED = Evaluation.State.PUBLISHED


def readable(rights: Rights) -> QuerySet[Evaluation]:
    """Rounds of the plans one may read: published, or with a sheet in one's scope."""
    own = Standing.objects.filter(rights.where("plan.see", site="")).values("evaluation")
    found = Evaluation.objects.filter(plan__in=scope.plans(rights)).filter(Q(state=PUBLISHED) | Q(pk__in=own))
    return found.select_related("plan", "version").order_by("-started_at")


def own(rights: Rights, sheet: Standing) -> bool:
    """Whether somebody may see what a sheet rests on: files, also after others may read the result."""
    return rights.may("plan.see", sheet.division, sheet.domain)


def sheet(found: QuerySet[Standing], code: str) -> Standing | None:
    """The sheet of a code (of a place, or ``d12`` of a department) among those one may read."""
    if not code.startswith("d"):
        return found.filter(division=code, organisation=None).first()
    number = int(code[1:]) if code[1:].isdecimal() and len(code) < 18 else 0
    return found.filter(organisation=number).first()


def sheets(rights: Rights, round_: Evaluation) -> QuerySet[Standing]:
    """The sheets of a round one may read: all once it is published, one's own before."""
    found = Standing.objects.filter(evaluation=round_).select_related("evaluation")
    return found if round_.state == PUBLISHED else found.filter(rights.where("plan.see", site=""))


def may_review(rights: Rights, round_: Evaluation) -> bool:
    """Whether somebody reviews, decides and publishes in a round."""
    return rights.may("plan.evaluate", round_.division.ljust(6, "0"), round_.domain)


def verbs(rights: Rights, sheet: Standing) -> tuple[str, ...]:
    """What somebody may do with a sheet now. A place or department speaks for itself, nobody above in its name."""
    if sheet.evaluation.state == PUBLISHED:
        return ()
    found = OWN.get(sheet.step, ()) if any(_of_own(each, sheet) for each in rights.grants_of("plan.report")) else ()
    return found + (REVIEWING.get(sheet.step, ()) if may_review(rights, sheet.evaluation) else ())


def _of_own(grant: Grant, sheet: Standing) -> bool:
    if not grant.covers(sheet.division, sheet.domain):
        return False
    own_place = sheet.organisation_id is None and grant.division == sheet.division
    return own_place or (sheet.organisation_id is not None and grant.organisation == sheet.organisation_id)


def told(why: QingyuanError) -> str:
    """An error in the language of the request."""
    words = getattr(why, "words", None)
    return str(why) if words is None else words.en if wording.english() else words.zh


def name(sheet: Standing) -> str:
    """Name of a place in the language of the request."""
    return sheet.name_en if wording.english() and sheet.name_en else sheet.name


def editions(on: date) -> list[dict[str, Any]]:
    """The scoring rules in force on a day, a row a kind: edition, weights, grades, vetoes, how sure they are."""
    return [_edition(word, found) for kind, word in KINDS.items() for found in rules_of(kind, on)]


def _edition(kind: Any, found: Rules) -> dict[str, Any]:
    return {
        "kind": kind, "edition": found.edition, "basis": _said(found.basis._asdict()),
        "sections": [(_said(each.title._asdict()), each.weight) for each in found.sections],
        "grades": [(_said(each.title._asdict()), each.least) for each in found.grades],
        "vetoes": [_said(each.title._asdict()) for each in found.vetoes], "sure": found.confidence != "memory",
    }  # fmt: skip


def grade(round_: Evaluation, code: str) -> str:
    """Title of a grade."""
    return next((_said({"zh": zh, "en": en}) for one, _, zh, en in round_.rules["grades"] if one == code), "")


def sections(round_: Evaluation) -> list[tuple[str, str, str]]:
    """Code, title and weight of the sealed sections."""
    return [(code, _said({"zh": zh, "en": en}), weight) for code, weight, zh, en in round_.rules["sections"]]


def matrix(round_: Evaluation, found: Iterable[Standing]) -> list[dict[str, Any]]:
    """A row a sheet, best first: points by section as they stand now, rank, step, vetoes. The whole is not ranked."""
    every = list(found)
    whole = round_.division.ljust(6, "0")
    places = [each for each in every if each.organisation_id is None and each.division != whole]
    rest = [each for each in every if each.organisation_id is None and each.division == whole]
    offices = [each for each in every if each.organisation_id is not None]
    ranked = [*_ranked(places), *((None, each) for each in rest), *_ranked(offices)]
    return [_matrix_row(round_, rank, each) for rank, each in ranked]


def _ranked(found: Iterable[Standing]) -> list[tuple[int | None, Standing]]:
    """Best first, equal points share the better rank; what has no points has no rank."""
    ordered = sorted(found, key=lambda each: -1 if each.total is None else each.total, reverse=True)
    totals = [each.total for each in ordered]
    return [(None if each.total is None else totals.index(each.total) + 1, each) for each in ordered]


def _matrix_row(round_: Evaluation, rank: int | None, sheet: Standing) -> dict[str, Any]:
    return {
        "sheet": sheet, "name": name(sheet), "rank": rank, "step": STEPS[sheet.step],
        "grade": grade(round_, sheet.grade), "cells": _cells(round_, sheet),
        "department": sheet.organisation_id is not None, "vetoes": [_said(each) for each in sheet.computed["vetoes"]],
    }  # fmt: skip


def groups(rows: Iterable[dict[str, Any]]) -> list[tuple[str, list[dict[str, Any]]]]:
    """Rows of the matrix by what they are of: places, then departments; a group without rows is left out."""
    every = list(rows)
    split = [(pgettext("evaluation", "Places"), [each for each in every if not each["department"]]),
             (pgettext("evaluation", "Departments"), [each for each in every if each["department"]])]  # fmt: skip
    return [(title, found) for title, found in split if found]


def vetoes(sheet: Standing, cases: Mapping[str, int]) -> list[dict[str, Any]]:
    """Vetoes of a sheet with title, why, and the records they rest on; cases: those one may read, by number."""
    return [{
        "title": _said(each["title"]) if "title" in each else "", "why": _said(each),
        "records": [(trace["record"], cases.get(trace["record"]), trace["as_of"]) for trace in each.get("traces", ())],
    } for each in sheet.computed["vetoes"]]  # fmt: skip


def cited(sheet: Standing) -> list[str]:
    """Records that the vetoes of a sheet rest on."""
    return [trace["record"] for each in sheet.computed["vetoes"] for trace in each.get("traces", ())]


def steps(sheet: Standing) -> list[tuple[Any, Any, list[tuple[str, SheetFile | None]]]]:
    """What happened, newest first: step, verb in words, its evidence: what was written, or the file."""
    files = {each.sha256: each for each in sheet.files.all()}
    return [(each, VERBS[each.verb], [(one, files.get(one)) for one in each.given.get("evidence", ())])
            for each in sheet.steps.order_by("-sequence")]  # fmt: skip


def _cells(round_: Evaluation, sheet: Standing) -> list[Decimal | None]:
    """Points of each section: as computed, moved by what was reviewed and decided."""
    now = rounds.points_now(sheet)
    moved: dict[str, Decimal] = {}
    for line in sheet.computed["lines"]:
        value = now[f"{line['section']}.{line['key']}"]
        if value is not None:
            moved[line["section"]] = moved.get(line["section"], Decimal(0)) + value - Decimal(line["points"] or 0)
    computed = {each["code"]: each["points"] for each in sheet.computed["sections"]}
    return [None if computed[code] is None else Decimal(computed[code]) + moved.get(code, Decimal(0))
            for code, *_rest in sections(round_)]  # fmt: skip


def lines(sheet: Standing, typed: Mapping[str, str] | None = None) -> list[dict[str, Any]]:
    """Sections with their lines: computed, self, reviewed and decided points side by side, each with its reason.

    typed: fields of the form (``p:key``, ``r:key``) as they were typed.
    """
    typed = typed or {}
    titles = {code: (title, weight) for code, title, weight in sections(sheet.evaluation)}
    found: dict[str, list[dict[str, Any]]] = {code: [] for code in titles}
    for line in sheet.computed["lines"]:
        key = f"{line['section']}.{line['key']}"
        entered = {"typed": typed.get(f"p:{key}", ""), "why": typed.get(f"r:{key}", "")}
        found[line["section"]].append(_line(line, sheet.lines.get(key, {})) | entered)
    parts = {each["code"]: each for each in sheet.computed["sections"]}
    return [{"code": code, "title": titles[code][0], "weight": titles[code][1], "full": parts[code]["full"],
             "points": parts[code]["points"], "lines": rows} for code, rows in found.items()]  # fmt: skip


def _line(line: Mapping[str, Any], said: Mapping[str, str]) -> dict[str, Any]:
    trace = line["trace"]
    version = f"v{trace['version']}" if trace["version"] else ""
    told = " · ".join(
        filter(None, (_said(trace["source"]), trace["record"], trace["as_of"][:16].replace("T", " "), version))
    )
    differs = any(said.get(each) not in (None, line["points"]) for each in ("self", "reviewed", "decided"))
    return {
        "key": f"{line['section']}.{line['key']}", "title": _said(line["title"]), "full": line["full"],
        "points": line["points"], "formula": _said(line["formula"]), "trace": told, "state": line["state"],
        "word": LINES[line["state"]], "self": said.get("self"), "reviewed": said.get("reviewed"),
        "decided": said.get("decided"), "differs": differs,
        "reasons": [(str(word), said[each]) for each, word in REASONS.items() if said.get(each)],
    }  # fmt: skip


def _said(words: Mapping[str, str]) -> str:
    return words["en"] if wording.english() else words["zh"]
