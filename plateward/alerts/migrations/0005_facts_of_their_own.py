"""What was read, seen, asked and answered, each a fact of its own beside the steps."""

import django.db.models.deletion
import uuid
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('alerts', '0004_who_works_it'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name='alert',
            name='doubt',
            field=models.PositiveSmallIntegerField(db_default=0, default=0),
        ),
        migrations.AddField(
            model_name='alert',
            name='is_late',
            field=models.BooleanField(db_default=False, default=False),
        ),
        migrations.AddField(
            model_name='disposition',
            name='read_fault',
            field=models.CharField(blank=True, choices=[('MISREAD', 'Misread'), ('WRONG_STATE', 'Wrong state')], db_default='', default='', max_length=12),
        ),
        migrations.AddField(
            model_name='hit',
            name='confidence',
            field=models.FloatField(null=True),
        ),
        migrations.AddField(
            model_name='hit',
            name='distance',
            field=models.PositiveSmallIntegerField(null=True),
        ),
        migrations.AddField(
            model_name='hit',
            name='heading_deg',
            field=models.FloatField(null=True),
        ),
        migrations.AddField(
            model_name='hit',
            name='is_late',
            field=models.BooleanField(db_default=False, default=False),
        ),
        migrations.AddField(
            model_name='hit',
            name='latitude',
            field=models.FloatField(null=True),
        ),
        migrations.AddField(
            model_name='hit',
            name='longitude',
            field=models.FloatField(null=True),
        ),
        migrations.AddField(
            model_name='hit',
            name='read_region',
            field=models.CharField(blank=True, db_default='', default='', max_length=6),
        ),
        migrations.AddField(
            model_name='hit',
            name='received_at',
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name='steprecord',
            name='hit',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='alerts.hit'),
        ),
        migrations.AlterField(
            model_name='confirmation',
            name='result',
            field=models.CharField(choices=[('CONFIRMED', 'Confirmed: the record is active'), ('NOT_CONFIRMED', 'Not confirmed: no active record'), ('NO_ANSWER', 'No answer came')], max_length=14),
        ),
        migrations.CreateModel(
            name='HitConfirmation',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('number', models.PositiveSmallIntegerField()),
                ('entering_agency', models.CharField(max_length=80)),
                ('urgency', models.CharField(choices=[('URGENT', 'Urgent'), ('ROUTINE', 'Routine')], max_length=8)),
                ('asked_at', models.DateTimeField()),
                ('due_at', models.DateTimeField()),
                ('alert', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='hit_confirmations', to='alerts.alert')),
                ('asked_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'ordering': ('asked_at', 'number'),
            },
        ),
        migrations.CreateModel(
            name='HitAnswer',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('result', models.CharField(choices=[('CONFIRMED', 'Confirmed: the record holds'), ('NOT_CONFIRMED', 'Not confirmed: the record does not hold'), ('WILL_ANSWER', 'Will answer by a time it names')], max_length=14)),
                ('promised_at', models.DateTimeField(blank=True, null=True)),
                ('note', models.CharField(blank=True, max_length=300)),
                ('recorded_at', models.DateTimeField()),
                ('recorded_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('request', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='answers', to='alerts.hitconfirmation')),
            ],
            options={
                'ordering': ('recorded_at',),
            },
        ),
        migrations.CreateModel(
            name='NotPracticable',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('reason', models.CharField(max_length=300)),
                ('recorded_at', models.DateTimeField()),
                ('alert', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='excuses', to='alerts.alert')),
                ('recorded_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'verbose_name_plural': 'not practicable',
                'ordering': ('recorded_at',),
            },
        ),
        migrations.CreateModel(
            name='PictureMatch',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('characters', models.CharField(choices=[('YES', 'Yes'), ('NO', 'No'), ('CANNOT_TELL', 'Cannot tell')], max_length=12)),
                ('region', models.CharField(choices=[('YES', 'Yes'), ('NO', 'No'), ('CANNOT_TELL', 'Cannot tell')], max_length=12)),
                ('make', models.CharField(choices=[('YES', 'Yes'), ('NO', 'No'), ('CANNOT_TELL', 'Cannot tell')], max_length=12)),
                ('color', models.CharField(choices=[('YES', 'Yes'), ('NO', 'No'), ('CANNOT_TELL', 'Cannot tell')], max_length=12)),
                ('recorded_at', models.DateTimeField()),
                ('alert', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='picture_matches', to='alerts.alert')),
                ('hit', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='picture_matches', to='alerts.hit')),
                ('recorded_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'verbose_name_plural': 'picture matches',
                'ordering': ('recorded_at',),
            },
        ),
        migrations.AddConstraint(
            model_name='hitconfirmation',
            constraint=models.UniqueConstraint(fields=('alert', 'number'), name='hit_confirmation_number'),
        ),
        migrations.AddConstraint(
            model_name='hitanswer',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('promised_at__isnull', False), ('result', 'WILL_ANSWER')), models.Q(models.Q(('result', 'WILL_ANSWER'), _negated=True), ('promised_at__isnull', True)), _connector='OR'), name='hit_answer_promises_a_time'),
        ),
    ]
