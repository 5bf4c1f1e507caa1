"""Talks with devices: queued commands sent on their connections, answers followed, every step told to the database."""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from qingyuan.base.errors import QingyuanError
from qingyuan.base.time import CST
from qingyuan.gateway import remote
from qingyuan.gateway.hj212.decode import decode
from qingyuan.gateway.hj212.dialogue import Dialogue, Patience
from qingyuan.gateway.hj212.encode import Sender, is_enciphered
from qingyuan.gateway.hj212.framing import Frame
from qingyuan.gateway.hj212.head import Head
from qingyuan.gateway.remote import Asked

if TYPE_CHECKING:
    from qingyuan.gateway.connection import Connection
    from qingyuan.gateway.server import Gateway


@dataclass
class Talk:
    """One command under way on a connection. told: steps already in the database."""

    command: int
    connection: Connection
    dialogue: Dialogue
    told: int = 0


class Talks:
    """All talks of a gateway; `advance` once a second."""

    def __init__(self, gateway: Gateway) -> None:
        self.gateway = gateway
        self.running: list[Talk] = []

    async def advance(self) -> None:
        """Begin what is queued, send again what is unanswered, tell what has happened."""
        for asked in await self.gateway.in_register(remote.take):
            await self._begin(asked)
        for talk in list(self.running):
            await self._go_on(talk)

    async def _begin(self, asked: Asked) -> None:
        connection = self.gateway.connection_of(asked.mn)
        if connection is None:
            await self.gateway.in_register(remote.finish, asked.id, "offline", "the device is not connected")
            return
        moment = datetime.now(CST).replace(tzinfo=None)
        dialogue = Dialogue(asked.request, self._sender(asked), remote.new_qn(moment), Patience())
        talk = Talk(asked.id, connection, dialogue)
        try:
            dialogue.start(time.time())
        except QingyuanError as wrong:
            await self.gateway.in_register(remote.finish, asked.id, "failed", str(wrong))
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
