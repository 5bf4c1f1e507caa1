"""The plan: its tasks with their lights beside every indicator with base, target, present value and what is left."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from qingyuan.cases.models import Case
from qingyuan.interfaces.web import access, excel, scoreboard
from qingyuan.interfaces.web.context import Context
from qingyuan.interfaces.web.dispatching.seen import lights_of
from qingyuan.interfaces.web.dispatching.words import matter
from qingyuan.interfaces.web.keeping import kept_while
from qingyuan.interfaces.web.plans import projects, tree, words
from qingyuan.plans.book import difference, keeping, scope
from qingyuan.plans.models import Item, Reported, Version


@access.needs("plan.see")
@kept_while(scoreboard.standing)
def page(request: HttpRequest) -> HttpResponse:
    """Answer with the tree of tasks and the scoreboard of the context's place."""
    ctx: Context = request.ctx  # type: ignore[attr-defined]
    board, cities = scoreboard.of(ctx), scoreboard.cities(ctx) if ctx.province else []
    columns = [
        each for each in board.rows if any(one.item(each.no).row.value is not None for _code, _name, one in cities)
    ]
    by_city = [(code, name, [one.item(each.no) for each in columns]) for code, name, one in cities]
    return render(
        request, "plan.html", {"board": board, "columns": columns, "by_city": by_city, **_tasks(request, ctx)}
    )


def _tasks(request: HttpRequest, ctx: Context) -> dict[str, object]:
    version = tree.version_of(request, ctx.time.date())
    asked = tree.asked(request)
    shown: dict[str, object] = {"tabs": words.tabs(request), "version": version, "asked": asked}
    if version is None:
        return shown
    items = keeping.valid(version)
    branches = tree.branches(items, asked, lights_of(request, version))
    return shown | {
        "plan_title": words.plan_title(version.plan),
        "version_title": words.version_title(version),
        "branches": branches,
        "count": len(tree.leaves(branches)),
        "departments": tree.departments(items),
        "chapters": [(each.key, f"{words.numbered(each)} {words.title(each)}") for each in tree.chapters(items)],
        "lights": [(state, str(word)) for state, word in words.LIGHTS.items()],
    }


@access.needs("plan.export")
def export(request: HttpRequest) -> HttpResponse:
    """The tasks on the screen as a workbook."""
    ctx: Context = request.ctx  # type: ignore[attr-defined]
    version = tree.version_of(request, ctx.time.date())
    if version is None:
        raise Http404(_("No version of a plan is in force here."))
    head = [
        pgettext("plan", "Chapter"), _("No."), pgettext("plan", "Task"), pgettext("plan", "Leads"),
        pgettext("plan", "Departments"), pgettext("task", "Progress"), pgettext("task", "Light"), _("Reason"), _("Key"),
    ]  # fmt: skip
    branches = tree.branches(keeping.valid(version), tree.asked(request), lights_of(request, version))
    rows = [_row(leaf) for leaf in tree.leaves(branches)]
    basis: list[list[object]] = [
        [_("Plan"), version.plan.code, words.plan_title(version.plan)],
        [pgettext("plan", "Version"), version.number, version.label],
        [_("In force from"), words.day(version.in_force_from), version.digest],
    ]
    sheets = (
        excel.Sheet(_("Tasks"), head, rows, [26, 6, 32, 24, 60, 10, 10, 40, 8]),
        excel.Sheet(_("Basis"), [_("What"), _("Value"), _("Remark")], basis, [16, 16, 70]),
    )
    return excel.download(excel.workbook(*sheets), f"{version.plan.code}-tasks-v{version.number}.xlsx")


def _row(leaf: tree.Leaf) -> list[object]:
    people = list(leaf.item.responsible.all())
    return [
        leaf.chapter, leaf.item.number, leaf.title, "、".join(each.name for each in people if each.lead),
        "、".join(each.name for each in people), leaf.progress, leaf.word,
        leaf.reason, leaf.item.key,
    ]  # fmt: skip


@access.needs("plan.see")
def task(request: HttpRequest, key: str) -> HttpResponse:
    """One task of the version in force: its text at its place, who does it, its figures, and what became of it."""
    ctx: Context = request.ctx  # type: ignore[attr-defined]
    version = tree.version_of(request, ctx.time.date())
    item = version.items.filter(kind=Item.Kind.TASK, key=key).exclude(review="rejected").first() if version else None
    if version is None or item is None:
        raise Http404(_("The plan in force has no such task."))
    leaf = tree.Leaf(item, "", lights_of(request, version).get(("task", key)))
    shown = {
        "tabs": words.tabs(request),
        "version": version,
        "plan_title": words.plan_title(version.plan),
        "version_title": words.version_title(version),
        "item": item,
        "leaf": leaf,
        "reason": leaf.reason,
        "above": [(words.numbered(each), words.title(each)) for each in _above(item)],
        "around": _around(version, item),
        "people": [(each, words.department(each)) for each in item.responsible.select_related("organisation")],
        "figures": [
            (words.title(each), words.facts(each))
            for each in item.parts.filter(kind="target").exclude(review="rejected")
        ],
        "history": _history(request, item),
        "projects": projects.of_task(request, version.plan.code, key),
        "cases": _cases(request, version, key),
    }
    return render(request, "plans/task.html", shown)


def _cases(request: HttpRequest, version: Version, key: str) -> list[tuple[Case, str]]:
    """The newest cases in which the task was reported on and their matter, as far as they may be seen."""
    asked = Reported.objects.filter(plan=version.plan, kind=Item.Kind.TASK, key=key).values("case")
    found = Case.objects.filter(access.rights(request).where("cases.see"), pk__in=asked)
    return [(each, matter(each)) for each in found.order_by("-pk")[:20]]


def _above(item: Item) -> list[Item]:
    found: list[Item] = []
    at = item.parent
    while at is not None:
        found.insert(0, at)
        at = at.parent
    return found


AROUND = 160
"""Signs of the source text shown before and after a task."""


def _around(version: Version, item: Item) -> tuple[str, str, str] | None:
    """The source text before, of and after an item; None where it has no place."""
    if item.start is None or item.end is None or not version.text:
        return None
    first = max(0, item.start - AROUND)
    return (
        version.text[first : item.start],
        version.text[item.start : item.end],
        version.text[item.end : item.end + AROUND],
    )


def _history(request: HttpRequest, item: Item) -> list[dict[str, object]]:
    """The same task in every version one may read, the newest first, with what changed against the one before."""
    seen = scope.versions(access.rights(request)).filter(plan=item.version.plan).exclude(state="dropped")
    found = Item.objects.filter(version__in=seen, kind=item.kind, key=item.key).select_related("version")
    ordered = sorted(found, key=lambda each: each.version.number)
    made = []
    for index, each in enumerate(ordered):
        before = keeping.entry(ordered[index - 1]) if index else None
        fields = difference.changed(before, keeping.entry(each)) if before else []
        told = [(words.FIELDS.get(one.field, one.field), one.pieces) for one in fields]
        made.append({"version": each.version, "title": words.title(each), "changed": told, "first": before is None})
    return made[::-1]


urlpatterns = [
    path("plan/", page, name="plan"),
    path("plan/tasks/export/", export, name="plan_tasks_export"),
    path("plan/tasks/<slug:key>/", task, name="plan_task"),
]
