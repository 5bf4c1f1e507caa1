"""A private PostgreSQL cluster on the loopback address, started for the tests and removed after them."""

import os
import shutil
import socket
import subprocess
import tempfile
from contextlib import contextmanager
from pathlib import Path


def programs():
    """The folder of initdb and pg_ctl; None when PostgreSQL is not installed."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/pg_ctl"))
    here = shutil.which("pg_ctl")
    return found[-1].parent if found else Path(here).parent if here else None


@contextmanager
def cluster():
    """A running cluster; gives the address of its empty database ``qingyuan``."""
    folder = Path(tempfile.mkdtemp(prefix="qingyuan-pg-"))
    as_whom = []
    if os.getuid() == 0:  # PostgreSQL does not run as root; a program changes the user, not a copy of this process
        shutil.chown(folder, "postgres", "postgres")
        as_whom = [shutil.which("runuser", path=os.environ["PATH"] + ":/usr/sbin:/sbin"), "-u", "postgres", "--"]
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]

    def run(program, *arguments):
        command = [*as_whom, programs() / program, *arguments]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL, cwd=folder)

    run("initdb", "-D", str(folder / "data"), "-U", "qy", "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync")
    options = f"-p {port} -h 127.0.0.1 -k {folder} -c fsync=off"
    run("pg_ctl", "-D", str(folder / "data"), "-l", str(folder / "log"), "-o", options, "-w", "start")
    try:
        run("createdb", "-h", "127.0.0.1", "-p", str(port), "-U", "qy", "qingyuan")
        yield f"postgresql://qy:p%40ss@127.0.0.1:{port}/qingyuan"
    finally:
        run("pg_ctl", "-D", str(folder / "data"), "-m", "immediate", "stop")
        shutil.rmtree(folder, ignore_errors=True)
