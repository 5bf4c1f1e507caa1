"""PostgreSQL is told which counties lie in which prefecture: rights name one, lists the other.

Without it the planner multiplies the two, expects few rows of a city and reads all of them to put them in order
(255 ms of a million records; 17 ms with it). SQLite's planner does not estimate so.
"""

from typing import Any

from django.db import migrations

MAKE = (
    "CREATE STATISTICS register_places (mcv) ON kind, prefecture, county FROM registers_registerrecord",
    "ALTER STATISTICS register_places SET STATISTICS 1000",
)


def tell(apps: Any, editor: Any) -> None:
    for statement in MAKE if editor.connection.vendor == "postgresql" else ():
        editor.execute(statement)


def forget(apps: Any, editor: Any) -> None:
    if editor.connection.vendor == "postgresql":
        editor.execute("DROP STATISTICS IF EXISTS register_places")


class Migration(migrations.Migration):
    dependencies = (("registers", "0002_burden"),)
    operations = (migrations.RunPython(tell, forget),)
