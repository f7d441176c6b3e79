"""Which profile is in force, who holds which position, and the actor behind a user."""

import hashlib
from datetime import datetime
from functools import lru_cache
from zoneinfo import ZoneInfo

from django.db.models import Q, QuerySet

from plateward.accounts.models import User
from plateward.accounts.queries import certification_facts, clearance_fact
from plateward.governance.actor import Actor
from plateward.governance.models import Adoption, PositionHolding
from plateward.policy import Profile, ProfileError, load_profile, positions_held


class PolicyUnavailableError(LookupError):
    """The agency's policy cannot be asked: nothing can be decided, so nothing is allowed."""


class NoPolicyInForceError(PolicyUnavailableError):
    """An agency without an adopted profile."""

    def __init__(self, agency: str) -> None:
        super().__init__(
            f"No policy is in force for {agency}. Adopt one: plateward adopt <folder of the agency's policy>"
        )


class UnusablePolicyError(PolicyUnavailableError):
    """An adopted profile that this version of Plateward cannot use; `problems` says why, a line each."""

    def __init__(self, agency: str, version: str, problems: tuple[str, ...]) -> None:
        self.problems = problems
        super().__init__(
            f"Version {version} of the policy in force for {agency} cannot be used by this Plateward. "
            "Adopt a corrected profile under a new version: plateward adopt <folder of the agency's policy>; "
            "plateward doctor names what is wrong."
        )


@lru_cache(maxsize=64)
def _parsed(profile_sha256: str, raw: bytes) -> Profile:
    if (found := hashlib.sha256(raw).hexdigest()) != profile_sha256:
        raise ProfileError("adopted profile", [f"its SHA-256 is {found}, {profile_sha256} was adopted"])
    return load_profile(raw, source="adopted profile")


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
    """The agency's profile in force, from the very bytes adopted.

    Raises NoPolicyInForceError, and UnusablePolicyError when the bytes were changed or no longer load.
    """
    adoption = adoption_in_force(agency)
    try:
        return _parsed(adoption.profile_sha256, bytes(adoption.profile))
    except ProfileError as error:
        raise UnusablePolicyError(agency, adoption.version, error.problems) from error


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
    """Gather what rules need to know about a person at the instant `at`; raises PolicyUnavailableError."""
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
        clearance=clearance_fact(user),
        profile=profile,
        today=at.astimezone(ZoneInfo(profile.agency.time_zone)).date(),
        address=address,
    )
