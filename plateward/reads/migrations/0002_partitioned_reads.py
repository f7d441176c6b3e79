"""The table of reads, range-partitioned by capture time, and the index for partial plates.

Django's state holds the model; the table itself is made by SQL because Django cannot partition. Partitions
are made by `reads.actions.ensure_partition`.
"""

import django.db.models.deletion
from django.db import migrations, models

TABLE = """
CREATE TABLE reads_read (
    plate_key varchar(20) NOT NULL,
    captured_at timestamptz NOT NULL,
    id uuid NOT NULL,
    agency_id varchar(60) NOT NULL REFERENCES accounts_agency (id),
    device_id uuid NOT NULL REFERENCES devices_device (id),
    received_at timestamptz NOT NULL,
    stored_at timestamptz NOT NULL,
    clock_skew_s double precision NOT NULL,
    plate_raw varchar(40) NOT NULL,
    plate varchar(20) NOT NULL,
    confidence double precision,
    characters jsonb,
    candidates jsonb,
    region varchar(6) NOT NULL,
    region_confidence double precision,
    plate_box jsonb,
    direction varchar(12) NOT NULL,
    heading_deg double precision,
    latitude double precision,
    longitude double precision,
    vehicle jsonb NOT NULL,
    source_event_id varchar(200) NOT NULL,
    model varchar(100) NOT NULL,
    payload jsonb NOT NULL,
    PRIMARY KEY (plate_key, captured_at, id),
    CONSTRAINT read_has_a_plate CHECK (plate <> '' AND plate_key <> ''),
    CONSTRAINT read_confidence_0_1 CHECK (confidence BETWEEN 0 AND 1)
) PARTITION BY RANGE (captured_at);
CREATE INDEX read_device_time ON reads_read (device_id, captured_at);
CREATE INDEX read_time ON reads_read (captured_at);
"""

# Partial plates without an extension: pairs of neighboring characters, the plate's end marked by `$`, and each
# character with its place (a, b, c …), as an array under a core GIN operator class. What a pattern knows
# narrows the candidates, LIKE decides. The function must agree with `plates.grams`.
GRAMS = """
CREATE FUNCTION plateward_grams(plate text) RETURNS text[]
    LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
    RETURN ARRAY(
        SELECT substr(plate || '$', i, 2) FROM generate_series(1, length(plate)) AS i
        UNION
        SELECT chr(96 + i) || substr(plate, i, 1) FROM generate_series(1, length(plate)) AS i
    );
CREATE INDEX read_plate_grams ON reads_read USING gin (plateward_grams(plate));
"""


class Migration(migrations.Migration):
    dependencies = [("reads", "0001_initial")]

    operations = [
        migrations.SeparateDatabaseAndState(
            database_operations=[migrations.RunSQL(sql=TABLE + GRAMS)],
            state_operations=[
                migrations.CreateModel(
                    name='Read',
                    fields=[
                        ('pk', models.CompositePrimaryKey('plate_key', 'captured_at', 'id', blank=True, editable=False, primary_key=True, serialize=False)),
                        ('plate_key', models.CharField(max_length=20)),
                        ('captured_at', models.DateTimeField()),
                        ('id', models.UUIDField()),
                        ('received_at', models.DateTimeField()),
                        ('stored_at', models.DateTimeField()),
                        ('clock_skew_s', models.FloatField()),
                        ('plate_raw', models.CharField(max_length=40)),
                        ('plate', models.CharField(max_length=20)),
                        ('confidence', models.FloatField(null=True)),
                        ('characters', models.JSONField(null=True)),
                        ('candidates', models.JSONField(null=True)),
                        ('region', models.CharField(blank=True, max_length=6)),
                        ('region_confidence', models.FloatField(null=True)),
                        ('plate_box', models.JSONField(null=True)),
                        ('direction', models.CharField(choices=[('APPROACHING', 'approaching the camera'), ('RECEDING', 'moving away from the camera'), ('UNKNOWN', 'direction not known')], default='UNKNOWN', max_length=12)),
                        ('heading_deg', models.FloatField(null=True)),
                        ('latitude', models.FloatField(null=True)),
                        ('longitude', models.FloatField(null=True)),
                        ('vehicle', models.JSONField(default=dict)),
                        ('source_event_id', models.CharField(max_length=200)),
                        ('model', models.CharField(blank=True, max_length=100)),
                        ('payload', models.JSONField(default=dict)),
                        ('agency', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='accounts.agency')),
                        ('device', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='devices.device')),
                    ],
                    options={
                        'ordering': ('-captured_at', 'id'),
                        'indexes': [models.Index(fields=['device', 'captured_at'], name='read_device_time'), models.Index(fields=['captured_at'], name='read_time')],
                    },
                ),
            ],
        ),
    ]
