"""Proposing versions of the policy and putting them in force, appointing people, journaling refusals."""

import hashlib
from datetime import datetime, timedelta
from pathlib import Path

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Q, QuerySet
from django.urls import reverse

from plateward.accounts.models import Agency, User
from plateward.audit import actions as audit
from plateward.audit.who import Who
from plateward.governance import queries, rules
from plateward.governance.actor import Actor
from plateward.governance.models import Adoption, Draft, PositionHolding, Workspace
from plateward.governance.queries import PolicyUnavailableError, profile_for
from plateward.governance.replays import Replay, replay
from plateward.governance.rules import Act
from plateward.notices import actions as notices
from plateward.notices.rules import to_person
from plateward.policy import Decision, Profile, dump_profile, enforces, join_documents, load_profile

REPLAYED_DAYS = 90
WAITING_DRAFT = "draft-waits"
"""The kind of notice that a proposed version leaves."""
ADOPTED_ALONE = "adopted-alone"
"""The kind of notice that a version leaves which one person put in force over another."""


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
def establish(
    *, profile_bytes: bytes, by: Who, now: datetime, accept_summary: bool = False, alone: str = ""
) -> Agency:
    """Enter an agency as its profile describes it and put that profile in force.

    `alone` says why one person changes a policy that is in force and works, which otherwise takes two
    (`propose`, `adopt_draft`). Raises ProfileError and AdoptionRefusedError, as `adopt`.
    """
    profile = load_profile(profile_bytes)
    if not alone.strip() and not _is_on_file(profile):
        _refuse_alone(profile.id, now)
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
    adoption = adopt(
        agency=agency,
        profile_bytes=profile_bytes,
        by=by,
        now=now,
        accept_summary=accept_summary,
        alone=alone.strip(),
    )
    if alone.strip():
        _tell_of_one_person(adoption, by, now)
    return agency


def _refuse_alone(agency: str, now: datetime) -> None:
    """Raise AdoptionRefusedError where two people can change the policy."""
    try:
        version = profile_for(agency, now).version
    except PolicyUnavailableError:
        return
    raise AdoptionRefusedError(
        f"Version {version} is in force; a change takes two people: propose yours under Policy, Versions. "
        "Where no second person can, say why with --alone; it goes on record, and everybody who may put a "
        "version in force hears of it."
    )


def _tell_of_one_person(adoption: Adoption, by: Who, now: datetime) -> None:
    for person in queries.may_adopt(adoption.agency_id, queries.profile_of(adoption), now):
        notices.raise_notice(
            agency=adoption.agency_id,
            key=f"{ADOPTED_ALONE}:{adoption.pk}:{person.username}",
            kind=ADOPTED_ALONE,
            to=to_person(person.pk, person.full_name),
            text=f"{by.name} put version {adoption.version} of the policy in force without a second person.",
            by=by,
            now=now,
            link=reverse("governance:version", args=[adoption.pk]),
            subject=f"governance.Adoption:{adoption.pk}",
        )


@transaction.atomic
def adopt(
    *,
    agency: Agency,
    profile_bytes: bytes,
    by: Who,
    now: datetime,
    accept_summary: bool = False,
    alone: str = "",
) -> Adoption:
    """Put a profile version in force and keep its bytes; `alone` goes on record (see `establish`).

    Raises ProfileError when the profile is not valid, AdoptionRefusedError when it belongs to another agency,
    its version is on file already, or it was written from descriptions and `accept_summary` is not given.
    """
    adoption = _put_in_force(agency.pk, profile_bytes, by, now, accept_summary=accept_summary)
    audit.record(
        verb="governance.profile.adopted",
        by=by,
        agency=agency.pk,
        subject=f"governance.Adoption:{adoption.pk}",
        detail=_adopted(adoption) | ({"alone": alone} if alone else {}),
        profile_version=adoption.version,
        now=now,
    )
    return adoption


