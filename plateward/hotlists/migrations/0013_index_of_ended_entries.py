"""The index of entries that no longer stand, built while entries are matched and written."""

from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):

    atomic = False

    dependencies = [("hotlists", "0012_pickups")]

    operations = [
        # An attempt that was interrupted leaves an index that is not valid under the same name.
        migrations.RunSQL("DROP INDEX CONCURRENTLY IF EXISTS entry_past", migrations.RunSQL.noop),
        AddIndexConcurrently(
            model_name="entry",
            index=models.Index(
                condition=models.Q(("state", "ACTIVE"), _negated=True),
                fields=["agency", "plate_key"],
                name="entry_past",
            ),
        ),
    ]
