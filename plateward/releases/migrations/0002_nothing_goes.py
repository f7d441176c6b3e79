"""Requests, decisions and reviews stay on file (B-466.7(c)); what was decided or found is never changed."""

from django.db import migrations

KEPT = ("partner", "partnerreview", "releaserequest", "releasedecision")
UNCHANGED = ("partnerreview", "releasedecision")
GUARD = """
CREATE FUNCTION plateward_refuse_release_removal() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'Requests for data, and what was decided on them, stay on file'
        USING ERRCODE = 'insufficient_privilege', HINT = 'Enter a later review or request beside it.';
END $$;
"""
STAYS = """
CREATE TRIGGER releases_{0}_stays BEFORE DELETE ON releases_{0}
    FOR EACH ROW EXECUTE FUNCTION plateward_refuse_release_removal();
"""
NEVER_CHANGES = """
CREATE TRIGGER releases_{0}_never_changes BEFORE UPDATE ON releases_{0}
    FOR EACH ROW EXECUTE FUNCTION plateward_refuse_release_removal();
"""


class Migration(migrations.Migration):

    dependencies = [
        ('releases', '0001_initial'),
    ]

    operations = [
        migrations.RunSQL(
            GUARD
            + "".join(STAYS.format(table) for table in KEPT)
            + "".join(NEVER_CHANGES.format(table) for table in UNCHANGED),
            "".join(f"DROP TRIGGER releases_{table}_stays ON releases_{table};" for table in KEPT)
            + "".join(f"DROP TRIGGER releases_{table}_never_changes ON releases_{table};" for table in UNCHANGED)
            + "DROP FUNCTION plateward_refuse_release_removal();",
        ),
    ]
