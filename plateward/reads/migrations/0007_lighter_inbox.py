from django.db import migrations, models

# Each payload's row is written three times within a second or two. Bodies, whose pictures are compressed
# already, are not worth another compression for that time; and where a page has room for the claim's version of
# a row, no index needs to learn of it.
STORAGE = """
ALTER TABLE reads_inboxitem ALTER COLUMN body SET STORAGE EXTERNAL;
ALTER TABLE reads_inboxitem SET (fillfactor = 60);
"""
STORAGE_BEFORE = """
ALTER TABLE reads_inboxitem ALTER COLUMN body SET STORAGE EXTENDED;
ALTER TABLE reads_inboxitem RESET (fillfactor);
"""


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
