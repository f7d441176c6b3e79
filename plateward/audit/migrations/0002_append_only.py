"""The journal only grows: the database itself refuses to change or remove a row (B-466.6(a), R129)."""

from django.db import migrations

REFUSE = """
CREATE FUNCTION plateward_refuse_journal_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'The journal is append-only: % on % is refused', TG_OP, TG_TABLE_NAME
        USING ERRCODE = 'insufficient_privilege',
              HINT = 'Journal rows are never changed. Record a further fact instead.';
END $$;
"""

GUARD = """
CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE ON {table}
    FOR EACH ROW EXECUTE FUNCTION plateward_refuse_journal_change();
CREATE TRIGGER {table}_never_truncated BEFORE TRUNCATE ON {table}
    FOR EACH STATEMENT EXECUTE FUNCTION plateward_refuse_journal_change();
"""


class Migration(migrations.Migration):
    dependencies = [("audit", "0001_initial")]

    operations = [
        migrations.RunSQL(
            sql=REFUSE + GUARD.format(table="audit_auditrecord") + GUARD.format(table="audit_accessrecord"),
        ),
    ]
