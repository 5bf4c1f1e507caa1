"""Any tampering of any line of the audit chain is found: a field, the order, a line removed, put in or the end cut off."""

from datetime import datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from qingyuan.people import audit
from qingyuan.people.audit import Actor, Line
from qingyuan.people.models import AuditEntry

pytestmark = pytest.mark.django_db
AT = datetime(2025, 10, 28, 14)
FIELDS = {
    "at": AT - timedelta(days=9), "account": 99, "name": "other", "organisation": 98, "action": "other",
    "kind": "other", "record": "other", "division": "229999", "domain": "other", "change": {"x": [1, 2]},
    "sealed": True, "digest": "f" * 64,
}  # fmt: skip
words = st.text(st.characters(codec="utf-8", exclude_characters="\x00"), max_size=12)
one = st.builds(lambda name, record, value: (name, record, value), words, words, st.none() | st.integers() | words)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(one, min_size=2, max_size=8), st.data())
def test_any_tampering_is_found(tmp_path_factory, rows, draw):
    folder = tmp_path_factory.mktemp("anchor")
    AuditEntry.objects.all().delete()
    audit.append_many(
        [
            Line(Actor(1, name, 2), "do", "kind", record, "220104", "air", {"v": [None, value]}, AT)
            for name, record, value in rows
        ]
    )
    audit.anchor(folder, AT)
    assert audit.verify(folder).whole
    number = draw.draw(st.integers(1, len(rows)))
    how = draw.draw(st.sampled_from([*FIELDS, "removed", "swapped", "cut", "all gone", "written anew"]))
    tamper(how, number, len(rows))
    assert not audit.verify(folder).whole, how


def tamper(how, number, count):
    lines = AuditEntry.objects.filter(number=number)
    if how in FIELDS:
        lines.update(**{how: FIELDS[how]})
    elif how == "removed":
        lines.delete()
    elif how == "swapped":
        other = 1 if number == count else count
        AuditEntry.objects.filter(number=other).update(number=-1)
        lines.update(number=other)
        AuditEntry.objects.filter(number=-1).update(number=number)
    elif how == "cut":
        AuditEntry.objects.filter(number__gte=number).delete()
    else:
        AuditEntry.objects.all().delete()
        if how == "written anew":
            forged = Line(Actor(1, "forged", 2), "do", "kind", "r", "220104", "air", {}, AT)
            audit.append_many([forged] * count)


@pytest.mark.parametrize("content", ["", "{}", "[]", '{"number": 1, "digest": "x", "mac": "y"}'])
def test_a_note_that_is_not_ours_is_told(tmp_path, content):
    (tmp_path / "audit").mkdir()
    (tmp_path / "audit" / "2025-10-28.json").write_text(content)
    assert "not signed with our key" in audit.verify(tmp_path).why
