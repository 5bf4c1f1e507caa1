"""Passwords an account had: the last few may not be chosen again."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.hashers import check_password
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from qingyuan.base.time import now
from qingyuan.people.models import PastPassword


class NotUsedBefore:
    """A rule of Django's password check; it is also told of each new password and keeps its hash."""

    def __init__(self, last: int = 5) -> None:
        self.last = last

    def validate(self, password: str, user: Any = None) -> None:
        """ValidationError for one of the last passwords of the account."""
        if user is None or user.pk is None:
            return
        past = PastPassword.objects.filter(user=user).values_list("hashed", flat=True)[: self.last]
        if any(check_password(password, each) for each in past):
            raise ValidationError(_("You had this password before. Choose another."), code="password_used_before")

    def get_help_text(self) -> str:
        """The rule in words."""
        told = ngettext("Not your last password.", "None of your last %(n)s passwords.", self.last)
        return told % {"n": self.last}

    def password_changed(self, password: str, user: Any = None) -> None:
        """Keep the hash of a new password, forget those too old to count."""
        if user is None or user.pk is None:
            return
        PastPassword.objects.create(user=user, hashed=user.password, since=now())
        kept = PastPassword.objects.filter(user=user).values_list("pk", flat=True)[: self.last]
        PastPassword.objects.filter(user=user).exclude(pk__in=list(kept)).delete()
