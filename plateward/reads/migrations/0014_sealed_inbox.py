"""What waits in the inbox is sealed for its agency's key of the day; rows of before stay as they are."""

import django.db.models.deletion
import uuid
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0007_identities'),
        ('devices', '0006_no_picture_hosts'),
        ('reads', '0013_waiting_by_state'),
    ]

    operations = [
        migrations.CreateModel(
            name='InboxKey',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('made_date', models.DateField()),
                ('public', models.BinaryField()),
                ('master', models.CharField(max_length=100)),
                ('wrapped', models.BinaryField()),
                ('created_at', models.DateTimeField()),
                ('agency', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='accounts.agency')),
            ],
            options={
                'ordering': ('made_date', 'id'),
            },
        ),
        migrations.AddField(
            model_name='inboxitem',
            name='body_key',
            field=models.ForeignKey(blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='reads.inboxkey'),
        ),
        migrations.AddConstraint(
            model_name='inboxkey',
            constraint=models.UniqueConstraint(fields=('agency', 'made_date'), name='one_inbox_key_an_agency_and_day'),
        ),
    ]
