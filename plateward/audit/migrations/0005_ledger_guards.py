"""The ledger only grows, and no journal row can miss it: the row's own transaction queues it for sealing (R129, R131)."""

from django.db import migrations

GUARDED = ("audit_leaf", "audit_treenode", "audit_treehead", "audit_cosignature")

GUARD = """
CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE ON {table}
    FOR EACH ROW EXECUTE FUNCTION plateward_refuse_journal_change();
CREATE TRIGGER {table}_never_truncated BEFORE TRUNCATE ON {table}
    FOR EACH STATEMENT EXECUTE FUNCTION plateward_refuse_journal_change();
"""

QUEUE = """
CREATE FUNCTION plateward_queue_for_sealing() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO audit_unsealed (audit_id) VALUES (NEW.id);
    RETURN NULL;
END $$;
CREATE TRIGGER audit_auditrecord_queued AFTER INSERT ON audit_auditrecord
    FOR EACH ROW EXECUTE FUNCTION plateward_queue_for_sealing();
INSERT INTO audit_unsealed (audit_id) SELECT id FROM audit_auditrecord;
"""


class Migration(migrations.Migration):
    dependencies = [("audit", "0004_ledger")]

    operations = [migrations.RunSQL(sql="".join(GUARD.format(table=table) for table in GUARDED) + QUEUE)]
