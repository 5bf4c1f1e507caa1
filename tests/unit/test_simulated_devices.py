"""Simulated devices: the same by seed, real HJ 212 in three editions, faults and back-fill, and answers to the host."""

from __future__ import annotations

import asyncio
import json
from collections import Counter
from collections.abc import Callable
from datetime import datetime, timedelta
from types import SimpleNamespace

import pytest

from qingyuan.gateway.hj212 import head, replies
from qingyuan.gateway.hj212.decode import Message, decode
from qingyuan.gateway.hj212.dialogue import exchange
from qingyuan.gateway.hj212.encode import Sender, qn
from qingyuan.gateway.hj212.framing import Frame, Framer
from qingyuan.gateway.simulated import fleet, line, play, register_rows
from qingyuan.gateway.simulated.answering import answers
from qingyuan.gateway.simulated.fleet import Device, kinds
from qingyuan.gateway.simulated.readings import marked, means, offline, readings, silent
from qingyuan.gateway.simulated.speaking import Speaker
from qingyuan.interfaces.cli import main
from qingyuan.places.divisions import division

NOON = datetime(2026, 3, 1, 12)


def a_device(fits: Callable[[Device], bool]) -> Device:
    return next(one for one in fleet(400) if fits(one))


def read(frames: list[bytes], key: bytes | None = None) -> list[Message]:
    framer = Framer()
    pieces = [piece for frame in frames for piece in framer.feed(frame)]
    assert all(isinstance(piece, Frame) for piece in pieces)
    return [decode(piece, [key] if key else []) for piece in pieces if isinstance(piece, Frame)]


def ask(speaker: Speaker, cn: str, params: dict[str, str], now: datetime = NOON, pw: str = "") -> list[Message]:
    device = speaker.device
    host = Sender(device.edition, device.kind.st, pw or speaker.password, device.mn, speaker.key, host=True)
    (request,) = read(host.frames(cn, qn(now), params), speaker.key)
    return read(answers(speaker, request, now), speaker.key)


def test_a_fleet_is_the_same_by_seed_and_a_smaller_one_its_beginning() -> None:
    assert fleet(50) == fleet(200)[:50]
    assert fleet(50, seed=7) != fleet(50)
    rows = register_rows(fleet(200))
    assert len({row["mn"] for row in rows}) == len({row["point"] for row in rows}) == 200
    assert {len(row["mn"]) for row in rows} == {14, 24}
    assert all("模拟" in row["name_zh"] and "simulated" in row["name_en"] and row["simulated"] for row in rows)
    assert all(division(row["division"]).level == "county" for row in rows)
    assert Counter(row["kind"] for row in rows).keys() == {kind.slug for kind in kinds()}
    assert {row["edition"] for row in rows} == {"2005", "2017", "2025"}
    assert any(row["key"] for row in rows)
    assert all(factor["unit"] for row in rows for factor in row["factors"])


@pytest.mark.parametrize("edition", ["2005", "2017", "2025"])
def test_every_kind_speaks_its_edition_without_a_deviation(edition: str) -> None:
    for kind in kinds():
        device = a_device(lambda one, kind=kind: one.kind == kind and one.edition == edition and not one.deviation)
        speaker = Speaker(device)
        frames = [
            *speaker.started(NOON),
            *speaker.real_time_data(NOON),
            *speaker.running_state(NOON),
            *speaker.mean_data("2051", NOON - timedelta(minutes=kind.minutes), NOON),
            *speaker.mean_data("2031", NOON - timedelta(hours=36), NOON),
        ]
        messages = read(frames, device.key)
        assert all(message.crc_status == "valid" and message.deviations == () for message in messages)
        assert {message.edition for message in messages} == {edition}
        real_time = [message for message in messages if message.cn == "2011"]
        codes = [code for message in real_time for code in message.factors]
        assert codes == [factor.coded(edition) for factor in kind.factors]
        assert len({message.header["QN"] for message in messages}) == len(messages)


@pytest.mark.parametrize("deviation", ["sum_modbus", "sum_lower_case", "time_form", "length_wrong"])
def test_a_deviation_is_recognised_by_the_codec(deviation: str) -> None:
    device = a_device(lambda one: one.deviation == deviation and one.kind.slug == "gas")
    for message in read(Speaker(device).real_time_data(NOON)):
        assert message.kinds == {deviation}
        assert message.factors


def test_an_enciphered_device_needs_its_key() -> None:
    device = a_device(lambda one: one.key is not None)
    frames = Speaker(device).real_time_data(NOON)
    assert read(frames, device.key)[0].factors
    assert "no_key" in read(frames)[0].kinds


