"""An open alert stands for one entry and the plate and state as read, not for the entry alone."""

from django.db import migrations, models

# Alerts raised before this one folded look-alikes in: they keep the plate of their entry.
FILL = "UPDATE alerts_alert SET plate = entry.plate FROM hotlists_entry AS entry WHERE entry.id = entry_id"


class Migration(migrations.Migration):
    dependencies = [("alerts", "0002_deliveries")]

    operations = [
        migrations.AddField("alert", "plate", models.CharField(default="", max_length=20), preserve_default=False),
        migrations.AddField("alert", "other_state", models.CharField(blank=True, default="", max_length=6), preserve_default=False),
        migrations.RunSQL(FILL),
        migrations.RemoveConstraint("alert", "alert_open_once_per_entry"),
        migrations.AddConstraint(
            "alert",
            models.UniqueConstraint(
                condition=~models.Q(status="CLOSED"),
                fields=("entry", "plate", "other_state"),
                name="alert_open_once_per_vehicle",
            ),
        ),
    ]
