"""The index of entries by their case, built while entries are matched and written."""

from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models
from django.db.models.functions import Upper


class Migration(migrations.Migration):

    atomic = False

    dependencies = [("hotlists", "0015_pickup_secrets")]

    operations = [
        # An attempt that was interrupted leaves an index that is not valid under the same name.
        migrations.RunSQL("DROP INDEX CONCURRENTLY IF EXISTS entry_case", migrations.RunSQL.noop),
        AddIndexConcurrently(
            model_name="entry",
            index=models.Index(
                Upper("case_number"),
                "agency",
                condition=models.Q(("case_number", ""), _negated=True),
                name="entry_case",
            ),
        ),
    ]
