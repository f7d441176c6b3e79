"""Discs come in sets that the worker makes; links of custody say to whom, by what receipt, seen by whom."""

import django.db.models.deletion
import uuid
from django.conf import settings
from django.db import migrations, models

# Serial numbers were not compared until now, and "1" is a natural one: a second disc's copy is told by its disc as
# well, and what was entered twice of one disc is counted. What was said stays in front of it.
DISTINCT_COPIES = """
WITH burned AS (
    SELECT agency_id, serial, disc_id,
           row_number() OVER (PARTITION BY agency_id, serial ORDER BY min(recorded_at), disc_id) AS place
    FROM evidence_disclink WHERE kind = 'BURNED' GROUP BY agency_id, serial, disc_id
)
UPDATE evidence_disclink AS l
SET serial = l.serial || ', disc ' || d.number || ' of ' || p.year || '-' || lpad(p.number::text, 4, '0')
FROM burned AS b JOIN evidence_disc AS d ON d.id = b.disc_id JOIN evidence_package AS p ON p.id = d.package_id
WHERE b.place > 1 AND l.disc_id = b.disc_id AND l.serial = b.serial;
WITH counted AS (
    SELECT id, row_number() OVER (PARTITION BY disc_id, kind, serial ORDER BY recorded_at, id) AS place
    FROM evidence_disclink WHERE kind IN ('BURNED', 'DESTROYED')
)
UPDATE evidence_disclink AS l SET serial = l.serial || ', entered again (' || c.place || ')'
FROM counted AS c WHERE c.id = l.id AND c.place > 1;
"""
UNCHANGED = """
CREATE FUNCTION plateward_refuse_custody_change() RETURNS trigger LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
BEGIN
    RAISE EXCEPTION 'The chain of custody of discs is never changed.' USING ERRCODE = 'insufficient_privilege';
END $$;
CREATE FUNCTION plateward_keep_made_disc() RETURNS trigger LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
BEGIN
    IF EXISTS (SELECT FROM evidence_discset WHERE id = OLD.of_set_id AND state = 'BUILT') THEN
        RAISE EXCEPTION 'A disc that was made is never changed.' USING ERRCODE = 'insufficient_privilege';
    END IF;
    IF TG_OP = 'DELETE' THEN RETURN OLD; END IF;
    RETURN NEW;
END $$;
CREATE FUNCTION plateward_keep_made_set() RETURNS trigger LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
BEGIN
    RAISE EXCEPTION 'A set of discs that was made is never changed.' USING ERRCODE = 'insufficient_privilege';
END $$;
CREATE TRIGGER evidence_disclink_stays BEFORE UPDATE OR DELETE ON evidence_disclink
    FOR EACH ROW EXECUTE FUNCTION plateward_refuse_custody_change();
CREATE TRIGGER evidence_disclink_not_emptied BEFORE TRUNCATE ON evidence_disclink
    FOR EACH STATEMENT EXECUTE FUNCTION plateward_refuse_custody_change();
CREATE TRIGGER evidence_disc_stays BEFORE UPDATE OR DELETE ON evidence_disc
    FOR EACH ROW EXECUTE FUNCTION plateward_keep_made_disc();
CREATE TRIGGER evidence_disc_not_emptied BEFORE TRUNCATE ON evidence_disc
    FOR EACH STATEMENT EXECUTE FUNCTION plateward_refuse_custody_change();
CREATE TRIGGER evidence_discset_stays BEFORE UPDATE OR DELETE ON evidence_discset
    FOR EACH ROW WHEN (OLD.state = 'BUILT') EXECUTE FUNCTION plateward_keep_made_set();
CREATE TRIGGER evidence_discset_not_emptied BEFORE TRUNCATE ON evidence_discset
    FOR EACH STATEMENT EXECUTE FUNCTION plateward_refuse_custody_change();
"""
CHANGED = """
DROP TRIGGER evidence_disclink_stays ON evidence_disclink;
DROP TRIGGER evidence_disclink_not_emptied ON evidence_disclink;
DROP TRIGGER evidence_disc_stays ON evidence_disc;
DROP TRIGGER evidence_disc_not_emptied ON evidence_disc;
DROP TRIGGER evidence_discset_stays ON evidence_discset;
DROP TRIGGER evidence_discset_not_emptied ON evidence_discset;
DROP FUNCTION plateward_refuse_custody_change();
DROP FUNCTION plateward_keep_made_disc();
DROP FUNCTION plateward_keep_made_set();
"""


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0008_partner_accounts'),
        ('evidence', '0005_discs'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='DiscSet',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('number', models.PositiveSmallIntegerField()),
                ('medium', models.CharField(choices=[('CD', 'CD-R, 700 MB'), ('DVD', 'DVD-R or DVD+R, 4.7 GB'), ('BD', 'BD-R, 25 GB')], max_length=4)),
                ('protection', models.CharField(choices=[('PLAIN', 'Not encrypted: the discs stay within secure places'), ('PASSPHRASE', 'Encrypted, opened by a passphrase that is shown once'), ('KEYS', 'Encrypted for the public keys below')], max_length=10)),
                ('recipients', models.JSONField(default=list)),
                ('key_file', models.TextField(blank=True)),
                ('marks', models.JSONField(default=list)),
                ('state', models.CharField(choices=[('BUILDING', 'Being made'), ('BUILT', 'Made and checked'), ('FAILED', 'Not made')], default='BUILDING', max_length=10)),
                ('total', models.PositiveSmallIntegerField(default=0)),
                ('attempts', models.PositiveSmallIntegerField(default=0)),
                ('failure', models.CharField(blank=True, max_length=500)),
                ('ordered_at', models.DateTimeField()),
                ('asked_from', models.CharField(blank=True, max_length=64)),
                ('made_at', models.DateTimeField(blank=True, null=True)),
                ('agency', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='accounts.agency')),
                ('ordered_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('package', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='disc_sets', to='evidence.package')),
            ],
            options={
                'ordering': ('package', 'number'),
            },
        ),
        migrations.AddField(
            model_name='disc',
            name='of_set',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='discs', to='evidence.discset'),
        ),
        migrations.AddField(
            model_name='disc',
            name='listed_sha256',
            field=models.CharField(blank=True, max_length=64),
        ),
        migrations.AddField(
            model_name='disclink',
            name='receipt',
            field=models.CharField(blank=True, max_length=200),
        ),
        migrations.AddField(
            model_name='disclink',
            name='report',
            field=models.JSONField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name='disclink',
            name='to_whom',
            field=models.CharField(blank=True, max_length=200),
        ),
        migrations.AddField(
            model_name='disclink',
            name='witness',
            field=models.CharField(blank=True, max_length=200),
        ),
        migrations.AddField(
            model_name='disclink',
            name='report_sha256',
            field=models.CharField(blank=True, max_length=64),
        ),
        migrations.AddField(
            model_name='disclink',
            name='checked_at',
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name='disclink',
            name='failure',
            field=models.CharField(blank=True, max_length=500),
        ),
        migrations.AddField(
            model_name='disclink',
            name='unverified_because',
            field=models.CharField(blank=True, max_length=300),
        ),
        migrations.AlterField(
            model_name='disclink',
            name='serial',
            field=models.CharField(max_length=160),
        ),
        migrations.RunSQL(DISTINCT_COPIES, migrations.RunSQL.noop),
        migrations.RunSQL(
            """
            INSERT INTO evidence_discset (id, agency_id, package_id, number, medium, protection, recipients, key_file,
                marks, state, total, attempts, failure, ordered_by_id, ordered_at, asked_from, made_at)
            SELECT gen_random_uuid(), agency_id, package_id, 1, medium, 'PLAIN', '[]', '', '[]', 'BUILT',
                total, 1, '', made_by_id, made_at, '', made_at
            FROM evidence_disc WHERE number = 1;
            UPDATE evidence_disc d SET of_set_id = s.id FROM evidence_discset s WHERE s.package_id = d.package_id;
            UPDATE evidence_disclink SET to_whom = left(told, 200), receipt = 'not asked for then'
                WHERE kind = 'HANDED_OVER';
            UPDATE evidence_disclink SET witness = left(told, 200) WHERE kind = 'DESTROYED';
            UPDATE evidence_disclink SET report = '{"told": "by word alone"}', checked_at = happened_at
                WHERE is_verified;
            """,
            migrations.RunSQL.noop,
        ),
        migrations.RunSQL("SET CONSTRAINTS ALL IMMEDIATE", migrations.RunSQL.noop),
        migrations.RemoveConstraint(
            model_name='disc',
            name='disc_once_in_its_set',
        ),
        migrations.RemoveField(
            model_name='disc',
            name='made_by',
        ),
        migrations.RemoveField(
            model_name='disc',
            name='medium',
        ),
        migrations.RemoveField(
            model_name='disc',
            name='package',
        ),
        migrations.AlterField(
            model_name='disc',
            name='of_set',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='discs', to='evidence.discset'),
        ),
        migrations.AlterModelOptions(
            name='disc',
            options={'ordering': ('of_set', 'number')},
        ),
        migrations.AlterField(
            model_name='disclink',
            name='kind',
            field=models.CharField(choices=[('BURNED', 'Burned'), ('CHECKED', 'Checked'), ('HANDED_OVER', 'Handed over'), ('DESTROYED', 'Destroyed')], max_length=12),
        ),
        migrations.AddConstraint(
            model_name='disclink',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('kind', 'HANDED_OVER'), _negated=True), models.Q(models.Q(('to_whom', ''), _negated=True), models.Q(('receipt', ''), _negated=True)), _connector='OR'), name='disc_hand_over_names_who'),
        ),
        migrations.AddConstraint(
            model_name='disclink',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('kind', 'DESTROYED'), _negated=True), models.Q(('witness', ''), _negated=True), _connector='OR'), name='disc_destruction_names_witness'),
        ),
        migrations.AddConstraint(
            model_name='disclink',
            constraint=models.CheckConstraint(condition=models.Q(('is_verified', False), ('report__isnull', False), _connector='OR'), name='disc_verified_by_report'),
        ),
        migrations.AddConstraint(
            model_name='disclink',
            constraint=models.UniqueConstraint(condition=models.Q(('kind', 'BURNED')), fields=('agency', 'serial'), name='disc_copy_burned_once'),
        ),
        migrations.AddConstraint(
            model_name='disclink',
            constraint=models.UniqueConstraint(condition=models.Q(('kind', 'DESTROYED')), fields=('disc', 'serial'), name='disc_copy_destroyed_once'),
        ),
        migrations.AddConstraint(
            model_name='disc',
            constraint=models.UniqueConstraint(fields=('of_set', 'number'), name='disc_once_in_its_set'),
        ),
        migrations.AddConstraint(
            model_name='discset',
            constraint=models.UniqueConstraint(fields=('package', 'number'), name='disc_set_number_once'),
        ),
        migrations.AddConstraint(
            model_name='discset',
            constraint=models.UniqueConstraint(condition=models.Q(('state', 'BUILDING')), fields=('package',), name='disc_sets_one_by_one'),
        ),
        migrations.AddConstraint(
            model_name='discset',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('state', 'BUILT'), _negated=True), models.Q(('made_at__isnull', False), ('total__gt', 0)), _connector='OR'), name='disc_set_made_has_its_discs'),
        ),
        migrations.AddConstraint(
            model_name='discset',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('state', 'FAILED'), _negated=True), models.Q(('failure', ''), _negated=True), _connector='OR'), name='disc_set_failed_says_why'),
        ),
        migrations.AddConstraint(
            model_name='discset',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('protection', 'PLAIN'), ('recipients', [])), models.Q(models.Q(('protection', 'PLAIN'), _negated=True), models.Q(('recipients', []), _negated=True)), _connector='OR'), name='disc_set_encrypted_for_somebody'),
        ),
        migrations.AddConstraint(
            model_name='discset',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('protection', 'PASSPHRASE'), models.Q(('key_file', ''), _negated=True)), models.Q(models.Q(('protection', 'PASSPHRASE'), _negated=True), ('key_file', '')), _connector='OR'), name='disc_set_passphrase_opens_key'),
        ),
        migrations.AddConstraint(
            model_name='disclink',
            constraint=models.CheckConstraint(condition=models.Q(('is_verified', False), ('failure', ''), _connector='OR'), name='disc_verified_without_failure'),
        ),
        migrations.AddConstraint(
            model_name='disclink',
            constraint=models.UniqueConstraint(condition=models.Q(('report_sha256', ''), _negated=True), fields=('agency', 'report_sha256'), name='disc_report_serves_once'),
        ),
        migrations.RunSQL(UNCHANGED, CHANGED),
    ]
