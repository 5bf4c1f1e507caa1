"""What signatures on registers bring about: told and opened once, whatever the order in which steps appear."""

from dataclasses import replace
from datetime import timedelta

import case_stage
import pytest
import seats
from registering import START, Ledger, somebody

from qingyuan.cases import carrying, custody, kinds, telling
from qingyuan.cases.models import Carried, Case, Counter, Notice
from qingyuan.interfaces import loading
from qingyuan.interfaces.jobs import cases as job
from qingyuan.registers.flow.declared import Effect, Signer
from qingyuan.registers.models import RegisterStep

pytestmark = pytest.mark.django_db
LATER = START + timedelta(hours=1)
TRACED = {"source": "车间", "flow": "3", "evidence": "沿管上溯", "measure": "merge"}
FOUND = {
    "name": "某口",
    "location": "125.28, 43.84",
    "category": "industrial",
    "flowing": "1",
    "contact": "13900000000",
}
SAMPLED = {"nh3n": "1", "cod": "20", "sampled_on": "2026-03-02"}


def traced(ledger, **more):
    """An outfall whose trace is signed: its owner is to be told."""
    ledger.open(somebody("county.water"), values=FOUND)
    ledger.do("sign", somebody("county.water"))
    ledger.do("sign", somebody("county.monitoring"), values=SAMPLED)
    return ledger.do("sign", somebody("county.water"), values={**TRACED, **more})


def owner(site="S1"):
    return seats.seated("厂", "owner", division="220104", level="county", kind="enterprise", sites=(site,))


def opening(ledger, *what):
    """The kind of a ledger, signing whose trace opens cases as well."""
    step = ledger.kind.steps["trace"]
    opens = tuple(Effect("open_case", each) for each in what)
    ledger.kind = replace(ledger.kind, steps={**ledger.kind.steps, "trace": replace(step, effects=opens)})
    return ledger


def test_a_notice_goes_to_the_owner_of_the_site_once(tmp_path):
    told = owner().person.organisation_id
    record = traced(Ledger("outfall", site="S1"))
    assert job.look(tmp_path, LATER).carried == 1 and job.look(tmp_path, LATER).carried == 0
    notice = Notice.objects.get()
    assert (notice.organisation, notice.record_id, notice.case, notice.code) == (told, record.pk, None, "register")
    assert telling.of(0, (told,)).get() == notice


def test_the_notice_stands_in_the_page_of_those_who_may_see_the_record(client, tmp_path):
    user = owner()
    record = traced(Ledger("outfall", site="S1"))
    carrying.carry_out(LATER)
    client.force_login(user)
    page = client.get("/cases/notices/").content.decode()
    assert record.number in page and f"/registers/outfall/{record.pk}/" in page
    user.person.organisation.sites = "S2"
    user.person.organisation.save()
    assert record.number not in client.get("/cases/notices/").content.decode()


def test_nobody_to_tell_is_told_as_a_fault(tmp_path):
    record = traced(Ledger("outfall", site="S1"))
    done = carrying.carry_out(LATER)
    assert done.told == 0 and record.number in done.faults[0]
    assert Carried.objects.get().fault == done.faults[0]


def test_a_case_is_opened_with_the_record_as_its_origin():
    case_stage.organisations()
    record = traced(opening(Ledger("outfall", site="S1"), "device"))
    assert carrying.carry_out(LATER).opened == 1 and carrying.carry_out(LATER).opened == 0
    case = Case.objects.get()
    origin = case.origins.get()
    assert (case.kind, case.division, case.site, case.domain) == ("device", "220104", "S1", "water")
    assert origin.source == "register" and origin.told["number"] == record.number
    assert (case.lon, case.lat) == (record.lon, record.lat) and "13900000000" not in str(case.values)


def test_a_kind_of_case_nobody_declared_hinders_nothing_else():
    record = traced(opening(Ledger("outfall"), "no_such_kind", "device"))
    done = carrying.carry_out(LATER)
    assert done.opened == 1 and done.faults == (
        f"{record.number}: there is no kind of case 'no_such_kind' to be opened",
    )


def test_a_step_that_appears_behind_the_position_is_not_lost():
    """The position stays behind until a step can no longer be on its way; then it moves on."""
    ledger = opening(Ledger("outfall"), "device")
    traced(ledger)
    step = RegisterStep.objects.latest("pk")
    RegisterStep.objects.filter(pk=step.pk).update(id=step.pk + 100)  # one that was numbered later, seen first
    assert carrying.carry_out(START + timedelta(minutes=1)).opened == 1
    assert Counter.objects.get(series=carrying.POSITION).last == 0
    traced(opening(Ledger("outfall"), "device"))
    late = RegisterStep.objects.exclude(pk=step.pk + 100).latest("pk")  # PostgreSQL goes on counting where it was
    RegisterStep.objects.filter(pk=late.pk).update(id=step.pk + 50)  # numbered before, committed after
    assert carrying.carry_out(START + timedelta(minutes=2)).opened == 1
    carrying.carry_out(LATER)
    assert Counter.objects.get(series=carrying.POSITION).last >= step.pk + 100
    assert carrying.carry_out(LATER).steps == 0 and Case.objects.count() == 2


@pytest.mark.parametrize("level", ["county", "any", "township"])
def test_who_signs_is_the_duty_at_the_level_or_the_finest_there_is(level):
    water = seats.seated("水", "water", division="220104", level="county").person.organisation_id
    assert custody.signing(Signer(level, "water"), "220104", "water", "") == (water,)
    assert custody.signing(Signer("city", "water"), "220104", "water", "") == ()


def test_every_case_a_register_opens_is_of_a_declared_kind():
    wanted = {
        effect.what
        for kind in loading.registers().kinds.values()
        for step in kind.steps.values()
        for effect in step.effects
        if effect.does == "open_case"
    }
    assert wanted <= set(kinds.kinds())


def test_an_outfall_that_is_to_be_removed_opens_a_case_as_it_is_shipped(tmp_path):
    case_stage.organisations()
    traced(Ledger("outfall", site="S1"))
    job.look(tmp_path, LATER)
    assert not Case.objects.exists(), "one that is merged opens none"
    record = traced(Ledger("outfall", site="S2"), measure="remove")
    job.look(tmp_path, LATER)
    job.look(tmp_path, LATER)
    case = Case.objects.get()
    assert (case.kind, case.division, case.origin) == ("water_event", record.division, "register")
    assert record.number in case.title and case.step == "assign" and case.lon == pytest.approx(125.28)
