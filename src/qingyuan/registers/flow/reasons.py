"""Why an act is refused: reasons a person can act on, in both languages."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from qingyuan.base.errors import QingyuanError
from qingyuan.registers.flow.declared import Words


@dataclass(frozen=True)
class Reason:
    """One reason. code: for programs; words: what is wrong and what to do; field: where, empty for the whole record."""

    code: str
    words: Words
    field: str = ""


class Refused(QingyuanError):
    """An act that must not be; every reason is told at once."""

    def __init__(self, reasons: Iterable[Reason]) -> None:
        self.reasons = tuple(reasons)
        super().__init__("; ".join(reason.words.en for reason in self.reasons))

    def of(self, language: str) -> list[str]:
        """The reasons in a language."""
        return [reason.words.of(language) for reason in self.reasons]


class Conflict(Refused):
    """Somebody else acted since the record was looked at; the reasons say who changed what, and when."""
