from django.db import migrations, models


class Migration(migrations.Migration):
    """Empty the addresses of pictures that are not to be fetched any more, and have the database see to it."""

    dependencies = [("reads", "0016_awaited_pictures")]

    operations = [
        migrations.AlterField(
            model_name="awaitedpicture",
            name="url",
            field=models.CharField(blank=True, max_length=2000),
        ),
        migrations.RunSQL("UPDATE reads_awaitedpicture SET url = '' WHERE state <> 'WAITING'"),
        migrations.AddConstraint(
            model_name="awaitedpicture",
            constraint=models.CheckConstraint(
                condition=models.Q(("state", "WAITING"), ("url", ""), _connector="OR"),
                name="address_only_while_awaited",
            ),
        ),
    ]
