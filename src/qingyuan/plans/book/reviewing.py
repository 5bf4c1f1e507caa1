"""What a reviewer may do to the items of a draft; each act is kept and can be taken back, the last one first."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from django.db import transaction
from django.db.models import F

from qingyuan.base.errors import WrongUsage
from qingyuan.people.audit import Actor
from qingyuan.plans.book.entries import LONGEST_TITLE
from qingyuan.plans.book.keeping import organisations
from qingyuan.plans.book.likeness import SHORT
from qingyuan.plans.book.sealing import Sealed
from qingyuan.plans.models import Item, Responsible, Reviewed, Version

FIELDS = ("title", "text", "number", "start", "end", "facts", "doubtful", "review")
KEPT = ("kind", "key", "parent_id", "order", *FIELDS)
NUMBERS = {"target": ("value",), "indicator": ("base", "target")}
"""Facts of a kind that a reviewer may write: numbers, or words where the plan sets none."""


@dataclass(frozen=True)
class Hand:
    """Who acts, and when."""

    actor: Actor
    at: datetime


@dataclass(frozen=True)
class Choice:
    """One reading of a doubtful figure. value: as it will be kept; text: as shown; present: what it is now."""

    field: str
    index: int
    value: Any
    text: str
    present: bool
    printed: bool


def choices(item: Item) -> list[tuple[dict[str, Any], list[Choice]]]:
    """Each doubt of an item with its readings: what the reader took, what is printed, the alternatives."""
    return [(doubt, _choices(item, doubt)) for doubt in item.doubtful]


def _choices(item: Item, doubt: Mapping[str, Any]) -> list[Choice]:
    now = item.facts.get(doubt["field"])
    printed = number(str(doubt.get("printed", "")))
    readings = [each for each in (now, printed, *doubt.get("alternatives", ())) if each is not None]
    unlike = {f"{_text(each)}": each for each in readings}
    return [
        Choice(doubt["field"], index, each, text, text == _text(now), text == _text(printed))
        for index, (text, each) in enumerate(unlike.items())
    ]


def number(text: str) -> float | int | None:
    """The number a text writes in digits of any width; None for words."""
    try:
        value = Decimal(text.translate(_HALF).strip().rstrip("%").lstrip("＞><≥≤~"))
    except InvalidOperation:
        return None
    return int(value) if value == value.to_integral_value() else float(value)


_HALF = {0xFF10 + digit: ord("0") + digit for digit in range(10)} | {ord("．"): ord("."), ord("％"): ord("%")}


def _text(value: Any) -> str:
    return "" if value is None else f"{value:g}" if isinstance(value, float) else str(value)


def draft_item(version: Version, item: int) -> Item:
    """An item of a draft, to be changed. Sealed for an adopted version, WrongUsage for an unknown item."""
    if not version.is_draft:
        raise Sealed(version)
    found = version.items.filter(pk=item).first()
    if found is None:
        raise WrongUsage(f"Version {version.number} has no item {item}", "Load the page anew")
    return found


def confirm(version: Version, item: int, hand: Hand) -> Item:
    """The item is as the text says. WrongUsage while one of its figures is in doubt."""
    found = draft_item(version, item)
    if found.doubtful:
        raise WrongUsage(f"A figure of {found.title!r} is in doubt", "Choose one of its readings")
    return _set(found, hand, Reviewed.What.CONFIRM, review=Item.Review.CONFIRMED)


def reject(version: Version, item: int, hand: Hand) -> Item:
    """The item is none of the plan: it stays visible in the draft and does not become part of the version."""
    return _set(draft_item(version, item), hand, Reviewed.What.REJECT, review=Item.Review.REJECTED)


def reopen(version: Version, item: int, hand: Hand) -> Item:
    """The item is to be looked at again."""
    return _set(draft_item(version, item), hand, Reviewed.What.REOPEN, review=Item.Review.OPEN)


def choose(version: Version, item: int, field: str, reading: int, hand: Hand) -> Item:
    """One reading of a doubtful figure is the right one. WrongUsage for one that was not offered."""
    found = draft_item(version, item)
    for doubt, readings in choices(found):
        chosen = next((each for each in readings if (each.field, each.index) == (field, reading)), None)
        if chosen is not None:
            return _decide(found, doubt, chosen, hand)
    raise WrongUsage(f"{found.title!r} has no such reading", "Load the page anew and choose again")


def _decide(item: Item, doubt: Mapping[str, Any], chosen: Choice, hand: Hand) -> Item:
    resolved = [*item.facts.get("resolved", ()), {**doubt, "chosen": chosen.value, "by": hand.actor.name}]
    left = [each for each in item.doubtful if each != doubt]
    facts = {**item.facts, chosen.field: chosen.value, "resolved": resolved}
    review = Item.Review.OPEN if left else Item.Review.CONFIRMED if chosen.present else Item.Review.CORRECTED
    return _set(item, hand, Reviewed.What.CHOOSE, facts=facts, doubtful=left, review=review)


@transaction.atomic
def correct(version: Version, item: int, given: Mapping[str, str], hand: Hand) -> Item:
    """Write title, text, number, departments or figures anew; what is not given stays.

    departments: one a line, those that lead marked with ``*``. A figure that is written is no longer in doubt.
    WrongUsage for an empty title or a target that is no number.
    """
    found = draft_item(version, item)
    title = given.get("title", found.title).strip()
    if not title:
        raise WrongUsage("The item has no title", "Write one, or reject the item")
    facts, written = _facts(found, given)
    with _kept([found], version, hand, Reviewed.What.CORRECT, title):
        found.title, found.text = title[:LONGEST_TITLE], given.get("text", found.text)
        found.number, found.facts = given.get("number", found.number).strip()[:20], facts
        found.doubtful = [each for each in found.doubtful if each["field"] not in written]
        found.review = Item.Review.OPEN if found.doubtful else Item.Review.CORRECTED
        found.save()
        if "departments" in given and found.kind == Item.Kind.TASK:
            _departments(found, given["departments"].splitlines())
    return found


def _facts(item: Item, given: Mapping[str, str]) -> tuple[dict[str, Any], set[str]]:
    facts, written = dict(item.facts), set()
    for name in NUMBERS.get(item.kind, ()):
        text = given.get(name, "").strip()
        if name not in given or text == _text(item.facts.get(name)):
            continue
        value = number(text)
        if value is None and item.kind == Item.Kind.TARGET:
            raise WrongUsage(f"{text!r} is no number", "Write the figure in digits, its unit stands beside it")
        facts[name] = text if value is None else value
        written.add(name)
    unit = given.get("unit")
    return ({**facts, "unit": unit.strip()} if unit is not None else facts), written


def _departments(item: Item, lines: Iterable[str]) -> None:
    named = {line.strip().lstrip("*").strip(): line.strip().startswith("*") for line in lines if line.strip(" *")}
    known = organisations(item.version.plan, named)
    item.responsible.all().delete()
    for order, (name, lead) in enumerate(named.items()):
        Responsible.objects.create(item=item, name=name[:120], lead=lead, order=order, organisation=known.get(name))


@transaction.atomic
def split(version: Version, item: int, at: int, hand: Hand) -> tuple[Item, Item]:
    """Two items of one: the text before and from a sign on. WrongUsage where nothing would be left on a side."""
    found = draft_item(version, item)
    first, second = found.text[:at].strip(), found.text[at:].strip()
    if not first or not second:
        raise WrongUsage(f"{found.title!r} cannot be split there", "Put the cursor within its text")
    with _kept([found], version, hand, Reviewed.What.SPLIT, found.title) as touched:
        version.items.filter(order__gt=found.order).update(order=F("order") + 1)
        middle = _place(version, found, second)
        other = Item.objects.create(
            version=version, kind=found.kind, key=_new_key(version, found.kind), parent=found.parent,
            order=found.order + 1, title=second.split("。")[0][:LONGEST_TITLE], text=second,
            start=middle, end=found.end, facts={**found.facts, "quantities": []},
        )  # fmt: skip
        _departments(other, [("*" if each.lead else "") + each.name for each in found.responsible.all()])
        found.text, found.end, found.review = first, middle if middle is not None else found.end, Item.Review.OPEN
        found.save()
        touched.append(other)
    return found, other


def _place(version: Version, item: Item, text: str) -> int | None:
    """Where the second part begins in the version's text; lines are broken there otherwise than in the item."""
    if item.start is None or item.end is None:
        return None
    begin = text[:6]
    found = version.text.find(begin, item.start, item.end)
    return found if found >= 0 else item.start


