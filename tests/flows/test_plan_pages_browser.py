"""The pages of a plan of real size: free of grave findings of axe-core, no sideways scroll, on a desk and a phone."""

from datetime import datetime

import pytest
import stage
from accessible import axe

from qingyuan.people.audit import SYSTEM
from qingyuan.people.models import Duty, Person, Post
from qingyuan.plans.book import seeding
from qingyuan.plans.models import Version

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
PAGES = (
    "/plan/", "/plan/tasks/t009/", "/plan/1/", "/plan/versions/", "/plan/versions/{number}/", "/plan/projects/",
    "/plan/targets/", "/plan/targets/1/", "/plan/heat/", "/plan/letters/", "/plan/dispatch/", "/plan/mine/", "/public/plan/",
)  # fmt: skip
FORMS = ((1440, "dark", ""), (390, "light", "?lang=en"))


@pytest.fixture
def data(tmp_path, monkeypatch, db):
    """A small province whose plan has its 120 tasks."""
    monkeypatch.setenv("QINGYUAN_DATA", str(tmp_path))
    stage.build(tmp_path)
    seeding.seed(SYSTEM, datetime(2025, 10, 1), simulated=True)
    return tmp_path


def lead_the_plan():
    """Whoever reads has every duty of plans."""
    person = Person.objects.get(user__username="reader")
    for code in ("lead", "planning", "dispatch"):
        duty, _new = Duty.objects.get_or_create(
            organisation=person.organisation, code=code, division="220000", domain="*"
        )
        Post.objects.get_or_create(person=person, duty=duty, defaults={"since": datetime(2020, 1, 1)})


@pytest.mark.parametrize(("width", "light", "query"), FORMS)
def test_pages_with_content_are_free_of_grave_findings(visit, data, width, light, query):
    lead_the_plan()
    number, faults = Version.objects.get(state="adopted").pk, []
    for page in PAGES:
        opened = visit(page.format(number=number) + query, width=width)
        assert opened.locator("main h1, main h2").count(), f"{page} shows nothing"
        opened.evaluate(f"document.documentElement.className = '{light}'")
        wide = opened.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        faults += [f"{page} {width}: {wide} px too wide"] if wide > 0 else []
        try:
            axe(opened)
        except AssertionError as wrong:
            faults.append(f"{light} {width} {wrong}")
        opened.context.close()
    assert not faults, "\n".join(faults)
