"""The journal in a process of its own, so that hashing and storing take another core than the connections.

``python -m qingyuan.gateway.journal.apart DATA NAME`` is that process: questions on its standard input, answers on its
standard output, each with its length before it. It ends, with an anchor, when the input does; if the gateway is
killed, what it was storing is stored as a whole or not at all.
"""

from __future__ import annotations

import fcntl
import marshal
import signal
import struct
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any, BinaryIO

from qingyuan.base.errors import QingyuanError
from qingyuan.gateway.journal.blocks import Columns
from qingyuan.gateway.journal.journal import Appended, Journal

_LENGTH = struct.Struct("<Q")
_PIPE = 1 << 20


class JournalApart:
    """What the gateway asks of a journal, done by the other process; one question at a time."""

    def __init__(self, data: Path, name: str) -> None:
        self._command = [sys.executable, "-m", __name__, str(data), name]
        self._lock = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None
        self._ask("hello")

    def append_columns(self, columns: Columns) -> Appended:
        """As `Journal.append_columns`. QingyuanError when they could not be stored."""
        last, first, numbers = self._ask("append", tuple(columns))
        return Appended(last, range(first, first + len(columns.raws)) if first else numbers)

    def anchor(self) -> None:
        """As `Journal.anchor`."""
        self._ask("anchor")

    def close(self) -> None:
        """Anchor and end the other process."""
        with self._lock:
            if self._process and self._process.stdin:
                self._process.stdin.close()
                self._process.wait()
                self._process = None

    def _ask(self, what: str, given: Any = None) -> Any:
        with self._lock:
            try:
                process = self._running()
                _send(process.stdin, (what, given))  # type: ignore[arg-type]
                answer = _receive(process.stdout)  # type: ignore[arg-type]
            except OSError as wrong:
                answer = self._bury(str(wrong))
            answer = answer or self._bury("no answer")
        if answer[0] == "failed":
            raise QingyuanError(f"The journal does not take frames ({answer[1]})", "Look at its disk or server")
        return answer[1]

    def _bury(self, why: str) -> tuple[str, str]:
        """The process is at an end: the next question begins another one."""
        if self._process:
            self._process.kill()
            self._process.wait()
            self._process = None
        return "failed", f"its process ended: {why}"

    def _running(self) -> subprocess.Popen[bytes]:
        """The process, begun when there is none."""
        if self._process is None:
            # our own interpreter and module; its own session, so that a Ctrl-C reaches only the gateway
            self._process = subprocess.Popen(  # noqa: S603
                self._command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, start_new_session=True
            )
            fcntl.fcntl(self._process.stdin, fcntl.F_SETPIPE_SZ, _PIPE)  # type: ignore[arg-type]
        return self._process


def _send(stream: BinaryIO, message: Any) -> None:
    content = marshal.dumps(message)
    stream.write(_LENGTH.pack(len(content)))
    stream.write(content)
    stream.flush()


def _receive(stream: BinaryIO) -> Any:
    """A message; None at the end of the stream."""
    length = stream.read(_LENGTH.size)
    if len(length) < _LENGTH.size:
        return None
    content = stream.read(_LENGTH.unpack(length)[0])
    return marshal.loads(content)  # noqa: S302 - written by our own other end of the pipe


def _done(journal: Journal, what: str, given: Any) -> Any:
    if what == "append":
        appended = journal.append_columns(Columns(*given))
        whole = isinstance(appended.numbers, range)
        return appended.last, appended.numbers[0] if whole else 0, None if whole else list(appended.numbers)
    if what == "anchor":
        journal.anchor()
    return None


def _serve(journal: Journal) -> None:
    asked, answers = sys.stdin.buffer, sys.stdout.buffer
    while (message := _receive(asked)) is not None:
        try:
            answer = ("done", _done(journal, *message))
        except Exception as wrong:  # told to the gateway, which answers no device then
            answer = ("failed", f"{type(wrong).__name__}: {wrong}")
        _send(answers, answer)


def main() -> None:
    """Serve one gateway until it ends."""
    from qingyuan.gateway.journal import open_journal

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, signal.SIG_IGN)  # the end of the input is the sign to end
    try:
        journal = open_journal(Path(sys.argv[1]), sys.argv[2])
    except QingyuanError as wrong:
        sys.exit(f"journal: {wrong}")
    try:
        _serve(journal)
    except BrokenPipeError:
        pass
    finally:
        journal.close()


if __name__ == "__main__":
    main()
