"""Which profile is in force, who holds which position, and the actor behind a user."""

from datetime import datetime
from functools import lru_cache
from zoneinfo import ZoneInfo

from django.db.models import Q, QuerySet

from plateward.accounts.models import User
from plateward.accounts.queries import certification_facts
from plateward.governance.actor import Actor
from plateward.governance.models import Adoption, PositionHolding
from plateward.policy import Profile, load_profile, positions_held


class NoPolicyInForceError(LookupError):
    """An agency without an adopted profile: nothing can be decided, so nothing is allowed."""

    def __init__(self, agency: str) -> None:
        super().__init__(
            f"No policy is in force for {agency}. Adopt one: plateward adopt <folder of the agency's policy>"
        )


@lru_cache(maxsize=64)
def _parsed(profile_sha256: str, raw: bytes) -> Profile:  # noqa: ARG001 - the digest keys the cache
    return load_profile(raw)


def adoptions(agency: str) -> QuerySet[Adoption]:
    """Every profile version the agency put in force, the latest first."""
    return Adoption.objects.filter(agency_id=agency).order_by("-adopted_at", "-id")


def adoption_in_force(agency: str) -> Adoption:
    """The agency's latest adoption; raises NoPolicyInForceError."""
    adoption = adoptions(agency).first()
    if adoption is None:
        raise NoPolicyInForceError(agency)
    return adoption


def profile_for(agency: str) -> Profile:
    """The agency's profile in force; raises NoPolicyInForceError."""
    adoption = adoption_in_force(agency)
    return _parsed(adoption.profile_sha256, bytes(adoption.profile))


def holdings_at(agency: str, at: datetime) -> QuerySet[PositionHolding]:
    """Who holds which position at the instant `at`."""
    return (
        PositionHolding.objects.filter(agency_id=agency, from_at__lte=at)
        .filter(Q(until_at__isnull=True) | Q(until_at__gt=at))
        .select_related("user")
        .order_by("position")
    )


def positions_of(user: User, at: datetime) -> frozenset[str]:
    """The positions a person holds at the instant `at`."""
    return frozenset(holdings_at(user.agency_id, at).filter(user=user).values_list("position", flat=True))


def actor_for(user: User, *, at: datetime, address: str = "") -> Actor:
    """Gather what rules need to know about a person at the instant `at`."""
    profile = profile_for(user.agency_id)
    return Actor(
        user_id=user.pk,
        username=user.username,
        name=user.full_name,
        title=user.title,
        agency=user.agency_id,
        agency_name=user.agency.name,
        positions=positions_held(profile, user.title, positions_of(user, at)),
        certifications=certification_facts(user),
        profile=profile,
        today=at.astimezone(ZoneInfo(user.agency.time_zone)).date(),
        address=address,
    )
