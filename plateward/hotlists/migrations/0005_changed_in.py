from django.db import migrations

# In which transaction an entry last became, or ceased to be, something that a read can match. Together with a
# snapshot it tells what has been committed since, in whatever order: a number counted up would not, as a
# smaller one may be committed later. No field of the model: the database alone writes it.
CHANGED_IN = """
ALTER TABLE hotlists_entry ADD COLUMN changed_in xid8 NOT NULL DEFAULT '0';

CREATE FUNCTION plateward_entry_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.changed_in := pg_current_xact_id();
    RETURN NEW;
END $$;

CREATE TRIGGER hotlists_entry_made BEFORE INSERT ON hotlists_entry
    FOR EACH ROW EXECUTE FUNCTION plateward_entry_changed();

CREATE TRIGGER hotlists_entry_changed BEFORE UPDATE ON hotlists_entry
    FOR EACH ROW
    WHEN ((OLD.state, OLD.plate_key, OLD.agency_id) IS DISTINCT FROM (NEW.state, NEW.plate_key, NEW.agency_id))
    EXECUTE FUNCTION plateward_entry_changed();

CREATE INDEX entry_changed ON hotlists_entry (changed_in) WHERE state = 'ACTIVE';
CREATE INDEX entry_partial ON hotlists_entry (agency_id) WHERE state = 'ACTIVE' AND plate_key ~ '[*?]';
"""
BACK = """
DROP INDEX entry_partial;
DROP INDEX entry_changed;
DROP TRIGGER hotlists_entry_changed ON hotlists_entry;
DROP TRIGGER hotlists_entry_made ON hotlists_entry;
DROP FUNCTION plateward_entry_changed();
ALTER TABLE hotlists_entry DROP COLUMN changed_in;
"""


class Migration(migrations.Migration):
    dependencies = [("hotlists", "0004_whose_data")]

    operations = [migrations.RunSQL(CHANGED_IN, BACK)]
