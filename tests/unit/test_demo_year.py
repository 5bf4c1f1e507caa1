"""The demo's year: told through the engines, whole in every chain, done once, nothing left of an interrupted one."""

import json
from datetime import datetime, timedelta

import pytest
from django.db import transaction

from qingyuan.cases import listing
from qingyuan.cases.lottery import record
from qingyuan.cases.models import Attachment, Case, CaseStep, Lottery
from qingyuan.interfaces import loading
from qingyuan.interfaces.cli import main
from qingyuan.interfaces.jobs import demo_people, demo_year
from qingyuan.people import audit
from qingyuan.people.models import AuditEntry, Person
from qingyuan.registers.flow import store
from qingyuan.registers.models import Account, RegisterRecord, RegisterStep
from qingyuan.reports.models import Report, RewardLine, State

pytestmark = pytest.mark.django_db
ENDS = datetime(2026, 11, 27, 11, 30)
SHARE, DAYS = 0.05, 120


@pytest.fixture
def demo(tmp_path, monkeypatch):
    """A data folder with the demo's people."""
    monkeypatch.setenv("QINGYUAN_DATA", str(tmp_path))
    demo_people.fill(tmp_path, ["SIM-GAS-0001"])
    return tmp_path


def told(data, progress=lambda *_: None):
    return demo_year.fill(data, ENDS, progress, SHARE, DAYS)


def test_a_year_is_whole_simulated_and_told_once(demo):
    done = told(demo)
    assert audit.verify(demo).whole
    assert done.cases > 40 and 5 < done.open_cases < done.cases and done.lotteries == 2 and done.records > 20
    cases, records = list(Case.objects.all()), list(RegisterRecord.objects.all())
    steps = [store.differs(each.declared.flow, each, store.entries_of(CaseStep, each.pk)) for each in cases]
    kinds = loading.registers()
    steps += [store.differs(kinds.kind(each.kind), each, store.entries_of(RegisterStep, each.pk)) for each in records]
    assert not [each for each in steps if each], "every chain holds, every fold is what is stored"
    assert all(each.simulated for each in (*cases, *records, *Report.objects.all(), *Lottery.objects.all()))
    assert {each.kind for each in records} == set(kinds.kinds) - {"responsibility_letter", "department_letter"}
    assert not CaseStep.objects.filter(at__gt=ENDS).exists() and not AuditEntry.objects.filter(at__gt=ENDS).exists()
    lines = AuditEntry.objects.count()
    assert told(demo) == done and AuditEntry.objects.count() == lines


def test_what_is_drawn_holds_for_everyone(demo, capsys):
    told(demo)
    for lottery in Lottery.objects.all():
        assert all(check.good for check in record.verify(lottery.file, lottery.committed))
        assert lottery.committed_at < lottery.drawn_at
        file = demo / f"{lottery.pk}.json"
        file.write_text(json.dumps(lottery.file, ensure_ascii=False), "utf-8")
        assert main(["lottery", "verify", str(file)]) == 0
    assert "The draw holds." in capsys.readouterr().out
    assert Case.objects.filter(kind="inspection").count() > 10


def test_reports_are_answered_by_their_cases_and_purses_hold(demo):
    told(demo)
    answered = Report.objects.filter(state__in=(State.ANSWERED, State.ENDED)).exclude(case="")
    assert answered.exists()
    assert all(Case.objects.filter(number=each.case, kind="public_report").exists() for each in answered)
    assert all(line.balance >= 0 for line in RewardLine.objects.all())
    assert not [each for each in Account.objects.filter(balance="stock") if float(each.amount) < 0]


def test_the_grid_member_has_work_today_and_a_photograph_that_fits(demo):
    told(demo)
    member = Person.objects.get(user__username="wangge")
    waiting = Case.objects.filter(listing.mine(listing.Me(member.user_id, member.organisation_id)), is_open=True)
    assert waiting.filter(step="investigate", division="220122101001").count() == 3
    assert CaseStep.objects.filter(account=member.user_id, verb="sign", at__gte=ENDS - timedelta(hours=9)).exists()
    assert Attachment.objects.filter(by=member.name).get().doubts == []


def test_an_interrupted_year_leaves_nothing_and_is_told_anew(demo):
    def stopped(_what, done, total):
        if done > total / 2:
            raise KeyboardInterrupt

    before = AuditEntry.objects.count()
    with pytest.raises(KeyboardInterrupt):
        told(demo, stopped)
    assert not Case.objects.exists() and AuditEntry.objects.count() == before
    assert told(demo).cases and audit.verify(demo).whole


def test_the_same_seed_tells_the_same_year(demo):
    def cases():
        point = transaction.savepoint()
        told(demo)
        found = list(Case.objects.order_by("number").values_list("number", "title", "step", "head"))
        transaction.savepoint_rollback(point)
        (demo / "audit" / f"{ENDS:%Y-%m-%d}.json").unlink()
        return [row[:3] for row in found]

    assert cases() == cases()
