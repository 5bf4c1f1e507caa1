"""Errors a user can act on: what happened, on which record, what to do next."""

from __future__ import annotations


class QingyuanError(Exception):
    """A failure to be told to the user as one readable sentence, without traceback.

    what: what happened and on which record; todo: what to do next.
    """

    def __init__(self, what: str, todo: str = "") -> None:
        super().__init__(f"{what}. {todo}" if todo else what)
        self.what = what
        self.todo = todo


class UnreadableInput(QingyuanError):
    """A file that cannot be read at all (exit status 2)."""


class NothingToAssess(UnreadableInput):
    """There are observations, but none that the assessment could use."""


class WrongUsage(QingyuanError):
    """A command or call with arguments that do not fit (exit status 2)."""


class UnknownLaw(QingyuanError):
    """The law library has no such standard, item or value for that date."""
