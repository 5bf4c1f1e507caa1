"""Documents that are made from the code: the worked examples of the law and how sure it is, commands, HJ 212.

``python tools/documents.py`` writes them; with ``--check`` it fails when one is out of date.
"""

from __future__ import annotations

import contextlib
import io
import os
import sys
from pathlib import Path

import yaml

ROOT = Path(__file__).parent.parent
DOCS = ROOT / "docs"


def examples() -> str:
    """Worked examples of tests/specs as a page."""
    parts = ["# Worked examples of the law\n\nEach is run by the tests on DuckDB and on Spark.\n"]
    for file in sorted((ROOT / "tests" / "specs").rglob("*.yaml")):
        for spec in yaml.safe_load(file.read_text(encoding="utf-8")):
            parts.append(f"## {spec['title']}\n")
            parts.append(f"`{spec['assessment']}` · {spec['clause']}\n")
            told = {key: spec[key] for key in ("options", "given", "expect") if key in spec}
            text = yaml.safe_dump(told, allow_unicode=True, sort_keys=False, width=110, default_flow_style=None)
            parts.append(f"```yaml\n{text}```\n")
    return "\n".join(parts)


def commands() -> str:
    """The command line's own help as a page."""
    from qingyuan.interfaces.cli import parser

    os.environ["COLUMNS"] = "100"
    top = parser()
    parts = ["# Commands\n", f"```text\n{top.format_help()}```\n"]
    choices = next(action.choices for action in top._actions if hasattr(action, "choices") and action.choices)
    for name, command in choices.items():
        parts.append(f"## {name}\n\n```text\n{command.format_help()}```\n")
    return "\n".join(parts)


def hj212() -> str:
    """The tables of HJ 212: what a device may do otherwise, and the commands by edition."""
    from qingyuan.gateway.hj212 import commands, deviations

    parts = ["# HJ 212\n\n## Nonconformities of devices\n", "| code | printed | 中文 | English |", "|---|---|---|---|"]
    parts += [f"| `{each.kind}` | {each.printed} | {each.zh} | {each.en} |" for each in deviations.table().values()]
    parts += [
        "\n## Commands\n",
        "| CN | editions | 中文 | English | host | field | asks | gives |",
        "|---|" + "---|" * 7,
    ]
    for each in commands.all_commands():
        gives = [*each.gives, *(f"*-{name}" for name in each.factor)]
        cells = [each.cn, ", ".join(each.editions) or "-", each.title.zh, each.title.en, each.down, each.up]
        parts.append(f"| {' | '.join([*cells, ', '.join(each.asks), ', '.join(gives)])} |")
    return "\n".join(parts) + "\n"


LAW = """# The law library: how sure its values are

Every value carries its confidence: *primary*, read in the text itself; *two sources*, read in two that do not depend
on one another; *one source*; or *memory*, not read anywhere yet. A decision should not rest on the last two before the
text has been compared. Counted are the values of all editions, announced ones included; `clause`: those that say where
they stand; `compared`: the day of the latest comparison. `qingyuan law show CODE --on DATE` prints each value.
"""


def library() -> str:
    """The standards of the law library, with how many values at which confidence and how many with a clause."""
    from qingyuan.standards import law
    from qingyuan.standards.records import CONFIDENCES, NOT_RECORDED

    sures = [word.replace("_", " ") for word in CONFIDENCES]
    heads = ["standard", "中文", "English", "values", *sures, "clause", "compared"]
    parts = [LAW, f"| {' | '.join(heads)} |", "|---|---|---|" + "---:|" * (len(heads) - 4) + "---|"]
    for each in sorted(law.standards(), key=lambda standard: standard.code):
        rows = [*each.limits, *each.breakpoints, *each.levels, *each.rules, *each.emissions]
        sure = [sum(row.confidence == word for row in rows) for word in CONFIDENCES]
        clauses = sum(row.clause != NOT_RECORDED for row in rows)
        cells = [each.code, each.title_zh, each.title_en, len(rows), *sure, clauses, max(row.checked for row in rows)]
        parts.append(f"| {' | '.join(str(cell) for cell in cells)} |")
    return "\n".join(parts) + "\n"


def rules() -> str:
    """The rules by which findings are made, with their basis and worked examples."""
    from qingyuan.domains import declared
    from qingyuan.rules.catalogue import COMMON

    parts = ["# Rules\n", "Printed from `domains/*/rules.yaml` and `rules/common.yaml`; run as tests.\n"]
    for domain, file in (*declared("rules.yaml"), ("any", COMMON)):
        for name, rule in yaml.safe_load(file.read_text(encoding="utf-8"))["rules"].items():
            parts.append(f"## {domain}.{name}: {rule['title']['en']} {rule['title']['zh']}\n")
            specs = rule.pop("specs", [])
            parts.append(f"```yaml\n{_yaml(rule)}```\n")
            parts += [f"{each.pop('title')}\n\n```yaml\n{_yaml(each)}```\n" for each in specs]
    return "\n".join(parts)


def _yaml(content: object) -> str:
    return str(yaml.safe_dump(content, allow_unicode=True, sort_keys=False, default_flow_style=None, width=110))


PAGES = {"examples.md": examples, "commands.md": commands, "hj212.md": hj212, "law.md": library, "rules.md": rules}


def main() -> int:
    """Write the pages, or check that they are up to date."""
    stale = []
    for name, make in PAGES.items():
        page = DOCS / name
        with contextlib.redirect_stderr(io.StringIO()):
            text = make()
        if "--check" not in sys.argv:
            page.write_text(text, encoding="utf-8")
        elif not page.exists() or page.read_text(encoding="utf-8") != text:
            stale.append(name)
    if stale:
        print(f"Out of date: {', '.join(stale)}. Write them anew with: make docs")
    return 1 if stale else 0


if __name__ == "__main__":
    sys.exit(main())
