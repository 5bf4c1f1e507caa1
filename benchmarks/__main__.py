"""``python -m benchmarks [STATIONS]``: every figure in one run."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path

from benchmarks import assessments


def main() -> None:
    """Assessments, sources, lake, pages, a report, 100,000 cases, HJ 212, the gateway and its journals, tampering found."""
    stations = int(sys.argv[1]) if len(sys.argv) > 1 else 1600
    with tempfile.TemporaryDirectory(prefix="qingyuan-bench-") as folder:
        assessments.main(Path(folder), stations)
        _run("lake_append")
        _run("pages", folder)
        _run("report", folder)
        _run("cases")
        _run("findings")
        _run("hj212")
        _run("gateway")
        _run("jetstream")
        _run("kill", "20")
        _run("registers")
        _run("year_end")
        sources = Path(os.environ.get("QINGYUAN_SHARED", "../shared")) / "data" / "sources"
        if sources.is_dir():
            _run("tampering", str(sources))
        else:
            print(f"tampering: not measured, there are no clean series in {sources} (set QINGYUAN_SHARED)")


def _run(name: str, *arguments: str) -> None:
    subprocess.run([sys.executable, "-m", f"benchmarks.{name}", *arguments], check=True)


if __name__ == "__main__":
    main()
