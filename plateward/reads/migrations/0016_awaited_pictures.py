
import django.db.models.deletion
import uuid
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0007_identities'),
        ('devices', '0007_picture_hosts'),
        ('reads', '0015_sealed_inbox_indexes'),
    ]

    operations = [
        migrations.CreateModel(
            name='AwaitedPicture',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('read_id', models.UUIDField()),
                ('captured_at', models.DateTimeField()),
                ('role', models.CharField(choices=[('SCENE', 'Whole scene'), ('VEHICLE', 'Vehicle'), ('PLATE', 'Plate')], max_length=8)),
                ('url', models.CharField(max_length=2000)),
                ('state', models.CharField(choices=[('WAITING', 'To be fetched'), ('FETCHED', 'Fetched'), ('GIVEN_UP', 'Given up')], default='WAITING', max_length=10)),
                ('attempts', models.PositiveSmallIntegerField(default=0)),
                ('next_at', models.DateTimeField()),
                ('reason', models.CharField(blank=True, max_length=500)),
                ('agency', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='accounts.agency')),
                ('device', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='devices.device')),
            ],
            options={
                'ordering': ('captured_at', 'id'),
                'indexes': [models.Index(condition=models.Q(('state', 'WAITING')), fields=['next_at'], name='awaited_due'), models.Index(fields=['read_id'], name='awaited_of_read')],
            },
        ),
    ]
