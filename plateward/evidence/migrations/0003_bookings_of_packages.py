"""A booking names its package. None was recorded before there were packages, so no row lacks one."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [("evidence", "0002_packages")]

    operations = [
        migrations.AddField(
            model_name="booking",
            name="package",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="bookings",
                to="evidence.package",
            ),
        ),
        migrations.AlterField(
            model_name="booking",
            name="package",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="bookings", to="evidence.package"
            ),
        ),
    ]
