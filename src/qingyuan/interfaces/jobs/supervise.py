"""The processes of one machine kept running: one that ends is started again; all end together."""

from __future__ import annotations

import signal
import subprocess
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

LONGEST_PAUSE = 60.0
PATIENCE = 20.0
"""Seconds a process has to end cleanly before it is killed."""

Tell = Callable[[str], None]


@dataclass
class Process:
    """One process: its name, its command, and how it has fared."""

    name: str
    command: Sequence[str]
    running: subprocess.Popen[bytes] | None = None
    pause: float = 1.0
    due: float = 0.0
    since: float = field(default=0.0)

    def start(self) -> None:
        """Start it now, in a group of its own, so that a key pressed at the terminal reaches the supervisor only."""
        self.running = subprocess.Popen(self.command, start_new_session=True)  # noqa: S603 - our own commands
        self.since = time.monotonic()

    def look(self, tell: Tell) -> None:
        """Start it when it is due; when it has ended, say so and set when it is due again."""
        now = time.monotonic()
        if self.running is None:
            if now >= self.due:
                self.start()
        elif self.running.poll() is not None:
            self.pause = 1.0 if now - self.since > LONGEST_PAUSE else min(self.pause * 2, LONGEST_PAUSE)
            tell(f"{self.name} ended with {self.running.returncode}; started again in {self.pause:.0f} s")
            self.running, self.due = None, now + self.pause

    def end(self) -> None:
        """Ask it to end, and kill it when it does not."""
        if self.running is None:
            return
        self.running.terminate()
        try:
            self.running.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            self.running.kill()
            self.running.wait()


def supervise(processes: Sequence[Process], tell: Tell, stop: threading.Event | None = None) -> None:
    """Keep the processes running until SIGTERM, SIGINT or `stop`; they end in the opposite order."""
    stopped = stop or _on_signal()
    try:
        while not stopped.is_set():
            for process in processes:
                process.look(tell)
            stopped.wait(0.5)
    finally:
        for process in reversed(processes):
            process.end()


def _on_signal() -> threading.Event:
    stopped = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stopped.set())
    return stopped
