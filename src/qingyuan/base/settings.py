"""Where the platform keeps its data."""

from __future__ import annotations

import os
from pathlib import Path


def data_dir() -> Path:
    """The data folder: ``QINGYUAN_DATA``, else ``var`` under the present folder."""
    return Path(os.environ.get("QINGYUAN_DATA", "var")).resolve()
