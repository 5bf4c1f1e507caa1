"""Talks with devices: queued commands sent on their connections, answers followed, every step told to the database."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol, TypeVar

from qingyuan.base.errors import QingyuanError
from qingyuan.base.time import CST
from qingyuan.gateway import remote, welcoming
from qingyuan.gateway.gate import Gate, name_of
from qingyuan.gateway.hj212.decode import decode
from qingyuan.gateway.hj212.dialogue import Dialogue, Patience
from qingyuan.gateway.hj212.encode import Sender, is_enciphered
from qingyuan.gateway.hj212.framing import Frame
from qingyuan.gateway.hj212.head import Head
from qingyuan.gateway.hj212.requests import Request
from qingyuan.gateway.remote import Asked
from qingyuan.gateway.seen import Seen

R = TypeVar("R")

MOST_KNOCKS = 1000
"""Loggers without a number heard in a second."""


class Line(Protocol):
    """A connection as talks see it."""

    transport: Any

    @property
    def listener(self) -> Callable[[Head, Frame], None] | None:
        """Who hears every frame."""

    @listener.setter
    def listener(self, listener: Callable[[Head, Frame], None] | None) -> None: ...


class Host(Protocol):
    """The gateway as talks see it."""

    gate: Gate
    seen: dict[str, Seen]

    def connection_of(self, mn: str) -> Line | None:
        """An open connection of a device."""

    async def in_register(self, work: Callable[..., R], *given: Any) -> R:
        """Work on the database in its thread."""

    async def read_register(self) -> None:
        """Read the devices when any has changed."""


@dataclass
class Talk:
    """One command under way on a connection. told: steps already in the database."""

    command: int
    connection: Line
    dialogue: Dialogue
    told: int = 0


class Talks:
    """All talks of a gateway; `advance` once a second."""

    def __init__(self, gateway: Host) -> None:
        self.gateway = gateway
        self.running: list[Talk] = []
        self._knocks: list[tuple[Line, str, Head]] = []
        self._keyless: set[str] = set()
        self._met: set[str] = set()

    def knock(self, connection: Line, mn: str, head: Head) -> None:
        """A logger that is to be the device of this MN has told its hardware."""
        if len(self._knocks) < MOST_KNOCKS:
            self._knocks.append((connection, mn, head))

    def want_key(self, mn: str) -> None:
        """A device asks for a new key."""
        self._keyless.add(mn)

    async def set_up(self) -> None:
        """What the gateway asks of itself of devices that speak for the first time."""
        newly = {seen.mn for seen in self.gateway.seen.values() if seen.connections} - self._met
        if newly:
            self._met |= newly
            await self.gateway.in_register(welcoming.set_up, newly)

    async def renew_keys(self, days: int) -> None:
        """New keys for the devices that are connected and whose key is older."""
        online = [seen.mn for seen in self.gateway.seen.values() if seen.connections]
        await self.gateway.in_register(welcoming.renew_keys, online, days)

    async def _asked_by_devices(self) -> None:
        """A number for who knocked, keys for who wants one."""
        knocks, self._knocks = self._knocks, []
        for connection, mn, head in knocks:
            number = await self.gateway.in_register(welcoming.assign, mn)
            if number:
                system, password, name = (name_of(word) for word in (head.st, head.pw, head.mn))
                sender = Sender("2025", system, password, name)
                await self._start(number, Request("1002", "2025", {"MN": mn}), connection, sender)
        if self._keyless:
            wanted, self._keyless = self._keyless, set()
            await self.gateway.in_register(welcoming.renew_keys, wanted, 0)

    async def advance(self) -> None:
        """Begin what is queued, send again what is unanswered, tell what has happened."""
        await self._asked_by_devices()
        for asked in await self.gateway.in_register(remote.take):
            await self._begin(asked)
        for talk in list(self.running):
            await self._go_on(talk)

    async def _begin(self, asked: Asked) -> None:
        connection = self.gateway.connection_of(asked.mn)
        if connection is None:
            await self.gateway.in_register(remote.finish, asked.id, "offline", "the device is not connected")
            return
        await self._start(asked.id, asked.request, connection, self._sender(asked))

    async def _start(self, number: int, request: Request, connection: Line, sender: Sender) -> None:
        moment = datetime.now(CST).replace(tzinfo=None)
        dialogue = Dialogue(request, sender, remote.new_qn(moment), Patience())
        talk = Talk(number, connection, dialogue)
        try:
            dialogue.start(time.time())
        except QingyuanError as wrong:
            await self.gateway.in_register(remote.finish, number, "failed", str(wrong))
            return
        self.running.append(talk)
        connection.listener = self.heard

    def _sender(self, asked: Asked) -> Sender:
        registered = self.gateway.gate.devices[asked.mn.encode()]
        sealed = registered.keys and is_enciphered(asked.request.cn)
        system = self.gateway.seen[asked.mn].system or "31"
        key = registered.keys[0] if sealed else None
        return Sender(asked.request.edition, system, asked.password, asked.mn, key)

    async def _go_on(self, talk: Talk) -> None:
        dialogue = talk.dialogue
        if talk.connection.transport.is_closing() and not dialogue.ended:
            await self._end(talk, "offline", "the connection was lost")
            return
        dialogue.tick(time.time())
        self._send(talk)
        await self._tell(talk)
        if dialogue.ended:
            await self._end(talk, dialogue.state, "" if dialogue.state == "done" else dialogue.trail[-1].en)

    def _send(self, talk: Talk) -> None:
        for frame in talk.dialogue.take():
            talk.connection.transport.write(frame)

    async def _tell(self, talk: Talk) -> None:
        steps = talk.dialogue.trail[talk.told :]
        if steps:
            talk.told += len(steps)
            await self.gateway.in_register(remote.note, talk.command, talk.dialogue.qn, steps)

    async def _end(self, talk: Talk, state: str, result: str) -> None:
        self.running.remove(talk)
        if not any(each.connection is talk.connection for each in self.running):
            talk.connection.listener = None
        await self._tell(talk)
        await self.gateway.in_register(remote.finish, talk.command, state, result)
        await self.gateway.read_register()

    def heard(self, head: Head, frame: Frame) -> None:
        """A frame of a device with whom a talk is under way."""
        device = self.gateway.gate.devices.get(head.mn or b"")
        message = decode(frame, device.keys if device else ())
        for talk in self.running:
            if talk.dialogue.receive(message, time.time()):
                self._send(talk)
                return
