"""Pictures are sealed under a key of their device and day; a key that was destroyed stays destroyed."""

import django.db.models.deletion
import uuid
from django.db import migrations, models

GUARDS = """
CREATE FUNCTION plateward_refuse_key_removal() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'Rows of data keys stay: they say when a key was destroyed'
        USING ERRCODE = 'insufficient_privilege', HINT = 'Destroy the key instead, with the reason.';
END $$;
CREATE TRIGGER reads_datakey_stays BEFORE DELETE ON reads_datakey
    FOR EACH ROW EXECUTE FUNCTION plateward_refuse_key_removal();
CREATE FUNCTION plateward_keep_key_destroyed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'Data key % was destroyed for good', OLD.id USING ERRCODE = 'insufficient_privilege';
END $$;
CREATE TRIGGER reads_datakey_stays_destroyed BEFORE UPDATE ON reads_datakey
    FOR EACH ROW WHEN (OLD.wrapped IS NULL) EXECUTE FUNCTION plateward_keep_key_destroyed();
"""


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0007_identities'),
        ('devices', '0002_register_facts'),
        ('reads', '0009_plates'),
    ]

    operations = [
        migrations.CreateModel(
            name='DataKey',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('captured_date', models.DateField()),
                ('kept_for', models.CharField(blank=True, db_default='', max_length=100)),
                ('master', models.CharField(max_length=100)),
                ('wrapped', models.BinaryField(null=True)),
                ('created_at', models.DateTimeField()),
                ('destroyed_at', models.DateTimeField(blank=True, null=True)),
                ('destroyed_because', models.CharField(blank=True, db_default='', max_length=300)),
                ('agency', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='accounts.agency')),
                ('device', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='devices.device')),
            ],
            options={
                'ordering': ('captured_date', 'id'),
            },
        ),
        migrations.AddField(
            model_name='picture',
            name='data_key',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='reads.datakey'),
        ),
        migrations.AddIndex(
            model_name='datakey',
            index=models.Index(condition=models.Q(('wrapped__isnull', False)), fields=['master'], name='living_keys'),
        ),
        migrations.AddConstraint(
            model_name='datakey',
            constraint=models.UniqueConstraint(fields=('agency', 'device', 'captured_date', 'kept_for'), name='one_key_a_device_and_day'),
        ),
        migrations.AddConstraint(
            model_name='datakey',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('destroyed_at__isnull', True), ('wrapped__isnull', False)), models.Q(('destroyed_at__isnull', False), ('wrapped__isnull', True), models.Q(('destroyed_because', ''), _negated=True)), _connector='OR'), name='key_lives_or_says_why_not'),
        ),
        migrations.RunSQL(GUARDS),
    ]
