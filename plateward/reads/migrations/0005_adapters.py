from django.db import migrations, models

# The table of reads is partitioned and was made by SQL; each column has a default, so that none is rewritten.
COLUMNS = """
ALTER TABLE reads_read
    ADD COLUMN lane varchar(60) NOT NULL DEFAULT '',
    ADD COLUMN speed_kmh double precision,
    ADD COLUMN is_late boolean NOT NULL DEFAULT false,
    ADD COLUMN adapter varchar(40) NOT NULL DEFAULT 'native';
"""


class Migration(migrations.Migration):
    dependencies = [("reads", "0004_several_reads_of_one_payload")]

    operations = [
        migrations.AddField(
            model_name="inboxitem",
            name="adapter",
            field=models.CharField(db_default="native", max_length=40),
        ),
        migrations.RunSQL(
            COLUMNS,
            migrations.RunSQL.noop,
            state_operations=[
                migrations.AddField("read", "lane", models.CharField(blank=True, db_default="", max_length=60)),
                migrations.AddField("read", "speed_kmh", models.FloatField(null=True)),
                migrations.AddField("read", "is_late", models.BooleanField(db_default=False)),
                migrations.AddField("read", "adapter", models.CharField(db_default="native", max_length=40)),
            ],
        ),
    ]
