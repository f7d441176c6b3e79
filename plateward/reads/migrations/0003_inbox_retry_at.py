from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("reads", "0002_partitioned_reads")]

    operations = [
        migrations.AddField(
            model_name="inboxitem",
            name="retry_at",
            field=models.DateTimeField(blank=True, null=True),
        ),
    ]
