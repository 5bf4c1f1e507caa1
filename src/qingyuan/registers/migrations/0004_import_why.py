"""Why an import stopped, in both languages."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("registers", "0003_known_together")]
    operations = [migrations.AddField("import", "why", models.JSONField(default=list))]
