"""Letters as files: Word always, PDF by LibreOffice where there is one; many in one archive."""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from io import BytesIO
from pathlib import Path
from subprocess import SubprocessError, run
from zipfile import ZIP_DEFLATED, ZipFile

from qingyuan.base.errors import QingyuanError
from qingyuan.cases.letters.word import document
from qingyuan.cases.letters.written import Letter
from qingyuan.plans.reporting.making import office

SECONDS = 180
TOGETHER = 6
"""So many letters are converted by one start of LibreOffice."""


class CannotConvert(QingyuanError):
    """There is no LibreOffice, or it made nothing."""


def words(letters: Mapping[str, Letter]) -> Iterator[tuple[str, bytes]]:
    """Name with .docx and content of each letter, one after the other."""
    for name, each in letters.items():
        yield f"{name}.docx", document(each)


def pdfs(made: Sequence[tuple[str, bytes]]) -> Iterator[tuple[str, bytes]]:
    """Word files as PDF, a few at a time. Raises CannotConvert."""
    for first in range(0, len(made), TOGETHER):
        yield from _converted(made[first : first + TOGETHER])


def _converted(some: Sequence[tuple[str, bytes]]) -> list[tuple[str, bytes]]:
    program = office()
    if program is None:
        raise CannotConvert("There is no LibreOffice on the server", "Take the Word file and print it from there.")
    with tempfile.TemporaryDirectory(prefix="qingyuan-letter-") as folder:
        sources = [Path(folder) / f"{number}.docx" for number in range(len(some))]
        for source, (_name, content) in zip(sources, some, strict=True):
            source.write_bytes(content)
        profile = f"-env:UserInstallation={(Path(folder) / 'profile').as_uri()}"
        command = [program, profile, "--headless", "--convert-to", "pdf", "--outdir", folder, *map(str, sources)]
        try:
            run(command, check=True, capture_output=True, timeout=SECONDS)  # noqa: S603
            read = [source.with_suffix(".pdf").read_bytes() for source in sources]
        except (OSError, SubprocessError) as fault:
            told = type(fault).__name__
            raise CannotConvert(f"LibreOffice made no PDF ({told})", "Take the Word file, or try again.") from None
    return [(f"{Path(name).stem}.pdf", content) for (name, _word), content in zip(some, read, strict=True)]


def archive(made: Iterable[tuple[str, bytes]]) -> bytes:
    """Files in one zip."""
    kept = BytesIO()
    with ZipFile(kept, "w", ZIP_DEFLATED) as file:
        for name, content in made:
            file.writestr(name, content)
    return kept.getvalue()
