"""What only the owner of the tables may do for a purge, and only for one that two people or a standing word let run.

Partitions are emptied and get back what stays, or dropped, so that nothing of a row is left in the table's files. A purge takes nothing
captured before its own beginning: what came late for then was not looked at for holds.

An emptied partition is empty for whoever looks with a snapshot from before, what stays included: a dump under way
would silently lack it. So nobody may have such a snapshot when a partition is emptied (ADR 40).
"""

from django.db import migrations

PURGE = r"""
CREATE FUNCTION plateward_captured_at(read_id uuid) RETURNS timestamptz
    LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
    SELECT timestamptz '1970-01-01 00:00:00+00'
         + ('x' || substr(replace(read_id::text, '-', ''), 1, 12))::bit(48)::bigint * interval '1 millisecond'
$$;
CREATE FUNCTION plateward_refuse_old_snapshots(begins timestamptz) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp SET timezone = 'UTC' AS $$
DECLARE
    somebody boolean;
    hidden boolean;
BEGIN
    PERFORM pg_stat_clear_snapshot();  -- what others do is otherwise looked at once in a transaction
    SELECT count(*) > 0 INTO somebody FROM pg_locks AS asked
        JOIN plateward_reads_partitions() AS found ON found.part = asked.relation
        WHERE found.from_at = begins AND NOT asked.granted
          AND asked.database = (SELECT oid FROM pg_database WHERE datname = current_database());
    -- One statement by itself locks its tables first and takes the snapshot that it reads by afterwards. Who waits
    -- for a row, or to write, is no reader. Of other roles only the snapshot is seen without pg_read_all_stats.
    SELECT somebody OR count(*) > 0, coalesce(bool_or(other.backend_type IS NULL), false) INTO somebody, hidden
        FROM pg_stat_activity AS other
        WHERE other.datname = current_database() AND other.pid <> pg_backend_pid()
          AND other.usesysid IS NOT NULL AND other.backend_xmin IS NOT NULL
          AND (other.backend_type IS NULL OR other.backend_type = 'client backend'
               AND (other.state <> 'active' OR other.xact_start < other.query_start))
          AND NOT EXISTS (SELECT FROM pg_locks AS asked WHERE asked.pid = other.pid
                          AND NOT asked.granted AND asked.mode <> 'AccessShareLock');
    IF somebody THEN
        RAISE EXCEPTION 'A backup or a long transaction is under way; it would find the reads of % gone that stay', begins
            USING ERRCODE = 'lock_not_available', CONSTRAINT = 'purge_sees_no_old_snapshot',
                  HINT = CASE WHEN hidden
                      THEN format('Some of it is hidden from %s: GRANT pg_read_all_stats TO %1$s.', current_user)
                      ELSE 'The purge is tried again by itself when that has ended.' END;
    END IF;
END $$;
CREATE FUNCTION plateward_purge_partition(purge uuid, begins timestamptz) RETURNS bigint
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp SET timezone = 'UTC' AS $$
DECLARE
    told retention_purge%ROWTYPE;
    part regclass;
    starts timestamptz;
    ends timestamptz;
    kept bigint;
BEGIN
    SELECT * INTO told FROM retention_purge
        WHERE id = purge AND state = 'RUNNING' AND decided_by <> '' AND decided_by <> proposed_by;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'Purge % is not approved and under way', purge
            USING ERRCODE = 'insufficient_privilege',
                  HINT = 'Reads go by a purge that a second person or a standing authority approved.';
    END IF;
    SELECT found.part, found.from_at, found.until_at INTO part, starts, ends
        FROM plateward_reads_partitions() AS found WHERE found.from_at = begins;
    IF NOT FOUND OR starts >= told.until_at OR ends > date_trunc('day', now(), 'UTC') THEN
        RAISE EXCEPTION 'No partition of reads that begins at % is over and due', begins
            USING ERRCODE = 'invalid_parameter_value';
    END IF;
    -- Intake waits from here on. Searches go on while what stays is copied; from TRUNCATE on those of this
    -- partition's time wait too, until the end of the caller's transaction: nothing slow may follow in it.
    LOCK TABLE ONLY reads_read IN SHARE ROW EXCLUSIVE MODE;
    PERFORM plateward_refuse_old_snapshots(begins);  -- before any work; it counts below
    EXECUTE format('CREATE TEMPORARY TABLE purge_remainder (LIKE %s) ON COMMIT DROP', part);
    EXECUTE format(
        'INSERT INTO pg_temp.purge_remainder SELECT read.* FROM %s AS read
         WHERE NOT (read.agency_id = $1 AND read.device_id = ANY($2)
                    AND read.captured_at >= $3 AND read.captured_at < $4)', part)
        USING told.agency_id, told.devices, told.from_at, told.until_at;
    EXECUTE format(
        'INSERT INTO pg_temp.purge_remainder SELECT read.* FROM retention_heldread AS held
         JOIN %s AS read ON (read.plate_key, read.captured_at, read.id)
                          = (held.plate_key, held.captured_at, held.read_id)
         WHERE held.purge_id = $1 AND held.captured_at >= $2 AND held.captured_at < $3
           AND read.agency_id = $4 AND read.device_id = ANY($5)
           AND read.captured_at >= $6 AND read.captured_at < $7', part)
        USING purge, starts, ends, told.agency_id, told.devices, told.from_at, told.until_at;
    EXECUTE format('LOCK TABLE ONLY %s IN ACCESS EXCLUSIVE MODE', part);
    PERFORM plateward_refuse_old_snapshots(begins);
    EXECUTE format('TRUNCATE %s', part);
    EXECUTE format('INSERT INTO %s SELECT * FROM pg_temp.purge_remainder', part);
    GET DIAGNOSTICS kept = ROW_COUNT;
    DROP TABLE pg_temp.purge_remainder;
    PERFORM plateward_refuse_old_snapshots(begins);
    RETURN kept;
END $$;
CREATE FUNCTION plateward_drop_empty_reads_partition(begins timestamptz) RETURNS boolean
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp SET timezone = 'UTC' AS $$
DECLARE
    part regclass;
    ends timestamptz;
    is_empty boolean;
BEGIN
    SELECT found.part, found.until_at INTO part, ends
        FROM plateward_reads_partitions() AS found WHERE found.from_at = begins;
    IF NOT FOUND OR ends > date_trunc('day', now(), 'UTC') THEN
        RETURN false;
    END IF;
    LOCK TABLE ONLY reads_read IN SHARE ROW EXCLUSIVE MODE;
    EXECUTE format('SELECT NOT EXISTS (SELECT FROM %s)', part) INTO is_empty;
    IF is_empty THEN
        EXECUTE format('DROP TABLE %s', part);  -- what comes late after all has one made anew
    END IF;
    RETURN is_empty;
END $$;
REVOKE EXECUTE ON FUNCTION plateward_refuse_old_snapshots(timestamptz) FROM PUBLIC;
REVOKE EXECUTE ON FUNCTION plateward_purge_partition(uuid, timestamptz) FROM PUBLIC;
REVOKE EXECUTE ON FUNCTION plateward_drop_empty_reads_partition(timestamptz) FROM PUBLIC;
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
