"""``qingyuan demo``: a simulated province, everything computed, an administrator, and the console at an address."""

from __future__ import annotations

import argparse
import os
import secrets
import sys
from pathlib import Path

ADMIN = "admin"
PASSWORD_FILE = "demo-admin-password"  # noqa: S105 - the name of a file


def add(commands: argparse._SubParsersAction) -> None:
    """Register the command."""
    command = commands.add_parser("demo", help="the platform with a simulated province", description=__doc__)
    command.add_argument(
        "part", nargs="?", choices=["fill", "all"], default="all", help="fill: the data only; else serve as well"
    )
    command.add_argument("--data", type=Path, metavar="DIR", help="data folder (else QINGYUAN_DATA, else ./var)")
    command.add_argument("--port", type=int, default=8000, metavar="N")
    command.add_argument("--gateway-port", type=int, default=8212, metavar="N", help="where the simulated devices call")
    command.add_argument(
        "--devices", type=int, default=200, metavar="N", help="simulated devices; 0: none, and no gateway"
    )
    command.add_argument(
        "--history", type=int, default=100, metavar="PERCENT", help="size of the simulated year of cases; 0: none"
    )
    command.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Fill, make the administrator, serve; what is done already is left as it is."""
    from qingyuan.base.settings import data_dir

    data = (args.data or data_dir()).resolve()
    data.mkdir(parents=True, exist_ok=True)
    fill(data, args.devices, args.history)
    if args.part == "all":
        _serve(data, args.port, args.gateway_port, args.devices)
    return 0


def fill(data: Path, devices: int, history: int = 0) -> None:
    """Fill the demo with progress bars: the province, the network of so many devices, the year (in percent)."""
    from qingyuan.interfaces.jobs import demo
    from qingyuan.interfaces.jobs.progress import Bar

    bar = Bar("Simulated province 模拟省")
    done = demo.fill(data, bar)
    bar.done(f"complete: {done.windows} windows assessed, {done.values} indicator values")
    if history:
        _fill_earlier(data)
    if history:
        _fill_people(data, devices)
    _fill_plan(data)
    if devices:
        _fill_network(data, devices)
    if history:
        _fill_year(data, history)
        _fill_plan_year(data)


def _fill_earlier(data: Path) -> None:
    from qingyuan.interfaces.jobs import demo, demo_earlier
    from qingyuan.interfaces.jobs.progress import Bar
    from qingyuan.interfaces.jobs.refresh import refresh
    from qingyuan.observations.datasets import open_dataset

    bar = Bar("Simulated earlier years 模拟往年")
    dataset = open_dataset(data, demo.SLUG)
    days = demo_earlier.fill(dataset, bar)
    refresh(dataset)
    bar.done(f"complete: {days} city-days")


def _fill_plan(data: Path) -> None:
    from qingyuan.interfaces.cli import plan_book

    plan_book.seeded(data, simulated=True)


def _fill_network(data: Path, devices: int) -> None:
    from qingyuan.interfaces.cli import serve
    from qingyuan.interfaces.jobs.progress import Bar

    serve.prepare(data)
    from qingyuan.interfaces.jobs import demo_network

    bar = Bar("Simulated network 模拟监测网")
    demo_network.fill(data, devices, bar)
    bar.done(f"complete: {devices} devices")


OWNED = 3
"""Outlets of the simulated network that the demo's enterprise answers for."""


def _fill_people(data: Path, devices: int) -> None:
    """Before the plan, whose departments are found among their organisations."""
    from qingyuan.gateway.simulated import fleet
    from qingyuan.interfaces.cli import serve

    serve.prepare(data)
    from qingyuan.interfaces.jobs import demo_people

    demo_people.fill(data, [each.outlet for each in fleet(devices) if each.kind.slug == "gas"][:OWNED])


def _fill_year(data: Path, history: int) -> None:
    from qingyuan.base.time import now
    from qingyuan.interfaces.cli import serve
    from qingyuan.interfaces.jobs.progress import Bar

    serve.prepare(data)
    from qingyuan.interfaces.jobs import demo_year

    bar = Bar("Simulated year 模拟一年")
    done = demo_year.fill(data, now(), bar, history / 100)
    told = f"{done.cases} cases ({done.open_cases} open), {done.records} records, {done.reports} reports"
    bar.done(f"complete: {told}, {done.lines} lines of the audit chain")


def _fill_plan_year(data: Path) -> None:
    """What the departments reported, the projects, the shares and an evaluation; needs the people of the year."""
    from qingyuan.base.time import now
    from qingyuan.interfaces.jobs import demo, demo_plan
    from qingyuan.interfaces.jobs.progress import Bar
    from qingyuan.observations.datasets import open_dataset
    from qingyuan.plans import live

    bar = Bar("Simulated plan 模拟规划实施")
    dataset = open_dataset(data, demo.SLUG)
    done = demo_plan.fill(dataset, now(), bar)
    bar("values and forecasts", 3, 3)
    live.refreshed(dataset, dataset.now or now())
    bar.done(f"complete: {done.reported} rows reported, {done.projects} projects, {done.shares} targets broken down")


def _tell_accounts(data: Path) -> None:
    """Every account of the demo, its password and what to try."""
    from qingyuan.interfaces.demo_accounts import accounts

    for each in accounts(data):
        print(f"  {each.account:8} {each.password}  {each.name} · {each.organisation}: {each.zh} / {each.en}")


def _serve(data: Path, port: int, gateway_port: int, devices: int) -> None:
    """Serve in a process of its own: the web workers are forked, and Delta's threads do not survive a fork."""
    from qingyuan.interfaces.cli import serve

    serve.prepare(data)
    print(f"Sign in as {ADMIN} with the password {administrator(data)} (kept in {data / PASSWORD_FILE}), or as:")
    _tell_accounts(data)
    sys.stdout.flush()
    network = (
        ["--gateway", f"127.0.0.1:{gateway_port}", "--simulate", str(devices)] if devices else ["--gateway", "none"]
    )
    given = ["--data", str(data), "--listen", f"127.0.0.1:{port}", *network]
    # those who try the demo need no telephone
    os.environ.setdefault("QINGYUAN_SECOND_FACTOR", "optional")
    # the same interpreter and our own command, no shell
    os.execv(sys.executable, [sys.executable, "-m", "qingyuan.interfaces.cli", "serve", *given])  # noqa: S606


def administrator(data: Path) -> str:
    """The password of the demo's administrator, made once and kept in the data folder for its owner only."""
    from qingyuan.interfaces.cli import serve

    file = data / PASSWORD_FILE
    if not file.exists():
        password = secrets.token_urlsafe(12)
        serve.set_admin(ADMIN, password)
        seat_administrator()
        with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as kept:
            kept.write(password)
    return file.read_text(encoding="utf-8")


def seat_administrator() -> None:
    """Give the demo's administrator the province's authority and its duties. Needs `serve.prepare`."""
    from django.contrib.auth.models import User

    from qingyuan.base.time import now
    from qingyuan.people.audit import SYSTEM
    from qingyuan.people.seating import AUTHORITY, Office, seat

    office = Office("模拟省生态环境厅", "Simulated province department", simulated=True)
    seat(User.objects.get(username=ADMIN), office, AUTHORITY, SYSTEM, now())
