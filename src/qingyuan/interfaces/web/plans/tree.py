"""The tree of tasks: chapters, below them tasks with who leads, progress and light."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from django.http import HttpRequest

from qingyuan.interfaces.web import access
from qingyuan.interfaces.web.dispatching.words import LOOKS, reason
from qingyuan.interfaces.web.plans import words
from qingyuan.plans.book import keeping, scope
from qingyuan.plans.dispatching.standing import Key
from qingyuan.plans.lights import Light
from qingyuan.plans.models import Item, Version


class Lit:
    """An item with its light, in the language of the request."""

    item: Item
    light: Light | None

    @property
    def title(self) -> str:
        """Its title."""
        return words.title(self.item)

    @property
    def state(self) -> str:
        """Icon and colour of its light; none where nothing was reported."""
        return LOOKS[self.light.state] if self.light else "none"

    @property
    def word(self) -> str:
        """The light in a word."""
        return str(words.LIGHTS[self.state])


@dataclass(frozen=True)
class Leaf(Lit):
    """A task in the tree."""

    item: Item
    chapter: str
    light: Light | None

    @property
    def leads(self) -> str:
        """Who leads."""
        return words.leads(self.item)

    @property
    def reason(self) -> str:
        """Why the light is as it is."""
        return reason(self.light) if self.light else ""

    @property
    def progress(self) -> str:
        """How far it is, as far as reported, in percent."""
        known = self.light.inputs.get("progress") if self.light else None
        return "" if known is None else f"{known} %"


@dataclass
class Branch(Lit):
    """A chapter in the tree with the tasks that fit what was asked; its light is rolled up from all its tasks."""

    item: Item
    light: Light | None = None
    leaves: list[Leaf] = field(default_factory=list)
    open: bool = False

    @property
    def number(self) -> str:
        """Its number in words."""
        return words.numbered(self.item)


@dataclass(frozen=True)
class Asked:
    """What the list is narrowed to: words, department, chapter (its key), light."""

    q: str = ""
    department: str = ""
    chapter: str = ""
    light: str = ""

    @property
    def narrowed(self) -> bool:
        """Whether anything is left out."""
        return any((self.q, self.department, self.chapter, self.light))


def asked(request: HttpRequest) -> Asked:
    """What an address asks for; a light that does not exist asks for none."""
    given = {name: request.GET.get(name, "").strip()[:80] for name in ("q", "department", "chapter", "light")}
    return Asked(**{**given, "light": given["light"] if given["light"] in words.LIGHTS else ""})


def version_of(request: HttpRequest, on: date) -> Version | None:
    """The version the page speaks of: of the plan the address names, else of the first that is in force on the day."""
    found = scope.plans(access.rights(request)).order_by("division", "-first_day")
    code = request.GET.get("plan", "")
    for plan in found.filter(code=code) if code else found:
        version = keeping.in_force(plan, on) or keeping.newest(plan)
        if version is not None and (code or plan.first_day <= on <= plan.last_day):
            return version
    return next((version for plan in found if (version := keeping.newest(plan))), None) if not code else None


def chapters(items: Sequence[Item]) -> list[Item]:
    """The chapters among the items of a version."""
    return [item for item in items if item.kind == Item.Kind.CHAPTER]


def branches(items: Sequence[Item], narrowed: Asked, found_lights: Mapping[Key, Light]) -> list[Branch]:
    """The chapters with tasks among the items of a version, each with those that fit."""
    known = {item.pk: item for item in items}
    made = {item.pk: Branch(item, found_lights.get((item.kind, item.key))) for item in chapters(items)}
    for item in items:
        top = _chapter(item, known)
        if item.kind == Item.Kind.TASK and top is not None:
            leaf = Leaf(item, words.title(top), found_lights.get((item.kind, item.key)))
            if _fits(leaf, top, narrowed):
                made[top.pk].leaves.append(leaf)
    found = [branch for branch in made.values() if branch.leaves]
    return _opened(found, narrowed)


def _opened(found: list[Branch], narrowed: Asked) -> list[Branch]:
    """What was asked for stands open; else the first chapter with something urgent, else the first."""
    urgent = next((each for each in found if each.state in ("bad", "tight")), found[0] if found else None)
    for each in found:
        each.open = narrowed.narrowed or each is urgent
    return found


def _chapter(item: Item, known: Mapping[int, Item]) -> Item | None:
    at: Item | None = item
    while at is not None and at.kind != Item.Kind.CHAPTER:
        at = known.get(at.parent_id or 0)
    return at


def _fits(leaf: Leaf, chapter: Item, narrowed: Asked) -> bool:
    names = [each.name for each in leaf.item.responsible.all()]
    searched = f"{leaf.item.title} {leaf.title} {leaf.item.text} {' '.join(names)}".lower()
    return (
        narrowed.q.lower() in searched
        and (not narrowed.department or narrowed.department in names)
        and narrowed.chapter in ("", chapter.key)
        and narrowed.light in ("", leaf.state)
    )


def departments(items: Sequence[Item]) -> list[tuple[str, str]]:
    """Every department that a task names, as printed and as the page names it, those with most tasks first."""
    count: dict[str, int] = {}
    named: dict[str, str] = {}
    for item in items:
        for each in item.responsible.all():
            count[each.name] = count.get(each.name, 0) + 1
            named.setdefault(each.name, words.department(each))
    return [(name, named[name]) for name in sorted(count, key=lambda name: (-count[name], name))]


def leaves(found: Sequence[Branch]) -> list[Leaf]:
    """The tasks of branches, in order."""
    return [leaf for branch in found for leaf in branch.leaves]
