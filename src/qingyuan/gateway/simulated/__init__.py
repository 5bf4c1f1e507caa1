"""Simulated 模拟 outlets and stations that speak real HJ 212 over TCP, in three editions, with all their faults.

    await play(fleet(200), "127.0.0.1", 9000, begin=now(), speed=1)

Deterministic by seed: the same device reads the same value at the same simulated moment, whenever it is asked.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

from qingyuan.gateway.simulated.fleet import SEED, Device, fleet, register_rows
from qingyuan.gateway.simulated.line import Line, Tally

__all__ = ["SEED", "Device", "Tally", "fleet", "play", "register_rows"]


async def play(
    devices: Sequence[Device],
    host: str,
    port: int,
    *,
    begin: datetime,
    speed: float = 1.0,
    seconds: float | None = None,
    told: Callable[[Tally], None] | None = None,
) -> Tally:
    """Let devices call a gateway and send, for so many real seconds (None: until cancelled).

    begin: simulated time at the start (+08:00 wall clock); speed: simulated seconds in a real one; told: given the
    tally every few seconds.
    """
    loop = asyncio.get_running_loop()
    started, tally = loop.time(), Tally()

    def clock() -> datetime:
        return begin + timedelta(seconds=(loop.time() - started) * speed)

    tasks = [asyncio.create_task(Line(device, clock, speed, tally).run(host, port)) for device in devices]
    try:
        while seconds is None or loop.time() - started < seconds:
            _raise_failed(tasks)
            await asyncio.sleep(5 if seconds is None else min(5, max(0.05, started + seconds - loop.time())))
            if told:
                told(tally)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
    return tally


def _raise_failed(tasks: Sequence[asyncio.Task[None]]) -> None:
    """A line that ended by itself ended by a mistake: it must not go unseen."""
    for task in tasks:
        if task.done() and not task.cancelled():
            task.result()
