"""Finding records by words: pairs of neighbouring characters, so that two Chinese characters are enough.

SQLite keeps the pairs in an FTS5 table that follows the records by triggers, PostgreSQL in a GIN index over a vector
of the same pairs. Kind and division are written among them, so that a search of one county reads only its own postings.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from typing import Any

from django.db import connection

from qingyuan.registers.models import RegisterRecord

_WORD = re.compile(r"[a-z0-9]+|[^\W_a-z0-9]+")
_LONGEST = 400
MOST = 2000
"""Records a search finds at most; more are better found by more words, and the list says so."""

VECTOR = "array_to_tsvector(string_to_array(searched, ' '))"
"""PostgreSQL: the words as they are, without a parser; the index is over this very expression."""


def pairs(text: str) -> list[str]:
    """Words in Latin letters or digits as they are, other characters by overlapping pairs (the last one alone)."""
    found: list[str] = []
    for word in _WORD.findall(_plain(text)[:_LONGEST]):
        if word.isascii():
            found.append(word[:24])
        else:
            found += [word[place : place + 2] for place in range(len(word))]
    return list(dict.fromkeys(found))


def words_of(kind: str, division: str, texts: Iterable[str]) -> str:
    """What is kept for a record: its pairs behind the marks of its kind and division."""
    return " ".join([_mark("k", kind), _mark("p", division[:4]), _mark("c", division[:6]), *pairs(" ".join(texts))])


def asked(text: str) -> list[tuple[str, bool]]:
    """What a record has to hold to be found, and whether it may go on: beginnings of Latin words, pairs of the others.

    A single Latin letter or digit is not looked for.
    """
    found: list[tuple[str, bool]] = []
    for word in _WORD.findall(_plain(text)[:60]):
        if word.isascii() and len(word) > 1:
            found.append((word[:24], True))
        elif not word.isascii():
            found += [(word[place : place + 2], len(word) == 1) for place in range(max(1, len(word) - 1))]
    whole = [each for each in dict.fromkeys(found) if len(each[0]) > 1]
    return (whole or list(dict.fromkeys(found)))[:12]


def matching(kind: str, places: Sequence[str], text: str) -> list[int]:
    """Records of a kind (empty: any) that hold what is asked; one more than `MOST` where there are more.

    None when nothing is asked. Of more SQLite gives the newest, PostgreSQL those its index comes to first: putting
    all of them in order takes longer than finding them.

    places: stems of the divisions they lie in, so that the search of one county reads only its own postings.
    """
    terms = asked(text)
    if not terms:
        return []
    marks = [_mark("k", kind)] if kind else []
    with connection.cursor() as cursor:
        cursor.execute(*_found(terms, marks, _places(places)))
        return [row[0] for row in cursor.fetchall()]


def _places(stems: Sequence[str]) -> list[str]:
    """Marks of the divisions; none when one of them is the whole province."""
    if any(len(stem) < 4 for stem in stems):
        return []
    return [_mark("p", stem[:4]) if len(stem) < 6 else _mark("c", stem[:6]) for stem in stems]


def _found(
    terms: Sequence[tuple[str, bool]], marks: Sequence[str], places: Sequence[str]
) -> tuple[str, tuple[Any, ...]]:
    if connection.vendor == "postgresql":
        parts = [f"'{term}'{':*' if begun else ''}" for term, begun in terms] + [f"'{mark}'" for mark in marks]
        parts += [f"({' | '.join(repr(place) for place in places)})"] if places else []
        table = RegisterRecord._meta.db_table
        return f"SELECT id FROM {table} WHERE {VECTOR} @@ %s::tsquery LIMIT {MOST + 1}", (" & ".join(parts),)
    parts = [f'"{term}"{"*" if begun else ""}' for term, begun in terms] + [f'"{mark}"' for mark in marks]
    parts += [f"({' OR '.join(places)})"] if places else []
    match = "SELECT rowid FROM registers_search WHERE registers_search MATCH %s ORDER BY rowid DESC"
    return f"{match} LIMIT {MOST + 1}", (" AND ".join(parts),)


def _mark(letter: str, code: str) -> str:
    return f"{letter}{re.sub(r'[^a-z0-9]', '', code.lower())}xx"


def _plain(text: str) -> str:
    return unicodedata.normalize("NFKC", text).casefold()
