"""A filter of rows and the question about one row agree, whatever somebody holds."""

from datetime import datetime

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from qingyuan.people import audit
from qingyuan.people.models import AuditEntry
from qingyuan.people.rights import Grant, Rights

pytestmark = pytest.mark.django_db
AT = datetime(2025, 10, 28)
PLACES = ["220000", "220100", "220104", "220104001", "220104001003", "220105", "220200", "220202", ""]
DOMAINS = ["air", "plan", "*"]
SITES = ["DA001", "DA002", ""]
grants = st.builds(
    Grant, st.sampled_from(["inspection", "water", "owner", "audit"]), st.just("county"), st.sampled_from(PLACES[:-1]),
    st.sampled_from(DOMAINS), st.just(1), st.none() | st.frozensets(st.sampled_from(SITES[:2])),
)  # fmt: skip


@pytest.fixture(scope="module")
def rows(django_db_setup, django_db_blocker):
    with django_db_blocker.unblock():
        audit.append_many(
            [
                audit.Line(audit.SYSTEM, "x", "case", site, place, domain, {}, AT)
                for place in PLACES for domain in DOMAINS[:2] for site in SITES
            ]
        )  # fmt: skip
        yield
        AuditEntry.objects.all().delete()


@settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(grants, max_size=4))
def test_where_and_may_agree(rows, held):
    rights = Rights(held)
    found = set(
        AuditEntry.objects.filter(rights.where("cases.see", site="record", organisation="")).values_list(
            "number", flat=True
        )
    )
    asked = {
        each.number for each in AuditEntry.objects.all()
        if rights.may("cases.see", each.division, each.domain, each.record)
    }  # fmt: skip
    assert found == asked
