"""Any interleaving of acts by several people keeps the invariants of a register."""

from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from registering import CATALOGUE, START, somebody

from qingyuan.people.models import AuditEntry
from qingyuan.registers import acting, checks, scope, tallies
from qingyuan.registers.flow import acts, chain, store
from qingyuan.registers.flow.declared import CLOSED, VOID
from qingyuan.registers.flow.fold import Actor, State, advance, fold
from qingyuan.registers.flow.reasons import Conflict, Refused
from qingyuan.registers.models import RegisterRecord, RegisterStep

KIND = CATALOGUE.kind("outfall")
PEOPLE = {
    "county": somebody("county.water", "county.monitoring", division="220104"),
    "city": somebody("city.water", "city.environment", division="220100"),
    "owner": somebody("facility.owner", division="220104", sites=["E1"]),
    "elsewhere": somebody("county.water", "county.monitoring", division="220122"),
}
VALUES = {
    "name": st.sampled_from(["甲", "乙"]),
    "location": st.sampled_from(["125.25, 43.69", "125.3, 43.7", "43, 125"]),
    "category": st.sampled_from(["other", "industrial"]),
    "flowing": st.booleans(),
    "nh3n": st.sampled_from(["0.5", "2.31", "-1"]),
    "cod": st.just("38"),
    "sampled_on": st.just("2026-03-05"),
    "source": st.just("污水厂"),
    "evidence": st.just("上溯"),
    "flow": st.sampled_from(["10", "999999"]),
    "permitted_flow": st.just("100"),
    "measure": st.sampled_from(["standardise", "none_needed"]),
    "done_on": st.just("2026-05-01"),
}
ACTS = st.fixed_dictionaries(
    {
        "who": st.sampled_from(sorted(PEOPLE)),
        "verb": st.sampled_from(["fill", "sign", "sign", "sign", "return", "amend", "note", "void", "reopen"]),
        "values": st.fixed_dictionaries({}, optional=VALUES),
        "to": st.sampled_from(["", "survey", "measure", "strike_off", CLOSED]),
        "note": st.sampled_from(["", "原因"]),
        "late": st.integers(0, 3),
    }
)
FULL = {"name": "甲", "location": "125.25, 43.69", "category": "other", "flowing": True, "nh3n": "1", "cod": "38"}
FULL |= {"sampled_on": "2026-03-05", "source": "厂", "evidence": "溯", "flow": "10", "measure": "standardise"}


def given_of(each, version, number):
    verb = each["verb"]
    known = each["values"] if verb in ("fill", "sign", "amend") else {}
    return acts.Given(
        verb,
        Actor(number, each["who"], 1),
        START + timedelta(minutes=number),
        version,
        scope.holds_at(PEOPLE[each["who"]], "220104", "water", "E1"),
        values=known,
        to=each["to"] if verb in ("return", "reopen") else "",
        note=each["note"],
    )


def keeps(before, entry, after):
    """The invariants of one accepted act."""
    changed = {name for name in {*before.values, *after.values} if before.values.get(name) != after.values.get(name)}
    if entry.verb != "amend":
        assert not changed & set(before.sealed), "a sealed field changed without an amendment"
    assert changed <= {*entry.values, *entry.set}
    if entry.verb == "sign":
        assert entry.to in {branch.to for branch in KIND.steps[before.step].next}, "a step was skipped"
        assert all(after.values.get(name) not in (None, "") for name in KIND.steps[before.step].requires)
        assert set(KIND.steps[before.step].seals) <= set(after.sealed)
    elif entry.verb not in ("return", "reopen", "void"):
        assert after.step == before.step
    assert after.version == before.version + 1
    path = [each.step for each in after.signed]
    assert len(path) == len(set(path)), "a step holds two signatures"


