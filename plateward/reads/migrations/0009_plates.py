"""The directory of plates, kept beside the reads, and what of a vehicle a search narrows down by.

Parts of plates are looked for in the directory, one row a plate, instead of in an index over every read.
"""

import django.db.models.deletion
from django.db import migrations, models

# No index on the times or the count: most changes of a row touch these alone and then need no index written.
# A list of pending entries of the index is read by every search, so it is kept short.
DIRECTORY = """
CREATE TABLE reads_plate (
    plate_key varchar(20) NOT NULL,
    agency_id varchar(60) NOT NULL REFERENCES accounts_agency (id),
    plate varchar(20) NOT NULL,
    first_seen_at timestamptz NOT NULL,
    last_seen_at timestamptz NOT NULL,
    read_count integer NOT NULL,
    PRIMARY KEY (plate_key, agency_id, plate),
    CONSTRAINT plate_was_read CHECK (read_count > 0 AND first_seen_at <= last_seen_at)
) WITH (fillfactor = 80);
INSERT INTO reads_plate
SELECT plate_key, agency_id, plate, min(captured_at), max(captured_at), count(*)
FROM reads_read GROUP BY plate_key, agency_id, plate;
CREATE INDEX plate_grams ON reads_plate USING gin (plateward_grams(plate_key))
    WITH (gin_pending_list_limit = 512);
ALTER TABLE reads_plate ALTER COLUMN plate_key SET STATISTICS 400;
DROP INDEX read_plate_grams;
"""
BACK = """
DROP TABLE reads_plate;
CREATE INDEX read_plate_grams ON reads_read USING gin (plateward_grams(plate));
"""

# As ADR 0015 says of reads_searched: the wall stands in the view, so that the index can be used.
VIEWS = """
CREATE OR REPLACE VIEW reads_searched AS
SELECT plate_key, captured_at, id, agency_id, device_id, region, plate,
       coalesce(vehicle ->> 'make', '') AS make, coalesce(vehicle ->> 'color', '') AS color,
       coalesce(vehicle ->> 'type', '') AS vehicle_type
FROM reads_read
WHERE agency_id = (SELECT current_setting('plateward.agency', true))
   OR (SELECT current_setting('plateward.agency', true)) = '*';
CREATE VIEW reads_searched_plates AS
SELECT plate_key, agency_id, plate, first_seen_at, last_seen_at, read_count FROM reads_plate
WHERE agency_id = (SELECT current_setting('plateward.agency', true))
   OR (SELECT current_setting('plateward.agency', true)) = '*';
"""
VIEWS_BACK = """
DROP VIEW reads_searched_plates;
DROP VIEW reads_searched;
CREATE VIEW reads_searched AS
SELECT plate_key, captured_at, id, agency_id, device_id, region, plate FROM reads_read
WHERE agency_id = (SELECT current_setting('plateward.agency', true))
   OR (SELECT current_setting('plateward.agency', true)) = '*';
"""


class Migration(migrations.Migration):
    dependencies = [("reads", "0008_passages")]

    operations = [
        migrations.RunSQL(
            DIRECTORY,
            BACK,
            state_operations=[
                migrations.CreateModel(
                    name="Plate",
                    fields=[
                        ("pk", models.CompositePrimaryKey("plate_key", "agency", "plate", blank=True, editable=False, primary_key=True, serialize=False)),
                        ("plate_key", models.CharField(max_length=20)),
                        ("agency", models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="accounts.agency")),
                        ("plate", models.CharField(max_length=20)),
                        ("first_seen_at", models.DateTimeField()),
                        ("last_seen_at", models.DateTimeField()),
                        ("read_count", models.PositiveIntegerField()),
                    ],
                ),
            ],
        ),
        migrations.RunSQL(
            VIEWS,
            VIEWS_BACK,
            state_operations=[
                migrations.CreateModel(
                    name="SearchedPlate",
                    fields=[
                        ("pk", models.CompositePrimaryKey("plate_key", "agency_id", "plate", blank=True, editable=False, primary_key=True, serialize=False)),
                        ("plate_key", models.CharField(max_length=20)),
                        ("agency_id", models.CharField(max_length=60)),
                        ("plate", models.CharField(max_length=20)),
                        ("first_seen_at", models.DateTimeField()),
                        ("last_seen_at", models.DateTimeField()),
                        ("read_count", models.PositiveIntegerField()),
                    ],
                    options={"db_table": "reads_searched_plates", "managed": False},
                ),
            ],
        ),
    ]
