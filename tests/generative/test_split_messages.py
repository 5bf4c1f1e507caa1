"""However a message is split, in whatever order its parts come, how often, and wherever ingest is killed between them:
the lake holds what the whole message says, once."""

import contextlib
import tempfile
import time
from itertools import count
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qingyuan.gateway import accounts, ingest, positions
from qingyuan.gateway.hj212.encode import encode
from qingyuan.gateway.journal import Entry, open_journal
from qingyuan.gateway.models import Quarantined, SplitMessage
from qingyuan.observations import lake
from qingyuan.observations.datasets import open_dataset

pytestmark = pytest.mark.django_db(transaction=True)

NUMBERS = count()
FACTORS = {f"a{21000 + place}": {"Avg": f"{place}.5", "Flag": "ND"[place % 2]} for place in range(8)}
KILLED = [(lake, "append"), (accounts, "settle"), (positions.Positions, "save")]


class Killed(Exception):
    """The process ends here."""


def part(mn, groups, number, serial, late):
    """A part as a frame; its QN by the serial, so that one sent again has another or the same one."""
    header = {"QN": f"20260103000000{serial:03}", "ST": "31", "CN": "2061", "PW": "123456", "MN": mn, "Flag": "7"}
    header |= {"PNUM": str(len(groups)), "PNO": str(number + 1)} | ({"RF": "1"} if late else {})
    return encode(header, {"DataTime": "20260103000000"}, {code: FACTORS[code] for code in groups[number]})


@st.composite
def splits(draw):
    """The factors in groups."""
    cuts = sorted(draw(st.sets(st.integers(1, len(FACTORS) - 1), min_size=1, max_size=4)))
    codes = list(FACTORS)
    return [codes[begin:end] for begin, end in zip([0, *cuts], [*cuts, len(codes)], strict=True)]


def killed_at(place, name, nth, data, after):
    """Run ingest to the end, but killed before or after the nth call of a function."""
    whole, calls = getattr(place, name), []

    def breaking(*given, **named):
        calls.append(1)
        if len(calls) == nth and not after:
            raise Killed
        done = whole(*given, **named)
        if len(calls) == nth:
            raise Killed
        return done

    setattr(place, name, breaking)
    try:
        with contextlib.suppress(Killed):
            ingest.run(data, True, lambda done: None)
    finally:
        setattr(place, name, whole)


@settings(max_examples=40, deadline=None)
@given(
    groups=splits(),
    order=st.randoms(use_true_random=False),
    again=st.lists(st.tuples(st.integers(0, 4), st.booleans(), st.booleans()), max_size=4),
    absent=st.one_of(st.none(), st.integers(0, 4)),
    at_once=st.integers(1, 4),
    kill=st.tuples(st.sampled_from(KILLED), st.integers(1, 4), st.booleans()),
)
def test_any_way_to_send_it_gives_the_same_rows(groups, order, again, absent, at_once, kill):
    mn, sent = f"P{next(NUMBERS)}", []
    numbers = [number for number in range(len(groups)) if number != absent]
    for place, (number, same, late) in enumerate([(number, True, False) for number in numbers] + again):
        if number in numbers:
            sent.append((part(mn, groups, number, number if same else 100 + place, late), late))
    order.shuffle(sent)
    with tempfile.TemporaryDirectory() as name:
        data, moment = Path(name), time.time_ns() // 1000
        journal = open_journal(data)
        _forget()
        for begin in range(0, len(sent), at_once):
            journal.append([Entry(moment - 10_000_000, "p", mn, *each) for each in sent[begin : begin + at_once]])
            if order.random() < 0.5:
                killed_at(*kill[0], kill[1], data, kill[2])
        killed_at(*kill[0], kill[1], data, kill[2])
        ingest.run(data, True, lambda done: None)
        wanted = {code: FACTORS[code] for number in numbers for code in groups[number]}
        found = lake.read_arrow(open_dataset(data, "sources").path, flagged=True).to_pylist()
        assert sorted((row["property"], row["value"], row["flag"]) for row in found) == sorted(
            (code, float(fields["Avg"]), None if fields["Flag"] == "N" else "D") for code, fields in wanted.items()
        )
        message = SplitMessage.objects.get(mn=mn)
        assert message.state == ("complete" if len(numbers) == len(groups) else "waiting")
        assert set(message.parts) == {str(number + 1) for number in numbers}
        assert not Quarantined.objects.filter(mn=mn).exists()


def _forget():
    """A database that has counted nothing of the new journal."""
    from qingyuan.gateway.models import Counted

    Counted.objects.all().delete()
    accounts._mark = ()
