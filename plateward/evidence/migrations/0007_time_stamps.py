"""A package says who stamped its time and when (RFC 3161), or why nobody did."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [("evidence", "0006_disc_sets")]

    operations = [
        migrations.AddField("package", "stamped_at", models.DateTimeField(blank=True, null=True)),
        migrations.AddField("package", "stamped_by", models.CharField(blank=True, max_length=300)),
        migrations.AddField("package", "unstamped_because", models.CharField(blank=True, max_length=300)),
        migrations.AddConstraint(
            "package",
            models.CheckConstraint(
                condition=models.Q(stamped_at__isnull=True, stamped_by="")
                | models.Q(stamped_at__isnull=False, unstamped_because="") & ~models.Q(stamped_by=""),
                name="package_stamped_by_somebody_or_says_why",
            ),
        ),
    ]
