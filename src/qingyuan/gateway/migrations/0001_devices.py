import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="Counted",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("record", models.BigIntegerField(default=0)),
                ("late", models.BigIntegerField(default=0, help_text="of back-fill")),
            ],
        ),
        migrations.CreateModel(
            name="Device",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("mn", models.CharField(max_length=64, unique=True)),
                ("name_zh", models.CharField(blank=True, max_length=120)),
                ("name_en", models.CharField(blank=True, max_length=120)),
                ("password", models.CharField(default="123456", max_length=32)),
                (
                    "edition",
                    models.CharField(
                        choices=[("2005", "E2005"), ("2017", "E2017"), ("2025", "E2025")], default="2017", max_length=4
                    ),
                ),
                (
                    "sum_variant",
                    models.CharField(
                        choices=[("standard", "Standard"), ("modbus", "Modbus")], default="standard", max_length=8
                    ),
                ),
                ("active", models.BooleanField(default=True)),
                ("dataset", models.CharField(default="sources", max_length=64)),
                ("point", models.CharField(blank=True, help_text="outlet or station; empty: the MN", max_length=64)),
                (
                    "addresses",
                    models.CharField(
                        blank=True, help_text="addresses or networks it may call from; empty: any", max_length=400
                    ),
                ),
                ("real_time_seconds", models.PositiveIntegerField(blank=True, null=True)),
                (
                    "minute_interval",
                    models.PositiveIntegerField(blank=True, help_text="minutes between 2051 frames", null=True),
                ),
                ("registered_at", models.DateTimeField()),
                ("registered_by", models.CharField(blank=True, max_length=150)),
                ("changed_at", models.DateTimeField(auto_now=True)),
            ],
            options={
                "ordering": ("mn",),
            },
        ),
        migrations.CreateModel(
            name="DeviceState",
            fields=[
                ("mn", models.CharField(max_length=64, primary_key=True, serialize=False)),
                ("online", models.BooleanField(default=False)),
                ("peer", models.CharField(blank=True, max_length=64)),
                ("connected_at", models.DateTimeField(null=True)),
                ("last_frame", models.DateTimeField(null=True)),
                ("frames", models.BigIntegerField(default=0)),
                ("repeated", models.BigIntegerField(default=0)),
                ("quarantined", models.BigIntegerField(default=0)),
                ("skipped_bytes", models.BigIntegerField(default=0)),
                ("received_bytes", models.BigIntegerField(default=0)),
                ("edition", models.CharField(blank=True, help_text="as its frames say", max_length=4)),
                ("system", models.CharField(blank=True, help_text="ST as sent", max_length=4)),
            ],
            options={
                "ordering": ("mn",),
            },
        ),
        migrations.CreateModel(
            name="Deviation",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("mn", models.CharField(max_length=64)),
                ("name", models.CharField(max_length=64)),
                ("count", models.BigIntegerField(default=0)),
                ("first", models.DateTimeField()),
                ("last", models.DateTimeField()),
                ("record", models.BigIntegerField(help_text="number of an example in the journal", null=True)),
            ],
            options={
                "ordering": ("mn", "-count"),
                "constraints": [models.UniqueConstraint(fields=("mn", "name"), name="one_line_a_deviation")],
            },
        ),
        migrations.CreateModel(
            name="DeviceDay",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("mn", models.CharField(max_length=64)),
                ("day", models.DateField()),
                ("frames", models.BigIntegerField(default=0, help_text="stored in the journal")),
                ("quarantined", models.BigIntegerField(default=0, help_text="of them not decoded")),
                ("rows", models.BigIntegerField(default=0, help_text="observations decoded")),
            ],
            options={
                "ordering": ("mn", "day"),
                "constraints": [models.UniqueConstraint(fields=("mn", "day"), name="one_row_a_device_day")],
            },
        ),
        migrations.CreateModel(
            name="DeviceKey",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("key", models.CharField(help_text="32 hexadecimal digits", max_length=32)),
                ("valid_from", models.DateTimeField()),
                ("valid_until", models.DateTimeField(blank=True, null=True)),
                (
                    "device",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="keys", to="gateway.device"
                    ),
                ),
            ],
            options={
                "ordering": ("device", "-valid_from"),
            },
        ),
        migrations.CreateModel(
            name="PushToken",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("digest", models.CharField(max_length=64, unique=True)),
                ("made_at", models.DateTimeField()),
                ("made_by", models.CharField(blank=True, max_length=150)),
                ("revoked_at", models.DateTimeField(blank=True, null=True)),
                (
                    "device",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="tokens", to="gateway.device"
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Quarantined",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("journal", models.CharField(default="quarantine", max_length=16)),
                ("record", models.BigIntegerField()),
                ("mn", models.CharField(blank=True, max_length=64)),
                ("reason", models.CharField(max_length=32)),
                ("detail", models.CharField(blank=True, max_length=400)),
                ("received", models.DateTimeField()),
                (
                    "state",
                    models.CharField(
                        choices=[("open", "Open"), ("replayed", "Replayed"), ("dismissed", "Dismissed")],
                        default="open",
                        max_length=10,
                    ),
                ),
                ("settled_by", models.CharField(blank=True, max_length=150)),
                ("settled_at", models.DateTimeField(blank=True, null=True)),
            ],
            options={
                "ordering": ("-received", "-record"),
                "indexes": [
                    models.Index(fields=["state", "-received"], name="gateway_qua_state_82fc11_idx"),
                    models.Index(fields=["mn", "-received"], name="gateway_qua_mn_b5b9c0_idx"),
                ],
                "constraints": [models.UniqueConstraint(fields=("journal", "record"), name="one_entry_a_record")],
            },
        ),
        migrations.CreateModel(
            name="RemoteCommand",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("cn", models.CharField(max_length=4)),
                ("params", models.JSONField(default=dict)),
                ("asked_by", models.CharField(max_length=150)),
                ("asked_at", models.DateTimeField()),
                ("qn", models.CharField(blank=True, max_length=17)),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("queued", "Queued"),
                            ("running", "Running"),
                            ("done", "Done"),
                            ("no_data", "No Data"),
                            ("refused", "Refused"),
                            ("failed", "Failed"),
                            ("unanswered", "Unanswered"),
                            ("unfinished", "Unfinished"),
                            ("offline", "Offline"),
                        ],
                        default="queued",
                        max_length=10,
                    ),
                ),
                ("result", models.CharField(blank=True, help_text="what was wrong, else empty", max_length=400)),
                ("finished_at", models.DateTimeField(blank=True, null=True)),
                (
                    "device",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="commands", to="gateway.device"
                    ),
                ),
            ],
            options={
                "ordering": ("-asked_at",),
            },
        ),
        migrations.CreateModel(
            name="DialogueStep",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("at", models.DateTimeField()),
                ("what", models.CharField(help_text="sent, resent, received, or the state reached", max_length=12)),
                ("zh", models.CharField(max_length=200)),
                ("en", models.CharField(max_length=200)),
                ("raw", models.TextField(blank=True)),
                (
                    "command",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="steps", to="gateway.remotecommand"
                    ),
                ),
            ],
            options={
                "ordering": ("command", "id"),
            },
        ),
        migrations.CreateModel(
            name="Factor",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("code", models.CharField(max_length=32)),
                (
                    "property",
                    models.CharField(
                        blank=True, help_text="slug of the property library; empty: the code itself", max_length=64
                    ),
                ),
                ("unit", models.CharField(blank=True, help_text="unit of the values as sent", max_length=32)),
                ("low", models.FloatField(blank=True, null=True)),
                ("high", models.FloatField(blank=True, null=True)),
                (
                    "device",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="factors", to="gateway.device"
                    ),
                ),
            ],
            options={
                "ordering": ("device", "code"),
                "constraints": [models.UniqueConstraint(fields=("device", "code"), name="one_factor_a_code")],
            },
        ),
        migrations.AddIndex(
            model_name="remotecommand",
            index=models.Index(fields=["state"], name="gateway_rem_state_4cb3ad_idx"),
        ),
    ]
