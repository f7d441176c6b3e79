"""Partitions of a day, a week or a month, as long as fits how long reads are kept; weekly ones stay as they are."""

from django.db import migrations

FORWARD = r"""
CREATE FUNCTION plateward_reads_partitions()
    RETURNS TABLE (part regclass, from_at timestamptz, until_at timestamptz)
    LANGUAGE sql STABLE SET search_path = public, pg_temp SET timezone = 'UTC' AS $$
    SELECT c.oid::regclass, bounds[1]::timestamptz, bounds[2]::timestamptz
    FROM pg_inherits AS i JOIN pg_class AS c ON c.oid = i.inhrelid,
         regexp_match(pg_get_expr(c.relpartbound, c.oid), 'FROM \(''([^'']+)''\) TO \(''([^'']+)''\)') AS bounds
    WHERE i.inhparent = 'reads_read'::regclass
$$;
DROP FUNCTION plateward_add_reads_partition(timestamptz);
CREATE FUNCTION plateward_add_reads_partition(begins timestamptz, grain text) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp SET timezone = 'UTC' AS $$
DECLARE
    grains text[] := ARRAY['month', 'week', 'day'];
    unit text;
    starts timestamptz;
    ends timestamptz;
    name text;
BEGIN
    IF array_position(grains, grain) IS NULL THEN
        RAISE EXCEPTION 'A partition is a day, a week or a month, not %', grain;
    END IF;
    IF EXISTS (SELECT FROM plateward_reads_partitions() WHERE begins >= from_at AND begins < until_at) THEN
        RETURN;
    END IF;
    PERFORM pg_advisory_xact_lock(1886151028);  -- one maker of partitions at a time
    IF EXISTS (SELECT FROM plateward_reads_partitions() WHERE begins >= from_at AND begins < until_at) THEN
        RETURN;
    END IF;
    FOREACH unit IN ARRAY grains[array_position(grains, grain):] LOOP
        starts := date_trunc(unit, begins, 'UTC');
        ends := starts + ('1 ' || unit)::interval;
        EXIT WHEN NOT EXISTS (
            SELECT FROM plateward_reads_partitions() WHERE from_at < ends AND until_at > starts
        );
    END LOOP;
    name := 'reads_read_' || to_char(starts, 'YYYYMMDD');
    -- Made apart and then attached: readers and writers of other partitions go on meanwhile.
    EXECUTE format('CREATE TABLE %I (LIKE reads_read INCLUDING DEFAULTS INCLUDING CONSTRAINTS)', name);
    -- Without a policy of its own it shows nobody anything but through the whole table.
    EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', name);
    EXECUTE format('ALTER TABLE reads_read ATTACH PARTITION %I FOR VALUES FROM (%L) TO (%L)',
                   name, starts, ends);
END $$;
REVOKE EXECUTE ON FUNCTION plateward_add_reads_partition(timestamptz, text) FROM PUBLIC;
"""


class Migration(migrations.Migration):
    dependencies = [("reads", "0010_picture_keys")]

    operations = [migrations.RunSQL(FORWARD)]
