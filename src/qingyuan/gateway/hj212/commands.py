"""The commands of HJ 212 by edition, and the closed lists around them: marks, systems, answers, results."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path

from qingyuan.standards.schema import Entry, read

FILE = Path(__file__).parent / "commands.yaml"
"""The table of commands."""

_DOWN = ("request", "notice", "answer")
_UP = ("upload", "notice", "answer", "data")


@dataclass(frozen=True)
class Word:
    """A code's meaning in both languages."""

    code: str
    zh: str
    en: str


@dataclass(frozen=True)
class Command:
    """One meaning of a command number.

    editions: those that have it (none: an extension); down, up: what it is from the host and from the field,
    empty when it does not go that way; asks, gives: names in CP; factor: fields a factor; see commands.yaml.
    """

    cn: str
    editions: tuple[str, ...]
    title: Word
    down: str
    up: str
    asks: tuple[str, ...]
    optional: tuple[str, ...]
    gives: tuple[str, ...]
    factor: tuple[str, ...]
    confidence: str

    @property
    def brings_data(self) -> bool:
        """Whether a request is answered with data, besides 9011 and 9012."""
        return self.down == "request" and self.up in ("data", "upload")


def command(cn: str, edition: str) -> Command | None:
    """What a number means in an edition; a number of other editions only is still named; None when unknown.

    Real devices send commands of a newer edition under an older Flag: the nearest meaning is given then.
    """
    meanings = _table().get(cn, ())
    for each in meanings:
        if edition in each.editions:
            return each
    return meanings[-1] if meanings else None


def all_commands() -> list[Command]:
    """Every meaning of every number, by number."""
    return [each for meanings in _table().values() for each in meanings]


def mark(edition: str, letter: str) -> Word | None:
    """What a data mark means in an edition; None for a mark it does not have."""
    return _words("marks", edition).get(letter)


def running_state(code: str) -> Word | None:
    """The state of a device (SBx-RS)."""
    return _words("running_states").get(code)


def system(st: str) -> Word | None:
    """The system a code (ST) stands for."""
    return _words("systems").get(st)


def qn_return(code: str) -> Word | None:
    """The answer to a request (QnRtn of 9011)."""
    return _words("qn_return").get(code)


def execution(code: str) -> Word | None:
    """The result of a request (ExeRtn of 9012)."""
    return _words("execution").get(code)


@cache
def _table() -> dict[str, tuple[Command, ...]]:
    file = read(FILE).inner("commands")
    return {cn: tuple(_command(cn, each, file) for each in file.take(cn, list)) for cn in file.content}


def _command(cn: str, content: object, file: Entry) -> Command:
    entry = Entry(content, file.file, f"commands.{cn}")
    zh, en = entry.words("title")
    down, up = entry.take("down", str, ""), entry.take("up", str, "")
    if down not in ("", *_DOWN) or up not in ("", *_UP) or not (down or up):
        entry.wrong("down", f"{down!r} and {up!r} are no ways of a command")
    names = {key: tuple(entry.take(key, list, [])) for key in ("asks", "optional", "gives", "factor")}
    found = Command(
        cn=cn,
        editions=tuple(entry.take("editions", list)),
        title=Word(cn, zh, en),
        down=down,
        up=up,
        confidence=entry.take("confidence", str, "two_sources"),
        **names,
    )
    entry.done()
    return found


@cache
def _words(*path: str) -> dict[str, Word]:
    """The words under a place of the table; none where the place is missing."""
    entry = read(FILE)
    for key in path:
        entry = entry.inner(key, optional=True)
    return {code: Word(code, *entry.words(code)) for code in entry.content}