@settings(max_examples=300, deadline=None)
@given(st.lists(ACTS, min_size=1, max_size=14), st.booleans())
def test_no_seal_is_broken_and_no_step_skipped(sequence, full):
    opened = FULL if full else {"name": "甲"}
    holds = scope.holds_at(PEOPLE["county"], "220104", "water", "E1")
    entries = [
        chain.linked("r", acts.act(KIND, State(), acts.Given("open", Actor(0, "c"), START, 0, holds, opened)), "")
    ]
    state = fold(KIND, entries)
    for number, each in enumerate(sequence, 1):
        try:
            entry = acts.act(KIND, state, given_of(each, state.version, number))
        except Refused as refused:
            assert refused.reasons and all(reason.words.zh and reason.words.en for reason in refused.reasons)
            continue
        entry = chain.linked("r", entry, state.head)
        after = advance(KIND, state, entry)
        keeps(state, entry, after)
        entries.append(entry)
        state = after
    assert fold(KIND, entries) == state
    assert chain.first_broken("r", entries) is None
    assert state.is_over == (state.step in (CLOSED, VOID))


@pytest.mark.django_db(transaction=False)
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(sequence=st.lists(ACTS, min_size=1, max_size=10))
def test_what_is_stored_is_the_fold_and_nobody_overwrites_what_he_has_not_seen(db, sequence):
    holds = scope.holds_at(PEOPLE["county"], "220104", "water", "E1")
    given = acts.Given("open", Actor(0, "c"), START, 0, holds, FULL)
    record = acting.open_record(KIND, acting.Place("220104", "E1"), given).record
    accepted = 1
    for number, each in enumerate(sequence, 1):
        record.refresh_from_db()
        seen = max(1, record.version - each["late"])
        entries = store.entries_of(RegisterStep, record.pk)
        unseen = [entry for entry in entries[seen:] if entry.verb != "note"]
        try:
            acting.act(KIND, record.pk, given_of(each, seen, number))
        except Conflict as conflict:
            assert unseen and unseen[-1].actor.name in conflict.of("zh")[0]
            continue
        except Refused:
            continue
        assert not unseen, "an act was taken that had not seen the last change"
        accepted += 1
    record.refresh_from_db()
    assert store.differs(KIND, record, store.entries_of(RegisterStep, record.pk)) == ""
    assert RegisterStep.objects.filter(record=record.pk).count() == record.version == accepted
    assert AuditEntry.objects.filter(record=record.key).count() == accepted
    assert tallies.recounted([KIND]) == 0
    assert not list(checks.faults({"outfall": KIND}))
    RegisterRecord.objects.filter(pk=record.pk).update(values={**record.values, "name": "改"})
    assert list(checks.faults({"outfall": KIND}))
    RegisterRecord.objects.filter(pk=record.pk).update(values=record.values)


STOCK = CATALOGUE.kind("supplies")


@pytest.mark.django_db
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    moves=st.lists(st.tuples(st.sampled_from(["inward", "outward"]), st.integers(1, 9)), min_size=1, max_size=8),
    undone=st.sets(st.integers(0, 7)),
)
def test_the_stock_is_in_minus_out_and_never_negative(db, moves, undone):
    from qingyuan.registers.models import Account

    RegisterRecord.objects.filter(kind="supplies").delete()
    Account.objects.all().delete()
    tallies.recounted([STOCK])
    every = somebody("county.emergency", "city.emergency")
    holds = scope.holds_at(every, "220104", "emergency", "")
    stock, counted = 0, {}
    for number, (direction, quantity) in enumerate(moves):
        moved = {"store": "库", "item": "lime", "direction": direction, "quantity": quantity, "moved_on": "2026-03-01"}
        record = acting.open_record(
            STOCK, acting.Place("220104"), acts.Given("open", Actor(1, "c"), START, 0, holds, moved)
        ).record
        acting.act(STOCK, record.pk, acts.Given("sign", Actor(1, "c"), START, 1, holds))
        signed = quantity if direction == "inward" else -quantity
        try:
            acting.act(STOCK, record.pk, acts.Given("sign", Actor(1, "c"), START, 2, holds))
            stock += signed
            counted[number] = (record.pk, signed)
        except Refused:
            assert stock + signed < 0
    for number in undone & set(counted):
        pk, signed = counted[number]
        try:
            acting.act(STOCK, pk, acts.Given("void", Actor(1, "c"), START, 3, holds, note="错"))
            stock -= signed
        except Refused:
            assert stock - signed < 0
    held = Account.objects.filter(kind="supplies").first()
    assert stock == (int(held.amount) if held else 0) >= 0
    assert not list(checks.faults({"supplies": STOCK}))
