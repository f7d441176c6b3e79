"""Keeping a search for a case, looking what is new, and ending it. Only a look compares it with reads."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db import transaction
from django.urls import reverse

from plateward.accounts.models import Agency, User
from plateward.accounts.rules import AccountState
from plateward.audit import actions as audit
from plateward.audit.models import AccessRecord
from plateward.audit.who import CLOCK, Who
from plateward.governance.actor import Actor
from plateward.governance.queries import PolicyUnavailableError, actor_for
from plateward.notices import actions as notices
from plateward.notices.rules import to_person
from plateward.plates.matching import Tolerance
from plateward.plates.pattern import PlatePattern
from plateward.policy import enforces
from plateward.policy.screening import Flag, screen_reason
from plateward.reads.models import Read
from plateward.search import kept_queries, queries
from plateward.search.areas import area_from
from plateward.search.kept import WARNED, Ended, Wanted, check_end, may_keep, new_since
from plateward.search.kept_models import KeptSearch
from plateward.search.rules import SearchQuery, check_cost, permitted


@dataclass(frozen=True, slots=True, kw_only=True)
class News:
    """What a kept search finds that is new since the look of `since`, the last one marked as seen.

    `access` is committed; `since` is None when none was. `is_bounded` says that more reads are new: `reads`
    are the newest of them.
    """

    kept: KeptSearch
    query: SearchQuery
    since: datetime | None
    reads: tuple[Read, ...]
    is_bounded: bool
    access: AccessRecord
    flags: Sequence[Flag]


@enforces("B-466.6(b)", "H-426.5(b)", "B-466.4(c)", "H-426.3(c)")
@transaction.atomic
def keep(*, by: Actor, wanted: Wanted, until_at: datetime, now: datetime) -> KeptSearch:
    """Keep a search for a case; nothing is looked for yet.

    Raises Refused, ValidationError (the end) and TooVagueError.
    """
    _require(by, wanted.query(now, until_at))
    _check_end(by, until_at, now)
    kept = KeptSearch.objects.create(
        agency=Agency(pk=by.agency),
        person=User(pk=by.user_id),
        pattern=wanted.pattern.text,
        tolerance=wanted.tolerance.value,
        area=wanted.area.as_json() if wanted.area else None,
        purpose=wanted.purpose,
        reason=wanted.reason,
        reference=wanted.reference,
        kept_at=now,
        until_at=until_at,
    )
    _journal("search.kept.made", kept, by.who, now, by.profile.version, until=until_at.isoformat())
    return kept


@enforces("B-466.6(a)", "H-426.5(a)", "B-466.11")
def look(*, by: Actor, kept_id: UUID, now: datetime) -> News:
    """Run an own kept search now and show what is new, under a record of its own.

    It stays new until `mark_seen`: an answer that never arrived is not lost.
    Raises KeptSearch.DoesNotExist, ValidationError when it has ended, Refused, TooVagueError and
    SearchTooBroad.
    """
    by.require("search.run")
    with transaction.atomic(durable=True):
        kept = kept_queries.locked(by.agency, by.user_id, kept_id)
        _require_lasting(kept, now)
        since = kept.seen_at
        query = new_since(wanted_of(kept), kept.kept_at, since, now)
        _require(by, query)
        found = queries.find(by.agency, query)
        flags = screen_reason(by.profile, query.reason)
        told = {"kept_search": str(kept.pk), "new_since": since.isoformat() if since else ""}
        access = audit.record_access(
            by=by.who,
            agency=by.agency,
            elements={**query.elements({}), **told},
            purpose=query.purpose,
            reason=query.reason,
            reference=query.reference,
            result_count=len(found.reads),
            is_count_bounded=found.is_bounded,
            flags=[f"{flag.name}: {flag.matched}" for flag in flags],
            subject=f"search.KeptSearch:{kept.pk}",
            profile_version=by.profile.version,
            now=now,
        )
        kept.looked_at, kept.looks = now, kept.looks + 1
        kept.save(update_fields=["looked_at", "looks"])
    return News(
        kept=kept,
        query=query,
        since=since,
        reads=found.reads,
        is_bounded=found.is_bounded,
        access=access,
        flags=flags,
    )


@transaction.atomic
def mark_seen(*, by: Actor, kept_id: UUID, access_id: int, now: datetime) -> KeptSearch:
    """Say that what a look of one's own showed was seen, so that the next look shows what came after it.

    `access_id` is the access record of that look. Raises KeptSearch.DoesNotExist, AccessRecord.DoesNotExist
    for what is not an own look at it, Refused and ValidationError.
    """
    by.require("search.run")
    kept = kept_queries.locked(by.agency, by.user_id, kept_id)
    _require_lasting(kept, now)
    access = AccessRecord.objects.get(
        pk=access_id, agency=by.agency, username=by.username, subject=_subject(kept)
    )
    # A page left open may be marked after a later one.
    kept.seen_at = max(access.accessed_at, kept.seen_at or access.accessed_at)
    kept.save(update_fields=["seen_at"])
    _journal("search.kept.seen", kept, by.who, now, by.profile.version, access=str(access.pk))
    return kept


@transaction.atomic
def renew(*, by: Actor, kept_id: UUID, until_at: datetime, now: datetime) -> KeptSearch:
    """Let an own kept search last longer, as far as keeping it anew would.

    Raises KeptSearch.DoesNotExist, Refused and ValidationError.
    """
    by.require("search.run")
    kept = kept_queries.locked(by.agency, by.user_id, kept_id)
    _require_lasting(kept, now)
    _require(by, wanted_of(kept).query(kept.kept_at, now))
    _check_end(by, until_at, now)
    kept.until_at = until_at
    kept.save(update_fields=["until_at"])
    notices.settle_about(
        agency=by.agency, subject=_subject(kept), kind="kept-search-ends", by=by.who, now=now
    )
    _journal("search.kept.renewed", kept, by.who, now, by.profile.version, until=until_at.isoformat())
    return kept


@transaction.atomic
def end(*, by: Actor, kept_id: UUID, now: datetime) -> KeptSearch:
    """End an own kept search. Raises KeptSearch.DoesNotExist, Refused and ValidationError."""
    by.require("search.run")
    kept = kept_queries.locked(by.agency, by.user_id, kept_id)
    _require_lasting(kept, now)
    _end(kept, Ended.BY_PERSON, by.who, by.profile.version, now)
    return kept


@transaction.atomic
def hand_over(*, by: Actor, kept_id: UUID, to: User, now: datetime) -> KeptSearch:
    """Give an own kept search to a colleague who may search, to whom everything of it is new.

    Raises KeptSearch.DoesNotExist, Refused and ValidationError.
    """
    by.require("search.run")
    kept = kept_queries.locked(by.agency, by.user_id, kept_id)
    _require_lasting(kept, now)
    taker = kept_queries.colleagues(by.agency, by.user_id).filter(pk=to.pk).first()
    if taker is None or not _may_search(taker, now):
        raise ValidationError(f"{to.full_name} may not search now. Choose somebody who may.")
    kept.person, kept.looked_at, kept.seen_at = taker, None, None
    kept.save(update_fields=["person", "looked_at", "seen_at"])
    _journal("search.kept.handed", kept, by.who, now, by.profile.version, to=taker.username)
    notices.raise_notice(
        agency=by.agency,
        key=f"kept-search-handed:{kept.pk}:{now.isoformat()}",
        kind="kept-search-handed",
        to=to_person(taker.pk, taker.full_name),
        text=f"{by.name} handed you a search kept for case {kept.reference}.",
        link=reverse("search:kept-one", args=[kept.pk]),
        subject=_subject(kept),
        by=by.who,
        now=now,
    )
    return kept


@transaction.atomic
def inspect(*, by: Actor, shown: int, now: datetime) -> None:
    """Put on record that an auditor looks at so many of the agency's kept searches. Raises Refused."""
    by.require("audit.view")
    audit.record(
        verb="search.kept.inspected",
        by=by.acting("audit.view"),
        agency=by.agency,
        subject=f"accounts.Agency:{by.agency}",
        detail={"shown": shown},
        now=now,
        profile_version=by.profile.version,
    )


