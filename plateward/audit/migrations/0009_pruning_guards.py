"""The one change of a journal row that the database lets through: its details go where a tombstone stands (R137).

A tombstone stands only by an approved order of two people, for a sealed access of the order's agency, older
than the order's day and than a year (CJIS AU-11, R53), named by the act in the journal.
"""

from django.db import migrations

TOMBSTONE = """
CREATE FUNCTION plateward_check_tombstone() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (
        SELECT FROM audit_pruning p
        JOIN audit_auditrecord r ON r.id = NEW.audit_id
        JOIN audit_auditrecord act ON act.id = NEW.act_id
        JOIN audit_leaf leaf ON leaf.audit_id = r.id
        WHERE p.id = NEW.pruning_id
          AND p.state = 'APPROVED' AND p.decided_by <> '' AND p.decided_by <> p.proposed_by
          AND r.verb = 'audit.access.recorded' AND r.agency = p.agency
          AND r.recorded_at < p.until_at AND p.until_at <= now() - interval '1 year'
          AND act.verb = 'audit.access.pruned' AND act.detail -> 'rows' @> to_jsonb(r.id)
    ) THEN
        RAISE EXCEPTION 'Row % may not be pruned', NEW.audit_id
            USING ERRCODE = 'insufficient_privilege',
                  HINT = 'Details go by an order of two people, past the period of the policy and past a year.';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER audit_prunedrow_checked BEFORE INSERT ON audit_prunedrow
    FOR EACH ROW EXECUTE FUNCTION plateward_check_tombstone();
CREATE TRIGGER audit_prunedrow_append_only BEFORE UPDATE OR DELETE ON audit_prunedrow
    FOR EACH ROW EXECUTE FUNCTION plateward_refuse_journal_change();
CREATE TRIGGER audit_prunedrow_never_truncated BEFORE TRUNCATE ON audit_prunedrow
    FOR EACH STATEMENT EXECUTE FUNCTION plateward_refuse_journal_change();
CREATE TRIGGER audit_pruning_never_deleted BEFORE DELETE ON audit_pruning
    FOR EACH ROW EXECUTE FUNCTION plateward_refuse_journal_change();
CREATE TRIGGER audit_pruning_never_truncated BEFORE TRUNCATE ON audit_pruning
    FOR EACH STATEMENT EXECUTE FUNCTION plateward_refuse_journal_change();
"""

# TG_ARGV: the column that holds the journal row's number, and the columns that may be emptied.
PRUNED_ONLY = """
CREATE FUNCTION plateward_refuse_all_but_pruning() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    old_row jsonb := to_jsonb(OLD);
    allowed jsonb := old_row || TG_ARGV[1]::jsonb;
BEGIN
    IF old_row ? 'detail' THEN
        allowed := allowed || jsonb_build_object('detail', (old_row -> 'detail') || TG_ARGV[2]::jsonb);
    END IF;
    IF TG_OP = 'UPDATE' AND to_jsonb(NEW) = allowed
       AND EXISTS (SELECT FROM audit_prunedrow WHERE audit_id = (old_row ->> TG_ARGV[0])::bigint) THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'The journal is append-only: % on % is refused', TG_OP, TG_TABLE_NAME
        USING ERRCODE = 'insufficient_privilege',
              HINT = 'Journal rows are never changed. Record a further fact instead.';
END $$;
"""

EMPTY_DETAIL = '{"elements": {}, "reason": "", "reference": "", "flags": []}'
EMPTIED = {
    "auditrecord": ("id", '{"address": "", "subject": ""}', EMPTY_DETAIL),
    "accessrecord": (
        "audit_id",
        '{"address": "", "subject": "", "elements": {}, "plate": "", "reason": "", "reference": "", "flags": []}',
    ),
    "leaf": ("audit_id", '{"salt": "\\\\x"}'),
}


def guard(table: str) -> str:
    """Put the new guard in the old one's place."""
    arguments = ", ".join(f"'{argument}'" for argument in EMPTIED[table])
    return f"""
DROP TRIGGER audit_{table}_append_only ON audit_{table};
CREATE TRIGGER audit_{table}_append_only BEFORE UPDATE OR DELETE ON audit_{table}
    FOR EACH ROW EXECUTE FUNCTION plateward_refuse_all_but_pruning({arguments});
"""


# Whoever runs the system need not be able to change the journal's tables for this: the function is the owner's.
PRUNE = f"""
CREATE FUNCTION plateward_prune(pruning bigint, act bigint, numbers bigint[]) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
BEGIN
    INSERT INTO audit_prunedrow (audit_id, pruning_id, act_id) SELECT unnest(numbers), pruning, act;
    UPDATE audit_auditrecord SET address = '', subject = '', detail = detail || '{EMPTY_DETAIL}'
        WHERE id = ANY(numbers);
    UPDATE audit_accessrecord
        SET address = '', subject = '', elements = '{{}}', plate = '', reason = '', reference = '', flags = '[]'
        WHERE audit_id = ANY(numbers);
    UPDATE audit_leaf SET salt = '' WHERE audit_id = ANY(numbers);
END $$;
"""


class Migration(migrations.Migration):
    dependencies = [("audit", "0008_pruning")]

    operations = [
        migrations.RunSQL(sql=TOMBSTONE + PRUNED_ONLY + "".join(map(guard, EMPTIED)) + PRUNE),
    ]
