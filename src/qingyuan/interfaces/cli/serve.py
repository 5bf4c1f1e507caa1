"""``qingyuan serve``: the platform on this machine. ``qingyuan user``: accounts of the console."""

from __future__ import annotations

import argparse
import getpass
import os
import secrets
import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from qingyuan.base.errors import WrongUsage
from qingyuan.base.settings import data_dir
from qingyuan.interfaces.jobs import supervise

if TYPE_CHECKING:
    from django.contrib.auth.models import User

SETTINGS = "qingyuan.interfaces.web.settings"
REFRESH_SECONDS = "30"
HOURLY = "3600"
ANCHOR_SECONDS = "30"
"""Within a minute of its writing a line of the audit chain is covered by a signed note outside the database."""
PASSWORD = "QINGYUAN_PASSWORD"  # noqa: S105 - the name of an environment variable


def add(commands: argparse._SubParsersAction) -> None:
    """Register the commands ``serve`` and ``user``."""
    serve = commands.add_parser(
        "serve",
        help="the platform on this machine",
        description="Run the console and the jobs behind it, each as a process of its own.",
    )
    serve.add_argument("--data", type=Path, metavar="DIR", help="data folder (default QINGYUAN_DATA or ./var)")
    serve.add_argument("--listen", default="127.0.0.1:8000", metavar="HOST:PORT")
    serve.add_argument("--workers", type=int, default=2, metavar="N")
    serve.add_argument(
        "--gateway", default="127.0.0.1:8212", metavar="HOST:PORT", help="where devices call; none: no gateway"
    )
    serve.add_argument("--simulate", type=int, default=0, metavar="N", help="simulated devices that call the gateway")
    serve.add_argument(
        "--key-days", type=int, default=0, metavar="N", help="change SM4 keys (2025) older than N days; 0: never"
    )
    serve.add_argument(
        "--keep-days", type=int, default=0, metavar="N", help="raw frames older than N days go, once ingested; 0: never"
    )
    serve.add_argument("--only", choices=["web"], help="the console alone, in this process")
    serve.set_defaults(run=run)
    user = commands.add_parser("user", help="accounts of the console", description="Accounts of the console.")
    what = user.add_subparsers(required=True, metavar="ACTION")
    admin = what.add_parser("create-admin", help=f"an administrator; password from {PASSWORD}, asked, or made")
    admin.add_argument("name", nargs="?", default="admin")
    admin.add_argument("--data", type=Path, metavar="DIR")
    admin.set_defaults(run=create_admin)


def run(args: argparse.Namespace) -> int:
    """Prepare the data folder and serve until stopped."""
    host, _, port = args.listen.rpartition(":")
    if not host or not port.isdigit():
        raise WrongUsage(f"--listen {args.listen!r} is no address", "Write it as 127.0.0.1:8000.")
    if args.only == "web":
        start(args.data, host.strip("[]"), int(port), args.workers)
        return 0
    prepare(args.data)
    supervise.supervise(processes(args), _tell)
    return 0


def processes(args: argparse.Namespace) -> list[supervise.Process]:
    """What runs on one machine: the gateway and what stands behind it, the keeper of fresh results, the console."""
    data = ["--data", str(data_dir())]
    network = []
    if args.gateway != "none":
        host, _, port = args.gateway.rpartition(":")
        network = [
            _process("gateway", *data, "--listen", args.gateway, "--set-up", "--key-days", str(args.key_days)),
            _process("ingest", *data, "--quiet"),
            _behind("ledger", *data, "--watch", HOURLY),
            _behind("quality", *data, "--watch", HOURLY),
        ]
        if args.keep_days:
            network.append(_behind("journal", "retain", *data, "--days", str(args.keep_days), "--watch", HOURLY))
        if args.simulate:
            devices = ("--count", str(args.simulate), "--host", host, "--port", port, "--quiet")
            network.append(_process("simulate", "devices", *devices))
    return [
        *network,
        _behind("cases", *data, "--watch", REFRESH_SECONDS),
        _process("rules", *data, "--watch"),
        _behind("refresh", *data, "--watch", REFRESH_SECONDS),
        _behind("audit", "anchor", *data, "--watch", ANCHOR_SECONDS),
        _process("serve", *data, "--only", "web", "--listen", args.listen, "--workers", str(args.workers)),
    ]


