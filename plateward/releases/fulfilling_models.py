"""How an approved request was fulfilled: the evidence package, to whom it went and how."""

import uuid

from django.db import models
from django.db.models import Q

from plateward.accounts.models import Agency, User
from plateward.evidence.models import Package
from plateward.releases.request_models import ReleaseRequest


class Way(models.TextChoices):
    PORTAL = "PORTAL", "Collected in the portal"
    DISC = "DISC", "Handed over on a disc or other medium"
    NOTHING = "NOTHING", "Nothing was found"


class Fulfillment(models.Model):
    """What is prepared and handed over for a request; `way` is empty until it is.

    `package` is the one ordered last; none where nothing was found. `receipt` says who took what, when it
    was handed over on a medium. `collect_by_date` is the last day on which it is collected in the portal.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    agency = models.ForeignKey(Agency, on_delete=models.PROTECT, related_name="+")
    request = models.OneToOneField(ReleaseRequest, on_delete=models.PROTECT, related_name="fulfillment")
    package = models.OneToOneField(Package, on_delete=models.PROTECT, related_name="+", null=True, blank=True)
    limits = models.JSONField(default=list)
    prepared_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    prepared_at = models.DateTimeField()
    way = models.CharField(max_length=7, blank=True, choices=Way.choices)
    collector = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+", null=True, blank=True)
    receipt = models.CharField(max_length=500, blank=True)
    handed_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+", null=True, blank=True)
    handed_at = models.DateTimeField(null=True, blank=True)
    collect_by_date = models.DateField(null=True, blank=True)
    collected_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("-prepared_at",)
        constraints = (
            models.CheckConstraint(
                condition=Q(way="", handed_at__isnull=True, handed_by__isnull=True)
                | ~Q(way="") & Q(handed_at__isnull=False, handed_by__isnull=False),
                name="fulfillment_is_handed_over_by_somebody",
            ),
            models.CheckConstraint(
                condition=~Q(way="PORTAL") | Q(collector__isnull=False, package__isnull=False),
                name="fulfillment_in_the_portal_has_its_collector",
            ),
            models.CheckConstraint(
                condition=~Q(way="PORTAL") | Q(collect_by_date__isnull=False),
                name="fulfillment_in_the_portal_has_its_last_day",
            ),
            models.CheckConstraint(
                condition=~Q(way="DISC") | Q(package__isnull=False) & ~Q(receipt=""),
                name="fulfillment_on_a_medium_has_its_receipt",
            ),
        )

    def __str__(self) -> str:
        return f"{self.request}: {self.get_way_display() or 'being prepared'}"
