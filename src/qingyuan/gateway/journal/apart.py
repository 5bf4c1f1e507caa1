"""The journal in a process of its own, so that hashing and storing take another core than the connections.

Group commit happens here: what has come while the disk was busy goes to it together.

``python -m qingyuan.gateway.journal.apart DATA NAME`` is that process: questions on its standard input, answers on its
standard output, each with its length before it. It ends, with an anchor, when the input does; if the gateway is
killed, what it was storing is stored as a whole or not at all.
"""

from __future__ import annotations

import asyncio
import fcntl
import marshal
import os
import signal
import struct
import sys
from collections import deque
from collections.abc import Iterator
from itertools import accumulate
from pathlib import Path
from typing import Any

from qingyuan.base.errors import QingyuanError
from qingyuan.gateway.journal.blocks import Columns
from qingyuan.gateway.journal.journal import Appended, Journal

_LENGTH = struct.Struct("<Q")
_PIPE = 1 << 20


class JournalApart:
    """What the gateway asks of a journal, done by the other process in the order asked; it begins when first asked."""

    def __init__(self, data: Path, name: str) -> None:
        self._command = [sys.executable, "-m", __name__, str(data), name]
        self._asking: asyncio.WriteTransport
        self._process: asyncio.subprocess.Process | None = None
        self._reading: asyncio.Task[None] | None = None
        self._lock = asyncio.Lock()
        self._waiting: deque[asyncio.Future[Any]] = deque()

    async def start(self) -> None:
        """Begin, and see whether the journal can be opened. QingyuanError when it cannot."""
        await self._ask("hello")

    async def append_columns(self, columns: Columns) -> Appended:
        """As `Journal.append_columns`. QingyuanError when they could not be stored."""
        last, first, numbers = await self._ask("append", tuple(columns))
        return Appended(last, range(first, first + len(columns.raws)) if first else numbers)

    async def anchor(self) -> None:
        """As `Journal.anchor`; nothing when nothing was ever asked."""
        if self._process is not None:
            await self._ask("anchor")

    async def close(self) -> None:
        """Anchor and end the other process."""
        if self._process is not None:
            self._asking.close()
            await self._process.wait()
        if self._reading is not None:
            await self._reading

    async def _ask(self, what: str, given: Any = None) -> Any:
        async with self._lock:
            if self._process is None:
                await self._begin()
        answer = asyncio.get_running_loop().create_future()
        self._waiting.append(answer)
        content = marshal.dumps((what, given))
        self._asking.write(_LENGTH.pack(len(content)) + content)
        state, told = await answer
        if state == "failed":
            raise QingyuanError(f"The journal does not take frames ({told})", "Look at its disk or server")
        return told

    async def _begin(self) -> None:
        theirs, ours = os.pipe()
        fcntl.fcntl(ours, fcntl.F_SETPIPE_SZ, _PIPE)  # a whole commit fits: it is written at once
        # our own interpreter and module; its own session, so that a Ctrl-C reaches only the gateway
        process = await asyncio.create_subprocess_exec(
            *self._command, stdin=theirs, stdout=asyncio.subprocess.PIPE, start_new_session=True
        )
        os.close(theirs)
        loop = asyncio.get_running_loop()
        self._asking, _ = await loop.connect_write_pipe(asyncio.BaseProtocol, os.fdopen(ours, "wb", 0))
        self._process = process
        self._reading = loop.create_task(self._read(process))

    async def _read(self, process: asyncio.subprocess.Process) -> None:
        """Hand every answer to who waits for it; at the end of the process nobody waits in vain."""
        stream: Any = process.stdout
        try:
            while True:
                length = _LENGTH.unpack(await stream.readexactly(_LENGTH.size))[0]
                answer = marshal.loads(await stream.readexactly(length))  # noqa: S302 - our own other end
                self._waiting.popleft().set_result(answer)
        except (asyncio.IncompleteReadError, ConnectionError):
            self._process = None
            while self._waiting:
                self._waiting.popleft().set_result(("failed", "its process ended"))


def _messages(descriptor: int) -> Iterator[list[Any]]:
    """All messages that have come, each time at least one, until the stream ends."""
    rest = b""
    while more := os.read(descriptor, _PIPE):
        rest, found = rest + more, []
        while len(rest) >= 8 and len(rest) >= (end := 8 + _LENGTH.unpack_from(rest)[0]):
            found.append(marshal.loads(rest[8:end]))  # noqa: S302 - written by our own other end
            rest = rest[end:]
        if found:
            yield found


def _answers(journal: Journal, messages: list[Any]) -> list[Any]:
    """What came together is stored in one commit, and answered each for itself."""
    appends = [Columns(*given) for what, given in messages if what == "append"]
    try:
        numbers = _append(journal, appends) if appends else iter(())
        if any(what == "anchor" for what, _ in messages):
            journal.anchor()
    except Exception as wrong:  # told to the gateway, which answers no device then
        return [("failed", f"{type(wrong).__name__}: {wrong}")] * len(messages)
    return [("done", next(numbers) if what == "append" else None) for what, _ in messages]


def _append(journal: Journal, appends: list[Columns]) -> Iterator[tuple[int, int, list[int] | None]]:
    """Of each append the newest record, and the first number when all are new, else all numbers."""
    appended = journal.append_columns(Columns.together(appends))
    ends = accumulate(len(each.raws) for each in appends)
    parts = [appended.numbers[end - len(each.raws) : end] for end, each in zip(ends, appends, strict=True)]
    return iter(
        [
            (appended.last, part[0], None) if isinstance(part, range) else (appended.last, 0, list(part))
            for part in parts
        ]
    )


def _serve(journal: Journal) -> None:
    for messages in _messages(sys.stdin.fileno()):
        told = [marshal.dumps(answer) for answer in _answers(journal, messages)]
        sys.stdout.buffer.write(b"".join(_LENGTH.pack(len(each)) + each for each in told))
        sys.stdout.buffer.flush()


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
