"""Any interleaving of acts on a case: nothing is lost, skipped or unsealed, and the record is what its steps add up to."""

from datetime import date, datetime, timedelta

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from qingyuan.cases import acting, opening, watching
from qingyuan.cases.models import Case, CaseStep
from qingyuan.people.audit import AuditEntry
from qingyuan.registers.flow import store
from qingyuan.registers.flow.fold import Actor, fold
from qingyuan.registers.flow.reasons import Conflict, Refused

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 3, 2, 9)
OWN, OTHER = 5, 6
ORDER = ["discover", "assign", "investigate", "rectify", "verify", "close"]
SIGNED = {
    "assign": {"leader": "韩冰", "limit": "2026-03-20"},
    "investigate": {"facts": "卡涩", "holds": "yes"},
    "rectify": {"measures": "更换", "rectified_on": "2026-03-10"},
    "verify": {"opinion": "正常"},
    "close": {"acceptance": "同意", "published": True},
}
verbs = st.sampled_from(
    ["sign", "sign", "sign", "fill", "return", "note", "hand_over", "reopen", "void", "prove", "relapse"]
)
acts = st.lists(
    st.tuples(verbs, st.integers(0, 2), st.sampled_from([OWN, OWN, OTHER]), st.sampled_from(ORDER), st.booleans()),
    max_size=25,
)


class Undone(Exception):
    """Ends an example without leaving anything."""


def days(verdict):
    return lambda *_: {date(2026, 3, 10) + timedelta(days=n): verdict for n in range(1, 16)}


def attempt(case, verb, behind, organisation, to, reasoned, at):
    """One act, as somebody who looked `behind` acts ago; whether it was taken."""
    if verb in ("prove", "relapse"):
        watching.prove(datetime(2026, 3, 26), days(verb == "prove"))
        return None
    values = SIGNED.get(case.step, {}) if verb in ("sign", "fill") else {}
    handed = {"organisation": organisation, "organisation_name": "x"} if verb == "hand_over" else {}
    who = Actor(organisation, f"P{organisation}", organisation)
    doing = acting.Doing(
        verb,
        who,
        max(0, case.version - behind),
        values,
        "因为" if reasoned else "",
        to if verb in ("return", "reopen") else "",
        handed,
    )
    try:
        acting.act(case.pk, doing, lambda _signer: True, at)
    except Refused as refused:
        return isinstance(refused, Conflict) and None
    return True


def sound(case, before, taken):
    """What has to hold after every act."""
    entries = store.entries_of(CaseStep, case.pk)
    assert store.differs(case.declared.flow, case, entries) == ""
    assert [each.sequence for each in entries] == list(range(1, case.version + 1)), "no update is lost"
    assert AuditEntry.objects.filter(kind="case", record=case.key).count() == case.version
    state = fold(case.declared.flow, entries)
    signed = [each.step for each in state.signed]
    assert signed == [step for step in ORDER if step in signed], "in their order"
    if case.step in ORDER:
        assert signed == ORDER[: ORDER.index(case.step)], "no step is skipped"
    if case.step == "closed":
        assert signed == ORDER and case.agreeing >= case.needed, "closed only as the data prove"
    if taken:
        last = entries[-1]
        if last.verb not in ("return", "reopen"):
            assert all(state.values.get(name) == before.values.get(name) for name in before.sealed), "no seal is broken"


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(acts)
def test_any_interleaving_keeps_a_case_sound(db, done):
    with pytest.raises(Undone), transaction.atomic():
        signal = opening.Signal("exceedance", "超标", "220204", "sources", NOW, "finding", "1", point="DA1", item="nox")
        case = opening.open_case(signal, NOW)
        Case.objects.filter(pk=case.pk).update(organisation=None)
        for number, (verb, behind, organisation, to, reasoned) in enumerate(done):
            case.refresh_from_db()
            before = fold(case.declared.flow, store.entries_of(CaseStep, case.pk))
            taken = attempt(case, verb, behind, organisation, to, reasoned, NOW + timedelta(minutes=number))
            if taken is True and behind and verb != "note":
                recent = store.entries_of(CaseStep, case.pk)[before.version - behind : before.version]
                assert all(entry.verb == "note" for entry in recent), "acts on what was not seen are conflicts"
            case.refresh_from_db()
            sound(case, before, taken)
        raise Undone
