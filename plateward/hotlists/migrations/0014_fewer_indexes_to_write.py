"""A long list comes in with fewer writes: no indexes that find nothing, and no trigger for each line."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

# By their names: Django would take the index of partial plates, which lies on the agency too, for one of them.
WITHOUT = """
DROP INDEX hotlists_entry_agency_id_dc8bf4a5, hotlists_entry_agency_id_dc8bf4a5_like,
           hotlists_entry_origin_02ce1133, hotlists_entry_origin_02ce1133_like,
           hotlists_entry_requested_by_id_d28c76c6, hotlists_entry_decided_by_id_96f02205,
           hotlists_entry_ended_by_id_f00c78e8;
"""
WITH = """
CREATE INDEX hotlists_entry_agency_id_dc8bf4a5 ON hotlists_entry (agency_id);
CREATE INDEX hotlists_entry_agency_id_dc8bf4a5_like ON hotlists_entry (agency_id varchar_pattern_ops);
CREATE INDEX hotlists_entry_origin_02ce1133 ON hotlists_entry (origin);
CREATE INDEX hotlists_entry_origin_02ce1133_like ON hotlists_entry (origin varchar_pattern_ops);
CREATE INDEX hotlists_entry_requested_by_id_d28c76c6 ON hotlists_entry (requested_by_id);
CREATE INDEX hotlists_entry_decided_by_id_96f02205 ON hotlists_entry (decided_by_id);
CREATE INDEX hotlists_entry_ended_by_id_f00c78e8 ON hotlists_entry (ended_by_id);
"""
# As the trigger did, an entry that is made names its transaction; one that changes still does so by a trigger.
BY_DEFAULT = """
ALTER TABLE hotlists_entry ALTER COLUMN changed_in SET DEFAULT pg_current_xact_id();
DROP TRIGGER hotlists_entry_made ON hotlists_entry;
"""
BY_TRIGGER = """
CREATE TRIGGER hotlists_entry_made BEFORE INSERT ON hotlists_entry
    FOR EACH ROW EXECUTE FUNCTION plateward_entry_changed();
ALTER TABLE hotlists_entry ALTER COLUMN changed_in SET DEFAULT '0';
"""


def person(**facts: bool) -> models.ForeignKey:
    """A person whose entries nobody asks for."""
    protect = django.db.models.deletion.PROTECT
    return models.ForeignKey(
        db_index=False, on_delete=protect, related_name="+", to=settings.AUTH_USER_MODEL, **facts
    )


class Migration(migrations.Migration):

    dependencies = [("hotlists", "0013_index_of_ended_entries")]

    operations = [
        migrations.SeparateDatabaseAndState(
            [migrations.RunSQL(WITHOUT, WITH)],
            [
                migrations.AlterField(
                    model_name="entry",
                    name="agency",
                    field=models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="accounts.agency",
                    ),
                ),
                migrations.AlterField(
                    model_name="entry",
                    name="origin",
                    field=models.SlugField(db_index=False, default="department", max_length=40),
                ),
                migrations.AlterField("entry", "requested_by", person()),
                migrations.AlterField("entry", "decided_by", person(blank=True, null=True)),
                migrations.AlterField("entry", "ended_by", person(blank=True, null=True)),
            ],
        ),
        migrations.RunSQL(BY_DEFAULT, BY_TRIGGER),
    ]
