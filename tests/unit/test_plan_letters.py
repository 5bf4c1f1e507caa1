"""Responsibility letters say what was issued, open as Word and PDF, and are out of date once a share changes."""

from __future__ import annotations

import shutil
from datetime import date, datetime
from decimal import Decimal
from io import BytesIO
from zipfile import ZipFile

import pytest
import seats
from docx import Document
from plan_stage import with_hand

from qingyuan.interfaces import loading
from qingyuan.people.audit import SYSTEM
from qingyuan.people.rights import of
from qingyuan.places.divisions import children
from qingyuan.plans import sharing
from qingyuan.plans.decomposing.whole import Part
from qingyuan.plans.letters import files, written
from qingyuan.plans.sharing import Asked

pytestmark = pytest.mark.django_db
AT, DAY = datetime(2026, 4, 1, 9), date(2026, 4, 1)
CITIES = [each.code for each in children("220000")]


@pytest.fixture
def rights():
    return of(seats.seated("guihua", "planning"), AT)


def issue(rights, hand=None):
    asked = Asked(1, "220000", date(2025, 12, 31), tuple(Part(code, Decimal("31.0")) for code in CITIES))
    asked = with_hand(asked, "220100", hand) if hand else asked
    sharing.issue(rights, SYSTEM, AT, sharing.save(rights, SYSTEM, AT, asked))
    sections = Asked(4, "220000", date(2025, 12, 31), tuple(Part(code, Decimal(9), Decimal(12)) for code in CITIES))
    if not hand:
        sharing.issue(rights, SYSTEM, AT, sharing.save(rights, SYSTEM, AT, sections))


def test_a_letter_says_the_shares_in_force(rights):
    issue(rights)
    text = "\n".join(each.text for each in Document(BytesIO(files.word("220100", "吉林省", DAY))).paragraphs)
    assert "不高于 29.5 µg/m³" in text and "12 个（断面数）中不少于" in text
    assert written.content("220100").digest[:16] in text


def test_a_changed_share_puts_the_signed_letter_out_of_date(rights):
    issue(rights)
    signed = written.content("220100").digest
    assert written.up_to_date("220100", signed)
    issue(rights, hand=Decimal("28.0"))
    assert not written.up_to_date("220100", signed)


def test_without_shares_there_is_nothing_to_sign():
    with pytest.raises(written.NothingIssued):
        written.content("220100")
    assert not written.up_to_date("220100", "x")


def test_many_come_in_one_archive(rights):
    issue(rights)
    made = ZipFile(BytesIO(files.archive(files.words(CITIES, "吉林省", DAY))))
    assert len(made.namelist()) == 9 and all(name.endswith(".docx") for name in made.namelist())


@pytest.mark.skipif(shutil.which("soffice") is None, reason="there is no LibreOffice on this machine")
def test_a_letter_becomes_a_pdf(rights):
    issue(rights)
    assert files.pdf(files.word("220100", "吉林省", DAY)).startswith(b"%PDF")


def test_no_office_says_what_to_do(monkeypatch):
    monkeypatch.setattr(shutil, "which", lambda _name: None)
    with pytest.raises(files.CannotConvert, match="Take the Word file"):
        files.pdf(b"")


def test_letters_are_a_register_signed_from_below_and_from_above():
    kind = loading.registers().kind("responsibility_letter")
    assert list(kind.steps) == ["draft", "lower", "upper", "in_force"] and kind.domain == "plan"
    assert "content_digest" in kind.steps["lower"].seals
