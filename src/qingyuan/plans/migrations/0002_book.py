import django.db.models.deletion
from typing import Any

from django.db import migrations, models


def guard(apps: Any, editor: Any) -> None:
    """What is adopted is guarded by the database itself, also against those who come past the models."""
    for statement in _POSTGRES if editor.connection.vendor == "postgresql" else _SQLITE:
        editor.execute(statement)


def unguard(apps: Any, editor: Any) -> None:
    postgres = editor.connection.vendor == "postgresql"
    for table, event in _GUARDED:
        name = f"{table}_sealed_{event.lower()}"
        editor.execute(f"DROP TRIGGER {name} ON {table}" if postgres else f"DROP TRIGGER {name}")
    if postgres:
        for table in dict.fromkeys(table for table, _event in _GUARDED):
            editor.execute(f"DROP FUNCTION {table}_sealed()")


_GUARDED = [
    ("plans_item", "UPDATE"),
    ("plans_item", "INSERT"),
    ("plans_responsible", "UPDATE"),
    ("plans_responsible", "INSERT"),
    ("plans_version", "UPDATE"),
]
_SEALED = "state IN ('adopted', 'replaced')"
_OF_ITEM = f"EXISTS (SELECT 1 FROM plans_version v WHERE v.id = {{row}}.version_id AND v.{_SEALED})"
_OF_RESPONSIBLE = (
    "EXISTS (SELECT 1 FROM plans_item i JOIN plans_version v ON v.id = i.version_id"
    f" WHERE i.id = {{row}}.item_id AND v.{_SEALED})"
)
_SAME = " AND ".join(
    f"NEW.{name} IS NOT DISTINCT FROM OLD.{name}"
    for name in (
        "plan_id", "number", "label", "reason", "source", "text", "digest", "made_at", "made_by", "adopted_at",
        "adopted_by", "in_force_from",
    )
)  # fmt: skip
_VERSION = f"OLD.{_SEALED} AND NOT (NEW.state IN (OLD.state, 'replaced') AND {_SAME})"


def _when(table: str, event: str) -> str:
    if table == "plans_version":
        return _VERSION
    rule = _OF_ITEM if table == "plans_item" else _OF_RESPONSIBLE
    rows = ("OLD", "NEW") if event == "UPDATE" else ("NEW",)
    return " OR ".join(rule.format(row=row) for row in rows)


# a later migration that makes SQLite write one of these tables anew has to make the triggers again
_SQLITE = [
    f"CREATE TRIGGER {table}_sealed_{event.lower()} BEFORE {event} ON {table} WHEN "
    + _when(table, event).replace("IS NOT DISTINCT FROM", "IS")
    + " BEGIN SELECT RAISE(ABORT, 'an adopted version of a plan is sealed'); END"
    for table, event in _GUARDED
]


def _function(table: str) -> str:
    branches = "".join(
        f"IF TG_OP = '{event}' THEN IF {_when(table, event)} THEN"
        " RAISE EXCEPTION 'an adopted version of a plan is sealed'; END IF; END IF; "
        for other, event in _GUARDED
        if other == table
    )
    return f"CREATE FUNCTION {table}_sealed() RETURNS trigger AS $$ BEGIN {branches}RETURN NEW; END $$ LANGUAGE plpgsql"


_POSTGRES = [
    *(_function(table) for table in dict.fromkeys(table for table, _event in _GUARDED)),
    *(
        f"CREATE TRIGGER {table}_sealed_{event.lower()} BEFORE {event} ON {table}"
        f" FOR EACH ROW EXECUTE FUNCTION {table}_sealed()"
        for table, event in _GUARDED
    ),
]


class Migration(migrations.Migration):
    dependencies = [
        ("plans", "0001_initial"),
    ]

    operations = [
        migrations.CreateModel(
            name="Reviewed",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "what",
                    models.CharField(
                        choices=[
                            ("confirm", "Confirm"),
                            ("choose", "Choose"),
                            ("correct", "Correct"),
                            ("split", "Split"),
                            ("reject", "Reject"),
                            ("reopen", "Reopen"),
                            ("bulk", "Bulk"),
                        ],
                        max_length=8,
                    ),
                ),
                ("at", models.DateTimeField()),
                ("by", models.CharField(max_length=60)),
                ("account", models.BigIntegerField(null=True)),
                ("title", models.CharField(max_length=300)),
                ("before", models.JSONField(default=dict)),
                ("after", models.JSONField(default=dict)),
                ("undone", models.BooleanField(default=False)),
                (
                    "version",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="reviewed", to="plans.version"
                    ),
                ),
            ],
            options={
                "ordering": ("-pk",),
                "indexes": [models.Index(fields=["version", "undone"], name="plan_reviewed")],
            },
        ),
        migrations.RunPython(guard, unguard, elidable=False),
    ]
