"""Texts of the screens: English in the source, Chinese in the catalogue.

``python tools/messages.py compile`` writes the .mo files; ``missing`` names what the source says and a catalogue
does not (exit status 1), ``collect`` adds it to the catalogue with an empty translation.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import DEFAULT_KEYWORDS, extract
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

WEB = Path(__file__).parent.parent / "src" / "qingyuan" / "interfaces" / "web"
LOCALE = WEB / "locale"
KEYWORDS = {
    **DEFAULT_KEYWORDS,
    "gettext_lazy": None,
    "gettext_noop": None,
    "ngettext_lazy": (1, 2),
    "pgettext_lazy": ((1, "c"), 2),
}
Found = tuple[str | tuple[str, str], str | None, str]


def said() -> Iterator[Found]:
    """Every (msgid or (singular, plural), context, file) of the source."""
    for file in sorted([*WEB.rglob("*.py"), *(WEB / "templates").rglob("*.html")]):
        source = _as_python(file) if file.suffix == ".html" else file.read_bytes()
        for _line, message, _comments, context in extract("python", BytesIO(source), keywords=KEYWORDS):
            yield (tuple(message[:2]) if isinstance(message, tuple) else message), context, file.name  # type: ignore[misc]


def _as_python(template: Path) -> bytes:
    from django.conf import settings

    if not settings.configured:
        settings.configure()
    from django.utils.translation.template import templatize

    return templatize(template.read_text("utf-8"), origin=template.name).encode()


def catalogues() -> Iterator[tuple[Path, Catalog]]:
    """Each language's .po file and what it holds."""
    for path in sorted(LOCALE.glob("*/LC_MESSAGES/*.po")):
        with path.open("rb") as file:
            yield path, read_po(file, locale=path.parent.parent.name)


def missing(catalogue: Catalog) -> list[Found]:
    """What the source says and the catalogue does not say in its language."""
    return [found for found in said() if not _told(catalogue, found)]


def _told(catalogue: Catalog, found: Found) -> bool:
    message = catalogue.get(found[0], found[1])
    return bool(message and message.string and all(message.string if isinstance(message.string, tuple) else [True]))


def compile_all() -> None:
    """Write a .mo file beside every .po file."""
    for path, catalogue in catalogues():
        with path.with_suffix(".mo").open("wb") as file:
            write_mo(file, catalogue)


def collect() -> None:
    """Add what is missing to every catalogue, drop what nobody says any more."""
    wanted = list(said())
    for path, catalogue in catalogues():
        fresh = Catalog(locale=catalogue.locale, header_comment=catalogue.header_comment, project="Qingyuan")
        for message, context, name in wanted:
            old = catalogue.get(message, context)
            fresh.add(message, old.string if old else "", locations=[(name, None)], context=context)  # type: ignore[list-item]
        with path.open("wb") as file:
            write_po(file, fresh, width=0, sort_output=False, include_lineno=False)


def main() -> int:
    """Do what the first argument names."""
    match sys.argv[1:]:
        case ["compile"]:
            compile_all()
        case ["collect"]:
            collect()
        case ["missing"]:
            lacking = [found for _, catalogue in catalogues() for found in missing(catalogue)]
            print(*(f"{name}: {message!r} {context or ''}" for message, context, name in lacking), sep="\n")
            return int(bool(lacking))
        case _:
            print(__doc__, file=sys.stderr)
            return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
