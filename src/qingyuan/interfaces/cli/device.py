"""``qingyuan device``: the register of devices whose frames the gateway takes."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from qingyuan.base.errors import WrongUsage


def add(commands: argparse._SubParsersAction) -> None:
    """Register the command."""
    command = commands.add_parser("device", help="the register of devices", description=__doc__)
    verbs = command.add_subparsers(metavar="VERB", required=True)
    one = verbs.add_parser("add", help="register a device, or change it: what is not given stays")
    one.add_argument("mn", metavar="MN")
    for name, what in _FIELDS.items():
        one.add_argument(f"--{name.replace('_', '-')}", metavar="TEXT", help=what)
    one.add_argument(
        "--factor",
        action="append",
        default=[],
        metavar="CODE=PROPERTY:UNIT[:LOW:HIGH]",
        help="what a code means at this site, such as a21026=so2:mg/m3:0:500",
    )
    one.set_defaults(run=register)
    several = verbs.add_parser("import", help="devices, and what their codes mean, from CSV files; all or nothing")
    several.add_argument("file", type=Path, nargs="?", metavar="FILE", help="devices: mn, name_zh, password, ...")
    several.add_argument("--factors", type=Path, metavar="FILE", help="mn, code, property, unit, low, high")
    several.set_defaults(run=import_files)
    verbs.add_parser("list", help="the devices with their state").set_defaults(run=show)
    token = verbs.add_parser("token", help="a new token for the HTTP door, printed once")
    token.add_argument("mn", metavar="MN")
    token.set_defaults(run=make_token)
    for verb in verbs.choices.values():
        verb.add_argument("--data", type=Path, metavar="DIR", help="data folder (else QINGYUAN_DATA, else ./var)")


_FIELDS = {
    "name_zh": "Chinese name",
    "name_en": "English name",
    "password": "PW it sends (default 123456)",
    "edition": "2005, 2017 or 2025",
    "sum_variant": "standard or modbus",
    "active": "true or false",
    "dataset": "dataset of its values (default sources)",
    "point": "outlet or station of its values (default the MN)",
    "addresses": "addresses or networks it may call from",
    "minute_interval": "minutes of its 2051 frames",
    "real_time_seconds": "seconds between its 2011 frames",
    "hardware": "items of 1001 (2025) by which its logger is known before it has this MN, as sent: A=1;B=2",
    "key": "SM4 key, 32 hexadecimal digits",
    "kind": "outlet or station: what its point is; an outlet is entered into the dataset's site file",
}


def _prepare(args: argparse.Namespace) -> None:
    from qingyuan.interfaces.cli import serve

    serve.prepare(args.data)


def register(args: argparse.Namespace) -> int:
    """Register one device."""
    _prepare(args)
    from qingyuan.gateway import registering

    given = {name: getattr(args, name) for name in _FIELDS if getattr(args, name) is not None}
    factors = [_factor(text) for text in args.factor]
    device, new = registering.register({"mn": args.mn, **given}, _user())
    for each in factors:
        registering.set_factor(device, each, _user())
    print(f"{device.mn} {'registered' if new else 'changed'}")
    return 0


def _factor(text: str) -> dict[str, str]:
    code, found, meaning = text.partition("=")
    parts = meaning.split(":")
    if not found or len(parts) not in (2, 4):
        raise WrongUsage(f"--factor {text!r} cannot be read", "Write it as a21026=so2:mg/m3 or a21026=so2:mg/m3:0:500")
    return {"code": code, **dict(zip(("property", "unit", "low", "high"), parts, strict=False))}


def import_files(args: argparse.Namespace) -> int:
    """Register what the files name; 2 and all faults told when there is any."""
    if not args.file and not args.factors:
        raise WrongUsage("There is nothing to import", "Name a FILE of devices, or --factors FILE")
    _prepare(args)
    from qingyuan.gateway import registering

    done = registering.import_files(args.file, args.factors, _user())
    for fault in done.faults:
        print(fault, file=sys.stderr)
    if done.faults:
        raise WrongUsage(
            f"{len(done.faults)} lines are faulty and nothing was registered", "Mend them and run it again"
        )
    print(f"{done.made} devices registered, {done.changed} changed, {done.factors} factors set")
    return 0


def show(args: argparse.Namespace) -> int:
    """Print the devices."""
    _prepare(args)
    from qingyuan.gateway.models import Device, DeviceState
    from qingyuan.interfaces.cli import tables

    states = {each.mn: each for each in DeviceState.objects.all()}
    rows = []
    for device in Device.objects.all():
        state = states.pop(device.mn, None)
        rows.append([device.mn, device.name_zh, device.edition, device.dataset, device.place, *_state(state)])
    rows += [[mn, "(not registered)", state.edition, "", "", *_state(state)] for mn, state in states.items()]
    if rows:
        tables.print_table(["MN", "name", "edition", "dataset", "point", "online", "last frame", "frames"], rows)
    return 0


def _state(state: object) -> list[str]:
    from qingyuan.interfaces.cli.tables import cell

    return [cell(getattr(state, name, None)) for name in ("online", "last_frame", "frames")]


def make_token(args: argparse.Namespace) -> int:
    """Print a new token for the HTTP door."""
    _prepare(args)
    from qingyuan.gateway import push

    print(push.new_token(args.mn, _user()))
    return 0


def _user() -> str:
    """Who acts at the command line; no account of the platform can have this name."""
    from qingyuan.interfaces.cli.import_ import _user as user

    return f"{user()} (command line)"
