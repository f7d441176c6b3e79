"""A purge looks through receipts a week at a time; an index of ranges of blocks costs the receiver next to nothing."""

from django.contrib.postgres.indexes import BrinIndex
from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations


class Migration(migrations.Migration):

    atomic = False

    dependencies = [("reads", "0020_plate_endings")]

    operations = [
        AddIndexConcurrently(
            model_name="inboxitem", index=BrinIndex(fields=["received_at"], name="inbox_by_time")
        ),
    ]
