"""A report made whole: written, printed once for the pages of its contents, and written again with them filled in."""

from __future__ import annotations

import hashlib
import shutil
import subprocess
import tempfile
from dataclasses import dataclass, field
from io import BytesIO
from pathlib import Path

from qingyuan.base.errors import QingyuanError
from qingyuan.plans.facts import Words
from qingyuan.plans.reporting.chapters import KINDS, Report
from qingyuan.plans.reporting.material import Material, Progress
from qingyuan.plans.reporting.paper import Paper

SECONDS = 120
NAMES = ("soffice", "libreoffice")


class CannotPrint(QingyuanError):
    """There is no LibreOffice, or it printed nothing. words: what and what to do, in both languages."""

    def __init__(self, what: str, todo: str, zh: str) -> None:
        super().__init__(what, todo)
        self.words = Words(zh, str(self))


@dataclass(frozen=True)
class Made:
    """The files. pdf: None where no LibreOffice is installed; pages: of the PDF; digest: SHA-256 of the Word file."""

    word: bytes
    pdf: bytes | None
    pages: int | None
    digest: str = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "digest", hashlib.sha256(self.word).hexdigest())


def make(material: Material, progress: Progress, language: str = "zh", pdf: bool = True) -> Made:
    """Write the report; `progress` may raise to stop it between two parts. pdf: print the final PDF, too."""
    paper = _written(material, progress, language)
    if not office():
        return Made(paper.bytes(), None, None)
    progress(paper.words("排版", "printing"), 8, 10)
    first = printed(paper.bytes())
    paper.pages = headings(first)
    progress(paper.words("填目录页码", "page numbers of the contents"), 9, 10)
    word = paper.bytes()
    last = printed(word) if pdf else None
    return Made(word, last, _count(first))


def _written(material: Material, progress: Progress, language: str) -> Paper:
    kind = KINDS[material.kind]
    title = material.plan.title.en if language == "en" else material.plan.title.zh
    paper = Paper(title, kind.en if language == "en" else kind.zh, language)
    total = 2 + len(material.followed) + len(material.sheets) + sum(each.kind == "chapter" for each in material.entries)
    for done, part in enumerate(Report(material, paper).parts()):
        progress(part, done, total * 10 // 8)
    return paper


def office() -> str | None:
    """The program that prints, or None."""
    return next(filter(None, map(shutil.which, NAMES)), None)


def printed(word: bytes) -> bytes:
    """The Word file as PDF. Raises CannotPrint."""
    program = office()
    if program is None:
        raise CannotPrint("There is no LibreOffice on the server to print with",
                          "Take the Word file, or install libreoffice-writer and fonts-noto-cjk.",
                          "服务器上没有 LibreOffice，不能打印；请取 Word，或装 libreoffice-writer")  # fmt: skip
    with tempfile.TemporaryDirectory(prefix="qingyuan-report-") as folder:
        source = Path(folder) / "report.docx"
        source.write_bytes(word)
        command = [program, f"-env:UserInstallation=file://{folder}/profile", "--headless", "--convert-to", "pdf",
                   "--outdir", folder, str(source)]  # fmt: skip
        try:
            subprocess.run(command, check=True, capture_output=True, timeout=SECONDS)  # noqa: S603
            return source.with_suffix(".pdf").read_bytes()
        except (OSError, subprocess.SubprocessError) as fault:
            told = type(fault).__name__
            raise CannotPrint(f"LibreOffice printed nothing ({told})", "Take the Word file, or try again.",
                              f"LibreOffice 没有打印出来（{told}），请取 Word，或再试一次") from None  # fmt: skip


def headings(pdf: bytes) -> dict[str, int]:
    """Text of each heading → its page as numbered at the foot (the cover has no number)."""
    import pypdfium2

    with pypdfium2.PdfDocument(BytesIO(pdf)) as document:
        marks = [(mark.get_title(), mark.get_dest()) for mark in document.get_toc()]
        return {title: place.get_index() for title, place in marks if place is not None}


def _count(pdf: bytes) -> int:
    import pypdfium2

    with pypdfium2.PdfDocument(BytesIO(pdf)) as document:
        return len(document)
