"""Which profile is in force, who holds which position, and the actor behind a user."""

import hashlib
from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from uuid import UUID

import msgspec
from django.conf import settings
from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import BinaryField, F, Func, OuterRef, Q, QuerySet
from django.db.models.functions import JSONObject, Now

from plateward.accounts.models import User
from plateward.accounts.queries import certification_facts, clearance_fact
from plateward.accounts.rules import AccountState
from plateward.documents.store import FileStore
from plateward.governance.actor import Actor
from plateward.governance.models import (
    Adoption,
    DataAuthorization,
    Delegation,
    Draft,
    PositionHolding,
    PublicComment,
    VendorContract,
    Workspace,
)
from plateward.governance.registers import (
    Covers,
    lacks_comment,
    sources_lacking_comment,
    vendor_lacks_comment,
)
from plateward.governance.rules import ADOPT, DraftFacts, DraftState
from plateward.governance.standing import standing_of
from plateward.policy import (
    AuthorizationFact,
    DelegationFact,
    Kept,
    Position,
    Profile,
    ProfileError,
    Title,
    dump_profile,
    load_profile,
    positions_held,
    read_kept,
)


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
def _parsed(profile_sha256: str, raw: bytes) -> Kept:
    if (found := hashlib.sha256(raw).hexdigest()) != profile_sha256:
        raise ProfileError("adopted profile", [f"its SHA-256 is {found}, {profile_sha256} was adopted"])
    _readings[profile_sha256] = reading = read_kept(raw)
    return reading


_readings: dict[str, Kept] = {}
"""Versions read already, by the SHA-256 of their bytes; an agency adopts a few in a year."""


def adoptions(agency: str) -> QuerySet[Adoption]:
    """Every profile version the agency adopted, the latest first."""
    return Adoption.objects.filter(agency_id=agency).order_by("-adopted_at", "-id")


def adoption_in_force(agency: str, at: datetime | None = None) -> Adoption:
    """The version that decides at the instant `at`; raises NoPolicyInForceError.

    None is now by the database's clock, the one that all processes share.
    """
    adoption = _in_force(agency, at).first()
    if adoption is None:
        raise NoPolicyInForceError(agency)
    return adoption


_FOUND = Func(F("profile"), function="sha256", output_field=BinaryField())


def _in_force(agency: str, at: datetime | None) -> QuerySet[Adoption]:
    begun = adoptions(agency).filter(effective_at__lte=Now() if at is None else at)
    return begun.order_by("-effective_at", "-adopted_at", "-id")


def upcoming(agency: str, at: datetime) -> QuerySet[Adoption]:
    """Adopted versions whose day has not come, the next first."""
    return adoptions(agency).filter(effective_at__gt=at).order_by("effective_at")


def profile_for(agency: str, at: datetime | None = None) -> Profile:
    """The agency's profile in force at `at` (None: now), from the very bytes adopted.

    The database says what the bytes' SHA-256 is at each call; they travel only until they were read once.
    Raises NoPolicyInForceError, and UnusablePolicyError when the bytes were changed or no longer load.
    """
    adoption = _in_force(agency, at).defer("profile").annotate(found=_FOUND).first()
    if adoption is None:
        raise NoPolicyInForceError(agency)
    known = _readings.get(adoption.profile_sha256)
    if known is not None and bytes(adoption.found).hex() == adoption.profile_sha256:
        return known.profile
    try:
        return profile_of(adoption)
    except ProfileError as error:
        raise UnusablePolicyError(agency, adoption.version, error.problems) from error


def profile_of(kept: Adoption | Draft) -> Profile:
    """The profile of any kept version; raises ProfileError when its bytes were changed or no longer load."""
    return reading_of(kept).profile


def reading_of(kept: Adoption | Draft) -> Kept:
    """How a kept version is read today: of an older schema upgraded; raises as `profile_of`."""
    return _parsed(kept.profile_sha256, bytes(kept.profile))