def _process(command: str, *arguments: str) -> supervise.Process:
    return supervise.Process(command, [sys.executable, "-m", "qingyuan.interfaces.cli", command, *arguments])


def _behind(command: str, *arguments: str) -> supervise.Process:
    """What may wait while devices call and people look."""
    process = _process(command, *arguments)
    return replace(process, command=["nice", "-n", "10", *process.command])


def _tell(what: str) -> None:
    print(f"qingyuan: {what}", file=sys.stderr, flush=True)


def start(data: Path | None, host: str, port: int, workers: int = 2) -> None:
    """Bring database and static files up to date and serve the console; returns when it is stopped."""
    os.environ["QINGYUAN_STATIC"] = "collected"
    if host not in ("127.0.0.1", "localhost", "::1") and "QINGYUAN_HOSTS" not in os.environ:
        raise WrongUsage(f"Listening on {host}", "Name the hosts to answer in QINGYUAN_HOSTS, separated by commas.")
    prepare(data)
    from django.core.management import call_command
    from granian import Granian
    from granian.constants import Interfaces

    call_command("collectstatic", interactive=False, verbosity=0)
    print(f"Qingyuan 清源 serves {data_dir()} at http://{host}:{port}", flush=True)
    Granian(
        "qingyuan.interfaces.web.wsgi:application",
        address=host,
        port=port,
        interface=Interfaces.WSGI,
        workers=workers,
        blocking_threads=2,
        log_access=False,
    ).serve()


def has_database(data: Path) -> bool:
    """Whether a data folder has a database already, or one is named outside of it."""
    return bool(os.environ.get("QINGYUAN_DATABASE")) or (data / "platform.sqlite3").exists()


def prepare(data: Path | None) -> None:
    """Set up Django on the data folder and bring its database up to date; of several processes one at a time."""
    if data is not None:
        os.environ["QINGYUAN_DATA"] = str(data.resolve())
    data_dir().mkdir(parents=True, exist_ok=True)
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", SETTINGS)
    import django
    from django.core.management import call_command

    from qingyuan.base.locking import alone

    with alone(data_dir() / "migrate.lock"):
        django.setup()
        call_command("migrate", interactive=False, verbosity=0)
        call_command("createcachetable", verbosity=0)


def create_admin(args: argparse.Namespace) -> int:
    """Make an administrator, or give an existing account a new password; a password made here is printed once."""
    prepare(args.data)
    given = os.environ.get(PASSWORD) or (getpass.getpass("Password: ") if sys.stdin.isatty() else "")
    password = given or secrets.token_urlsafe(12)
    set_admin(args.name, password)
    print(f"{args.name}" if given else f"{args.name}: {password}")
    return 0


def set_admin(name: str, password: str) -> None:
    """Give the administrator `name` this password, making the account when there is none. Needs `prepare`."""
    from django.contrib.auth.models import User
    from django.contrib.auth.password_validation import validate_password
    from django.core.exceptions import ValidationError
    from django.db import transaction

    account = User.objects.filter(username=name).first() or User(username=name)
    try:
        validate_password(password, account)
    except ValidationError as fault:
        raise WrongUsage("This password is too weak", " ".join(fault.messages)) from None
    account.is_superuser = True
    account.set_password(password)
    with transaction.atomic():
        account.save()
        _tell_admin(account)


def _tell_admin(account: User) -> None:
    """The line of the audit chain about an administrator made or given a password at the command line."""
    from qingyuan.base.time import now
    from qingyuan.interfaces.cli.device import _user
    from qingyuan.people import audit
    from qingyuan.people.places import division_of

    change = {"account": [None, account.username], "set_up": [None, True], "password": ["••••••", "••••••"]}
    audit.append(
        audit.named(_user()),
        "accounts.manage",
        "account",
        str(account.pk),
        division=division_of(account),
        domain="",
        change=change,
        at=now(),
    )
