"""An agency's usage and privacy policy as a page and as a PDF, made once per version and kept in memory.

What a page shows depends on nothing but its `Source`: the same source gives the same bytes, so a page is
made once, and browsers and caches before it ask for no more than whether theirs is still the right one.
"""

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from typing import Final
from uuid import UUID
from zoneinfo import ZoneInfo

import msgspec
from django.conf import settings
from django.template.loader import render_to_string

import plateward
from plateward.documents.typesetting import typeset
from plateward.governance.models import Adoption
from plateward.governance.queries import profile_of
from plateward.policy import Change, Profile, ProfileError, Publication, public_changes, publication
from plateward.transparency import queries

_TEMPLATE: Final = Path(__file__).resolve().parent / "policy.typ"


@dataclass(frozen=True, slots=True)
class Source:
    """Everything a page is made from. `holder` is the designee's name where the policy has it published."""

    agency: str
    pk: UUID
    in_force: UUID
    versions: tuple[UUID, ...]
    holder: str

    @property
    def etag(self) -> str:
        """A strong validator, new with each version of Plateward, of the policy, and each designee."""
        told = (plateward.__version__, self.agency, self.pk, self.in_force, self.versions, self.holder)
        return hashlib.sha256(repr(told).encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class PastVersion:
    """A version that was in force, and what it changed against the one before it."""

    adoption: Adoption
    since: datetime
    changes: Sequence[Change]
    is_first: bool
    unreadable: bool = False


@dataclass(frozen=True, slots=True)
class PolicyPage:
    """What one page says."""

    profile: Profile
    adoption: Adoption
    since: datetime
    is_in_force: bool
    told: Publication
    versions: Sequence[PastVersion]


def source_of(agency: str, pk: UUID | None, at: datetime) -> Source | None:
    """Say what the page is made from at the instant `at`; None where there is nothing to show.

    Raises ProfileError when the version can no longer be read.
    """
    adoption = queries.public_adoption(agency, pk, at)
    if adoption is None:
        return None
    known = tuple(queries.published(agency, at).values_list("pk", flat=True))
    rules = profile_of(adoption).public
    named = rules.designee.settled if rules.designee_named.settled else None
    holder = queries.holders(agency, at).get(named, "") if named else ""
    return Source(agency, adoption.pk, known[0], known, holder)


@lru_cache(maxsize=64)
def page(source: Source) -> bytes:
    """The page as it is sent."""
    context = {"page": policy_page(source), "demonstration": settings.DEMONSTRATION}
    return render_to_string("transparency/policy.html", context).encode()


@lru_cache(maxsize=16)
def document(source: Source) -> bytes:
    """The same as a tagged PDF."""
    shown = policy_page(source)
    return typeset(_TEMPLATE, _plain(shown), created=shown.since)


def policy_page(source: Source) -> PolicyPage:
    """Gather what one version tells, and what each version changed."""
    adoptions = {found.pk: found for found in Adoption.objects.filter(pk__in=source.versions)}
    adoption = adoptions[source.pk]
    profile = profile_of(adoption)
    position = profile.public.designee.settled
    holders = {position: source.holder} if position and source.holder else {}
    in_order = [adoptions[pk] for pk in source.versions]
    return PolicyPage(
        profile,
        adoption,
        _local(profile, adoption.effective_at),
        source.pk == source.in_force,
        publication(profile, holders),
        list(_past(in_order)),
    )


def _local(profile: Profile, at: datetime) -> datetime:
    return at.astimezone(ZoneInfo(profile.agency.time_zone))


def _past(adoptions: Sequence[Adoption]) -> Iterator[PastVersion]:
    """The latest first, each against the one before it in time."""
    for adoption, before in zip(adoptions, (*adoptions[1:], None), strict=True):
        try:
            profile = profile_of(adoption)
            changes = public_changes(profile_of(before), profile) if before else ()
        except ProfileError:
            yield PastVersion(adoption, adoption.effective_at, (), before is None, unreadable=True)
        else:
            yield PastVersion(adoption, _local(profile, adoption.effective_at), changes, before is None)


def _plain(shown: PolicyPage) -> dict[str, object]:
    """The page's content for the PDF's template: text only, nothing of it is ever markup."""
    profile, state = shown.profile, "In force" if shown.is_in_force else "No longer in force; in force"
    return {
        "agency": profile.agency.name,
        "title": profile.policy_title,
        "version": shown.adoption.version,
        "since": _day(shown.since),
        "standing": f"{state} since {_day(shown.since)}"
        if shown.is_in_force
        else f"{state} from {_day(shown.since)}",
        "sha256": shown.adoption.profile_sha256,
        "provenance": profile.provenance.statement if profile.provenance.is_summary else "",
        "sections": [
            {
                "title": section.title,
                "statute": section.statute,
                "statements": [
                    msgspec.to_builtins(statement) | {"beside": statement.beside}
                    for statement in section.statements
                ],
            }
            for section in shown.told.sections
        ],
        "clauses": msgspec.to_builtins(shown.told.clauses),
        "versions": [
            {
                "version": past.adoption.version,
                "since": _day(past.since),
                "first": past.is_first,
                "changes": [change.sentence for change in past.changes],
            }
            for past in shown.versions
        ],
    }


def _day(at: datetime) -> str:
    return f"{at:%B} {at.day}, {at:%Y}"
