from django.db import migrations, models

# Each payload's row is written four times in a second or two; bodies, whose pictures are compressed already,
# are not worth another compression for that time.
STORAGE = "ALTER TABLE reads_inboxitem ALTER COLUMN body SET STORAGE EXTERNAL"
STORAGE_BEFORE = "ALTER TABLE reads_inboxitem ALTER COLUMN body SET STORAGE EXTENDED"


class Migration(migrations.Migration):
    """Fewer indexes for each of the inbox's updates: an agency's and a device's rows have one of their own."""

    dependencies = [("reads", "0006_partitions_by_the_owner")]

    operations = [
        migrations.AlterField(
            model_name="inboxitem",
            name="agency",
            field=models.ForeignKey(db_index=False, on_delete=models.deletion.PROTECT, related_name="+", to="accounts.agency"),
        ),
        migrations.AlterField(
            model_name="inboxitem",
            name="device",
            field=models.ForeignKey(db_index=False, on_delete=models.deletion.PROTECT, related_name="+", to="devices.device"),
        ),
        migrations.RunSQL(STORAGE, STORAGE_BEFORE),
    ]
