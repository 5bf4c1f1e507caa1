"""Strict reading of the library's YAML: exact decimals, no key twice, no unknown key, errors with a place."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any, NoReturn

import yaml

from qingyuan.base.errors import QingyuanError


class FaultyLibrary(QingyuanError):
    """A file of the library breaks its schema: which file, which key, what is wrong."""


class _ExactLoader(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):  # type: ignore[misc]
    """Safe YAML with decimals instead of floats, refusing a key given twice."""


def _decimal(loader: Any, node: yaml.ScalarNode) -> Decimal:
    return Decimal(node.value)


def _mapping(loader: Any, node: yaml.MappingNode) -> dict[Any, Any]:
    keys = [loader.construct_object(key, deep=True) for key, _ in node.value]
    twice = {str(key) for key in keys if keys.count(key) > 1}
    if twice:
        line = node.start_mark.line + 1
        raise yaml.constructor.ConstructorError(None, None, f"line {line}: {sorted(twice)} given twice")
    return dict(zip(keys, (loader.construct_object(value, deep=True) for _, value in node.value), strict=True))


_ExactLoader.add_constructor("tag:yaml.org,2002:float", _decimal)
_ExactLoader.add_constructor("tag:yaml.org,2002:map", _mapping)


class Entry:
    """One mapping of a library file; each key is taken once with its type, `done` refuses what is left over.

    fallback: the entry around it, asked for keys that may be said once for several values.
    """

    def __init__(self, content: object, file: str, place: str = "", fallback: Entry | None = None) -> None:
        self.file, self.place, self.fallback = file, place, fallback
        if not isinstance(content, dict):
            self.wrong("", f"a mapping is expected, not {content!r}")
        self.content: dict[Any, Any] = content
        self.taken: set[Any] = set()

    def wrong(self, key: object, what: str) -> NoReturn:
        """Raise FaultyLibrary naming file and key."""
        place = ".".join(str(part) for part in (self.place, key) if part != "")
        raise FaultyLibrary(f"{self.file}: {place}: {what}", "Correct that file")

    def take(self, key: object, kind: type | tuple[type, ...], *default: Any) -> Any:
        """The value of a key, of this type; else of the entry around; else the default; else an error."""
        self.taken.add(key)
        if key not in self.content:
            if self.fallback is not None and key in self.fallback.content:
                return self.fallback.take(key, kind)
            return default[0] if default else self.wrong(key, "missing")
        value = self.content[key]
        if not isinstance(value, kind) or isinstance(value, bool):
            self.wrong(key, f"{value!r} is not of the expected kind")
        return value

    def one_of(self, key: str, known: tuple[str, ...], *default: str) -> Any:
        """One of the words known; else the default, where the key is missing and there is one."""
        word = self.take(key, str, *default)
        if word not in known:
            self.wrong(key, f"{word!r} is none of {', '.join(filter(None, known))}")
        return word

    def day(self, key: str, *default: date | None) -> Any:
        """A date (``2026-03-01``)."""
        return self.take(key, date, *default)

    def number(self, key: str) -> Decimal:
        """An exact decimal."""
        return Decimal(self.take(key, (int, Decimal)))

    def yes(self, key: str, *, default: bool = False) -> bool:
        """A yes or no (``true``, ``false``)."""
        self.taken.add(key)
        value = self.content.get(key, default)
        if not isinstance(value, bool):
            self.wrong(key, f"{value!r} is neither true nor false")
        return value

    def names(self, key: str) -> tuple[str, ...]:
        """A list of words, or one word; none when the key is missing."""
        value = self.take(key, (list, str), [])
        listed = value if isinstance(value, list) else [value]
        if not all(isinstance(each, str) for each in listed):
            self.wrong(key, f"{value!r} is no list of words")
        return tuple(listed)

    def words(self, key: str, *default: str) -> tuple[str, str]:
        """A wording in both languages, ``{zh: ..., en: ...}``, as (zh, en)."""
        if default and key not in self.content:
            self.taken.add(key)
            return default[0], default[0]
        inner = self.inner(key)
        both = (inner.take("zh", str), inner.take("en", str))
        inner.done()
        return both

    def inner(self, key: object, *, optional: bool = False) -> Entry:
        """The mapping under a key (empty when optional and missing)."""
        content = self.take(key, dict, *([{}] if optional else []))
        return Entry(content, self.file, f"{self.place}.{key}".lstrip("."))

    def entries(self, key: str, *, optional: bool = False) -> Iterator[tuple[Any, Entry]]:
        """Each key of the mapping under `key` with its own mapping."""
        inner = self.inner(key, optional=optional)
        for name in inner.content:
            yield name, inner.inner(name)

    def done(self) -> None:
        """Refuse keys nobody asked for."""
        unknown = [str(key) for key in self.content if key not in self.taken]
        if unknown:
            self.wrong(unknown[0], "unknown key")


def read(path: Path) -> Entry:
    """A library file as an entry; FaultyLibrary when it is no readable YAML mapping."""
    try:
        return parsed(path.read_text(encoding="utf-8"), path.name)
    except (OSError, UnicodeDecodeError) as problem:
        raise FaultyLibrary(f"{path.name}: {problem}", "Correct that file") from problem


def parsed(text: str, name: str) -> Entry:
    """The text of a library file as an entry; FaultyLibrary when it is no YAML mapping."""
    try:
        # the loader is a SafeLoader with decimals: it builds plain values only
        content = yaml.load(text, Loader=_ExactLoader)  # noqa: S506
    except yaml.YAMLError as problem:
        raise FaultyLibrary(f"{name}: {problem}", "Correct that file") from problem
    return Entry(content, name)
