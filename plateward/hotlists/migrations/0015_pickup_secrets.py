import uuid

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [("hotlists", "0014_fewer_indexes_to_write")]

    operations = [
        migrations.CreateModel(
            name="PickupSecret",
            fields=[
                (
                    "id",
                    models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False),
                ),
                ("server", models.CharField(max_length=64)),
                ("master", models.CharField(max_length=100)),
                ("wrapped", models.BinaryField()),
                ("made_at", models.DateTimeField()),
                (
                    "agency",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="accounts.agency",
                    ),
                ),
                (
                    "pickup",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="secret",
                        to="hotlists.pickup",
                    ),
                ),
            ],
        ),
    ]
