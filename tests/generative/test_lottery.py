"""The lottery: exact probabilities, a draw that recomputes, and every change of the file found."""

import copy
import json
from dataclasses import replace
from datetime import datetime
from fractions import Fraction
from itertools import permutations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qingyuan.cases.lottery import drawing, fairness, record
from qingyuan.cases.lottery.roll import BadRoll, Conflict, Entry, Inspector, Quota, Roll, read
from qingyuan.interfaces.cli import main

COUNTIES = ("220102", "220104", "220182", "220202")
SEED = "ab" * 32


def roll_of(risks, quota, inspectors=6, conflicts=()) -> Roll:
    entries = tuple(
        Entry(
            f"E{i}", f"试验企业{i}", COUNTIES[i % 4], ("power", "cement")[i % 2], ("large", "small")[i % 3 == 0], risk
        )
        for i, risk in enumerate(risks)
    )
    people = tuple(Inspector(f"P{i}", f"检查员{i}", "支队") for i in range(inspectors))
    return Roll("试验抽查", "220000", "sources", entries, people, quota, tuple(conflicts))


def drawn_file(roll: Roll, seed=SEED, value=""):
    return record.draw(record.commit(roll, seed, datetime(2026, 3, 1)), seed, value, datetime(2026, 3, 2))


@st.composite
def rolls(draw):
    risks = draw(st.lists(st.integers(1, 60), min_size=3, max_size=25))
    targeted = draw(st.integers(0, len(risks) - 1))
    random = draw(st.integers(0, len(risks) - targeted))
    most = Fraction(random, len(risks) - targeted)
    floor = str(most * draw(st.integers(0, 10)) / 10)
    return roll_of(risks, Quota(targeted, random, floor, draw(st.integers(1, 3))))


@given(rolls(), st.binary(min_size=32, max_size=32))
def test_the_quota_is_drawn_and_recomputes(roll, seed):
    file = drawn_file(roll, seed.hex())
    told = file["draw"]
    assert len(told["targeted"]) == roll.quota.targeted and len(told["random"]) == roll.quota.random
    assert not set(told["targeted"]) & set(told["random"]) and len(set(told["random"])) == roll.quota.random
    assert all(len(set(team)) == roll.quota.team for team in told["teams"].values())
    assert set(told["teams"]) == {*told["targeted"], *told["random"]}
    assert all(check.good for check in record.verify(json.loads(json.dumps(file))))


@given(rolls())
def test_probabilities_add_up_and_nobody_is_below_the_floor(roll):
    risks = [each.risk for each in roll.entries[roll.quota.targeted :]]
    chances = drawing.probabilities(risks, roll.quota.random, roll.quota.least)
    assert sum(chances) == roll.quota.random
    assert all(roll.quota.least <= chance <= 1 for chance in chances)
    ordered = [chance for _risk, chance in sorted(zip(risks, chances, strict=True))]
    assert ordered == sorted(ordered), "a higher risk is never less likely"


@pytest.mark.parametrize(
    ("risks", "count", "floor"), [((1, 2, 3, 9), 2, "1/10"), ((5, 5, 5), 1, "0"), ((1, 1, 40, 2), 3, "0.2")]
)
def test_each_is_drawn_with_exactly_its_probability(risks, count, floor):
    """Over every order and every start: the length of the starts that hit it, exactly."""
    wanted = drawing.probabilities(risks, count, Fraction(floor))
    for order in permutations(range(len(risks))):
        line = [wanted[i] for i in order]
        ends = [sum(line[: i + 1]) for i in range(len(line))]
        cuts = sorted({Fraction(0), Fraction(1), *(end % 1 for end in ends)})
        mass = [Fraction(0)] * len(risks)
        for low, high in zip(cuts, cuts[1:], strict=False):
            hit = drawing.hits(line, (low + high) / 2)
            assert len(hit) == count
            for place in hit:
                mass[order[place]] += high - low
        assert mass == wanted


def leaves(value, path=()):
    if isinstance(value, dict | list) and value:
        for key, each in value.items() if isinstance(value, dict) else enumerate(value):
            yield from leaves(each, (*path, key))
    else:
        yield path


def changed(file, path, value):
    made = copy.deepcopy(file)
    holder = made
    for key in path[:-1]:
        holder = holder[key]
    holder[path[-1]] = value
    return made


FILE = drawn_file(roll_of([3, 1, 4, 1, 5, 9, 2, 6], Quota(2, 3, "0.1", 2), conflicts=[Conflict("P0", "E1", "亲属")]))


@pytest.mark.parametrize("path", [p for p in leaves(FILE) if p != ("digest",)], ids=lambda p: ".".join(map(str, p)))
def test_any_changed_leaf_is_found_even_with_the_digest_made_anew(path):
    made = changed(FILE, path, 7777)
    if path == ("format",):
        with pytest.raises(record.BadLottery):
            record.verify(made)
        return
    assert any(not check.good for check in record.verify(made))
    made["digest"] = record.digest({key: value for key, value in made.items() if key != "digest"})
    published = {key: FILE[key] for key in ("format", "roll", "commitment")}
    dated = path in {("draw", "at")}
    assert dated or any(not check.good for check in record.verify(made, published))


def test_a_lottery_drawn_anew_with_another_seed_is_not_the_one_published():
    other = drawn_file(record.read(FILE["roll"]), "cd" * 32)
    assert all(check.good for check in record.verify(other)), "in itself it holds"
    published = {key: FILE[key] for key in ("format", "roll", "commitment")}
    assert [c.code for c in record.verify(other, published) if not c.good] == ["published"]


