"""Fixed means measured: good, bad and missing days planted after a rectification; the four first moments."""

from datetime import date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qingyuan.cases import measured, moments

RECTIFIED = date(2026, 3, 1)


def days(words: str) -> dict[date, bool | None]:
    """g good, b bad, m missing, from the day after the rectification."""
    return {RECTIFIED + timedelta(days=i + 1): {"g": True, "b": False, "m": None}[word] for i, word in enumerate(words)}


def proof(words: str, needed: int = 3) -> measured.Proof:
    today = RECTIFIED + timedelta(days=len(words) + 1)
    return measured.judge(days(words), RECTIFIED, today, needed)


@pytest.mark.parametrize(
    ("words", "agreeing", "proven"),
    [
        ("", 0, False),
        ("gg", 2, False),
        ("ggg", 3, True),
        ("gmmg", 2, False),
        ("gmmmmgg", 3, True),
        ("mmmmmm", 0, False),
        ("ggb", 0, False),
        ("ggbggg", 3, False),
        ("ggggb", 0, False),
    ],
)
def test_days_that_agree_are_counted_and_missing_ones_are_not(words, agreeing, proven):
    made = proof(words)
    assert (made.agreeing, made.proven) == (agreeing, proven)


def test_a_relapse_is_named_and_only_a_new_rectification_ends_it():
    made = proof("ggbggg")
    assert made.relapse == RECTIFIED + timedelta(days=3) and made.earliest is None
    again = measured.judge(days("ggbggg"), made.relapse, RECTIFIED + timedelta(days=7), 3)
    assert again.proven


def test_neither_the_day_of_rectification_nor_today_counts():
    always = dict.fromkeys((RECTIFIED + timedelta(days=n) for n in range(-5, 30)), True)
    made = measured.judge(always, RECTIFIED, RECTIFIED + timedelta(days=4), 3)
    assert [cell.day.day for cell in made.cells] == [2, 3, 4]
    assert measured.judge({**always, RECTIFIED: False}, RECTIFIED, RECTIFIED + timedelta(days=4), 3).proven


def test_the_cells_shown_end_on_the_earliest_day_of_proof():
    made = proof("gmg", needed=5)
    cells = measured.shown(made, RECTIFIED + timedelta(days=4))
    assert [cell.verdict for cell in cells] == ["agrees", "missing", "agrees", "ahead", "ahead", "ahead"]
    assert cells[-1].day == made.earliest == RECTIFIED + timedelta(days=6)


@given(st.text("gm", max_size=40), st.integers(1, 20))
def test_without_bad_days_only_the_number_of_good_ones_matters(words, needed):
    made = proof(words, needed)
    assert made.proven == (words.count("g") >= needed)
    assert made.lacking == max(0, needed - words.count("g"))


@given(st.text("gbm", max_size=40), st.text("gm", max_size=20), st.integers(1, 9))
def test_no_bad_day_is_ever_outgrown(before, after, needed):
    assert not proof(before + "b" + after, needed).proven


def test_the_four_first_moments_tell_who_was_late():
    rules = {
        "known": moments.Rule("occurred", "opened", 1 / 12),
        "analysed": moments.Rule("opened", "assigned", 1),
        "acted": moments.Rule("opened", "investigated", 4),
        "punished": moments.Rule("opened", "punished", 7 * 24),
    }
    start = datetime(2026, 3, 1, 6)
    times = {
        "occurred": start,
        "opened": start + timedelta(seconds=5),
        "assigned": start + timedelta(hours=2),
    }
    made = {each.name: each for each in moments.stamped(rules, times, start + timedelta(hours=3))}
    assert made["known"].took == timedelta(seconds=5) and made["known"].late is None
    assert made["analysed"].late == timedelta(hours=1) - timedelta(seconds=5)
    assert made["acted"].took is None and made["acted"].late is None
    over = {each.name: each for each in moments.stamped(rules, times, start + timedelta(days=90), over=True)}
    assert all(each.took is not None or each.late is None for each in over.values())
    later = {each.name: each for each in moments.stamped(rules, times, start + timedelta(hours=9))}
    assert later["acted"].took is None and later["acted"].late is not None
