"""Messages sent in parts: none waits for another, one that does not come is told, and settled when it comes after all."""

import pytest
from running_gateway import upload

from qingyuan.base.errors import WrongUsage
from qingyuan.gateway import accounts, ingest, parts, registering
from qingyuan.gateway.hj212 import sm4
from qingyuan.gateway.hj212.encode import Sender
from qingyuan.gateway.journal import Entry, open_journal
from qingyuan.gateway.models import Deviation, Device, Quarantined, SplitMessage
from qingyuan.gateway.replay import replay
from qingyuan.observations import lake
from qingyuan.observations.datasets import open_dataset

pytestmark = pytest.mark.django_db(transaction=True)

BEGUN = 1_790_000_000_000_000
TIME = "20260103000000"


def part(number, of=3, value=1.0, serial=None, extra=""):
    return upload(
        serial or number, "2061", mn="A", flag="7", moment=TIME, items=f"a2100{number}-Avg={value}",
        extra=f"PNUM={of};PNO={number};{extra}",
    )  # fmt: skip


def ingest_all(given):
    """Rounds until nothing is left, back-fill included."""
    while given.round().moved:
        pass


class Network:
    """A device's journal and what ingest makes of it, round by round; the clock of an idle round stands still."""

    def __init__(self, data, monkeypatch):
        accounts._mark = ()
        registering.register({"mn": "A"}, "wang")
        self.data, self.journal, self.ingest = data, open_journal(data), ingest.Ingest(data)
        monkeypatch.setattr(ingest.time, "time_ns", lambda: BEGUN * 1000)

    def take(self, *frames, at=0, late=False):
        self.journal.append([Entry(BEGUN + at * 1_000_000, "p", "A", frame, late) for frame in frames])
        ingest_all(self.ingest)

    def values(self):
        rows = lake.read_arrow(open_dataset(self.data, "sources").path, flagged=True)
        return sorted(zip(rows["property"].to_pylist(), rows["value"].to_pylist(), strict=True))


@pytest.fixture
def network(tmp_path, monkeypatch):
    return Network(tmp_path, monkeypatch)


def entries():
    return list(Quarantined.objects.values_list("record", "reason", "detail", "state"))


def test_parts_out_of_order_over_rounds_and_sent_again(network):
    network.take(part(3))
    assert network.values() == [("a21003", 1.0)]
    network.take(part(1), part(3))
    network.take(part(2), part(1, serial=7), at=1)
    network.take(upload(1, mn="A"), part(2, serial=8), at=700)
    assert len(network.values()) == 4 and entries() == []
    assert SplitMessage.objects.get().state == "complete"


def test_a_missing_part_is_told_and_settled_when_it_comes(network):
    network.take(part(2), part(4, 4), at=0)
    network.take(upload(1, mn="A"), at=600)
    assert entries() == []
    network.take(upload(2, mn="A"), at=601)
    assert sorted(entries()) == [
        (1, "part_missing", f"1,3/3 2061 {TIME}", "open"),
        (2, "part_missing", f"1,2,3/4 2061 {TIME}", "open"),
    ]
    assert Deviation.objects.get(mn="A", name="part_missing").count == 2
    network.take(part(1), at=900)
    assert replay(network.data, Quarantined.objects.all(), "wang").reasons == {"part_missing": 2}
    network.take(part(3, extra="RF=1;"), at=90_000, late=True)
    assert [(record, state) for record, _, _, state in sorted(entries())] == [(1, "replayed"), (2, "open")]
    network.take(part(3, serial=9), at=90_001)
    assert [state for *_, state in sorted(entries())] == ["replayed", "open"]
    assert [name for name, _ in network.values()] == ["a21001", "a21002", "a21003", "a21004", "a21026", "a21026"]


def test_nothing_more_comes(network, monkeypatch):
    network.take(part(1))
    monkeypatch.setattr(ingest.time, "time_ns", lambda: (BEGUN + 601_000_000) * 1000)
    network.ingest.round()
    assert entries() == [(1, "part_missing", f"2,3/3 2061 {TIME}", "open")]


def test_backfill_is_waited_for_by_its_own_time(network, monkeypatch):
    monkeypatch.setattr(ingest, "BATCH", 1)
    late = [Entry(BEGUN, "p", "A", part(number, 2, extra="RF=1;"), True) for number in (1, 2)]
    fresh = [Entry(BEGUN + 700_000_000 + n, "p", "A", upload(n, mn="A")) for n in range(20)]
    for each in (*late, *fresh):
        network.journal.append([each])
    ingest_all(network.ingest)
    assert SplitMessage.objects.get().state == "complete" and entries() == []


def test_a_part_no_key_opened_joins_when_it_is_taken_again(network):
    factors = {f"a{21000 + n}": {"Avg": "2.5", "Flag": "N"} for n in range(60)}
    sender = Sender("2025", "31", "123456", "A", sm4.TEST_KEY)
    first, *others = sender.frames("2061", "20260103000000000", {"DataTime": TIME}, factors)
    network.take(first)
    registering.register({"mn": "A", "key": sm4.TEST_KEY.hex()}, "wang")
    network.take(*others)
    network.take(upload(1, mn="A"), at=700)
    assert {reason for _, reason, _, _ in entries()} == {"no_key", "part_missing"}
    assert replay(network.data, Quarantined.objects.all(), "wang").left == 0
    assert {state for *_, state in entries()} == {"replayed"}
    assert len([name for name, _ in network.values() if name.startswith("a21")]) == 61


def test_what_is_settled_is_forgotten_after_a_day(network):
    network.take(part(1, 2), part(2, 2))
    network.take(upload(1, mn="A"), at=86_401)
    assert not SplitMessage.objects.exists()


def test_the_setting(monkeypatch):
    monkeypatch.setenv(parts.SETTING, "60")
    assert parts.patience() == 60
    monkeypatch.setenv(parts.SETTING, "soon")
    with pytest.raises(WrongUsage, match="soon"):
        parts.patience()
    assert Device.objects.count() == 0
