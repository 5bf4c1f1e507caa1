"""The pure core of registers and cases: declarations, acts, folds."""

from datetime import datetime, timedelta
from pathlib import Path

import pytest

from qingyuan.registers.flow import acts, chain, reading
from qingyuan.registers.flow.declared import CLOSED, VOID, Signer, Words
from qingyuan.registers.flow.expressions import NotUnderstood, parse
from qingyuan.registers.flow.fold import Actor, State, advance, fold
from qingyuan.registers.flow.reasons import Conflict, Refused
from qingyuan.standards.schema import FaultyLibrary

START = datetime(2026, 3, 2, 9)
ACTOR = Actor(1, "张磊", 2)
OUTFALL = """
kinds:
  outfall:
    title: {zh: 入河排污口, en: River outfall}
    fields:
      name: {title: {zh: 名称, en: Name}, type: text}
      location: {title: {zh: 位置, en: Location}, type: point}
      permit: {title: {zh: 许可证, en: Permit}, type: "reference:register.permit"}
      nh3n: {title: {zh: 氨氮, en: Ammonia}, type: number, unit: mg/L, at_least: 0}
      flow: {title: {zh: 日排水量, en: Daily flow}, type: number, unit: m3/d, at_most: 3 * permit.flow}
      kind: {title: {zh: 类型, en: Kind}, type: choice, codes: {works: {zh: 污水厂, en: Works}, farm: {zh: 养殖, en: Farm}}}
    steps:
      survey: {title: {zh: 查, en: Survey}, signs: county.water, requires: [name, location], days: 30}
      measure: {title: {zh: 测, en: Measure}, signs: county.monitoring, requires: [nh3n], seals: [location, nh3n], working_days: 5, next: {mend: nh3n > 1, closed: otherwise}}
      mend: {title: {zh: 治, en: Mend}, signs: [facility.owner, county.water], asks: [flow, kind], needs: measured_within_limits(days=15)}
"""


@pytest.fixture
def kind(tmp_path):
    return _kind(tmp_path, OUTFALL)


def _kind(folder: Path, text: str):
    file = folder / "registers.yaml"
    file.write_text(text, encoding="utf-8")
    return reading.kinds(file, "water")["outfall"]


class Talk:
    """A record driven by acts of somebody who may sign everything, or only as `signers`."""

    def __init__(self, kind, signers=None):
        self.kind, self.entries, self.signers, self.at = kind, [], signers, START

    @property
    def state(self):
        return fold(self.kind, self.entries)

    def do(self, verb, version=None, **given):
        state = self.state
        holds = (lambda signer: True) if self.signers is None else (lambda signer: signer in self.signers)
        version = state.version if version is None else version
        entry = acts.act(self.kind, state, acts.Given(verb, ACTOR, self.at, version, holds, **given))
        self.entries.append(chain.linked("outfall/1", entry, state.head))
        return self.state

    def refused(self, verb, **given):
        with pytest.raises(Refused) as problem:
            self.do(verb, **given)
        return {(reason.code, reason.field) for reason in problem.value.reasons}


@pytest.fixture
def talk(kind):
    talk = Talk(kind)
    talk.do("open", values={"name": "九台污水厂"})
    return talk


def test_a_record_goes_its_way_and_closes(talk):
    state = talk.do("sign", values={"location": "125.3, 43.8"})
    assert (state.step, state.due) == ("measure", datetime(2026, 3, 9, 23, 59, 59))
    state = talk.do("sign", values={"nh3n": "2310 ug/L"})
    assert (state.step, state.values["nh3n"]) == ("mend", "2.31")
    assert set(state.sealed) == {"location", "nh3n"}
    state = talk.do("sign", met={"measured_within_limits(days=15)": acts.Met(True, Words("", ""))})
    assert (state.step, state.closed_at, state.due) == (CLOSED, START, None)
    assert chain.first_broken("outfall/1", talk.entries) is None


def test_a_branch_is_taken_by_the_values(talk):
    talk.do("sign", values={"location": [125.3, 43.8]})
    assert acts.ways(talk.kind, talk.state, {"nh3n": "0.5"}) == [CLOSED]
    assert talk.do("sign", values={"nh3n": "0.5"}).step == CLOSED


def test_what_is_missing_or_wrong_is_told_at_once(talk):
    assert talk.refused("sign", values={"location": "43.8, 125.3", "nh3n": "viel", "colour": "red"}) == {
        ("unfit", "location"),
        ("unfit", "nh3n"),
        ("unknown_field", "colour"),
    }
    assert talk.refused("sign") == {("missing", "location")}


def test_a_bound_counts_only_when_it_is_known(talk):
    assert talk.refused("fill", values={"flow": "186 000"}, context={"permit.flow": 50000}) == {("bound", "flow")}
    assert talk.do("fill", values={"flow": "186 000"}).values["flow"] == "186000"


def test_a_sealed_field_changes_by_amendment_only(talk):
    talk.do("sign", values={"location": "125.3, 43.8"})
    talk.do("sign", values={"nh3n": "2.31"})
    assert talk.refused("fill", values={"nh3n": "0.1"}) == {("sealed", "nh3n")}
    assert talk.refused("amend", values={"nh3n": "0.1"}) == {("note", "note")}
    assert talk.refused("amend", values={"flow": "1"}, note="x") == {("not_sealed", "flow")}
    state = talk.do("amend", values={"nh3n": "0.31"}, note="抄错小数点")
    assert (state.values["nh3n"], state.sealed["nh3n"].sequence, state.sealed["nh3n"].step) == ("0.31", 4, "measure")
    assert state.step == "mend"


