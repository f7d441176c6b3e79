"""Indexes of what is sealed for a key and of what is plain, built while the inbox is written to."""

from django.contrib.postgres.operations import AddConstraintNotValid, AddIndexConcurrently, ValidateConstraint
from django.db import migrations, models


class Migration(migrations.Migration):

    atomic = False

    dependencies = [("reads", "0014_sealed_inbox")]

    operations = [
        AddIndexConcurrently(
            model_name="inboxitem",
            index=models.Index(
                condition=models.Q(("body_key__isnull", False)), fields=["body_key"], name="inbox_sealed"
            ),
        ),
        AddIndexConcurrently(
            model_name="inboxitem",
            index=models.Index(
                condition=models.Q(("body__isnull", False), ("body_key__isnull", True)),
                fields=["received_at"],
                name="inbox_plain",
            ),
        ),
        AddConstraintNotValid(
            model_name="inboxitem",
            constraint=models.CheckConstraint(
                condition=models.Q(("body_key__isnull", True), ("body__isnull", False), _connector="OR"),
                name="inbox_key_while_body",
            ),
        ),
        ValidateConstraint(model_name="inboxitem", name="inbox_key_while_body"),
    ]