def _new_key(version: Version, kind: str) -> str:
    letter = SHORT[kind]
    used = Item.objects.filter(version__plan=version.plan, kind=kind).values_list("key", flat=True)
    last = max((int(key[1:]) for key in used if key[1:].isdecimal()), default=0)
    return f"{letter}{last + 1:03}"


def confirm_undoubtful(version: Version, hand: Hand, kinds: Sequence[str] = ()) -> int:
    """Confirm every open item that is not in doubt; returns how many. One act: it is taken back as one."""
    if not version.is_draft:
        raise Sealed(version)
    found = version.items.filter(review=Item.Review.OPEN)
    items = [item for item in (found.filter(kind__in=kinds) if kinds else found) if not item.doubtful]
    if not items:
        return 0
    with transaction.atomic():
        before = {str(item.pk): {"review": item.review} for item in items}
        Item.objects.filter(pk__in=[item.pk for item in items]).update(review=Item.Review.CONFIRMED)
        Reviewed.objects.create(
            version=version, what=Reviewed.What.BULK, at=hand.at, by=hand.actor.name, account=hand.actor.account,
            title=str(len(items)), before=before, after={pk: {"review": Item.Review.CONFIRMED} for pk in before},
        )  # fmt: skip
    return len(items)


@transaction.atomic
def undo(version: Version, hand: Hand) -> Reviewed | None:
    """Take back the last act that was not taken back yet; None when there is none."""
    if not version.is_draft:
        raise Sealed(version)
    act = version.reviewed.filter(undone=False).first()
    if act is None:
        return None
    for pk, fields in act.before.items():
        _restore(version, int(pk), fields)
    for pk in set(act.after) - set(act.before):
        version.items.filter(pk=int(pk)).delete()
    act.undone = True
    act.save(update_fields=["undone"])
    return act