def _put_in_force(
    agency: str, profile_bytes: bytes, by: Who, now: datetime, *, accept_summary: bool
) -> Adoption:
    Agency.objects.select_for_update().get(pk=agency)  # one adoption at a time
    profile = load_profile(profile_bytes)
    _check_new(agency, profile, accept_summary=accept_summary)
    latest = queries.adoptions(agency).first()
    # Later than every earlier adoption, also where the clock was set back: the latest one decides.
    at = max(now, latest.adopted_at + timedelta(microseconds=1)) if latest else now
    return Adoption.objects.create(
        agency_id=agency,
        version=profile.version,
        profile=profile_bytes,
        profile_sha256=hashlib.sha256(profile_bytes).hexdigest(),
        adopted_by=by.name,
        adopted_at=at,
        effective_at=rules.effective_at(profile, at, is_first=latest is None),
    )


def _check_new(agency: str, profile: Profile, *, accept_summary: bool) -> None:
    if profile.id != agency:
        raise AdoptionRefusedError(f"The profile is that of {profile.id}, not of {agency}.")
    if profile.provenance.is_summary and not accept_summary:
        raise AdoptionRefusedError(
            f"{profile.provenance.statement} Start from your own policy (docs/howto/write-a-profile.md), or "
            "accept the summary expressly, for a trial: --accept-summary."
        )
    if _is_on_file(profile):
        raise AdoptionRefusedError(
            f"Version {profile.version} of {agency} is on file already and stays as it is. "
            "Give the changed profile a new `version`."
        )


def _is_on_file(profile: Profile) -> bool:
    return queries.adoptions(profile.id).filter(version=profile.version).exists()


def _adopted(adoption: Adoption) -> dict[str, str]:
    return {
        "version": adoption.version,
        "sha256": adoption.profile_sha256,
        "effective_at": adoption.effective_at.isoformat(),
        "written_from": queries.profile_of(adoption).provenance.kind,
    }


@enforces("B-466.3¶2", "H-426.2¶2", "B-466.3.1", "H-426.2.1")
@transaction.atomic
def propose(*, profile_bytes: bytes, why: str, by: Actor, now: datetime) -> Draft:
    """Propose a version of one's own agency's policy; nothing changes until a second person adopts it.

    Raises Refused, ProfileError, AdoptionRefusedError (another agency's, or a version that is on file or
    waits already), and ValidationError without a reason.
    """
    by.require(rules.PROPOSE)
    profile = load_profile(profile_bytes, source="proposed version")
    _check_new(by.agency, profile, accept_summary=by.profile.provenance.is_summary)
    Agency.objects.select_for_update().get(pk=by.agency)  # two proposals of one version come one by one
    if queries.drafts(by.agency).filter(state=rules.DraftState.PROPOSED, version=profile.version).exists():
        said = f"Version {profile.version} is proposed already. Withdraw it, or choose another `version`."
        raise AdoptionRefusedError(said)
    draft = Draft(
        agency_id=by.agency,
        version=profile.version,
        profile=profile_bytes,
        profile_sha256=hashlib.sha256(profile_bytes).hexdigest(),
        compared_with=by.profile.version,
        why=_reason(why, "why"),
        proposed_by_id=by.user_id,
        proposed_at=now,
    )
    draft.full_clean()
    draft.save(force_insert=True)
    _journal(Act.PROPOSE, draft, by=by, now=now, detail={"why": draft.why})
    _ask_second_person(draft, by, now)
    Workspace.objects.filter(pk=by.user_id).delete()
    return draft


def _ask_second_person(draft: Draft, by: Actor, now: datetime) -> None:
    """Everybody else who may put it in force hears that it waits."""
    for person in queries.may_adopt(by.agency, by.profile, now):
        if person.pk != by.user_id:
            notices.raise_notice(
                agency=by.agency,
                key=f"{WAITING_DRAFT}:{draft.pk}:{person.username}",
                kind=WAITING_DRAFT,
                to=to_person(person.pk, person.full_name),
                text=f"Version {draft.version} of the policy waits for a second person’s decision.",
                by=by.who,
                now=now,
                link=reverse("governance:draft", args=[draft.pk]),
                subject=f"governance.Draft:{draft.pk}",
                is_task=True,
            )


