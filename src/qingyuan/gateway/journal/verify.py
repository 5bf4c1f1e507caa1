"""Proof of a journal: every record against its hash, every block against the chain, the chain against the anchors."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from qingyuan.base.errors import QingyuanError
from qingyuan.gateway.journal.anchors import Anchor
from qingyuan.gateway.journal.blocks import KEY, START, Block, head_of
from qingyuan.gateway.journal.journal import Journal
from qingyuan.gateway.journal.store import Damaged


@dataclass(frozen=True)
class Fault:
    """The first record that is not as it was, and what is wrong with it."""

    record: int
    reason: str


def verify(journal: Journal) -> Fault | None:
    """The first fault of the journal, None when there is none. Frames may come in meanwhile."""
    fault = _look(journal)
    # a day that began between the anchors and the blocks looks like one without anchor: look once more
    return fault and _look(journal)


def _look(journal: Journal) -> Fault | None:
    try:
        anchors = journal.anchors.all()
    except QingyuanError as wrong:
        return Fault(0, str(wrong))
    return _Walk(anchors).through(journal.blocks())


class _Walk:
    """One walk along the chain."""

    def __init__(self, anchors: Iterable[Anchor]) -> None:
        self.anchors = [each for each in anchors if not each.removed]
        self.gone = max((each.last for each in anchors if each.removed), default=0)
        self.by_day = {each.day: each for each in self.anchors}
        self.heads = {each.last: each for each in self.anchors if each.last >= each.first}
        self.last = self.gone
        self.head = next(
            (bytes.fromhex(each.head) for each in anchors if each.removed and each.last == self.gone), START
        )

    def through(self, blocks: Iterable[Block]) -> Fault | None:
        """Walk; gives the first fault."""
        try:
            for block in blocks:
                fault = _fault_within(block) or self._fault_of_place(block) or self._fault_of_anchor(block)
                if fault:
                    return fault
                self.last, self.head = block.last, block.head
        except (Damaged, ValueError, TypeError, AttributeError) as wrong:
            return Fault(self.last + 1, f"the journal cannot be read from here on ({wrong})")
        return self._fault_of_end()

    def _fault_of_place(self, block: Block) -> Fault | None:
        if block.first != self.last + 1:
            return Fault(self.last + 1, f"records {self.last + 1} to {block.first - 1} are missing")
        if head_of(block, block.leaves(), self.head) != block.head:
            what = f"the chain breaks at records {block.first} to {block.last}"
            return Fault(block.first, f"{what}: time, peer, device, order or bytes were changed")
        return None

    def _fault_of_anchor(self, block: Block) -> Fault | None:
        anchor = self.by_day.get(block.day)
        if anchor is None:
            return Fault(block.first, f"the day {block.day} has no anchor")
        inside = anchor.first <= block.first
        anchored = [each for at, each in self.heads.items() if block.first <= at <= block.last]
        if not inside or any(each.last != block.last or each.head != block.head.hex() for each in anchored):
            return Fault(block.first, f"the chain at record {block.last} is not the one that was anchored")
        return None

    def _fault_of_end(self) -> Fault | None:
        furthest = max((each.last for each in self.anchors), default=0)
        if furthest > self.last:
            return Fault(self.last + 1, f"records {self.last + 1} to {furthest} were anchored and are missing")
        return None


def _fault_within(block: Block) -> Fault | None:
    """The first record whose bytes are not those of its key, or a column that lost entries."""
    count = block.last - block.first + 1
    counts = {len(block.received) // 8, len(block.sizes) // 4, len(block.lates), len(block.keys) // KEY}
    counts |= {block.mns.count("\n") + 1, block.peers.count("\n") + 1}
    if counts != {count} or block.ends()[-1] != len(block.raw):
        return Fault(block.first, f"the block of records {block.first} to {block.last} does not hold {count} of them")
    for place, each in enumerate(block.leaves()):
        if each[:KEY] != block.keys[place * KEY : (place + 1) * KEY]:
            return Fault(block.first + place, "its bytes were changed")
    return None
