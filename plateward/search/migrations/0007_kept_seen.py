from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("search", "0006_kept_searches")]

    operations = [
        migrations.AddField(
            model_name="keptsearch",
            name="seen_at",
            field=models.DateTimeField(blank=True, null=True),
        ),
    ]