@enforces("B-466.6(d)")
@transaction.atomic
def end_due(*, now: datetime) -> int:
    """End what is past its time or whose person may no longer search; returns how many: the clock's.

    Warns of what ends soon.
    """
    ended = 0
    for kept in kept_queries.lasting():
        why = Ended.EXPIRED if kept.until_at <= now else None
        if why is None and not _may_search(kept.person, now):
            why = Ended.PERSON_LEFT
        if why:
            _end(kept, why, CLOCK, "", now)
            ended += 1
            if why is Ended.EXPIRED:
                _tell(kept, "kept-search-ended", f"Your search kept for case {kept.reference} ended.", now)
        elif kept.until_at - now <= WARNED and kept.until_at - kept.kept_at > WARNED:
            _tell(kept, "kept-search-ends", f"Your search kept for case {kept.reference} ends soon.", now)
    return ended


def wanted_of(kept: KeptSearch) -> Wanted:
    """What was kept."""
    return Wanted(
        pattern=PlatePattern.parse(kept.pattern),
        tolerance=Tolerance(kept.tolerance),
        area=area_from(kept.area) if kept.area else None,
        purpose=kept.purpose,
        reason=kept.reason,
        reference=kept.reference,
    )


def _require(by: Actor, query: SearchQuery) -> None:
    by.require("search.run")
    permitted(by.profile, query).require()
    may_keep(by.profile, query.reference).require()
    check_cost(query)