def text_today(kept: Adoption | Draft) -> bytes:
    """A kept version's text to go on from: its own bytes, or of an older schema what it is today."""
    try:
        reading = reading_of(kept)
    except ProfileError:
        return bytes(kept.profile)
    return dump_profile(reading.profile) if reading.is_upgraded else bytes(kept.profile)


def drafts(agency: str) -> QuerySet[Draft]:
    """Every draft of the agency with its people, the latest first."""
    people = ("proposed_by", "ended_by", "adoption")
    return Draft.objects.filter(agency_id=agency).select_related(*people).order_by("-proposed_at", "-id")


def prepared_by(user_id: UUID) -> Workspace | None:
    """What a person is preparing, if anything."""
    return Workspace.objects.filter(pk=user_id).first()


def prepared(space: Workspace | None, in_force: Adoption) -> Profile:
    """The profile being prepared, or the one in force to begin with; raises ProfileError."""
    return load_profile(bytes(space.profile)) if space else profile_of(in_force)


def may_adopt(agency: str, profile: Profile, at: datetime) -> list[User]:
    """Everybody whom title or position lets put a version in force, by name."""
    parts: tuple[Title | Position, ...] = (*profile.titles.values(), *profile.positions.values())
    able = {part.id for part in parts if ADOPT in (part.capabilities.settled or ())}
    held = holdings_at(agency, at).filter(position__in=able).values("user")
    people = User.objects.filter(agency_id=agency, state=AccountState.ACTIVE)
    return list(people.filter(Q(title__in=able & set(profile.titles)) | Q(pk__in=held)).order_by("username"))


def missing_comment(profile: Profile, agency: str, kind: str) -> str:
    """Say that no public-comment meeting on record covers devices of a kind, "" where one does (R8)."""
    return lacks_comment(profile, kind, _covered(agency))


def missing_comments(profile: Profile, agency: str) -> list[str]:
    """Say the same of each vendor under contract and each source that somebody else hosts."""
    covered = _covered(agency)
    vendors = VendorContract.objects.filter(agency_id=agency).order_by("vendor").distinct()
    said = [vendor_lacks_comment(profile, name, covered) for name in vendors.values_list("vendor", flat=True)]
    return [*filter(None, said), *sources_lacking_comment(profile, covered)]


def _covered(agency: str) -> list[tuple[Covers, str]]:
    known = PublicComment.objects.filter(agency_id=agency).values_list("covers", "what")
    return [(Covers(covers), what) for covers, what in known]


def file_store() -> FileStore:
    """Where this installation keeps documents."""
    return FileStore(settings.ENVIRONMENT.documents)


def facts_of(draft: Draft) -> DraftFacts:
    """What the rules need to know about a draft."""
    return DraftFacts(DraftState(draft.state), str(draft.proposed_by_id))


def predecessor(adoption: Adoption) -> Adoption | None:
    """The version that decided until this one did, None of the first."""
    others = adoptions(adoption.agency_id).exclude(pk=adoption.pk)
    earlier = others.filter(effective_at__lte=adoption.effective_at, adopted_at__lte=adoption.adopted_at)
    return earlier.order_by("-effective_at", "-adopted_at").first()


def _since_admission(given_at: str, at: datetime) -> Q:
    """What a person was given at `given_at` before leaving counts no more once they are taken back."""
    return Q(**{f"{given_at}__gte": F("user__admitted_at")}) | Q(user__admitted_at__gt=at)


def holdings_at(agency: str, at: datetime) -> QuerySet[PositionHolding]:
    """Who holds which position at the instant `at`."""
    return (
        PositionHolding.objects.filter(agency_id=agency, from_at__lte=at, revoked_at__isnull=True)
        .filter(_since_admission("from_at", at))
        .filter(Q(until_at__isnull=True) | Q(until_at__gt=at))
        .select_related("user")
        .order_by("position")
    )