def test_values_are_plausible_and_hang_together() -> None:
    for device in fleet(60):
        found = means(device, NOON, timedelta(hours=1))
        assert all(one.low <= one.mean <= one.high for one in found)
        for factor, mean in zip(device.kind.factors, found, strict=True):
            assert 0.05 * factor.level < mean.mean < 12 * factor.level
        if device.kind.slug == "air":
            assert found[5].mean < found[4].mean
        if device.kind.slug == "gas":
            oxygen = found[3].mean
            assert found[1].converted == pytest.approx(found[1].mean * 15 / (21 - oxygen), rel=0.01)


def test_faults_and_outages_happen_about_as_often_as_declared() -> None:
    hours = [(device, NOON + timedelta(hours=hour)) for device in fleet(25) for hour in range(160)]
    marks = Counter(marked(device, hour) for device, hour in hours)
    assert all(0.002 < marks[mark] / len(hours) < 0.05 for mark in "DMC")
    assert 0.002 < sum(silent(*each) for each in hours) / len(hours) < 0.02
    assert 0.002 < sum(offline(*each) for each in hours) / len(hours) < 0.02
    stuck = sum(
        readings(device, hour)[0].value == readings(device, hour + timedelta(minutes=5))[0].value
        for device, hour in hours
    )
    assert 0.005 < stuck / len(hours) < 0.06


def test_the_host_asks_and_is_answered() -> None:
    speaker = Speaker(a_device(lambda one: one.edition == "2017" and not one.deviation and one.kind.slug == "water"))
    clock = ask(speaker, "1011", {})
    assert [message.cn for message in clock] == ["9011", "1011", "9012"]
    assert {exchange(message) for message in clock} == {qn(NOON)}
    assert clock[1].params["SystemTime"] == "20260301120000"
    assert ask(speaker, "1062", {"RtdInterval": "120"})[-1].params["ExeRtn"] == "1"
    assert speaker.seconds == 120
    assert ask(speaker, "1012", {"SystemTime": "20260301120500"})[-1].params["ExeRtn"] == "1"
    assert speaker.ahead == timedelta(minutes=5)
    assert ask(speaker, "2012", {})[0].cn == "9013"
    assert not speaker.real_time


def test_history_has_the_same_values_as_were_sent() -> None:
    device = a_device(lambda one: one.edition == "2017" and not one.deviation and one.kind.slug == "gas")
    speaker = Speaker(device)
    sent = read(speaker.mean_data("2061", NOON - timedelta(hours=2), NOON))
    asked = ask(speaker, "2061", {"BeginTime": "20260301100000", "EndTime": "20260301120000"})
    assert [message.cn for message in asked] == ["9011", *["2061"] * (len(asked) - 2), "9012"]
    at_ten = [message.factors for message in asked if message.params.get("DataTime") == "20260301100000"]
    assert at_ten == [message.factors for message in sent]
    none = ask(speaker, "2061", {"BeginTime": "20260302000000", "EndTime": "20260302050000"})
    assert none[-1].params["ExeRtn"] == "100"


def test_a_wrong_password_and_a_command_of_another_edition_are_refused() -> None:
    speaker = Speaker(a_device(lambda one: one.edition == "2005" and not one.deviation))
    assert [message.params.get("QnRtn") for message in ask(speaker, "1061", {}, pw="nobody")] == ["3"]
    assert [message.params.get("QnRtn") for message in ask(speaker, "3019", {})] == ["2"]


