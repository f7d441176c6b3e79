"""Plates of which only the end is known are looked for from their end on.

Lists of grams would be laid over each other for that, long ones, above all that of the last character.
"""

from django.db import migrations

INDEX = "CREATE INDEX plate_ending ON reads_plate (reverse(plate_key) text_pattern_ops)"


class Migration(migrations.Migration):
    dependencies = [("reads", "0019_read_checks")]

    operations = [
        migrations.RunSQL(INDEX, "DROP INDEX plate_ending"),
    ]