@transaction.atomic
def prepare(*, profile: Profile, by: Actor, now: datetime) -> Workspace:
    """Keep the version a person is preparing, changed by one value. Raises Refused."""
    by.require(rules.PROPOSE)
    before = queries.prepared_by(by.user_id)
    kept = {"profile": dump_profile(profile), "changed_at": now, "agency_id": by.agency}
    begun = before.begun_from if before else by.profile.version
    space, _ = Workspace.objects.update_or_create(pk=by.user_id, defaults=kept | {"begun_from": begun})
    return space


@transaction.atomic
def discard_prepared(*, by: Actor) -> None:
    """Throw away what a person is preparing. Raises Refused."""
    by.require(rules.PROPOSE)
    Workspace.objects.filter(pk=by.user_id).delete()


@enforces("B-466.3¶2", "H-426.2¶2", "B-466.3.1", "H-426.2.1")
@transaction.atomic
def adopt_draft(*, draft: Draft, compared_with: str, note: str, by: Actor, now: datetime) -> Adoption:
    """Put a proposed version in force from its effective date, as another person than who proposed it.

    `compared_with` is the version in force the person compared it with. Raises Refused, ProfileError, and
    AdoptionRefusedError when another version came in force since the comparison.
    """
    Agency.objects.select_for_update().get(pk=by.agency)
    locked = _decided(Act.ADOPT, draft, by)
    in_force = queries.adoption_in_force(by.agency, now).version
    if in_force != compared_with:
        said = f"Version {in_force} came in force since you compared. Compare again, then decide."
        raise AdoptionRefusedError(said)
    queries.profile_of(locked)  # the very bytes that were proposed
    on_trial = by.profile.provenance.is_summary  # then a further summary changes nothing about that
    adoption = _put_in_force(by.agency, bytes(locked.profile), by.who, now, accept_summary=on_trial)
    locked.adoption = adoption
    detail = _adopted(adoption) | {"instead_of": in_force, "proposed_by": locked.proposed_by.username}
    _end(Act.ADOPT, locked, note=note.strip(), by=by, now=now, detail=detail)
    return adoption


@enforces("B-466.3¶2", "H-426.2¶2")
@transaction.atomic
def refuse_draft(*, draft: Draft, note: str, by: Actor, now: datetime) -> Draft:
    """Decide against a proposed version, with a reason for the proposer.

    Raises Refused, and ValidationError without a reason.
    """
    locked = _decided(Act.REFUSE, draft, by)
    return _end(Act.REFUSE, locked, note=_reason(note, "note"), by=by, now=now)


@transaction.atomic
def withdraw_draft(*, draft: Draft, note: str, by: Actor, now: datetime) -> Draft:
    """Take back one's own proposal before anybody decides. Raises Refused."""
    return _end(Act.WITHDRAW, _decided(Act.WITHDRAW, draft, by), note=note.strip(), by=by, now=now)


@transaction.atomic
def replay_draft(*, draft: Draft, by: Actor, now: datetime) -> list[Replay]:
    """Decide by a draft what people asked in the last days, and record that somebody looked.

    Raises Refused, and ProfileError when the draft no longer loads.
    """
    by.require(rules.ADOPT if by.may(rules.ADOPT) else rules.PROPOSE)
    since = now - timedelta(days=REPLAYED_DAYS)
    replays = replay(by.agency, in_force=by.profile, draft=queries.profile_of(draft), since=since)
    audit.record(
        verb="governance.draft.replayed",
        by=by.who,
        agency=by.agency,
        subject=f"governance.Draft:{draft.pk}",
        detail={
            "version": draft.version,
            "days": REPLAYED_DAYS,
            "refused": sum(each.refused for each in replays),
            "asked": sum(each.asked for each in replays),
        },
        profile_version=by.profile.version,
        now=now,
    )
    return replays


def _decided(act: Act, draft: Draft, by: Actor) -> Draft:
    """Lock the draft and let the rules decide on it as it is now; raises Refused, Draft.DoesNotExist."""
    by.require(rules.PROPOSE if act is Act.WITHDRAW else rules.ADOPT)
    locked = Draft.objects.select_for_update().get(pk=draft.pk, agency_id=by.agency)
    rules.decide(act, by.profile, queries.facts_of(locked), by.person).require()
    return locked


