"""Malformed HJ 212 through framer, decoder and bulk: no crash, no growth, no lost good frame after a bad one.

``python -m benchmarks.fuzz_hj212 [COUNT] [--guided SECONDS]``: COUNT (a million) mutations of good frames, and a
coverage-guided run where `atheris` is installed (it is no dependency of the project).
"""

from __future__ import annotations

import argparse
import gc
import random
import resource
import subprocess
import sys
import time
from collections import Counter

GOOD = (
    b"##0101QN=20160801085857223;ST=32;CN=1062;PW=100000;MN=010000A8900016F000169DC0;Flag=5;"
    b"CP=&&RtdInterval=30&&1C80\r\n"
)
_BATCH = 1000
_TOKENS = (b"##", b"&&", b"\r\n", b";", b",", b"=", b"CP=&&", b"Flag=9;", b"QN=", b"MN=", b"##0101QN=", b"\0", b"\xff")


def seeds() -> list[bytes]:
    """Good frames of all editions: plain, split, enciphered in both forms, answers."""
    from qingyuan.gateway.hj212 import sm4
    from qingyuan.gateway.hj212.encode import Sender

    factors = {f"a{21000 + n}": {"Min": "1.25", "Avg": "2.5", "Max": "3.75", "Flag": "N"} for n in range(30)}
    few = dict(list(factors.items())[:3])
    params = {"DataTime": "20261126095000"}
    senders = [Sender(edition, "31", "123456", "88888880000001") for edition in ("2005", "2017", "2025")]
    senders += [Sender("2025", "31", "123456", "88888880000001", sm4.TEST_KEY, as_text) for as_text in (False, True)]
    found = [GOOD]
    for sender in senders:
        found += sender.frames("2051", "20261126100000123", params, factors)
        found += sender.frames("2011", "20261126100000123", params, few, resent=True)
        found += sender.frames("9011", "20261126100000123", {"QnRtn": "1"}, reply=False)
    return found


def damaged(good: bytes, chance: random.Random) -> bytes:
    """A frame after one to eight small accidents."""
    frame = bytearray(good)
    for _ in range(chance.randint(1, 8)):
        at = chance.randrange(len(frame) + 1)
        kind = chance.randrange(6)
        if kind == 0:
            frame[at : at + 1] = bytes([chance.randrange(256)])
        elif kind == 1:
            del frame[at : at + chance.choice((1, 2, 8, 200))]
        elif kind == 2:
            frame[at:at] = chance.choice(_TOKENS)
        elif kind == 3:
            frame[at:at] = frame[chance.randrange(len(frame) + 1) :][:60]
        elif kind == 4:
            frame[2:6] = b"%04d" % chance.randrange(10_000)
        else:
            frame[at:at] = chance.randbytes(chance.randrange(30))
    return bytes(frame)


class Trial:
    """One connection after another, each fed bad and good frames in pieces of any size."""

    def __init__(self, chance: random.Random) -> None:
        from qingyuan.gateway.hj212.framing import Framer

        self.chance, self.counts = chance, Counter[str]()
        self._framer, self._records = Framer(), []

    def run(self, bad: bytes) -> None:
        """Bad bytes, then a good frame that must come out; all that comes out is read in every way."""
        from qingyuan.gateway.hj212.framing import Frame

        stream, size = bad + GOOD, self.chance.choice((1 << 20, 1 << 20, 1460, 97, 13))
        pieces = [piece for at in range(0, len(stream), size) for piece in self._framer.feed(stream[at : at + size])]
        assert sum(len(piece.raw) for piece in pieces) == len(stream), "bytes kept back after a good frame"
        found = [piece for piece in pieces if isinstance(piece, Frame)]
        assert found and found[-1].raw == GOOD, f"good frame lost after {bad!r}"
        for frame in found[:-1]:
            self.read(frame)
        self.counts["inputs"] += 1

    def read(self, frame) -> None:
        """Head, reply, meaning; and by thousands in bulk."""
        from qingyuan.gateway.hj212 import bulk, head, replies, sm4
        from qingyuan.gateway.hj212.decode import decode

        replies.reply(head.read(frame.segment))
        self.counts[decode(frame, [sm4.TEST_KEY]).crc_status] += 1
        self._records.append((len(self._records), 0, "", frame.raw))
        if len(self._records) == _BATCH:
            found = bulk.decode(self._records, lambda mn: [sm4.TEST_KEY])
            self.counts["rows"] += found.observations.num_rows
            self._records = []


def main() -> None:
    """The mutations, then the guided run."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("count", nargs="?", type=int, default=1_000_000)
    parser.add_argument("--guided", type=int, default=0, metavar="SECONDS")
    parser.add_argument("--seed", type=int, default=212)
    options = parser.parse_args()
    mutate(options.count, random.Random(options.seed))
    if options.guided:
        code = f"from benchmarks.fuzz_hj212 import guided; guided({options.guided})"
        done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
        told = [line for line in done.stderr.splitlines() if "cov:" in line or "DONE" in line or "Error" in line]
        print("coverage-guided:", "passed" if done.returncode == 0 else "FAILED", *told[-2:], sep="\n  ")
        sys.exit(done.returncode)


def mutate(count: int, chance: random.Random) -> None:
    """So many damaged frames; prints what became of them, and what is kept in memory at each fifth."""
    trial, good, begun, kept = Trial(chance), seeds(), time.perf_counter(), []
    for number in range(count):
        trial.run(damaged(chance.choice(good), chance))
        if (number + 1) % max(1, count // 5) == 0:
            kept.append(objects_kept())
    seconds, peak = time.perf_counter() - begun, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    print(f"fuzz HJ 212: {count} malformed inputs in {seconds:.0f} s, no crash, no good frame lost")
    print(f"  frames found among the malformed: {dict(trial.counts)}")
    print(f"  objects kept at each fifth beside the bounded caches: {kept}; peak memory {peak} MB")
    assert kept[-1] <= kept[0] + 2 * _BATCH, "memory grows with the number of inputs"


def objects_kept() -> int:
    """Objects the collector knows, the caches of known heads emptied."""
    from qingyuan.gateway.hj212 import bulk, columns, head, replies

    head._known.clear()
    replies._tails.clear()
    bulk._front.cache_clear()
    columns._meaning.cache_clear()
    gc.collect()
    return len(gc.get_objects())


def guided(seconds: int) -> None:
    """The same by coverage, for so long; ends the process."""
    import atheris

    with atheris.instrument_imports(include=["qingyuan.gateway"]):
        import qingyuan.gateway.hj212.bulk
        import qingyuan.gateway.hj212.encode  # noqa: F401
    chance = random.Random(1)
    trial = Trial(chance)
    corpus = seeds()

    def one(raw: bytes) -> None:
        chance.seed(len(raw))
        trial.run(raw if len(raw) % 3 else chance.choice(corpus)[: len(raw)] + raw)

    atheris.Setup([sys.argv[0], f"-max_total_time={seconds}", "-max_len=2000", "-verbosity=1"], one)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