class PastHoldings:
    """Who held which position when, in an agency, since an instant: one query for many instants."""

    def __init__(self, agency: str, since: datetime) -> None:
        ended = Q(until_at__isnull=True) | Q(until_at__gt=since)
        self._by_user: dict[UUID, list[PositionHolding]] = defaultdict(list)
        for holding in PositionHolding.objects.filter(ended, agency_id=agency, revoked_at__isnull=True):
            self._by_user[holding.user_id].append(holding)

    def at(self, user_id: UUID, at: datetime) -> frozenset[str]:
        """The positions a person held at an instant not before `since`."""
        return frozenset(
            holding.position
            for holding in self._by_user[user_id]
            if holding.from_at <= at and (holding.until_at is None or at < holding.until_at)
        )


def positions_of(user: User, at: datetime) -> frozenset[str]:
    """The positions a person holds at the instant `at`."""
    return frozenset(holdings_at(user.agency_id, at).filter(user=user).values_list("position", flat=True))


def delegations_at(agency: str, at: datetime) -> QuerySet[Delegation]:
    """Delegations that count at the instant `at`: theirs is running, and so is the holding they rest on.

    None counts while its giver's account is closed, for a time or for good.
    """
    return (
        Delegation.objects.filter(agency_id=agency, from_at__lte=at, until_at__gt=at)
        .filter(_since_admission("delegated_at", at))
        .filter(Q(revoked_at__isnull=True) | Q(revoked_at__gt=at))
        .filter(holding__in=holdings_at(agency, at), holding__user__state=AccountState.ACTIVE)
        .select_related("holding__user", "user")
        .order_by("user__full_name", "from_at")
    )


@dataclass(frozen=True, slots=True)
class Given:
    """What a person was given at an instant; authorizations past or to come are in it, revoked ones not."""

    positions: frozenset[str]
    delegations: tuple[DelegationFact, ...]
    authorizations: tuple[AuthorizationFact, ...]


def given_to(user: User, at: datetime) -> Given:
    """Positions, delegations and authorizations of a person: one statement, for the gate always asks."""
    mine = {"user": OuterRef("pk")}
    held = holdings_at(user.agency_id, at).filter(**mine).values("position")
    delegated = delegations_at(user.agency_id, at).filter(**mine).values(fact=_DELEGATED)
    standing = DataAuthorization.objects.filter(
        _since_admission("granted_at", at), **mine, revoked_at__isnull=True
    )
    authorized = standing.order_by("origin", "from_date").values(fact=_AUTHORIZED)
    lists = (ArraySubquery(held), ArraySubquery(delegated), ArraySubquery(authorized))
    positions, delegations, authorizations = User.objects.filter(pk=user.pk).values_list(*lists).get()
    return Given(
        positions=frozenset(positions),
        delegations=tuple(
            DelegationFact(capability, fact["position"], fact["of"])
            for fact in delegations
            for capability in fact["capabilities"]
        ),
        authorizations=tuple(msgspec.convert(authorizations, list[AuthorizationFact])),
    )


_DELEGATED = JSONObject(
    capabilities="capabilities", position="holding__position", of="holding__user__full_name"
)
_AUTHORIZED = JSONObject(origin="origin", from_date="from_date", until_date="until_date")


def actor_for(user: User, *, at: datetime, address: str = "") -> Actor:
    """Gather what rules need to know about a person at the instant `at`; raises PolicyUnavailableError."""
    profile, given = profile_for(user.agency_id, at), given_to(user, at)
    return Actor(
        user_id=user.pk,
        username=user.username,
        name=user.full_name,
        title=user.title,
        agency=user.agency_id,
        agency_name=user.agency.name,
        positions=positions_held(profile, user.title, given.positions),
        certifications=certification_facts(user),
        clearance=clearance_fact(user),
        delegations=given.delegations,
        authorizations=given.authorizations,
        profile=profile,
        today=profile.agency.day(at),
        address=address,
        standing=standing_of(user, profile, at),
        organization=user.organization,
    )
