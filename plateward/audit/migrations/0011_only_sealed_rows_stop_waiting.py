"""The queue for sealing loses a row only to the tree: the application, which may delete there, cannot hide one.

Tables are named with their schema: a temporary table of the same name would come first.
"""

from django.db import migrations

WAITS = """
CREATE FUNCTION plateward_keep_waiting() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' AND EXISTS (SELECT FROM public.audit_leaf WHERE audit_id = OLD.audit_id) THEN
        RETURN OLD;
    END IF;
    RAISE EXCEPTION 'Row % waits until it is sealed: % is refused', OLD.audit_id, TG_OP
        USING ERRCODE = 'insufficient_privilege';
END $$;
CREATE OR REPLACE FUNCTION plateward_queue_for_sealing() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO public.audit_unsealed (audit_id) VALUES (NEW.id);
    RETURN NULL;
END $$;
CREATE TRIGGER audit_unsealed_waits BEFORE UPDATE OR DELETE ON audit_unsealed
    FOR EACH ROW EXECUTE FUNCTION plateward_keep_waiting();
"""


class Migration(migrations.Migration):
    dependencies = [("audit", "0010_missing_alarm")]

    operations = [migrations.RunSQL(sql=WAITS)]
