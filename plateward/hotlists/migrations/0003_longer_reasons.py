from django.db import migrations, models


class Migration(migrations.Migration):
    """As long as the form lets it be."""

    dependencies = [("hotlists", "0002_entry_requested_as")]

    operations = [
        migrations.AlterField(
            model_name="unavailability",
            name="reason",
            field=models.CharField(max_length=500),
        ),
    ]