def _end(
    act: Act, draft: Draft, *, note: str, by: Actor, now: datetime, detail: dict[str, str] | None = None
) -> Draft:
    draft.state = rules.transition_of(act).target
    draft.ended_by_id, draft.ended_at, draft.ended_note = by.user_id, now, note
    draft.full_clean()
    draft.save()
    _journal(act, draft, by=by, now=now, detail={"note": note} | (detail or {}))
    about = f"governance.Draft:{draft.pk}"
    notices.settle_about(agency=by.agency, subject=about, kind=WAITING_DRAFT, by=by.who, now=now)
    return draft


def _reason(text: str, field: str) -> str:
    if not text.strip():
        raise ValidationError({field: "Give the reason; it goes on record."})
    return text.strip()


def _journal(act: Act, draft: Draft, *, by: Actor, now: datetime, detail: dict[str, str]) -> None:
    audit.record(
        verb=rules.transition_of(act).verb,
        by=by.who,
        agency=draft.agency_id,
        subject=f"governance.Draft:{draft.pk}",
        detail={"version": draft.version, "sha256": draft.profile_sha256, **detail},
        profile_version=by.profile.version,
        now=now,
    )


@enforces("B-466.3¶2", "H-426.2¶2")
@transaction.atomic
def appoint(
    *,
    user: User,
    position: str,
    by: Who,
    profile_version: str,
    now: datetime,
    from_at: datetime | None = None,
    authority: str = "",
) -> PositionHolding:
    """Give a position to a person from `from_at` (None: `now`) on, until whoever is appointed after that.

    The holding of a predecessor ends at the same instant. Raises PositionUnknownError for a position that the
    agency's profile in force does not know.
    """
    known = profile_for(user.agency_id).positions
    if position not in known:
        raise PositionUnknownError(f"{position} is no position of this policy. Known: {', '.join(known)}.")
    begins = from_at or now
    Agency.objects.select_for_update().get(pk=user.agency_id)
    standing = PositionHolding.objects.filter(
        agency_id=user.agency_id, position=position, revoked_at__isnull=True
    )
    predecessors = _make_way(standing, begins, by, now)
    following = standing.filter(from_at__gt=begins).order_by("from_at").first()
    holding = PositionHolding(
        agency_id=user.agency_id,
        position=position,
        user=user,
        from_at=begins,
        until_at=following.from_at if following else None,
        appointed_by=by.name,
        authority=authority,
    )
    holding.full_clean()
    holding.save(force_insert=True)
    audit.record(
        verb="governance.position.appointed",
        by=by,
        agency=user.agency_id,
        subject=f"governance.PositionHolding:{holding.pk}",
        detail={
            "position": position,
            "username": user.username,
            "predecessors": predecessors,
            "from": begins.isoformat(),
            "authority": authority,
        },
        profile_version=profile_version,
        now=now,
    )
    return holding


def _make_way(standing: QuerySet[PositionHolding], begins: datetime, by: Who, now: datetime) -> list[str]:
    """End the holdings that would run on at `begins`; returns their people's usernames."""
    running = standing.filter(Q(until_at__isnull=True) | Q(until_at__gt=begins), from_at__lte=begins)
    usernames = list(running.values_list("user__username", flat=True))
    running.filter(from_at=begins).update(revoked_at=now, ended_by=by.name)
    running.filter(from_at__lt=begins).update(until_at=begins, ended_by=by.name)
    return usernames


@enforces("B-466.4", "H-426.3")
@transaction.atomic
def journal_refusal(*, actor: Actor, decision: Decision, attempted: str, now: datetime) -> None:
    """Record that somebody was refused, by which clause (B-466.4, H-426.3: refusals are recorded)."""
    audit.record_or_locally(
        verb="governance.access.refused",
        by=actor.who,
        agency=actor.agency,
        subject=f"accounts.User:{actor.user_id}",
        detail={"attempted": attempted, "clause": decision.clause, "reason": decision.reason},
        profile_version=actor.profile.version,
        now=now,
    )
