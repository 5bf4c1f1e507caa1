"""Letters as files: Word always, PDF by LibreOffice where there is one; many in one archive."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from collections.abc import Iterable, Iterator
from datetime import date
from io import BytesIO
from pathlib import Path
from zipfile import ZIP_DEFLATED, ZipFile

from qingyuan.base.errors import QingyuanError
from qingyuan.cases.letters.word import document
from qingyuan.places.divisions import division as place_of
from qingyuan.plans.letters.written import content, letter

SECONDS = 120


class CannotConvert(QingyuanError):
    """There is no LibreOffice, or it made nothing."""


def pdf(word: bytes) -> bytes:
    """A Word file as PDF. Raises CannotConvert."""
    office = shutil.which("soffice")
    if office is None:
        raise CannotConvert("There is no LibreOffice on the server", "Take the Word file and print it from there.")
    with tempfile.TemporaryDirectory(prefix="qingyuan-letter-") as folder:
        source = Path(folder) / "letter.docx"
        source.write_bytes(word)
        profile = f"-env:UserInstallation={(Path(folder) / 'profile').as_uri()}"
        command = [office, profile, "--headless", "--convert-to", "pdf", "--outdir", folder, str(source)]
        try:
            subprocess.run(command, check=True, capture_output=True, timeout=SECONDS)  # noqa: S603
            return (Path(folder) / "letter.pdf").read_bytes()
        except (OSError, subprocess.SubprocessError) as fault:
            told = type(fault).__name__
            raise CannotConvert(f"LibreOffice made no PDF ({told})", "Take the Word file, or try again.") from None


def word(division: str, above: str, day: date, simulated: bool = False) -> bytes:
    """The letter of a place as .docx, from the shares in force. Raises NothingIssued."""
    return document(letter(content(division, simulated), above, day))


def words(divisions: Iterable[str], above: str, day: date, simulated: bool = False) -> Iterator[tuple[str, bytes]]:
    """Name and content of each place's letter, one after the other, for progress. Raises NothingIssued."""
    for code in divisions:
        yield f"{code}-{place_of(code).name_zh}-责任书.docx", word(code, above, day, simulated)


def archive(made: Iterable[tuple[str, bytes]]) -> bytes:
    """Files in one zip."""
    kept = BytesIO()
    with ZipFile(kept, "w", ZIP_DEFLATED) as file:
        for name, content_ in made:
            file.writestr(name, content_)
    return kept.getvalue()