def _restore(version: Version, pk: int, fields: dict[str, Any]) -> None:
    item = version.items.get(pk=pk)
    people = fields.get("departments")
    for name in FIELDS:
        if name in fields:
            setattr(item, name, fields[name])
    item.save()
    if people is not None:
        _departments(item, people)


def _set(item: Item, hand: Hand, what: str, **fields: Any) -> Item:
    with transaction.atomic(), _kept([item], item.version, hand, what, item.title):
        for name, value in fields.items():
            setattr(item, name, value)
        item.save()
    return item


class _kept:  # noqa: N801 - reads as a phrase: with _kept(items, …)
    """Keep what items were before and are after the block, as one act."""

    def __init__(self, items: list[Item], version: Version, hand: Hand, what: str, title: str) -> None:
        self.items, self.version, self.hand, self.what, self.title = items, version, hand, what, title

    def __enter__(self) -> list[Item]:
        self.before = {str(item.pk): _snapshot(item) for item in self.items}
        return self.items

    def __exit__(self, kind: object, _wrong: object, _trace: object) -> None:
        if kind is None:
            after = {str(item.pk): _snapshot(item) for item in self.items}
            Reviewed.objects.create(
                version=self.version, what=self.what, at=self.hand.at, by=self.hand.actor.name,
                account=self.hand.actor.account, title=self.title[:LONGEST_TITLE], before=self.before, after=after,
            )  # fmt: skip


def _snapshot(item: Item) -> dict[str, Any]:
    people = [("*" if each.lead else "") + each.name for each in item.responsible.all()]
    return {**{name: getattr(item, name) for name in KEPT}, "departments": people}


@dataclass(frozen=True)
class Left:
    """What remains to be reviewed. doubtful: items with a figure in doubt; open: not looked at; rejected, done."""

    all: int
    open: int
    doubtful: int
    rejected: int

    @property
    def done(self) -> int:
        """How many were decided."""
        return self.all - self.open - self.doubtful


def left(items: Iterable[Item]) -> Left:
    """How much of a draft remains."""
    listed = list(items)
    rejected = [item for item in listed if item.review == Item.Review.REJECTED]
    doubtful = [item for item in listed if item.doubtful and item.review != Item.Review.REJECTED]
    waiting = [item for item in listed if item.review == Item.Review.OPEN and not item.doubtful]
    return Left(len(listed), len(waiting), len(doubtful), len(rejected))
