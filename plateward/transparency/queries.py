"""What an agency's public pages are made from."""

from datetime import datetime
from uuid import UUID

from django.db.models import QuerySet

from plateward.accounts.models import Agency
from plateward.governance import queries as governance
from plateward.governance.models import Adoption
from plateward.governance.queries import NoPolicyInForceError


def public_adoption(agency: str, pk: UUID | None, at: datetime) -> Adoption | None:
    """The version in force, or one that was; None for no agency, no policy, or a version still to come."""
    if not Agency.objects.filter(pk=agency).exists():
        return None
    if pk is not None:
        return published(agency, at).filter(pk=pk).first()
    try:
        return governance.adoption_in_force(agency, at)
    except NoPolicyInForceError:
        return None


def published(agency: str, at: datetime) -> QuerySet[Adoption]:
    """Every version that has been in force by now, the latest first."""
    return governance.adoptions(agency).filter(effective_at__lte=at).order_by("-effective_at", "-adopted_at")


def holders(agency: str, at: datetime) -> dict[str, str]:
    """Who holds which position now, by name; a page shows only the one its policy asks for."""
    held = governance.holdings_at(agency, at)
    return {holding.position: holding.user.full_name for holding in held}
