"""HJ 212 on one core: sums, framing, replies, reading one by one and in bulk (13 factors a frame)."""

from __future__ import annotations

import random
import time
from collections.abc import Callable

from qingyuan.gateway.hj212 import bulk, checksum, head, replies, sm4
from qingyuan.gateway.hj212.decode import decode
from qingyuan.gateway.hj212.encode import Sender
from qingyuan.gateway.hj212.framing import Framer

FRAMES = 20_000


def frames(count: int, edition: str = "2017", key: bytes | None = None) -> list[bytes]:
    """Real-time data of 200 devices."""
    chance, made = random.Random(212), []
    for number in range(count):
        factors = {f"a{21000 + n}": {"Rtd": f"{chance.random() * 100:.2f}", "Flag": "N"} for n in range(13)}
        sender = Sender(edition, "31", "123456", f"010000A8900016F000169D{number % 200:02X}", key)
        made += sender.frames("2011", f"{20261126100000000 + number % 60000}", {"DataTime": "20261126100000"}, factors)
    return made


def rate(work: Callable[[], object], count: int) -> float:
    """How many a second of processor time; the best of three runs."""
    best = float("inf")
    for _ in range(3):
        begun = time.process_time()
        work()
        best = min(best, time.process_time() - begun)
    return count / best


def by_lines(stream: bytes) -> int:
    """The usual public way, as a measure: a line a frame, table of 256, split."""
    table, count = [checksum.checksum(bytes([byte])) for byte in range(256)], 0
    for line in stream.split(b"\r\n"):
        register = 0xFFFF
        for byte in line[6:-4]:
            register = table[register >> 8 ^ byte ^ 0xFF]
        items = line[6:-4].replace(b",", b";").split(b";")
        count += len(dict(item.split(b"=", 1) for item in items if b"=" in item)) > 0
    return count


def main() -> None:
    """Print the figures."""
    made = frames(FRAMES)
    stream, segments = b"".join(made), [frame[6:-6] for frame in made]
    heads = [head.read(segment) for segment in segments]
    records = [(number, 0, "", frame) for number, frame in enumerate(made)]
    sealed = [(n, 0, "", frame) for n, frame in enumerate(frames(FRAMES // 4, "2025", sm4.TEST_KEY))]
    chunks = [stream[at : at + 65536] for at in range(0, len(stream), 65536)]
    one = decode(made[0])
    assert one.crc_status == "valid" and len(one.factors) == 13
    batches = [records[at : at + 4000] for at in range(0, FRAMES, 4000)]
    print(f"HJ 212, frames of {len(made[0])} bytes, 13 factors, a second of one core:")
    figures = {
        "sum": rate(lambda: [checksum.text(segment) for segment in segments], FRAMES),
        "framing with sum": rate(lambda: list(map(Framer().feed, chunks)), FRAMES),
        "head and reply 9014": rate(lambda: [replies.reply(head.read(segment)) for segment in segments], FRAMES),
        "reply 9014 alone": rate(lambda: [replies.reply(each) for each in heads], FRAMES),
        "read one by one": rate(lambda: [decode(frame) for frame in made[:2000]], 2000),
        "read in bulk into Arrow": rate(lambda: [bulk.decode(batch) for batch in batches], FRAMES),
        "read in bulk, enciphered": rate(lambda: bulk.decode(sealed, lambda mn: [sm4.TEST_KEY]), len(sealed)),
        "lines, table and split (the usual way)": rate(lambda: by_lines(b"".join(made[:1000])), 1000),
    }
    for name, figure in figures.items():
        print(f"  {name:40} {figure:10,.0f}")


if __name__ == "__main__":
    main()
