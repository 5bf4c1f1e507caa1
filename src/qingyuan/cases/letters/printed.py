"""A letter as PDF, printed by Chromium from a page of its own; nothing is fetched."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from html import escape
from pathlib import Path

from qingyuan.base.errors import QingyuanError
from qingyuan.cases.letters.written import Letter, chinese_date

NAMES = ("chromium", "chromium-browser", "google-chrome", "chrome")
FLAGS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-extensions",
    "--disable-background-networking",
    "--disable-sync",
    "--disable-component-update",
    "--no-pdf-header-footer",
    "--host-resolver-rules=MAP * ~NOTFOUND",
]
SECONDS = 60
SHEET = """@page { size: A4; margin: 37mm 26mm 35mm 28mm; } body { margin: 0; font: 16pt/28.9pt FangSong, STFangsong,
"Noto Serif CJK SC", serif; color: black; } h1 { margin: 0; text-align: center; font: 22pt/34pt "FZXiaoBiaoSong-B05",
"Source Han Serif SC", "Noto Serif CJK SC", SimSun, serif; text-wrap: balance; } p { margin: 0; text-align: justify; }
.body { text-indent: 2em; } .centre { text-align: center; } .right { text-align: right; padding-right: 2em; }
.to { margin-top: 28.9pt; } .from { margin-top: 28.9pt; break-before: avoid; } .simulated { border: 1px dashed; }"""


class CannotPrint(QingyuanError):
    """There is no Chromium, or it printed nothing."""


def page(letter: Letter) -> str:
    """The letter as a page that needs nothing else."""
    mark = '<p class="centre simulated">模拟数据，不具效力</p>' if letter.simulated else ""
    number = f'<p class="centre">{escape(letter.number)}</p>' if letter.number else ""
    body = "".join(f'<p class="body">{escape(each)}</p>' for each in letter.paragraphs)
    return (
        f'<!doctype html><html lang="zh-Hans"><meta charset="utf-8"><title>{escape(letter.title)}</title>'
        f"<style>{SHEET}</style>{mark}<h1>{escape(letter.title)}</h1>{number}"
        f'<p class="to">{escape(letter.to)}：</p>{body}<p class="right from">{escape(letter.sender)}</p>'
        f'<p class="right">{chinese_date(letter.day)}</p></html>'
    )


def pdf(letter: Letter) -> bytes:
    """The letter as PDF. Raises CannotPrint."""
    chromium = os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, NAMES)), None)
    if chromium is None:
        raise CannotPrint(
            "There is no Chromium on the server to print with", "Take the Word file, or install chromium."
        )
    with tempfile.TemporaryDirectory(prefix="qingyuan-letter-") as folder:
        source, target = Path(folder) / "letter.html", Path(folder) / "letter.pdf"
        source.write_text(page(letter), "utf-8")
        command = [chromium, *FLAGS, f"--user-data-dir={folder}/profile", f"--print-to-pdf={target}", source.as_uri()]
        try:
            subprocess.run(command, check=True, capture_output=True, timeout=SECONDS)  # noqa: S603
            return target.read_bytes()
        except (OSError, subprocess.SubprocessError) as fault:
            told = type(fault).__name__
            raise CannotPrint(f"Chromium printed nothing ({told})", "Take the Word file, or try again.") from None
