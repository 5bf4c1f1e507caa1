"""A plan's file taken in: kept, read, and opened as a draft, one stage after the other so that each can be told."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from qingyuan.base.durable import content_path, keep_content, write_whole
from qingyuan.base.errors import QingyuanError, UnreadableInput, WrongUsage
from qingyuan.base.settings import data_dir
from qingyuan.people.audit import Actor
from qingyuan.plans.book import keeping
from qingyuan.plans.book.entries import KINDS, entries_of
from qingyuan.plans.models import Plan, Version
from qingyuan.plans.reading import read, warnings

SUFFIXES = (".txt", ".docx", ".pdf", ".json")
LARGEST = 50 << 20
CODE = re.compile(r"[a-z0-9][a-z0-9-]{1,39}")


@dataclass(frozen=True)
class Told:
    """What was said at the upload. plan: code of a known plan, or of a new one with its division."""

    plan: str
    division: str
    label: str
    name: str


def folder() -> Path:
    """Where uploads and drafts are kept."""
    return data_dir() / "plans"


def take(content: bytes, told: Told) -> str:
    """Keep a file and what was said of it; returns its digest. WrongUsage for a file or code that cannot be used."""
    suffix = Path(told.name).suffix.lower()
    if suffix not in SUFFIXES:
        raise WrongUsage(_("“%s” is no text, Word or PDF file") % told.name, _("Choose a .txt, .docx or .pdf file."))
    if not content:
        raise WrongUsage(_("“%s” is empty") % told.name, _("Choose the plan's file."))
    if len(content) > LARGEST:
        raise WrongUsage(_("“%s” is larger than 50 MB") % told.name, _("Leave out its pictures."))
    if not CODE.fullmatch(told.plan):
        raise WrongUsage(
            _("“%s” cannot be the plan's code") % told.plan,
            _("Use small letters, digits and hyphens, e.g. jilin-15th."),
        )
    digest = keep_content(folder(), content)
    write_whole(_file(digest, "said.json"), json.dumps(asdict(told), ensure_ascii=False))
    return digest


def _file(digest: str, name: str) -> Path:
    return folder() / f"{digest}.{name}"


def told_of(digest: str) -> Told | None:
    """What was said of an upload; None for one that is not kept."""
    file = _file(digest, "said.json")
    return (
        Told(**json.loads(file.read_text("utf-8"))) if re.fullmatch("[0-9a-f]{64}", digest) and file.exists() else None
    )


def draft_of(digest: str) -> dict[str, Any] | None:
    """The draft that was read from an upload; None before."""
    file = _file(digest, "draft.json")
    return json.loads(file.read_text("utf-8")) if file.exists() else None


def read_upload(digest: str, told: Told) -> dict[str, Any]:
    """Read an upload into a draft and keep it. Raises QingyuanError saying what is wrong with the file."""
    content = content_path(folder(), digest)
    draft = _as_draft(content.read_bytes()) if told.name.lower().endswith(".json") else _read(content, told.name)
    if not draft.get("tasks") and not draft.get("chapters"):
        raise UnreadableInput(
            _("No chapter and no task was found in “%s”") % told.name,
            _("Check that it is the plan itself, and that a PDF has a text layer (scans have none)."),
        )
    entries_of(draft)
    write_whole(_file(digest, "draft.json"), json.dumps(draft, ensure_ascii=False))
    return draft


def _read(content: Path, name: str) -> dict[str, Any]:
    """The reader goes by the file's suffix, which the kept content does not have."""
    named = content.with_name(f"{content.name}{Path(name).suffix.lower()}")
    named.write_bytes(content.read_bytes())
    try:
        return read(named).as_json()
    except QingyuanError as wrong:
        raise type(wrong)(wrong.what.replace(str(named), name).replace(named.name, name), wrong.todo) from wrong
    finally:
        named.unlink(missing_ok=True)


def _as_draft(content: bytes) -> dict[str, Any]:
    try:
        draft = json.loads(content)
    except ValueError as wrong:
        raise UnreadableInput(_("The draft is no JSON"), _("Make it with qingyuan plan import.")) from wrong
    if not isinstance(draft, dict):
        raise UnreadableInput(_("The draft is no JSON object"), _("Make it with qingyuan plan import."))
    return draft


def counts(draft: Mapping[str, Any]) -> dict[str, int]:
    """How many items of each kind a draft holds."""
    found = Counter(entry.kind for entry in entries_of(draft))
    return {kind: found[kind] for kind in KINDS if found[kind]}


@transaction.atomic
def open_draft(digest: str, told: Told, draft: dict[str, Any], actor: Actor, at: datetime) -> Version:
    """The draft as a new version of its plan, which is made when it is not known yet; the same file opens one draft."""
    plan, _new = Plan.objects.get_or_create(code=told.plan, defaults=_new_plan(told, draft, at))
    origin = keeping.Origin(told.label, told.name[:200], str(draft.get("text") or ""), warnings_in(draft))
    same = plan.versions.filter(state=Version.State.DRAFT, source=origin.source, text=origin.text).first()
    return same or keeping.open_draft(plan, entries_of(draft), origin, actor, at)


def warnings_in(draft: Mapping[str, Any]) -> tuple[str, ...]:
    """The warnings of the reader that a draft carries: those it knows, whatever else a file says."""
    return tuple(each for each in draft.get("warnings") or () if each in warnings.ZH)


def _new_plan(told: Told, draft: dict[str, Any], at: datetime) -> dict[str, Any]:
    first = int(draft.get("first_year") or at.year)
    last = int(draft.get("last_year") or first + 4)
    title = str(draft.get("title") or told.name)[:200]
    return {"title": title, "division": told.division, "first_day": date(first, 1, 1), "last_day": date(last, 12, 31)}
