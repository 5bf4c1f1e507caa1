"""Blocks in NATS JetStream: one message a block on a stream with file storage, replicated where the setting says so.

What is promised: the server acknowledges a block when a majority of `replicas` servers have it. A server that runs
alone syncs its files only every two minutes unless its configuration says ``jetstream { sync_interval: always }``:
without that and without replicas a power cut may lose what was acknowledged (a killed server process does not).
Two writers cannot both append after the same block: the stream compares the number of its last message.
"""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import Coroutine, Iterator
from contextlib import contextmanager
from dataclasses import fields
from typing import Any
from urllib.parse import parse_qs, urlsplit

from qingyuan.base.errors import QingyuanError
from qingyuan.gateway.journal.blocks import Block
from qingyuan.gateway.journal.store import Overtaken, Tail

TIMEOUT = 20.0
"""Seconds to wait for the server."""

_WRONG_LAST_SEQUENCE = 10071

_PARTS = [field.name for field in fields(Block) if field.name not in ("first", "last", "day", "late")]


class NatsStore:
    """Blocks in a stream named after the journal. setting: ``nats://host:port[,host:port]?replicas=3``."""

    largest = 512 << 10  # a message may have 1 MiB by default

    def __init__(self, setting: str, name: str) -> None:
        address = urlsplit(setting)
        self.servers = [f"{address.scheme}://{host}" for host in address.netloc.split(",")]
        self.replicas = int(parse_qs(address.query).get("replicas", ["1"])[0])
        self.stream = f"qingyuan-{name}"
        self._lock = threading.RLock()
        self._sequence = 0
        self._loop = asyncio.new_event_loop()
        threading.Thread(target=self._loop.run_forever, daemon=True).start()
        self._client, self._js = self._run(self._connect())

    def _run(self, work: Coroutine[Any, Any, Any]) -> Any:
        from nats.errors import Error
        from nats.js.errors import NotFoundError

        try:
            return asyncio.run_coroutine_threadsafe(work, self._loop).result(TIMEOUT)
        except NotFoundError:
            return None
        except (Error, OSError, TimeoutError) as wrong:
            what = f"The journal's stream {self.stream} at {', '.join(self.servers)} does not answer ({wrong!r})"
            raise QingyuanError(what, "Look whether NATS runs with JetStream") from wrong

    async def _connect(self) -> tuple[Any, Any]:
        import nats
        from nats.js.api import RetentionPolicy, StorageType, StreamConfig
        from nats.js.errors import NotFoundError

        client = await nats.connect(self.servers, connect_timeout=5, max_reconnect_attempts=-1)
        stream = client.jetstream(timeout=TIMEOUT)
        try:
            await stream.stream_info(self.stream)
        except NotFoundError:
            config = StreamConfig(
                name=self.stream,
                subjects=[self.stream],
                storage=StorageType.FILE,
                retention=RetentionPolicy.LIMITS,
                num_replicas=self.replicas,
            )
            await stream.add_stream(config)
        return client, stream

    @contextmanager
    def alone(self) -> Iterator[None]:
        """One thread at a time; another process is refused by the number of the last message when it appends."""
        with self._lock:
            yield

    def tail(self) -> Tail:
        """The end of the chain now."""
        with self._lock:
            self._sequence = self._state().last_seq
            block = self._block(self._sequence) if self._sequence else None
        return Tail(block.last, block.day, block.head) if block else Tail()

    def append(self, block: Block) -> None:
        """Append the block after the tail last asked for; acknowledged by the server when it returns."""
        expected = {"Nats-Expected-Last-Sequence": str(self._sequence)}
        try:
            self._run(self._js.publish(self.stream, _packed(block), headers=expected))
        except QingyuanError as wrong:
            if getattr(wrong.__cause__, "err_code", None) == _WRONG_LAST_SEQUENCE:
                raise Overtaken(self.stream) from wrong
            raise

    def blocks(self, after: int, *, late_only: bool = False) -> Iterator[Block]:
        """Blocks with records above `after`."""
        state = self._state()
        for sequence in range(self._place(after + 1), state.last_seq + 1):
            block = self._block(sequence)
            if block and (block.late or not late_only):
                yield block

    def newest(self) -> Iterator[Block]:
        """Blocks from the newest on backwards."""
        state = self._state()
        for sequence in range(state.last_seq, max(state.first_seq, 1) - 1, -1):
            block = self._block(sequence)
            if block:
                yield block

    def newest_keys(self, records: int) -> list[bytes]:
        """The joined keys of the newest blocks, newest first."""
        last = self.tail().last
        return [block.keys for block in self.blocks(max(0, last - records))][::-1]

    def span(self) -> tuple[int, int]:
        """First and last record kept."""
        first = next(self.blocks(0), None)
        return (first.first, self.tail().last) if first else (1, 0)

    def remove(self, upto: int) -> None:
        """Remove blocks that end at or before `upto`."""
        self._run(self._js.purge_stream(self.stream, seq=self._place(upto + 1)))

    def close(self) -> None:
        """Close the connection."""
        self._run(self._client.close())
        self._loop.call_soon_threadsafe(self._loop.stop)

    def _state(self) -> Any:
        return self._run(self._js.stream_info(self.stream)).state

    def _block(self, sequence: int) -> Block | None:
        """The block of a message; None when it was removed from the stream."""
        message = self._run(self._js.get_msg(self.stream, sequence))
        return _unpacked(message.data) if message else None

    def _place(self, record: int) -> int:
        """Sequence of the first message that holds a record of that number or above: by halving."""
        state = self._state()
        low, high = max(state.first_seq, 1), state.last_seq + 1
        while low < high:
            middle = (low + high) // 2
            block = self._block(middle)
            if block is not None and block.last >= record:
                high = middle
            else:
                low = middle + 1
        return int(low)


def _packed(block: Block) -> bytes:
    """Lengths and plain values as a line of JSON, then the columns one after another."""
    columns = [getattr(block, name) for name in _PARTS]
    contents = [each.encode() if isinstance(each, str) else each for each in columns]
    head = {name: getattr(block, name) for name in ("first", "last", "day", "late")}
    return json.dumps({**head, "sizes": [len(each) for each in contents]}).encode() + b"\n" + b"".join(contents)


def _unpacked(message: bytes) -> Block:
    line, _, rest = message.partition(b"\n")
    head = json.loads(line)
    columns: dict[str, Any] = {}
    at = 0
    for name, size in zip(_PARTS, head.pop("sizes"), strict=True):
        content = rest[at : at + size]
        columns[name] = content.decode() if name in ("peers", "mns") else content
        at += size
    return Block(**head, **columns)