def _require_lasting(kept: KeptSearch, now: datetime) -> None:
    if kept.ended_at is not None or kept.until_at <= now:
        raise ValidationError("This kept search has ended. Keep it anew if the case still needs it.")


def _check_end(by: Actor, until_at: datetime, now: datetime) -> None:
    try:
        check_end(by.profile, until_at, now)
    except ValueError as error:
        raise ValidationError({"until_at": str(error)}) from error


def _may_search(person: User, now: datetime) -> bool:
    """Whether the policy lets a person search; a suspension passes, an unreadable policy ends nothing."""
    if person.state == AccountState.DEACTIVATED:
        return False
    try:
        return actor_for(person, at=now).may("search.run")
    except PolicyUnavailableError:
        return True


def _end(kept: KeptSearch, why: Ended, by: Who, version: str, now: datetime) -> None:
    kept.ended_at, kept.ended_because = now, why.value
    kept.save(update_fields=["ended_at", "ended_because"])
    notices.settle_about(
        agency=kept.agency_id, subject=_subject(kept), kind="kept-search-ends", by=by, now=now
    )
    _journal("search.kept.ended", kept, by, now, version, because=why.label)


def _tell(kept: KeptSearch, kind: str, text: str, now: datetime) -> None:
    """A notice without a plate, and never about reads: those would be alerts without approval (B-466.11)."""
    notices.raise_notice(
        agency=kept.agency_id,
        key=f"{kind}:{kept.pk}:{kept.person_id}:{kept.until_at.isoformat()}",
        kind=kind,
        to=to_person(kept.person_id, kept.person.full_name),
        text=text,
        link=reverse("search:kept-one", args=[kept.pk]),
        subject=_subject(kept),
        by=CLOCK,
        now=now,
    )


def _subject(kept: KeptSearch) -> str:
    return f"search.KeptSearch:{kept.pk}"


def _journal(verb: str, kept: KeptSearch, by: Who, now: datetime, version: str, **detail: str) -> None:
    """What happened to a kept search, without its plate: that stands in the records of its looks."""
    audit.record(
        verb=verb,
        by=by,
        agency=kept.agency_id,
        subject=_subject(kept),
        detail={"reference": kept.reference, **detail},
        now=now,
        profile_version=version,
    )
