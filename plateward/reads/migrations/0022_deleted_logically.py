"""What is deleted logically is left out by the wall, also by the views of it (ADR 0015, ADR 0045).

The policies of these tables are made anew once migrations are done (`walls.policies.apply`).
"""

from django.db import migrations

TABLES = ("reads_read", "reads_readcheck", "reads_awaitedpicture", "reads_picture", "reads_plate")
DROP = "".join(f"DROP POLICY IF EXISTS plateward_agency ON {table};" for table in TABLES)

LIMIT = "(SELECT (nullif(current_setting('plateward.hidden', true), '')::jsonb #>> '{reads,%s}')::timestamptz)"
HIDDEN = f"""captured_at < {LIMIT % "until"} AND (captured_at < {LIMIT % "from"} OR captured_at < coalesce(
    ((SELECT nullif(current_setting('plateward.hidden', true), '')::jsonb #> '{{reads,devices}}')
     ->> device_id::text)::timestamptz, 'infinity'))"""
OWN = """(agency_id = (SELECT current_setting('plateward.agency', true))
   OR (SELECT current_setting('plateward.agency', true)) = '*')"""
READS = """
CREATE OR REPLACE VIEW reads_searched AS
SELECT plate_key, captured_at, id, agency_id, device_id, region, plate,
       coalesce(vehicle ->> 'make', '') AS make, coalesce(vehicle ->> 'color', '') AS color,
       coalesce(vehicle ->> 'type', '') AS vehicle_type, latitude, longitude, stored_at
FROM reads_read
"""
PLATES = """
CREATE OR REPLACE VIEW reads_searched_plates AS
SELECT plate_key, agency_id, plate, first_seen_at, last_seen_at, read_count FROM reads_plate
"""
VIEWS = f"""
{READS} WHERE {OWN} AND ({HIDDEN}) IS NOT TRUE;
{PLATES} WHERE {OWN} AND (last_seen_at < {LIMIT % "from"}) IS NOT TRUE;
"""
BACK = f"{READS} WHERE {OWN}; {PLATES} WHERE {OWN};"


class Migration(migrations.Migration):
    dependencies = [("reads", "0021_inbox_by_time")]

    operations = [
        migrations.RunSQL(DROP, DROP),
        migrations.RunSQL(VIEWS, BACK),
    ]