def test_going_back_lifts_the_seals_from_there_on(talk):
    talk.do("sign", values={"location": "125.3, 43.8"})
    talk.do("sign", values={"nh3n": "2.31"})
    assert talk.refused("return", to="mend", note="x") == {("to", "to")}
    state = talk.do("return", to="measure", note="采样点不对")
    assert (state.step, set(state.sealed)) == ("measure", set())
    assert state.has_signed("survey") and not state.has_signed("measure")
    assert talk.do("fill", values={"nh3n": "3"}).values["nh3n"] == "3"


def test_only_its_signers_act(kind):
    talk = Talk(kind, {Signer("county", "water")})
    talk.do("open", values={"name": "x", "location": "125.3, 43.8"})
    talk.do("sign")
    assert talk.refused("sign", values={"nh3n": "1"}) == {("not_yours", "")}
    assert not acts.may(kind, talk.state, "fill", lambda signer: signer == Signer("county", "water"))
    assert talk.do("note", note="请尽快").version == 3


def test_what_the_world_has_not_answered_keeps_a_step_open(talk):
    talk.do("sign", values={"location": "125.3, 43.8"})
    talk.do("sign", values={"nh3n": "2.31"})
    assert talk.refused("sign") == {("unanswered", "")}
    need = "measured_within_limits(days=15)"
    assert talk.refused("sign", met={need: acts.Met(False, Words("还差 6 天", "6 days left"))}) == {("need", "")}


def test_an_old_version_is_a_conflict_that_says_who_changed_what(talk):
    talk.do("fill", values={"nh3n": "2"})
    with pytest.raises(Conflict):
        talk.do("fill", version=1, values={"nh3n": "3"})
    told = acts.conflict(talk.kind, talk.state, talk.entries[1:]).of("zh")[0]
    assert "张磊于2026-03-02 09:00填写（氨氮改为“2 mg/L”）" in told


def test_void_and_reopen(talk):
    assert talk.refused("reopen", to="survey", note="x") == {("not_now", "")}
    talk.do("sign", values={"location": "125.3, 43.8"})
    assert talk.do("sign", values={"nh3n": "0.5"}).step == CLOSED
    state = talk.do("reopen", to="measure", note="复测超标")
    assert (state.step, state.closed_at) == ("measure", None)
    assert talk.do("void", note="重复登记").step == VOID
    assert talk.refused("sign") == {("not_now", "")}


def test_a_tampered_entry_is_found(talk):
    talk.do("sign", values={"location": "125.3, 43.8"})
    forged = [talk.entries[0], talk.entries[1].__class__(**{**talk.entries[1].__dict__, "at": START + timedelta(1)})]
    assert chain.first_broken("outfall/1", forged) == 2
    assert chain.first_broken("outfall/1", talk.entries[1:]) == 1


def test_the_record_as_it_was(talk):
    talk.do("fill", values={"name": "九台污水厂总排口"})
    assert fold(talk.kind, talk.entries[:1]).values["name"] == "九台污水厂"
    assert advance(talk.kind, fold(talk.kind, talk.entries[:1]), talk.entries[1]) == talk.state
    assert fold(talk.kind, []) == State()


@pytest.mark.parametrize(
    ("before", "after", "told"),
    [
        ("requires: [nh3n]", "requires: [nh4]", "there is no field 'nh4'"),
        ("signs: county.water,", "signs: village.water,", "is no signer"),
        ("type: point", "type: place", "is none of text"),
        ("3 * permit.flow", "3 * licence.flow", "reads 'licence.flow'"),
        ("3 * permit.flow", "3 * site.flow", "which nothing answers"),
        ("3 * permit.flow", "3 * monitor.flow", "which nothing answers"),
        ("reference:register.permit", "reference:facility", "reads 'permit.flow', which nothing answers"),
        ("3 * permit.flow", "open('x')", "outside the vocabulary"),
        ("closed: otherwise", "gone: otherwise", "there is no step 'gone'"),
        ("days: 30", "days: 30, hours: 2", "a step has one deadline"),
        ("days: 30", "dayz: 30", "unknown key"),
        ("next: {mend: nh3n > 1, closed: otherwise}", "next: closed", "cannot be reached"),
        (", needs: measured", ", next: mend, needs: measured", "never leads to closed"),
        ("measured_within_limits(days=15)", "measured_within_limits(15)", "is no need"),
    ],
)
def test_a_faulty_declaration_names_its_fault(tmp_path, before, after, told):
    assert before in OUTFALL
    with pytest.raises(FaultyLibrary, match=r"registers\.yaml") as problem:
        _kind(tmp_path, OUTFALL.replace(before, after, 1))
    assert told in str(problem.value)


@pytest.mark.parametrize(
    ("text", "values", "expected"),
    [
        ("3 * a + 1", {"a": 2}, 7),
        ("a if k == 'in' else -a", {"a": 2, "k": "out"}, -2),
        ("a > 1 and b > 1", {"a": 0}, False),
        ("a > 1 and b > 1", {"a": 2}, None),
        ("known(a) or a > 3", {}, None),
        ("sum(rows.mass)", {"rows": [{"mass": 2}, {"mass": 3}]}, 5),
        ("count(rows)", {"rows": [{}, {}]}, 2),
        ("a in ['x', 'y']", {"a": "y"}, True),
        ("grade(table, n, a)", {"n": "Co-60", "a": 50}, 2),
    ],
)
def test_expressions(text, values, expected):
    assert parse(text).value(values, {"table": {"Co-60": (100, 10, 1)}}) == expected


@pytest.mark.parametrize(
    "text", ["__import__('os')", "a.__class__()", "[x for x in a]", "lambda: 1", "a[0]", "a ** 9", "1 +"]
)
def test_nothing_else_is_understood(text):
    with pytest.raises(NotUnderstood):
        parse(text)
