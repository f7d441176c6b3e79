"""What only the owner of the tables may do for a purge, and only for one that two people or a standing word let run.

Partitions are replaced and dropped, so that nothing of a row is left in the table's files. A purge takes nothing
captured before its own beginning: what came late for then was not looked at for holds.
"""

from django.db import migrations

PURGE = r"""
CREATE FUNCTION plateward_captured_at(read_id uuid) RETURNS timestamptz
    LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
    SELECT timestamptz '1970-01-01 00:00:00+00'
         + ('x' || substr(replace(read_id::text, '-', ''), 1, 12))::bit(48)::bigint * interval '1 millisecond'
$$;
CREATE FUNCTION plateward_purge_partition(purge uuid, begins timestamptz) RETURNS bigint
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp SET timezone = 'UTC' AS $$
DECLARE
    told retention_purge%ROWTYPE;
    old regclass;
    old_name text;
    starts timestamptz;
    ends timestamptz;
    fresh text;
    kept bigint;
    added bigint;
BEGIN
    SELECT * INTO told FROM retention_purge
        WHERE id = purge AND state = 'RUNNING' AND decided_by <> '' AND decided_by <> proposed_by;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'Purge % is not approved and under way', purge
            USING ERRCODE = 'insufficient_privilege',
                  HINT = 'Reads go by a purge that a second person or a standing authority approved.';
    END IF;
    SELECT part, from_at, until_at INTO old, starts, ends
        FROM plateward_reads_partitions() WHERE from_at = begins;
    IF NOT FOUND OR starts >= told.until_at OR ends > date_trunc('day', now(), 'UTC') THEN
        RAISE EXCEPTION 'No partition of reads that begins at % is over and due', begins
            USING ERRCODE = 'invalid_parameter_value';
    END IF;
    old_name := (SELECT relname FROM pg_class WHERE oid = old);
    fresh := 'reads_read_' || to_char(starts, 'YYYYMMDD') || '_'
          || substr(md5(purge::text || clock_timestamp()::text), 1, 12);
    -- Intake waits from here on. Searches go on while what stays is copied; from the exchange of the tables below
    -- they wait too, until the end of the caller's transaction.
    LOCK TABLE ONLY reads_read IN SHARE ROW EXCLUSIVE MODE;
    EXECUTE format('CREATE TABLE %I (LIKE %s INCLUDING DEFAULTS INCLUDING CONSTRAINTS INCLUDING INDEXES)',
                   fresh, old);
    EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', fresh);
    EXECUTE format(
        'INSERT INTO %I SELECT read.* FROM %s AS read
         WHERE NOT (read.agency_id = $1 AND read.device_id = ANY($2)
                    AND read.captured_at >= $3 AND read.captured_at < $4)', fresh, old)
        USING told.agency_id, told.devices, told.from_at, told.until_at;
    GET DIAGNOSTICS kept = ROW_COUNT;
    EXECUTE format(
        'INSERT INTO %I SELECT read.* FROM retention_heldread AS held
         JOIN %s AS read ON (read.plate_key, read.captured_at, read.id)
                          = (held.plate_key, held.captured_at, held.read_id)
         WHERE held.purge_id = $1 AND held.captured_at >= $2 AND held.captured_at < $3
           AND read.agency_id = $4 AND read.device_id = ANY($5)
           AND read.captured_at >= $6 AND read.captured_at < $7', fresh, old)
        USING purge, starts, ends, told.agency_id, told.devices, told.from_at, told.until_at;
    GET DIAGNOSTICS added = ROW_COUNT;
    kept := kept + added;
    EXECUTE format('ALTER TABLE reads_read DETACH PARTITION %s', old);
    EXECUTE format('DROP TABLE %s', old);
    IF kept = 0 THEN
        EXECUTE format('DROP TABLE %I', fresh);  -- what comes late after all has one made anew
        RETURN 0;
    END IF;
    EXECUTE format('ALTER TABLE %I RENAME TO %I', fresh, old_name);
    EXECUTE format('ALTER TABLE reads_read ATTACH PARTITION %I FOR VALUES FROM (%L) TO (%L)',
                   old_name, starts, ends);
    RETURN kept;
END $$;
REVOKE EXECUTE ON FUNCTION plateward_purge_partition(uuid, timestamptz) FROM PUBLIC;
"""

GUARDS = """
CREATE FUNCTION plateward_refuse_certificate_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'Certificates of destruction and orders for it are never changed or removed: % on %',
        TG_OP, TG_TABLE_NAME
        USING ERRCODE = 'insufficient_privilege', HINT = 'Record a further fact instead.';
END $$;
CREATE TRIGGER retention_certificate_stays BEFORE UPDATE OR DELETE ON retention_certificate
    FOR EACH ROW EXECUTE FUNCTION plateward_refuse_certificate_change();
CREATE TRIGGER retention_certificate_never_truncated BEFORE TRUNCATE ON retention_certificate
    FOR EACH STATEMENT EXECUTE FUNCTION plateward_refuse_certificate_change();
CREATE TRIGGER retention_purge_stays BEFORE DELETE ON retention_purge
    FOR EACH ROW EXECUTE FUNCTION plateward_refuse_certificate_change();
CREATE TRIGGER retention_purgeday_stays BEFORE DELETE ON retention_purgeday
    FOR EACH ROW EXECUTE FUNCTION plateward_refuse_certificate_change();
CREATE TRIGGER retention_dayroot_stays BEFORE DELETE ON retention_dayroot
    FOR EACH ROW EXECUTE FUNCTION plateward_refuse_certificate_change();
"""


class Migration(migrations.Migration):
    dependencies = [("retention", "0001_purges"), ("reads", "0020_plate_endings")]

    operations = [migrations.RunSQL(PURGE + GUARDS)]
