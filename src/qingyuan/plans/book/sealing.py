"""What is sealed cannot be changed: ways through the models are refused here, ways around them by the database."""

from __future__ import annotations

import hashlib
import json
from typing import Any

from django.db.models.signals import pre_delete, pre_save
from django.dispatch import receiver

from qingyuan.base.errors import QingyuanError
from qingyuan.plans.models import Item, Responsible, Reviewed, Version


class Sealed(QingyuanError):
    """An adopted version of a plan was to be changed."""

    def __init__(self, version: Version) -> None:
        super().__init__(
            f"Version {version.number} of the plan {version.plan.code} is adopted and sealed",
            "Open an amendment: a new version that begins as a copy of this one",
        )


def _kept(version: Version) -> Version | None:
    return Version.objects.select_related("plan").filter(pk=version.pk).first()


def _refuse(version: Version) -> None:
    kept = _kept(version)
    if kept is not None and not kept.is_draft:
        raise Sealed(kept)


@receiver(pre_save, sender=Item)
@receiver(pre_delete, sender=Item)
def _item(sender: type, instance: Item, **_more: Any) -> None:
    _refuse(instance.version)


@receiver(pre_save, sender=Responsible)
@receiver(pre_delete, sender=Responsible)
def _responsible(sender: type, instance: Responsible, **_more: Any) -> None:
    _refuse(instance.item.version)


@receiver(pre_save, sender=Reviewed)
@receiver(pre_delete, sender=Reviewed)
def _reviewed(sender: type, instance: Reviewed, **_more: Any) -> None:
    _refuse(instance.version)


@receiver(pre_delete, sender=Version)
def _dropped(sender: type, instance: Version, **_more: Any) -> None:
    _refuse(instance)


@receiver(pre_save, sender=Version)
def _version(sender: type, instance: Version, **_more: Any) -> None:
    """Of an adopted version only this may still be told: that another one replaced it."""
    kept = _kept(instance)
    if kept is None or kept.is_draft:
        return
    names = [each.attname for each in Version._meta.concrete_fields if each.attname != "state"]
    same = all(getattr(kept, name) == getattr(instance, name) for name in names)
    if not same or instance.state not in (kept.state, Version.State.REPLACED):
        raise Sealed(kept)


def digest(version: Version) -> str:
    """SHA-256 of a version's text and items with their places and departments, in hexadecimal digits."""
    items = version.items.order_by("order", "pk").prefetch_related("responsible").select_related("parent")
    told = {
        "plan": version.plan.code,
        "number": version.number,
        "text": hashlib.sha256(version.text.encode()).hexdigest(),
        "items": [_told(item) for item in items],
    }
    text = json.dumps(told, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def _told(item: Item) -> list[Any]:
    people = [[each.name, each.lead] for each in item.responsible.all()]
    above = f"{item.parent.kind}:{item.parent.key}" if item.parent else ""
    return [
        item.kind, item.key, above, item.number, item.title, item.text, item.start, item.end, _plain(item.facts),
        _plain(item.doubtful), item.review, people,
    ]  # fmt: skip


def _plain(value: Any) -> Any:
    """Whole numbers alike whether the database gives them back as 95 or 95.0."""
    if isinstance(value, dict):
        return {key: _plain(each) for key, each in value.items()}
    if isinstance(value, list):
        return [_plain(each) for each in value]
    return int(value) if isinstance(value, float) and value.is_integer() else value


def whole(version: Version) -> bool:
    """Whether an adopted version is still what was adopted."""
    return bool(version.digest) and version.digest == digest(version)
