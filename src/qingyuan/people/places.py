"""Where an account belongs, for the lines of the audit chain about it."""

from __future__ import annotations

from typing import Any

from qingyuan.people.models import Person

PROVINCE = "220000"


def division_of(user: Any) -> str:
    """The division of an account's organisation; the province for an account that has none."""
    found = Person.objects.filter(user_id=user.pk).values_list("organisation__division", flat=True).first()
    return str(found or PROVINCE)
