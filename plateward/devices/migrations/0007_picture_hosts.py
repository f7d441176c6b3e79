
import django.contrib.postgres.fields
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('devices', '0006_no_picture_hosts'),
    ]

    operations = [
        migrations.AddField(
            model_name='device',
            name='picture_hosts',
            field=django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=300), blank=True, db_default=[], size=None),
        ),
    ]
