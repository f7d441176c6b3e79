"""A booking names the verified copies it is on; no disc joins a set that was made."""

import django.db.models.deletion
from django.db import migrations, models

CHECKED = """
CREATE FUNCTION plateward_copy_is_verified(a_disc uuid, a_serial text) RETURNS boolean LANGUAGE sql STABLE
    SET search_path FROM CURRENT AS $$
    SELECT EXISTS (SELECT FROM evidence_disclink WHERE disc_id = a_disc AND serial = a_serial AND kind = 'BURNED')
        AND NOT EXISTS (
            SELECT FROM evidence_disclink WHERE disc_id = a_disc AND serial = a_serial AND kind = 'DESTROYED')
        AND COALESCE((
            SELECT is_verified FROM evidence_disclink
            WHERE disc_id = a_disc AND serial = a_serial AND checked_at IS NOT NULL AND report_sha256 <> ''
            ORDER BY checked_at DESC, is_verified LIMIT 1), false)
$$;
CREATE FUNCTION plateward_check_booked_copy() RETURNS trigger LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
BEGIN
    IF NOT plateward_copy_is_verified(NEW.disc_id, NEW.serial) THEN
        RAISE EXCEPTION 'A copy is booked only once its last check passed.' USING ERRCODE = 'check_violation';
    END IF;
    IF NOT EXISTS (
        SELECT FROM evidence_booking b JOIN evidence_disc d ON d.of_set_id = b.disc_set_id
        WHERE b.id = NEW.booking_id AND d.id = NEW.disc_id) THEN
        RAISE EXCEPTION 'A booked copy is of a disc of the booked set.' USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE FUNCTION plateward_check_booking() RETURNS trigger LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
BEGIN
    IF EXISTS (
        SELECT FROM evidence_booking b JOIN evidence_discset s ON s.id = b.disc_set_id
        WHERE b.id = NEW.id AND (s.package_id <> b.package_id OR s.state <> 'BUILT' OR EXISTS (
            SELECT FROM evidence_disc d WHERE d.of_set_id = s.id AND NOT EXISTS (
                SELECT FROM evidence_disclink l WHERE l.booking_id = b.id AND l.disc_id = d.id)))) THEN
        RAISE EXCEPTION 'A booking names a copy of each disc of a set of its package.'
            USING ERRCODE = 'check_violation';
    END IF;
    RETURN NULL;
END $$;
CREATE FUNCTION plateward_keep_booked_package() RETURNS trigger LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
BEGIN
    IF EXISTS (
        SELECT FROM evidence_disclink l JOIN evidence_booking b ON b.id = l.booking_id
        WHERE b.package_id = NEW.id AND NOT plateward_copy_is_verified(l.disc_id, l.serial)) THEN
        RAISE EXCEPTION 'Our copy stays while a booked copy is not verified.' USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE FUNCTION plateward_refuse_further_disc() RETURNS trigger LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
BEGIN
    IF NOT EXISTS (
        SELECT FROM evidence_discset WHERE id = NEW.of_set_id AND state = 'BUILDING') THEN
        RAISE EXCEPTION 'No disc joins a set of discs that was made.'
            USING ERRCODE = 'insufficient_privilege';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER evidence_disclink_booked BEFORE INSERT ON evidence_disclink
    FOR EACH ROW WHEN (NEW.kind = 'BOOKED') EXECUTE FUNCTION plateward_check_booked_copy();
CREATE CONSTRAINT TRIGGER evidence_booking_whole AFTER INSERT OR UPDATE ON evidence_booking
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN (NEW.disc_set_id IS NOT NULL)
    EXECUTE FUNCTION plateward_check_booking();
CREATE TRIGGER evidence_package_booked BEFORE UPDATE ON evidence_package
    FOR EACH ROW WHEN (NEW.state = 'DISCARDED' AND OLD.state <> 'DISCARDED')
    EXECUTE FUNCTION plateward_keep_booked_package();
CREATE TRIGGER evidence_disc_joins BEFORE INSERT OR UPDATE OF of_set_id ON evidence_disc
    FOR EACH ROW EXECUTE FUNCTION plateward_refuse_further_disc();
"""
UNCHECKED = """
DROP TRIGGER evidence_disc_joins ON evidence_disc;
DROP TRIGGER evidence_package_booked ON evidence_package;
DROP TRIGGER evidence_booking_whole ON evidence_booking;
DROP TRIGGER evidence_disclink_booked ON evidence_disclink;
DROP FUNCTION plateward_refuse_further_disc();
DROP FUNCTION plateward_keep_booked_package();
DROP FUNCTION plateward_check_booking();
DROP FUNCTION plateward_check_booked_copy();
DROP FUNCTION plateward_copy_is_verified(uuid, text);
"""


class Migration(migrations.Migration):

    dependencies = [("evidence", "0007_time_stamps")]

    operations = [
        migrations.AddField(
            "booking",
            "disc_set",
            models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="bookings",
                to="evidence.discset",
            ),
        ),
        migrations.AddField(
            "disclink",
            "booking",
            models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="copies",
                to="evidence.booking",
            ),
        ),
        migrations.AlterField(
            "disclink",
            "kind",
            models.CharField(
                choices=[
                    ("BURNED", "Burned"),
                    ("CHECKED", "Checked"),
                    ("BOOKED", "Booked into evidence"),
                    ("HANDED_OVER", "Handed over"),
                    ("DESTROYED", "Destroyed"),
                ],
                max_length=12,
            ),
        ),
        migrations.AddConstraint(
            "disclink",
            models.CheckConstraint(
                condition=models.Q(kind="BOOKED", booking__isnull=False)
                | ~models.Q(kind="BOOKED") & models.Q(booking__isnull=True),
                name="disc_booked_by_a_booking",
            ),
        ),
        migrations.RunSQL(CHECKED, UNCHECKED),
    ]
