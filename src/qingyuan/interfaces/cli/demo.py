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
    command.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Fill, make the administrator, serve; what is done already is left as it is."""
    from qingyuan.base.settings import data_dir

    data = (args.data or data_dir()).resolve()
    data.mkdir(parents=True, exist_ok=True)
    fill(data)
    if args.part == "all":
        _serve(data, args.port)
    return 0


def fill(data: Path) -> None:
    """Fill the demo dataset with a progress bar."""
    from qingyuan.interfaces.jobs import demo
    from qingyuan.interfaces.jobs.progress import Bar

    bar = Bar("Simulated province 模拟省")
    done = demo.fill(data, bar)
    bar.done(f"complete: {done.windows} windows assessed, {done.values} indicator values")


def _serve(data: Path, port: int) -> None:
    """Serve in a process of its own: the web workers are forked, and Delta's threads do not survive a fork."""
    from qingyuan.interfaces.cli import serve

    serve.prepare(data)
    print(f"Sign in as {ADMIN} with the password {administrator(data)} (kept in {data / PASSWORD_FILE})")
    sys.stdout.flush()
    address = ["--data", str(data), "--listen", f"127.0.0.1:{port}"]
    # the same interpreter and our own command, no shell
    os.execv(sys.executable, [sys.executable, "-m", "qingyuan.interfaces.cli", "serve", *address])  # noqa: S606


def administrator(data: Path) -> str:
    """The password of the demo's administrator, made once and kept in the data folder for its owner only."""
    from qingyuan.interfaces.cli import serve

    file = data / PASSWORD_FILE
    if not file.exists():
        password = secrets.token_urlsafe(12)
        serve.set_admin(ADMIN, password)
        with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as kept:
            kept.write(password)
    return file.read_text(encoding="utf-8")
