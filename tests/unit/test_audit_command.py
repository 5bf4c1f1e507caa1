"""``qingyuan audit``: 0 for a whole chain, 1 and the first bad line for another, a record as of a moment."""

import json
from datetime import datetime

import pytest

from qingyuan.interfaces.cli import audit as command
from qingyuan.interfaces.cli import main, serve
from qingyuan.people import audit
from qingyuan.people.models import AuditEntry

pytestmark = pytest.mark.django_db
AT = datetime(2026, 3, 1, 12)


@pytest.fixture
def data(tmp_path, monkeypatch):
    monkeypatch.setenv("QINGYUAN_DATA", str(tmp_path))
    monkeypatch.setattr(serve, "prepare", lambda data: None)  # the test's database stands already
    for state in ("open", "closed"):
        audit.append(
            audit.SYSTEM,
            "cases.act",
            "case",
            "C1",
            division="220104",
            domain="air",
            change={"state": [None, state]},
            at=AT,
        )
    assert main(["audit", "anchor"]) == 0
    return tmp_path


def test_a_whole_chain(data, capsys):
    assert main(["audit", "verify"]) == 0
    assert "2 lines, whole" in capsys.readouterr().out


def test_the_first_bad_line_is_named(data, capsys):
    AuditEntry.objects.filter(number=2).update(change={"state": [None, "open"]})
    assert main(["audit", "verify"]) == 1
    assert "line 2 is not what was written" in capsys.readouterr().out


def test_a_cut_off_end_is_found_by_the_note(data, capsys):
    AuditEntry.objects.filter(number=2).delete()
    assert main(["audit", "verify"]) == 1
    assert "the signed note knows 2 lines, 1 are left" in capsys.readouterr().out


def test_as_of(data, capsys):
    assert main(["audit", "as-of", "case", "C1", "2026-03-01T12:00"]) == 0
    assert json.loads(capsys.readouterr().out) == {"state": "closed"}
    assert main(["audit", "as-of", "case", "C1", "soon"]) == 2
    assert command.__doc__
