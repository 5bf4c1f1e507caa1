"""``qingyuan simulate devices``: simulated 模拟 outlets and stations that speak HJ 212 to a gateway."""

from __future__ import annotations

import argparse
import json
import sys
from datetime import datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from qingyuan.gateway.simulated import Tally


def add(commands: argparse._SubParsersAction) -> None:
    """Register ``simulate`` with its verbs."""
    command = commands.add_parser("simulate", help="simulated devices that send to a gateway", description=__doc__)
    verbs = command.add_subparsers(title="verbs", metavar="VERB", required=True)
    devices = verbs.add_parser("devices", help="outlets and stations of three editions, with deviations and faults")
    devices.add_argument("--count", type=_number, default=200, metavar="N", help="devices (default 200)")
    devices.add_argument("--host", default="127.0.0.1", help="gateway's address (default 127.0.0.1)")
    devices.add_argument("--port", type=_number, default=8212, metavar="N", help="gateway's port (default 8212)")
    devices.add_argument("--speed", type=float, default=1.0, metavar="X", help="simulated seconds in a real one")
    devices.add_argument("--begin", type=_moment, metavar="TIME", help="simulated time at the start (default now)")
    devices.add_argument("--seconds", type=float, metavar="S", help="stop after so many real seconds")
    devices.add_argument("--seed", type=int, metavar="N", help="another fleet")
    devices.add_argument("--quiet", action="store_true", help="do not tell what was sent")
    devices.add_argument("--list", action="store_true", help="only print the devices, one JSON object a line")
    devices.set_defaults(run=_devices)


def _devices(args: argparse.Namespace) -> int:
    import asyncio

    from qingyuan.base.errors import WrongUsage
    from qingyuan.base.time import now
    from qingyuan.gateway.simulated import SEED, fleet, play, register_rows

    devices = fleet(args.count, SEED if args.seed is None else args.seed)
    if args.list:
        for row in register_rows(devices):
            print(json.dumps(row, ensure_ascii=False))
        return 0
    if not 0 < args.speed <= 3600:
        raise WrongUsage(f"A speed of {args.speed:g} cannot be kept", "Use more than 0 and at most 3600")
    print(f"{len(devices)} simulated devices 模拟设备 call {args.host}:{args.port}", file=sys.stderr)
    begin, told = args.begin or now(), None if args.quiet else _tell
    tally = asyncio.run(
        play(
            devices,
            args.host,
            args.port,
            begin=begin,
            speed=args.speed,
            seconds=args.seconds,
            told=told,
        )
    )
    return 0 if tally.sent else 2


def _tell(tally: Tally) -> None:
    print(
        f"{tally.connected} connected, {tally.sent} frames sent, {tally.acknowledged} acknowledged, "
        f"{tally.resent} sent again, {tally.given_up} given up, {tally.backlog} of the backlog, "
        f"{tally.commands} commands",
        file=sys.stderr,
    )


def _number(text: str) -> int:
    if not text.isdigit() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is not a whole number above 0")
    return int(text)


def _moment(text: str) -> datetime:
    from qingyuan.base.time import to_wall_clock

    try:
        return to_wall_clock(datetime.fromisoformat(text))
    except ValueError as wrong:
        raise argparse.ArgumentTypeError(f"{text!r} is not a time: write it as 2026-03-01T00:00") from wrong
