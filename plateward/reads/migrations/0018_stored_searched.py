from django.db import migrations

# The wall stands in the view (ADR 0015), so what a search narrows down has to be a column of it.
VIEW = """
CREATE OR REPLACE VIEW reads_searched AS
SELECT plate_key, captured_at, id, agency_id, device_id, region, plate,
       coalesce(vehicle ->> 'make', '') AS make, coalesce(vehicle ->> 'color', '') AS color,
       coalesce(vehicle ->> 'type', '') AS vehicle_type, latitude, longitude, stored_at
FROM reads_read
WHERE agency_id = (SELECT current_setting('plateward.agency', true))
   OR (SELECT current_setting('plateward.agency', true)) = '*';
"""


class Migration(migrations.Migration):
    dependencies = [("reads", "0017_awaited_addresses")]

    operations = [
        migrations.RunSQL(VIEW, migrations.RunSQL.noop),
    ]
