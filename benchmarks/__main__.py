"""``python -m benchmarks [STATIONS]``: every figure in one run."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path

from benchmarks import assessments


def main() -> None:
    """Assessments, the lake, the pages, the codec of HJ 212, the gateway and its survival of kill -9."""
    stations = int(sys.argv[1]) if len(sys.argv) > 1 else 1600
    with tempfile.TemporaryDirectory(prefix="qingyuan-bench-") as folder:
        assessments.main(Path(folder), stations)
        subprocess.run([sys.executable, "-m", "benchmarks.lake_append"], check=True)
        subprocess.run([sys.executable, "-m", "benchmarks.pages", folder], check=True)
        subprocess.run([sys.executable, "-m", "benchmarks.hj212"], check=True)
        subprocess.run([sys.executable, "-m", "benchmarks.gateway"], check=True)
        subprocess.run([sys.executable, "-m", "benchmarks.kill", "20"], check=True)


if __name__ == "__main__":
    main()