def test_over_tcp_with_a_lost_answer_and_a_command() -> None:
    """A host that loses the first answer gets the same frame again; its command is answered."""
    heard: list[Message] = []
    device = a_device(lambda one: one.edition == "2017" and not one.deviation and not offline(one, NOON))

    async def host(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        framer, asked = Framer(), False
        while data := await reader.read(65536):
            for piece in framer.feed(data):
                assert isinstance(piece, Frame)
                heard.append(decode(piece))
                answer = replies.reply(head.read(piece.segment))
                if answer and len(heard) > 1:
                    writer.write(answer)
            if not asked:
                asked = True
                sender = Sender("2017", device.kind.st, device.password, device.mn, host=True)
                writer.write(b"".join(sender.frames("1000", qn(NOON), {"OverTime": "1", "ReCount": "3"})))

    async def run() -> tuple[int, int, int, int]:
        server = await asyncio.start_server(host, "127.0.0.1", 0)
        port = server.sockets[0].getsockname()[1]
        tally = await play([device], "127.0.0.1", port, begin=NOON, speed=60, seconds=4)
        server.close()
        return tally.sent, tally.acknowledged, tally.resent, tally.commands

    sent, acknowledged, resent, told = asyncio.run(run())
    assert told == 1
    assert resent >= 1
    assert sent > 2
    assert acknowledged >= 2
    counted = Counter(message.header["QN"] for message in heard if message.cn not in ("9011", "9012"))
    assert max(counted.values()) >= 2
    assert {"9011", "9012", "2011"} <= {message.cn for message in heard}


def test_after_an_outage_new_data_go_first_and_the_backlog_follows_marked_as_resent() -> None:
    """A device of 2025 that loses its line: nothing of its hours is missing in the end."""
    device = a_device(
        lambda one: one.edition == "2025" and one.kind.slug == "water" and not (one.deviation or one.hardware)
    )
    begin = next(NOON + timedelta(hours=hour) for hour in range(5000) if offline(device, NOON + timedelta(hours=hour)))
    heard: list[Message] = []

    async def host(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        framer = Framer()
        while data := await reader.read(65536):
            for piece in framer.feed(data):
                assert isinstance(piece, Frame)
                heard.append(decode(piece, [device.key] if device.key else []))
                answer = replies.reply(head.read(piece.segment))
                if answer:
                    writer.write(answer)

    async def run() -> None:
        server = await asyncio.start_server(host, "127.0.0.1", 0)
        port = server.sockets[0].getsockname()[1]
        await play([device], "127.0.0.1", port, begin=begin - timedelta(hours=1), speed=3600, seconds=9)
        server.close()

    asyncio.run(run())
    resent = [message for message in heard if message.header.get("RF") == "1"]
    assert resent
    assert {message.cn for message in resent} <= {"2051", "2061", "2031"}
    minutes = [message for message in heard if message.cn == "2051"]
    late = [message for message in minutes if message.header.get("RF") == "1"]
    assert all(begin <= (message.data_time or NOON) + timedelta(hours=1) for message in late)
    times = {message.data_time for message in minutes}
    due = [begin + timedelta(minutes=10 * step) for step in range(6)]
    assert all(each in times or silent(device, each + timedelta(minutes=5)) for each in due)


def test_the_command_lists_devices_as_rows(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["simulate", "devices", "--count", "3", "--list"]) == 0
    rows = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert rows == register_rows(fleet(3))
    assert main(["simulate", "devices", "--count", "1", "--speed", "0"]) == 2


def test_a_logger_of_2025_is_numbered_by_its_host_and_its_line_beats() -> None:
    device = a_device(lambda one: bool(one.hardware) and not one.key and not offline(one, NOON))
    heard: list[Message] = []

    async def host(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        framer = Framer()
        while data := await reader.read(65536):
            for piece in framer.feed(data):
                assert isinstance(piece, Frame)
                heard.append(decode(piece))
                answer = replies.reply(head.read(piece.segment))
                writer.write(answer or b"")
                if heard[-1].cn == "1001":
                    sender = Sender("2025", device.kind.st, device.password, heard[-1].mn, host=True)
                    writer.write(b"".join(sender.frames("1002", qn(NOON), {"MN": device.mn})))

    async def run() -> None:
        server = await asyncio.start_server(host, "127.0.0.1", 0)
        port = server.sockets[0].getsockname()[1]
        await play([device], "127.0.0.1", port, begin=NOON, speed=60, seconds=4)
        server.close()

    asyncio.run(run())
    first, others = heard[0], heard[3:]
    assert (first.cn, first.mn) == ("1001", "0" * 24)
    assert ";".join(f"{name}={value}" for name, value in first.params.items()) == device.hardware
    assert [message.cn for message in heard[1:3]] == ["9011", "9012"]
    assert {message.mn for message in others} == {device.mn} and "9015" in {message.cn for message in others}


def test_a_small_logger_sends_in_parts_and_mislays_one(monkeypatch: pytest.MonkeyPatch) -> None:
    device = a_device(lambda one: bool(one.room) and one.edition == "2017" and not one.deviation)
    parts = Speaker(device).mean_data("2051", NOON - timedelta(minutes=10), NOON)
    assert len(parts) > 1 and all(len(part) < 500 for part in parts)
    assert [code for message in read(parts) for code in message.factors] == [each.code for each in device.kind.factors]
    moment = [0.0]
    monkeypatch.setattr(line, "_seconds", lambda: moment[0])
    speaking, written = line.Line(device, lambda: NOON, 1, line.Tally()), list[bytes]()
    writer = SimpleNamespace(write=written.append)
    for _ in range(line.MISLAID_EVERY):
        speaking._send(writer, parts)  # type: ignore[arg-type]
    assert len(written) == len(parts) * line.MISLAID_EVERY - 1 and written.count(parts[1]) == line.MISLAID_EVERY - 1
    speaking._send_mislaid(writer)  # type: ignore[arg-type]
    moment[0] = line.MISLAID_SECONDS
    speaking._send_mislaid(writer)  # type: ignore[arg-type]
    assert written.count(parts[1]) == line.MISLAID_EVERY
