from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("hotlists", "0001_initial")]

    operations = [
        migrations.AddField(
            model_name="entry",
            name="requested_as",
            field=models.CharField(default="", max_length=60),
            preserve_default=False,
        ),
    ]
