"""A frame over the limit goes through journal, ingest and rules; its evidence proves itself, and any change is found."""

import json
import random
import subprocess
import sys
import zipfile
from datetime import datetime, timedelta
from io import BytesIO

import pytest

from qingyuan.domains import DOMAINS, declared
from qingyuan.gateway import accounts, ingest, registering
from qingyuan.gateway.hj212.encode import encode
from qingyuan.gateway.journal import Entry, open_journal
from qingyuan.interfaces.cli import main
from qingyuan.interfaces.jobs import rules as job
from qingyuan.observations import lake
from qingyuan.observations.datasets import create_dataset, open_dataset
from qingyuan.rules import watching
from qingyuan.rules.catalogue import catalogue
from qingyuan.rules.evidence import sealing, verifying
from qingyuan.rules.explaining import explain
from qingyuan.rules.models import Finding

pytestmark = pytest.mark.django_db(transaction=True)
MN, START = "220100000000000000000001", datetime(2026, 3, 1)


def frame(hour, so2, flag="N"):
    header = {"QN": f"{hour:%Y%m%d%H%M%S}123", "ST": "31", "CN": "2061", "PW": "123456", "MN": MN, "Flag": "5"}
    values = {"a21026": {"Avg": str(so2), "Flag": flag}, "a19001": {"Avg": "6", "Flag": "N"}}
    return encode(header, {"DataTime": f"{hour:%Y%m%d%H%M%S}"}, values)


def send(data, values, first=0):
    """Hours of an outlet into the journal, taken by ingest."""
    journal = open_journal(data)
    received = 1_790_000_000_000_000
    journal.append(
        [
            Entry(received + n, "10.0.0.8:5000", MN, frame(START + timedelta(hours=n), value))
            for n, value in enumerate(values, first)
        ]
    )
    journal.close()
    ingest.run(data, True, lambda _done: None)


@pytest.fixture
def data(tmp_path):
    accounts._mark = ()
    dataset = create_dataset(tmp_path, "sources", "污染源", "Sources", simulated=False)
    columns = "point,medium,standard,source_type,grade,division\n"
    (dataset.path / "outlets.csv").write_text(f"{columns}A,gas,GB 13223,coal boiler,new,220104\n", "utf-8")
    device, _ = registering.register({"mn": MN, "point": "A", "dataset": "sources"}, "wang")
    for code, item, unit in (("a21026", "so2", "mg/m3"), ("a19001", "o2", "%")):
        registering.set_factor(device, {"code": code, "unit": unit, "property": item})
    return tmp_path


@pytest.fixture
def sealed(data):
    """An outlet with two hours over, found and sealed."""
    look = job.Round(data)
    send(data, [20])
    look.run(START)
    send(data, [400, 300, 20], 1)
    assert [each.rule for each in look.run(START)] == ["sources.hour_over"]
    return data, Finding.objects.get(rule="sources.hour_over")


def content_of(data, finding):
    return (data / finding.evidence_path).read_bytes()


def test_a_frame_over_the_limit_is_a_finding_with_its_law_and_its_frames(sealed):
    data, made = sealed
    assert (made.division, made.point, made.property, made.rows, made.severity) == ("220104", "A", "so2", 2, "urgent")
    assert (made.limit, made.edition, made.confidence, made.state) == (100.0, "2011", "two_sources", "open")
    parts = dict(verifying.unpack(content_of(data, made)))
    frames = json.loads(parts["frames.json"])
    assert "a21026-Avg=400" in frames[0]["text"]
    assert [each["record"] for each in frames][:1] == [2]
    assert json.loads(parts["anchors.json"])
    told = explain(
        made,
        catalogue(declared("rules.yaml")).rules[made.rule],
        {each.name: each for d in DOMAINS for each in d.assessments},
    )
    assert [each.name for each in told] == ["inputs", "flags", "method", "clause", "judgement", "result"]
    assert any("GB 13223—2011" in line[0] for line in told[3].lines)


def test_more_of_it_grows_the_finding_good_hours_end_it_and_a_late_look_finds_nothing_twice(sealed):
    data, made = sealed
    send(data, [20, 20], 4)
    job.Round(data).run(START)
    made.refresh_from_db()
    assert (made.state, Finding.objects.filter(rule=made.rule).count()) == ("ended", 1)
    assert job.Round(data).run(START) == []
    assert [each.what for each in made.changes.all()] == ["opened", "ended"]


