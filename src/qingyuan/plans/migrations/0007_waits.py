"""PostgreSQL: whoever writes an item waits for an adoption under way, and is then judged by what it left.

Without it an item written beside the adoption still saw a draft, and stood in the sealed version behind its digest.
SQLite has one writer at a time and needs nothing.
"""

from importlib import import_module
from typing import Any

from django.db import migrations

BOOK = import_module("qingyuan.plans.migrations.0004_book")
WAITS = {
    "plans_item": "PERFORM 1 FROM plans_version WHERE id = NEW.version_id FOR SHARE; ",
    "plans_responsible": (
        "PERFORM 1 FROM plans_version v JOIN plans_item i ON i.version_id = v.id"
        " WHERE i.id = NEW.item_id FOR SHARE OF v; "
    ),
}


def wait(apps: Any, editor: Any) -> None:
    _replace(editor, WAITS)


def wait_not(apps: Any, editor: Any) -> None:
    _replace(editor, dict.fromkeys(WAITS, ""))


def _replace(editor: Any, waits: dict[str, str]) -> None:
    if editor.connection.vendor != "postgresql":
        return
    for table, statement in waits.items():
        made = BOOK._function(table).replace("CREATE FUNCTION", "CREATE OR REPLACE FUNCTION")
        editor.execute(made.replace("BEGIN ", f"BEGIN {statement}", 1))


class Migration(migrations.Migration):
    dependencies = [("plans", "0006_evaluation")]
    operations = [migrations.RunPython(wait, wait_not, elidable=False)]
