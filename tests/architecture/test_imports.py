"""The directions of imports are guarded: each contract is seen failing once, by a fault planted in a copy."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
FAULTS = {
    "One direction": ("standards/law.py", "import qingyuan.places.points"),
    "independent of one another": ("interfaces/web/law.py", "import qingyuan.interfaces.jobs.refresh"),
    "without the platform": ("assessments/exact.py", "import django"),
}


def lint(copy):
    linter = Path(sys.executable).with_name("lint-imports")
    return subprocess.run(
        [linter, "--no-cache"],
        cwd=copy,
        env=os.environ | {"PYTHONPATH": str(copy / "src"), "COLUMNS": "400"},  # long names in one line
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture
def copy(tmp_path):
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    ignored = shutil.ignore_patterns("__pycache__", "static", "locale")
    shutil.copytree(ROOT / "src" / "qingyuan", tmp_path / "src" / "qingyuan", ignore=ignored)
    return tmp_path


def test_the_rooms_import_downwards(copy):
    assert lint(copy).returncode == 0


@pytest.mark.parametrize("contract", FAULTS)
def test_a_planted_import_is_found(copy, contract):
    file, fault = FAULTS[contract]
    with (copy / "src" / "qingyuan" / file).open("a") as module:
        module.write(f"\n{fault}\n")
    done = lint(copy)
    assert done.returncode != 0
    broken = [line for line in done.stdout.splitlines() if line.endswith("BROKEN")]
    assert len(broken) == 1
    assert contract in broken[0]


def test_a_room_outside_the_house_is_found(copy):
    new = copy / "src" / "qingyuan" / "utils"
    new.mkdir()
    (new / "__init__.py").write_text('"""A room nobody has planned."""\n')
    assert lint(copy).returncode != 0
