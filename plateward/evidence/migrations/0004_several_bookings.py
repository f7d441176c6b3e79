"""What a hold covers may be booked into evidence in several packages."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [("evidence", "0003_bookings_of_packages")]

    operations = [
        migrations.AlterField(
            model_name="booking",
            name="hold",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="bookings", to="evidence.hold"
            ),
        ),
    ]
