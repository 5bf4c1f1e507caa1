"""The gateway's process: a listener, two queues before two journals, and once a second what time asks for."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import resource
import signal
import ssl
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from time import time_ns
from typing import Any, TypeVar

from qingyuan.base.errors import WrongUsage
from qingyuan.gateway import quarantine, register
from qingyuan.gateway.commits import Commits
from qingyuan.gateway.connection import Address, Connection
from qingyuan.gateway.gate import SUM, Gate, name_of
from qingyuan.gateway.hj212.decode import opened
from qingyuan.gateway.hj212.framing import MISMATCH, Frame
from qingyuan.gateway.hj212.head import Head
from qingyuan.gateway.journal import MAIN, QUARANTINE, open_journal
from qingyuan.gateway.journal.apart import JournalApart
from qingyuan.gateway.limits import Limits
from qingyuan.gateway.seen import Seen, take
from qingyuan.gateway.talks import Talks

T = TypeVar("T")

BACKLOG = 4096
RENEW_EVERY = 600
"""Seconds between two looks for keys that are too old."""
TELL_EVERY = 3
"""Seconds between two tellings of the states."""


@dataclass(frozen=True)
class Wish:
    """How the gateway is to run. port 0: any free one. certificate, key: TLS when given; set_up: set
    clock, timeout and intervals of a device that speaks for the first time; key_days: age at which an SM4 key is
    changed, 0 for never."""

    data: Path
    host: str
    port: int
    accept_unknown: bool = False
    certificate: Path | None = None
    key: Path | None = None
    set_up: bool = False
    key_days: int = 0


class Gateway:
    """A running gateway; everything but the two journal threads and the register's thread lives in one loop."""

    def __init__(self, wish: Wish, limits: Limits) -> None:
        self.wish, self.limits = wish, limits
        self.loop = asyncio.get_running_loop()
        self.accepted = Commits(JournalApart(wish.data, MAIN), limits.waiting_frames)
        self.aside = open_journal(wish.data, QUARANTINE, window=0)
        self.refused = Commits(JournalApart(wish.data, QUARANTINE), limits.waiting_frames)
        self.gate = Gate({}, wish.accept_unknown)
        self.seen: dict[str, Seen] = {}
        self.connections: set[Connection] = set()
        self.addresses: dict[str, Address] = {}
        self.talks = Talks(self)
        self._register_thread = ThreadPoolExecutor(1, thread_name_prefix="register")
        self._mark: tuple[object, ...] = ()
        self._server: asyncio.Server | None = None

    async def start(self) -> tuple[str, int]:
        """Read the register and listen; gives the address. WrongUsage when it cannot be listened on."""
        await self.accepted.journal.start()
        self.seen = await self.in_register(register.totals)
        await self.read_register()
        try:
            self._server = await self.loop.create_server(
                lambda: Connection(self), self.wish.host, self.wish.port, backlog=BACKLOG, ssl=_tls(self.wish)
            )
        except OSError as wrong:
            raise WrongUsage(
                f"{self.wish.host}:{self.wish.port} cannot be listened on ({wrong.strerror or wrong})",
                "Choose another --listen, or stop what uses it",
            ) from wrong
        host, port = self._server.sockets[0].getsockname()[:2]
        return host, port

    async def in_register(self, work: Callable[..., T], *given: Any) -> T:
        """Run work on the database in its thread."""
        return await self.loop.run_in_executor(self._register_thread, work, *given)

    async def read_register(self) -> None:
        """Read the devices when any has changed."""
        mark = await self.in_register(register.mark)
        if mark != self._mark:
            self._mark = mark
            self.gate.know(await self.in_register(register.devices))
            for connection in self.connections:
                connection.forget()

    # what connections ask

    def admit(self, connection: Connection, host: str) -> bool:
        """Whether there is room for one more."""
        address = self.addresses.setdefault(host, Address(host))
        crowded = address.connections >= self.limits.connections_per_address
        if crowded or len(self.connections) >= self.limits.connections:
            return False
        address.connections += 1
        connection.address = address
        self.connections.add(connection)
        return True

    def leave(self, connection: Connection) -> None:
        """The connection has ended."""
        self.connections.discard(connection)
        connection.address.connections -= 1
        for seen in connection.mns.values():
            seen.connections -= 1
            seen.changed = True

    def meet(self, connection: Connection, mn: str, head: Head) -> Seen:
        """The totals of a device that speaks on a connection."""
        seen = self.seen.get(mn)
        if seen is None:
            seen = self.seen[mn] = Seen(mn)
        if mn not in connection.mns:
            connection.mns[mn] = seen
            seen.connections += 1
            seen.connected = time_ns() // 1000
        seen.peer, seen.edition, seen.changed = connection.peer, head.edition, True
        seen.system = name_of(head.st)[:4]
        return seen

    def connection_of(self, mn: str) -> Connection | None:
        """An open connection of a device, the newest."""
        found = [each for each in self.connections if mn in each.mns and not each.transport.is_closing()]
        return found[-1] if found else None

    def fault_of_sealed(self, frame: Frame, head: Head) -> str:
        """``sum`` for an enciphered frame whose plain text has another sum.

        Where no key opens it, it is taken: ingest puts it into quarantine, to be replayed when the key is known.
        """
        device = self.gate.devices.get(head.mn or b"")
        _, status, odd = opened(frame, device.keys if device else ())
        return SUM if status == MISMATCH and "no_key" not in odd else ""

    # what time asks for

    async def run(self, stop: asyncio.Event) -> None:
        """Serve until told to stop."""
        for second in range(sys.maxsize):
            with contextlib.suppress(asyncio.TimeoutError):
                await asyncio.wait_for(stop.wait(), 1)
            if stop.is_set():
                return
            self._tick()
            try:
                await self._housekeeping(second)
            except Exception as wrong:  # a database that is busy or full must not stop the gateway
                print(f"gateway: {type(wrong).__name__}: {wrong}; tried again", file=sys.stderr, flush=True)

    def _tick(self) -> None:
        moment = self.loop.time()
        for address in list(self.addresses.values()):
            address.taken = address.aside = 0
            if not address.connections:
                del self.addresses[address.host]
        for connection in list(self.connections):
            connection.tick(moment)

    async def _housekeeping(self, second: int) -> None:
        await self.accepted.journal.anchor()
        await self.refused.journal.anchor()
        await self.read_register()
        if self.wish.set_up:
            await self.talks.set_up()
        if self.wish.key_days and second % RENEW_EVERY == RENEW_EVERY - 1:
            await self.talks.renew_keys(self.wish.key_days)
        await self.talks.advance()
        if second % TELL_EVERY == 0:
            await self._tell()

    async def _tell(self) -> None:
        told = take(self.seen.values())
        if told:
            await self.in_register(register.tell, told)
        await self.in_register(quarantine.enter, self.aside)

    async def stop(self) -> None:
        """Stop listening, store and answer what has come, anchor, tell the register."""
        if self._server:
            self._server.close()
        for connection in list(self.connections):
            connection.stop_reading()
        await self.accepted.drained()
        await self.refused.drained()
        for connection in list(self.connections):
            connection.transport.close()
        await asyncio.sleep(0.1)
        await self._tell()
        await self.accepted.close()
        await self.refused.close()
        self.talks = Talks(self)
        self._register_thread.shutdown()


