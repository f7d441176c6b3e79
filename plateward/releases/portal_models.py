"""Partners' own accounts, each bound to the body on the register that its person works for."""

import uuid

from django.db import models

from plateward.accounts.models import Agency, User
from plateward.releases.partner_models import Partner


class PartnerAccount(models.Model):
    """Who of a partner may submit requests and collect what was approved; their account lies in accounts."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    agency = models.ForeignKey(Agency, on_delete=models.PROTECT, related_name="+")
    partner = models.ForeignKey(Partner, on_delete=models.PROTECT, related_name="accounts")
    user = models.OneToOneField(User, on_delete=models.PROTECT, related_name="partner_account")
    invited_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    invited_at = models.DateTimeField()

    class Meta:
        ordering = ("invited_at",)

    def __str__(self) -> str:
        return f"{self.user} of {self.partner}"