def test_an_amendment_takes_the_finding_back_with_its_history(sealed):
    data, made = sealed
    folder = open_dataset(data, "sources").path
    rows = lake.read_arrow(folder, properties=["so2"], flagged=True).to_pylist()
    later = [
        {**each, "flag": "D", "result_time": each["result_time"] + timedelta(hours=1)}
        for each in rows
        if each["value"] > 100
    ]
    lake.amend(
        folder, lake.read_arrow(folder).from_pylist(later, lake.read_arrow(folder).schema), reason="fault", by="li"
    )
    job.Round(data).run(START)
    made.refresh_from_db()
    assert made.state == "retracted"
    assert [each.what for each in made.changes.all()] == ["opened", "retracted"]
    assert made.sealed_revision == made.revision == 2


def test_killed_between_judging_and_storing_nothing_is_lost(data, monkeypatch):
    job.Round(data).run(START)
    send(data, [400])

    def killed(*_args):
        raise KeyboardInterrupt

    monkeypatch.setattr(watching.grouping, "regroup", killed)
    with pytest.raises(KeyboardInterrupt):
        job.Round(data).run(START)
    assert not Finding.objects.filter(rule="sources.hour_over").exists()
    monkeypatch.undo()
    job.Round(data).run(START)
    assert Finding.objects.filter(rule="sources.hour_over").count() == 1


def test_much_to_seal_is_sealed_in_turns(sealed):
    """Who watches looks again soon: what was not sealed in time is sealed after the next look, nothing twice."""
    data, made = sealed
    made.sealed_revision, made.evidence_path = 0, ""
    for point in ("B", "C"):
        made.pk, made.point = None, point
        made.save(force_insert=True)
    assert [sealing.seal_waiting(data, START, seconds=0) for _ in range(3)] == [1, 1, 0]
    assert not Finding.objects.filter(evidence_path="").exists()


def test_evidence_is_intact_without_the_platform(sealed, tmp_path, capsys):
    data, made = sealed
    file = data / made.evidence_path
    assert main(["evidence", "verify", str(file), "--key", sealing.public_key(data)]) == 0
    with zipfile.ZipFile(file) as packed:
        packed.extract("verify.py", tmp_path)
    done = subprocess.run(
        [sys.executable, "-I", "-S", str(tmp_path / "verify.py"), str(file)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, "intact: finding" in done.stdout) == (0, True), done.stdout + done.stderr


def test_any_changed_byte_is_found(sealed):
    data, made = sealed
    content = content_of(data, made)
    chance = random.Random(7)
    for _ in range(60):
        at, to = chance.randrange(len(content)), chance.randrange(1, 256)
        changed = content[:at] + bytes([content[at] ^ to]) + content[at + 1 :]
        assert verifying.faults(changed), f"byte {at} changed and nobody saw it"
    assert verifying.faults(content + b"x")
    assert verifying.faults(content[:-1])


@pytest.mark.parametrize(
    "name",
    [
        "series.json",
        "observations.json",
        "rule.json",
        "history.json",
        "frames.json",
        "blocks.json",
        "verify.py",
        "manifest.json",
    ],
)
def test_a_part_exchanged_and_packed_again_is_found(sealed, name):
    data, made = sealed
    parts = verifying.unpack(content_of(data, made))
    changed = [(each, content.replace(b"2", b"3", 1) if each == name else content) for each, content in parts]
    assert verifying.faults(verifying.pack(changed))


def test_who_signs_again_does_so_with_another_key(sealed, tmp_path):
    data, made = sealed
    other = sealing.seal(tmp_path / "elsewhere", made, START).read_bytes()
    assert verifying.faults(other) == []
    assert "not with" in verifying.faults(other, sealing.public_key(data))[0]


def test_an_exchanged_frame_does_not_fit_its_block(sealed):
    data, made = sealed
    parts = dict(verifying.unpack(content_of(data, made)))
    frames, blocks = json.loads(parts["frames.json"]), json.loads(parts["blocks.json"])
    assert [*verifying._journal_faults(frames, blocks)] == []
    frames[0]["raw"] = frames[1]["raw"]
    assert [*verifying._journal_faults(frames, blocks)]
    frames = json.loads(parts["frames.json"])
    blocks[0]["peers"] = blocks[0]["peers"].replace("10.0.0.8", "10.0.0.9")
    assert [*verifying._journal_faults(frames, blocks)]


def test_nonsense_is_no_evidence(tmp_path, capsys):
    file = tmp_path / "x.zip"
    file.write_bytes(BytesIO(b"nothing").getvalue())
    assert main(["evidence", "verify", str(file)]) == 1
    assert "cannot be read" in capsys.readouterr().out
