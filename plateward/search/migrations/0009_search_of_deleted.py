from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("search", "0008_canvasses_closed")]

    operations = [
        migrations.AddField(
            model_name="search",
            name="of_deleted",
            field=models.BooleanField(db_default=False),
        ),
    ]
