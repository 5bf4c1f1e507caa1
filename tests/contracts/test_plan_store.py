"""``qingyuan plan import --store``: a plan's file becomes a draft version of the platform, as the page makes it."""

from __future__ import annotations

import json
import sqlite3
from pathlib import Path

from running_gateway import command

from qingyuan.plans.reading import warnings

TEXT = "某省“十五五”规划\n一、目标\n到2030年，绿地率达到40%。\n二、任务\n整治河道。（省水利厅牵头，省财政厅配合）\n"


def test_a_file_is_stored_as_a_version_to_review(tmp_path: Path) -> None:
    file, data = tmp_path / "plan.txt", tmp_path / "data"
    file.write_text(TEXT, encoding="utf-8")
    command(data, "plan", "import", str(file), "--store", "--plan", "some-15th", status=2)
    command(data, "plan", "import", str(file), "--store", status=2)
    command(data, "plan", "import", str(file), "--plan", "some-15th", status=2)
    first = command(data, "plan", "import", str(file), "--store", "--plan", "some-15th", "--division", "220000")
    again = command(data, "plan", "import", str(file), "--store", "--plan", "some-15th")
    file.write_text(TEXT + "整治湖泊。（省水利厅牵头）\n", encoding="utf-8")
    second = command(data, "plan", "import", str(file), "--store", "--plan", "some-15th", "--label", "二稿")
    assert "/plan/versions/1/" in first
    assert "/plan/versions/1/" in again  # the same file is the same draft
    assert "/plan/versions/2/" in second
    with sqlite3.connect(data / "platform.sqlite3") as opened:
        versions = opened.execute("SELECT number, label, state, source FROM plans_version ORDER BY number").fetchall()
        kinds = dict(
            opened.execute("SELECT kind, count(*) FROM plans_item WHERE version_id = 1 GROUP BY kind").fetchall()
        )
        warned = json.loads(opened.execute("SELECT warnings FROM plans_version WHERE id = 1").fetchone()[0])
        leads = opened.execute("SELECT name FROM plans_responsible WHERE lead").fetchall()
    assert versions == [(1, "plan", "draft", "plan.txt"), (2, "二稿", "draft", "plan.txt")]
    assert kinds == {"chapter": 2, "task": 1, "target": 1}
    assert warned == [warnings.NO_INDICATORS]
    assert {name for (name,) in leads} == {"省水利厅"}
