import django.contrib.postgres.fields
from django.db import migrations, models

# Each payload had at most one read until now.
CARRY_OVER = """
UPDATE reads_inboxitem SET read_ids = ARRAY[read_id], plate_keys = ARRAY[plate_key]
WHERE read_id IS NOT NULL
"""


class Migration(migrations.Migration):
    dependencies = [("reads", "0003_inbox_retry_at")]

    operations = [
        migrations.AddField(
            model_name="inboxitem",
            name="read_ids",
            field=django.contrib.postgres.fields.ArrayField(
                base_field=models.UUIDField(), blank=True, db_default=[], size=None
            ),
        ),
        migrations.AddField(
            model_name="inboxitem",
            name="plate_keys",
            field=django.contrib.postgres.fields.ArrayField(
                base_field=models.CharField(max_length=20), blank=True, db_default=[], size=None
            ),
        ),
        migrations.RunSQL(CARRY_OVER, migrations.RunSQL.noop),
        migrations.RemoveField(model_name="inboxitem", name="read_id"),
        migrations.RemoveField(model_name="inboxitem", name="plate_key"),
        migrations.RemoveField(model_name="inboxitem", name="captured_at"),
    ]
