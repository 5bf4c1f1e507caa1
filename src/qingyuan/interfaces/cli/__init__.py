"""The command ``qingyuan``: one module a sub-command, each with ``add(commands)``.

Exit status: 0 done, 2 unreadable input or wrong usage, 3 with --strict when anything was rejected.
"""

from __future__ import annotations

import argparse
import importlib
import pkgutil
import sys
from collections.abc import Sequence

from qingyuan import __version__
from qingyuan.base.errors import QingyuanError


def parser() -> argparse.ArgumentParser:
    """The command line with every sub-command found in this package."""
    top = argparse.ArgumentParser(prog="qingyuan", description="Qingyuan 清源: lawful environmental results")
    top.add_argument("--version", action="version", version=f"qingyuan {__version__}")
    commands = top.add_subparsers(title="commands", metavar="COMMAND", required=True)
    for module in sorted(pkgutil.iter_modules(__path__), key=lambda each: each.name):
        if module.name.startswith("_"):
            continue
        command = importlib.import_module(f"{__name__}.{module.name}")
        if hasattr(command, "add"):
            command.add(commands)
    return top


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; returns its exit status and never shows a traceback for what a user can mend."""
    options = parser().parse_args(arguments)
    try:
        return int(options.run(options) or 0)
    except QingyuanError as problem:
        print(f"qingyuan: {problem}", file=sys.stderr)
        return 2
    except BrokenPipeError:
        sys.stderr.close()
        return 0
    except KeyboardInterrupt:
        print("qingyuan: stopped", file=sys.stderr)
        return 130
