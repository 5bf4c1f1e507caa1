"""What is personal is removed on schedule: identities, files as sent, marks of addresses."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

from django.db import transaction

from qingyuan.base.durable import content_path
from qingyuan.people.audit import Actor
from qingyuan.reports.declared import declared
from qingyuan.reports.models import Photo, Report
from qingyuan.reports.taking import note


def remove_personal(data: Path, at: datetime, by: Actor) -> dict[str, int]:
    """Remove what is due by ``declared.yaml``; how much of each kind was removed. Each identity is an audit line."""
    days = {kind: at - timedelta(days=number) for kind, number in declared()["retention"].items()}
    ended = Report.objects.filter(ended_at__isnull=False)
    return {
        "identity": sum(
            _forget(each, at, by) for each in ended.filter(sealed__isnull=False, ended_at__lt=days["identity"])
        ),
        "photo_originals": _remove_originals(data, days["photo_originals"]),
        "address": Report.objects.exclude(address="").filter(received_at__lt=days["address"]).update(address=""),
    }


def _forget(report: Report, at: datetime, by: Actor) -> int:
    with transaction.atomic():
        if not Report.objects.filter(pk=report.pk, ended_at=report.ended_at).update(sealed=None, removed_at=at):
            return 0
        note(report, by, "reports.forget", at, sealed=True, identity=["sealed", "removed"])
    return 1


def _remove_originals(data: Path, before: datetime) -> int:
    """A file goes when no report needs it any more; the picture that is shown stays."""
    due = Photo.objects.exclude(original="").filter(report__ended_at__lt=before)
    names = set(due.values_list("original", flat=True))
    due.update(original="")
    needed = set(Photo.objects.filter(original__in=names).values_list("original", flat=True))
    for name in names - needed:
        content_path(data / "photos" / "originals", name).unlink(missing_ok=True)
    return len(names - needed)
