"""Reports and their cases: taken up, joined, answered by the closing, opened again by a reporter who is not content."""

from datetime import datetime, timedelta

import case_stage
import pytest

from qingyuan.cases.models import Case
from qingyuan.interfaces import reported
from qingyuan.people import audit
from qingyuan.people.audit import Actor
from qingyuan.reports import handling, taking
from qingyuan.reports.models import State, Verb

pytestmark = pytest.mark.django_db
AT = datetime(2026, 3, 2, 9)
HOUR = timedelta(hours=1)
OFFICER = Actor(1, "何敏", None)


def report(data, text="夜里排黑水，气味很大", at=AT):
    told = taking.Told(
        category="water", text=text, longitude=125.25, latitude=43.69, identity={"name": "不可外传"}, simulated=True
    )
    return taking.receive(data, told, at)[0]


def accepted(data, at=AT):
    return handling.act(report(data, at=at), Verb.ACCEPTED, OFFICER, at + HOUR)


def closed(case):
    return case_stage.bring(case, "closed", AT + 3 * HOUR, AT.date())


def test_a_report_taken_up_opens_one_case_that_knows_no_reporter(tmp_path):
    case_stage.organisations()
    one = accepted(tmp_path)
    assert reported.take_up(one, AT + HOUR) and not reported.take_up(one, AT + HOUR)
    one.refresh_from_db()
    case = Case.objects.get(number=one.case)
    assert (case.kind, case.division, case.domain, case.simulated) == ("public_report", one.division, "water", True)
    assert case.origins.get().key == one.number and (case.lon, case.lat) == (125.25, 43.69)
    assert "不可外传" not in str(case.values) + str(case.origins.get().told)
    assert reported.look(AT + 2 * HOUR) == (0, 0)


def test_what_is_not_taken_up_opens_nothing(tmp_path):
    waiting = report(tmp_path)
    assert not reported.take_up(waiting, AT)
    assert reported.look(AT) == (0, 0) and not Case.objects.exists()


def test_closing_answers_the_report_and_those_joined_to_it(tmp_path):
    first, second = accepted(tmp_path), report(tmp_path, "又在排黑水了")
    reported.look(AT + HOUR)
    first.refresh_from_db()
    handling.join(second, first, OFFICER, AT + 2 * HOUR)
    case = closed(Case.objects.get(number=first.case))
    assert reported.look(AT + 4 * HOUR) == (0, 2)
    for each in (first, second):
        each.refresh_from_db()
        told = each.entries.get(verb=Verb.ANSWERED).text
        assert each.state == State.ANSWERED and "情况属实" in told and case.values["measures"] in told
    assert audit.verify(tmp_path).whole


def test_a_reporter_who_is_not_content_opens_the_case_again_and_is_answered_again(tmp_path):
    one = accepted(tmp_path)
    reported.look(AT + HOUR)
    one.refresh_from_db()
    case = closed(Case.objects.get(number=one.case))
    reported.look(AT + 4 * HOUR)
    one = handling.act(one, Verb.REOPENED, taking.REPORTER, AT + 5 * HOUR, "还在排")
    assert reported.look(AT + 6 * HOUR) == (1, 0)
    case.refresh_from_db()
    assert (case.step, case.reopened, case.is_open) == ("investigate", 1, True)
    assert reported.look(AT + 7 * HOUR) == (0, 0)
    case_stage.bring(case, "closed", AT + 8 * HOUR, AT.date())
    assert reported.look(AT + 9 * HOUR) == (0, 1)
