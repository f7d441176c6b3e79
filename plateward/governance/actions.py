"""Putting a profile in force, appointing people to positions, and journaling refusals."""

import hashlib
from datetime import datetime
from pathlib import Path

from django.db import transaction

from plateward.accounts.models import Agency, User
from plateward.audit import actions as audit
from plateward.audit.who import Who
from plateward.governance.actor import Actor
from plateward.governance.models import Adoption, PositionHolding
from plateward.governance.queries import profile_for
from plateward.policy import Decision, enforces, join_documents, load_profile


class AdoptionRefusedError(ValueError):
    """A profile that cannot be put in force for this agency; the message says what to do."""


class PositionUnknownError(ValueError):
    """The profile in force does not know the position."""


def read_policy(folder: Path) -> bytes:
    """The one text that is adopted: the folder's profile.yaml and, where there is one, its clauses.yaml.

    Raises FileNotFoundError naming the missing file.
    """
    files = (folder / "profile.yaml", folder / "clauses.yaml")
    return join_documents(*(file.read_bytes() for file in files if file.exists() or file == files[0]))


@transaction.atomic
def establish(*, profile_bytes: bytes, by: Who, now: datetime, accept_summary: bool = False) -> Agency:
    """Enter an agency as its profile describes it and put that profile in force.

    Raises ProfileError and AdoptionRefusedError, as `adopt`.
    """
    profile = load_profile(profile_bytes)
    agency, created = Agency.objects.get_or_create(
        id=profile.id,
        defaults={
            "name": profile.agency.name,
            "short_name": profile.agency.short_name,
            "ori": profile.agency.ori or "",
            "time_zone": profile.agency.time_zone,
        },
    )
    if created:
        audit.record(
            verb="accounts.agency.established",
            by=by,
            agency=agency.pk,
            subject=f"accounts.Agency:{agency.pk}",
            detail={"name": agency.name},
            profile_version=profile.version,
            now=now,
        )
    adopt(agency=agency, profile_bytes=profile_bytes, by=by, now=now, accept_summary=accept_summary)
    return agency


@transaction.atomic
def adopt(
    *, agency: Agency, profile_bytes: bytes, by: Who, now: datetime, accept_summary: bool = False
) -> Adoption:
    """Put a profile version in force and keep its bytes.

    Raises ProfileError when the profile is not valid, AdoptionRefusedError when it belongs to another agency,
    its version is on file already, or it was written from descriptions and `accept_summary` is not given.
    """
    profile = load_profile(profile_bytes)
    if profile.id != agency.pk:
        raise AdoptionRefusedError(f"The profile is that of {profile.id}, not of {agency.pk}.")
    if profile.provenance.is_summary and not accept_summary:
        raise AdoptionRefusedError(
            f"{profile.provenance.statement} Start from your own policy (docs/howto/write-a-profile.md), or "
            "accept the summary expressly, for a trial: --accept-summary."
        )
    if Adoption.objects.filter(agency=agency, version=profile.version).exists():
        raise AdoptionRefusedError(
            f"Version {profile.version} of {agency.pk} is on file already and stays as it is. "
            "Give the changed profile a new `version`."
        )
    adoption = Adoption.objects.create(
        agency=agency,
        version=profile.version,
        profile=profile_bytes,
        profile_sha256=hashlib.sha256(profile_bytes).hexdigest(),
        adopted_by=by.name,
        adopted_at=now,
    )
    audit.record(
        verb="governance.profile.adopted",
        by=by,
        agency=agency.pk,
        subject=f"governance.Adoption:{adoption.pk}",
        detail={
            "version": profile.version,
            "sha256": adoption.profile_sha256,
            "written_from": profile.provenance.kind,
        },
        profile_version=profile.version,
        now=now,
    )
    return adoption


@enforces("B-466.3¶2", "H-426.2¶2")
@transaction.atomic
def appoint(*, user: User, position: str, by: Who, profile_version: str, now: datetime) -> PositionHolding:
    """Give a position to a person from `now` on; the holding of a predecessor ends at the same instant.

    Raises PositionUnknownError for a position that the agency's profile in force does not know.
    """
    known = profile_for(user.agency_id).positions
    if position not in known:
        raise PositionUnknownError(f"{position} is no position of this policy. Known: {', '.join(known)}.")
    before = PositionHolding.objects.filter(
        agency_id=user.agency_id, position=position, until_at__isnull=True
    ).select_for_update()
    predecessors = list(before.values_list("user__username", flat=True))
    before.update(until_at=now)
    holding = PositionHolding.objects.create(
        agency_id=user.agency_id, position=position, user=user, from_at=now, appointed_by=by.name
    )
    audit.record(
        verb="governance.position.appointed",
        by=by,
        agency=user.agency_id,
        subject=f"governance.PositionHolding:{holding.pk}",
        detail={"position": position, "username": user.username, "predecessors": predecessors},
        profile_version=profile_version,
        now=now,
    )
    return holding


@enforces("B-466.4", "H-426.3")
@transaction.atomic
def journal_refusal(*, actor: Actor, decision: Decision, attempted: str, now: datetime) -> None:
    """Record that somebody was refused, by which clause (B-466.4, H-426.3: refusals are recorded)."""
    audit.record(
        verb="governance.access.refused",
        by=actor.who,
        agency=actor.agency,
        subject=f"accounts.User:{actor.user_id}",
        detail={"attempted": attempted, "clause": decision.clause, "reason": decision.reason},
        profile_version=actor.profile.version,
        now=now,
    )