def _tls(wish: Wish) -> ssl.SSLContext | None:
    """The TLS context of the certificate. WrongUsage when it cannot be read."""
    if wish.certificate is None:
        return None
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    try:
        context.load_cert_chain(wish.certificate, wish.key)
    except (OSError, ssl.SSLError) as wrong:
        raise WrongUsage(f"The certificate {wish.certificate} cannot be used ({wrong})", "Give PEM files") from wrong
    return context


def serve(wish: Wish, limits: Limits, ready: Callable[[str, int], None]) -> None:
    """Run the gateway until SIGTERM or SIGINT; ready is told the address. uvloop is used where installed."""
    _raise_file_limit()
    gc.set_threshold(50_000, 50, 50)
    with asyncio.Runner(loop_factory=_fast_loop()) as runner:
        runner.run(_serve(wish, limits, ready))


async def _serve(wish: Wish, limits: Limits, ready: Callable[[str, int], None]) -> None:
    stop, loop = asyncio.Event(), asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    gateway = Gateway(wish, limits)
    ready(*await gateway.start())
    await gateway.run(stop)
    await gateway.stop()


def _fast_loop() -> Callable[[], asyncio.AbstractEventLoop] | None:
    try:
        import uvloop
    except ImportError:
        return None
    return uvloop.new_event_loop


def _raise_file_limit() -> None:
    """As many open files as the system allows, for as many connections."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