def test_someone_left_out_of_the_draw_is_found():
    for part in ("targeted", "random"):
        made = changed(FILE, ("draw", part), FILE["draw"][part][1:])
        made["digest"] = record.digest({key: value for key, value in made.items() if key != "digest"})
        assert {check.code for check in record.verify(made) if not check.good} == {part}


def test_a_public_value_must_be_as_promised_and_changes_the_draw():
    roll = replace(roll_of(range(1, 40), Quota(0, 5)), beacon="3月2日上证综指收盘价")
    committed = record.commit(roll, SEED, datetime(2026, 3, 1))
    draws = {
        tuple(record.draw(committed, SEED, value, datetime(2026, 3, 2))["draw"]["random"])
        for value in ("3250.10", "3250.11")
    }
    assert len(draws) == 2
    with pytest.raises(record.BadLottery):
        record.draw(committed, SEED, "", datetime(2026, 3, 2))
    with pytest.raises(record.BadLottery):
        drawn_file(roll_of([1, 2], Quota(0, 1)), value="3250")


def test_nobody_in_conflict_is_sent():
    conflicts = [Conflict("P0", "220102", "本县任职"), Conflict("P1", "E5", "亲属"), Conflict("P2", "220200", "原单位")]
    roll = roll_of(range(1, 25), Quota(4, 12, "0.1"), conflicts=conflicts)
    for number in range(20):
        file = drawn_file(roll, f"{number:064x}")
        for entry, team in file["draw"]["teams"].items():
            division = next(each.division for each in roll.entries if each.id == entry)
            assert not (division == "220102" and "P0" in team) and not (entry == "E5" and "P1" in team)
            assert not (division.startswith("2202") and "P2" in team)


def test_too_few_inspectors_without_conflict_are_told_by_name():
    roll = roll_of([1, 1], Quota(0, 1), inspectors=2, conflicts=[Conflict("P0", "220000", "全省回避")])
    with pytest.raises(BadRoll, match="needs 2 inspectors, 1 have no conflict"):
        drawn_file(roll)


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"quota": {"targeted": 9, "random": 9, "floor": "0"}}, "roll has 4"),
        ({"quota": {"targeted": 0, "random": 1, "floor": "0.5"}}, "floor"),
        ({"quota": {"targeted": 0, "random": 1, "floor": "much"}}, "no number"),
        ({"entries": []}, "no entry"),
        ({"inspectors": []}, "no inspector"),
        ({"surprise": 1}, "cannot be read"),
        ({"conflicts": [{"inspector": "PX", "subject": "E1", "reason": ""}]}, "PX"),
    ],
)
def test_a_roll_nobody_could_draw_from_is_refused(change, told):
    plain = json.loads(json.dumps(roll_of([1, 2, 3, 4], Quota(1, 1)).plain()))
    with pytest.raises(BadRoll, match=told):
        read({**plain, **change})


@pytest.mark.parametrize("risk", [0, -1, 1.5, "3", True, None])
def test_a_risk_that_is_no_weight_is_refused(risk):
    plain = json.loads(json.dumps(roll_of([1, 2, 3, 4], Quota(1, 1)).plain()))
    plain["entries"][2]["risk"] = risk
    with pytest.raises(BadRoll, match="entry E2"):
        read(plain)


@settings(max_examples=5, deadline=None)
@given(st.integers(0, 2**64))
def test_the_fairness_sheet_counts_everyone(number):
    roll = roll_of([1 + i % 7 for i in range(60)], Quota(5, 15, "0.05"))
    told = drawn_file(roll, f"{number:064x}")["draw"]
    for part in fairness.sheet(roll, told["random"], told["targeted"]):
        assert sum(line.listed for line in part.lines) == 55 and sum(line.drawn for line in part.lines) == 15
        assert sum(line.expected for line in part.lines) == pytest.approx(15)
        assert 0 < part.p <= 1 and all(line.low <= line.expected <= line.high + 1 for line in part.lines)


def test_a_draw_that_favours_a_county_stands_out():
    roll = roll_of([1] * 200, Quota(0, 40))
    rigged = [each.id for each in roll.entries if each.division == "220102"][:40]
    county = fairness.sheet(roll, rigged, [])[0]
    assert county.p < 0.001 and not all(line.usual for line in county.lines)


def test_the_commands_commit_draw_and_verify(tmp_path, capsys):
    names = {name: str(tmp_path / f"{name}.json") for name in ("roll", "committed", "seed", "drawn", "forged")}
    (tmp_path / "roll.json").write_text(json.dumps(roll_of(range(1, 30), Quota(3, 6, "0.05")).plain()), "utf-8")
    assert main(["lottery", "commit", names["roll"], "--seed", names["seed"], "--output", names["committed"]]) == 0
    assert main(["lottery", "draw", names["committed"], "--seed", names["seed"], "--output", names["drawn"]]) == 0
    assert main(["lottery", "verify", names["drawn"], "--commitment", names["committed"]]) == 0
    assert main(["lottery", "fairness", names["drawn"]]) == 0
    forged = json.loads((tmp_path / "drawn.json").read_text("utf-8"))
    forged["draw"]["random"][0] = forged["draw"]["targeted"][0]
    (tmp_path / "forged.json").write_text(json.dumps(forged), "utf-8")
    capsys.readouterr()
    assert main(["lottery", "verify", names["forged"]]) == 1
    assert "does NOT hold" in capsys.readouterr().out
    assert main(["lottery", "commit", names["roll"], "--seed", names["seed"], "--output", names["committed"]]) == 2
    assert main(["lottery", "verify", names["roll"]]) == 2
