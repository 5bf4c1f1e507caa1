"""Accounts with duties, for tests."""

from datetime import datetime

from django.contrib.auth.models import User

from qingyuan.people.audit import SYSTEM
from qingyuan.people.seating import AUTHORITY, Office, seat

SINCE = datetime(2020, 1, 1)


def seated(name, *duties, division="220000", level="province", kind="department", sites=(), domain="*"):
    """An account of an organisation of that place with posts in these duties; without any, those of an authority."""
    office = Office(f"机构{name}", f"Office {name}", division, level, kind, tuple(sites))
    user = User.objects.create(username=name)
    seat(user, office, duties or AUTHORITY, SYSTEM, SINCE, domain)
    return user
