"""A progress bar on the error stream: what is being done, how far, how long; plain lines in a log."""

from __future__ import annotations

import sys
import time
from typing import TextIO

WIDTH = 28


class Bar:
    """Draws one line and draws it again; `done` ends it. Safe to call thousands of times."""

    def __init__(self, title: str, stream: TextIO | None = None) -> None:
        self.title = title
        self.stream = stream or sys.stderr
        self.live = self.stream.isatty()
        self.began = time.monotonic()
        self.drawn = -1.0
        self.said = ""

    def __call__(self, what: str, done: int, total: int) -> None:
        """Show `what`, with `done` of `total` parts done."""
        share = done / total if total else 1.0
        if self.live:
            self._draw(what, share)
        elif share - self.drawn >= 0.25 or self.drawn < 0:
            self.drawn = share
            self.stream.write(f"{self.title}: {share:4.0%} {what}\n")

    def _draw(self, what: str, share: float) -> None:
        filled = round(share * WIDTH)
        line = f"{self.title} [{'#' * filled}{'.' * (WIDTH - filled)}] {share:4.0%} {what}"
        self.stream.write(f"\r{line:<{len(self.said)}}")
        self.stream.flush()
        self.said = line

    def done(self, what: str) -> None:
        """End the line with what was done and how long it took."""
        seconds = time.monotonic() - self.began
        line = f"{self.title}: {what} ({seconds:.0f} s)"
        start = f"\r{line:<{len(self.said)}}" if self.live else line
        self.stream.write(f"{start}\n")
        self.stream.flush()
