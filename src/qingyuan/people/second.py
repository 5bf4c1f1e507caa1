"""The second factor: a time-based code (TOTP), and recovery codes for the day the telephone is lost."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import transaction
from django_otp import devices_for_user, match_token
from django_otp.plugins.otp_static.models import StaticDevice, StaticToken
from django_otp.plugins.otp_totp.models import TOTPDevice

from qingyuan.people import audit
from qingyuan.people.audit import Actor
from qingyuan.people.declared import actions, duties
from qingyuan.people.places import division_of
from qingyuan.people.rights import Rights

__all__ = ["confirm", "devices_for_user", "has", "left", "matches", "needed", "pending", "recovery_codes", "remove"]
RECOVERY = 10
"""Recovery codes given at a time; each works once."""


def has(user: Any) -> bool:
    """Whether an account has a second factor."""
    return any(True for _ in devices_for_user(user))


def matches(user: Any, code: str) -> Any | None:
    """The factor a code belongs to; None for a wrong one. Tries are slowed down by the factor itself."""
    return match_token(user, code.replace(" ", "")[:16])


def pending(user: Any) -> TOTPDevice:
    """The factor that is being set up, made when there is none."""
    return TOTPDevice.objects.get_or_create(user=user, confirmed=False, defaults={"name": "totp"})[0]


def confirm(user: Any, code: str, actor: Actor, at: datetime) -> list[str] | None:
    """Set the pending factor up when its code is right; gives the recovery codes, None for a wrong code."""
    device = pending(user)
    if not device.verify_token(code.replace(" ", "")[:16]):
        return None
    with transaction.atomic():
        TOTPDevice.objects.filter(user=user, confirmed=True).delete()
        device.confirmed = True
        device.save()
        _tell(user, {"second_factor": [None, "totp"]}, actor, at)
        return recovery_codes(user, actor, at)


def recovery_codes(user: Any, actor: Actor, at: datetime) -> list[str]:
    """New recovery codes, given this once; the ones before do not work any more."""
    with transaction.atomic():
        StaticDevice.objects.filter(user=user).delete()
        device = StaticDevice.objects.create(user=user, name="recovery")
        codes = [StaticToken.random_token() for _ in range(RECOVERY)]
        StaticToken.objects.bulk_create(StaticToken(device=device, token=each) for each in codes)
        _tell(user, {"recovery_codes": [None, RECOVERY]}, actor, at)
    return codes


def left(user: Any) -> int:
    """Recovery codes that still work."""
    return StaticToken.objects.filter(device__user=user).count()


def remove(user: Any, actor: Actor, at: datetime) -> None:
    """Take the second factor of an account away: by its owner, or by whoever manages the account when it is lost."""
    with transaction.atomic():
        TOTPDevice.objects.filter(user=user).delete()
        StaticDevice.objects.filter(user=user).delete()
        _tell(user, {"second_factor": ["totp", None]}, actor, at)


def needed(held: Rights) -> bool:
    """Whether a duty asks for a second factor: by its declaration, or because it opens sealed data."""
    sealed = {code for code, each in actions().items() if each.sealed}
    kinds = (duties()[each.duty] for each in held.grants)
    return any(each.second or each.actions & sealed for each in kinds)


def _tell(user: Any, change: dict[str, Any], actor: Actor, at: datetime) -> None:
    place = division_of(user)
    audit.append(actor, "second_factor", "account", str(user.pk), division=place, domain="", change=change, at=at)
