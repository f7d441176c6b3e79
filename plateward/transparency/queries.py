"""What an agency's public pages are made from."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import QuerySet

from plateward.accounts.models import Agency
from plateward.accounts.rules import AccountState
from plateward.governance import queries as governance
from plateward.governance.models import Adoption
from plateward.governance.queries import NoPolicyInForceError
from plateward.policy import Layer, Profile
from plateward.transparency.models import Posting
from plateward.transparency.rules import due_at, to_be_posted


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
    """Who in service holds which position now, by name; a page shows only the one its policy asks for.

    Only people with an active account are named: the public turns to whoever it finds here, and who is
    suspended or gone answers for nothing meanwhile. An account locked by failed log-ins is active: no
    stranger's guesses change a public page, or are confirmed by one.
    """
    held = governance.holdings_at(agency, at).filter(user__state=AccountState.ACTIVE)
    return {holding.position: holding.user.full_name for holding in held}


@dataclass(frozen=True, slots=True)
class Document:
    """A document that is to be posted, its last check, and when the next is due."""

    layer: Layer
    last: Posting | None
    due_at: datetime | None
    is_due: bool


def documents(agency: str, at: datetime) -> list[Document]:
    """What the policy in force wants posted; raises PolicyUnavailableError."""
    adoption = governance.adoption_in_force(agency, at)
    profile = governance.profile_for(agency, at)
    latest = {
        posting.document: posting
        for posting in postings(agency).order_by("document", "-checked_at").distinct("document")
    }
    return [
        _document(profile, layer, latest.get(layer.id), adoption.effective_at, at)
        for layer in to_be_posted(profile)
    ]


def _document(
    profile: Profile, layer: Layer, last: Posting | None, in_force_since: datetime, at: datetime
) -> Document:
    checked = last.checked_at if last else None
    due = due_at(profile, last=checked, in_force_since=in_force_since)
    return Document(layer, last, due, due is not None and due <= at)


def postings(agency: str) -> QuerySet[Posting]:
    """Every check on record, the latest first."""
    return Posting.objects.filter(agency_id=agency)
