"""The application may not make tables: the owner's function makes the one kind it needs, weekly partitions.

And what a search narrows down: a view that shows the wall's side of the reads without holding the planner off
the index of grams, as row-level security does (its conditions come before any operator that is not marked
leakproof, and containment of arrays is not).
"""

from django.db import migrations, models

PARTITIONS = """
CREATE FUNCTION plateward_add_reads_partition(begins timestamptz) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp SET timezone = 'UTC' AS $$
DECLARE
    week timestamptz := date_trunc('week', begins, 'UTC');
    name text := 'reads_read_' || to_char(week, 'YYYYMMDD');
BEGIN
    IF to_regclass(name) IS NOT NULL THEN RETURN; END IF;
    PERFORM pg_advisory_xact_lock(1886151028);  -- one maker of partitions at a time
    IF to_regclass(name) IS NOT NULL THEN RETURN; END IF;
    -- Made apart and then attached: readers and writers of other weeks go on meanwhile.
    EXECUTE format('CREATE TABLE %I (LIKE reads_read INCLUDING DEFAULTS INCLUDING CONSTRAINTS)', name);
    -- Without a policy of its own it shows nobody anything but through the whole table.
    EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', name);
    EXECUTE format('ALTER TABLE reads_read ATTACH PARTITION %I FOR VALUES FROM (%L) TO (%L)',
                   name, week, week + interval '7 days');
END $$;
REVOKE EXECUTE ON FUNCTION plateward_add_reads_partition(timestamptz) FROM PUBLIC;
DO $$
DECLARE part regclass;
BEGIN
    FOR part IN SELECT inhrelid::regclass FROM pg_inherits WHERE inhparent = 'reads_read'::regclass LOOP
        EXECUTE format('ALTER TABLE %s ENABLE ROW LEVEL SECURITY', part);
    END LOOP;
END $$;
"""

SEARCHED = """
CREATE VIEW reads_searched AS
SELECT plate_key, captured_at, id, agency_id, device_id, region, plate FROM reads_read
WHERE agency_id = (SELECT current_setting('plateward.agency', true))
   OR (SELECT current_setting('plateward.agency', true)) = '*';
"""


class Migration(migrations.Migration):
    dependencies = [("reads", "0005_adapters")]

    operations = [
        migrations.RunSQL(sql=PARTITIONS + SEARCHED),
        migrations.CreateModel(
            name='SearchedRead',
            fields=[
                ('pk', models.CompositePrimaryKey('plate_key', 'captured_at', 'id', blank=True, editable=False, primary_key=True, serialize=False)),
                ('plate_key', models.CharField(max_length=20)),
                ('captured_at', models.DateTimeField()),
                ('id', models.UUIDField()),
                ('agency_id', models.CharField(max_length=60)),
                ('device_id', models.UUIDField()),
                ('region', models.CharField(max_length=6)),
                ('plate', models.CharField(max_length=20)),
            ],
            options={
                'db_table': 'reads_searched',
                'managed': False,
            },
        ),
    ]
