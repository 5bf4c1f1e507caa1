"""``python -m benchmarks [STATIONS]``: every figure in one run."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path

from benchmarks import assessments


def main() -> None:
    """Assessments, then appending to the lake, the pages, the codec of HJ 212, and the tampering found."""
    stations = int(sys.argv[1]) if len(sys.argv) > 1 else 1600
    with tempfile.TemporaryDirectory(prefix="qingyuan-bench-") as folder:
        assessments.main(Path(folder), stations)
        subprocess.run([sys.executable, "-m", "benchmarks.lake_append"], check=True)
        subprocess.run([sys.executable, "-m", "benchmarks.pages", folder], check=True)
        subprocess.run([sys.executable, "-m", "benchmarks.hj212"], check=True)
        sources = Path(os.environ.get("QINGYUAN_SHARED", "../shared")) / "data" / "sources"
        if sources.is_dir():
            subprocess.run([sys.executable, "-m", "benchmarks.tampering", str(sources)], check=True)
        else:
            print(f"tampering: not measured, there are no clean series in {sources} (set QINGYUAN_SHARED)")


if __name__ == "__main__":
    main()
