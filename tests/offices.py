"""People of organisations with duties, for tests."""

from datetime import datetime, timedelta

from django.contrib.auth.models import User

from qingyuan.people.models import Duty, Organisation, Person, Post

EARLY = datetime(2025, 10, 28, 14) - timedelta(days=100)


def somebody(name, division, *held, level="county", kind="department", sites="", user=None):
    """A person of an organisation with duties (code, domain) over its division."""
    office = Organisation.objects.create(name_zh=name, division=division, level=level, kind=kind, sites=sites)
    person = Person.objects.create(user=user or User.objects.create(username=name), organisation=office, name=name)
    for code, domain in held:
        duty = Duty.objects.create(organisation=office, code=code, division=division, domain=domain)
        Post.objects.create(person=person, duty=duty, since=EARLY)
    return person
