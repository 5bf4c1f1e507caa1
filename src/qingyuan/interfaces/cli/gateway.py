"""``qingyuan gateway``: take HJ 212 frames over TCP; each is on disk before it is answered."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from qingyuan.base.errors import WrongUsage


def add(commands: argparse._SubParsersAction) -> None:
    """Register the command."""
    command = commands.add_parser("gateway", help="take HJ 212 frames over TCP", description=__doc__)
    command.add_argument("--listen", default="127.0.0.1:8212", metavar="HOST:PORT", help="port 0: any free one")
    command.add_argument("--data", type=Path, metavar="DIR", help="data folder (else QINGYUAN_DATA, else ./var)")
    command.add_argument(
        "--accept-unknown", action="store_true", help="take and answer devices that are not registered"
    )
    command.add_argument("--tls-cert", type=Path, metavar="FILE", help="certificate chain (PEM): speak TLS")
    command.add_argument("--tls-key", type=Path, metavar="FILE", help="its private key, when not in the same file")
    command.add_argument(
        "--set-up", action="store_true", help="set clock, timeout and intervals of a device (2017) that first speaks"
    )
    command.add_argument(
        "--key-days", type=int, default=0, metavar="N", help="change SM4 keys (2025) older than N days; 0: never"
    )
    command.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Serve until SIGTERM; what has come is stored and answered before the end."""
    from qingyuan.base.settings import data_dir
    from qingyuan.gateway import limits
    from qingyuan.interfaces.cli import serve

    host, _, port = args.listen.rpartition(":")
    if not host or not port.isdigit() or int(port) > 65535:
        raise WrongUsage(f"--listen {args.listen!r} is no address", "Write it as 127.0.0.1:8212.")
    serve.prepare(args.data)
    from qingyuan.gateway import server

    wish = server.Wish(
        data_dir(),
        host.strip("[]"),
        int(port),
        args.accept_unknown,
        args.tls_cert,
        args.tls_key or args.tls_cert,
        args.set_up,
        args.key_days,
    )
    server.serve(wish, limits.from_environment(), _ready)
    return 0


def _ready(host: str, port: int) -> None:
    shown = f"[{host}]" if ":" in host else host
    print(f"gateway listens at {shown}:{port}", flush=True)
    sys.stdout.flush()
