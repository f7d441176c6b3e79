"""Kept searches, and what is new since their person looked last."""

from uuid import UUID

from django.db.models import QuerySet

from plateward.accounts.models import User
from plateward.accounts.rules import AccountState
from plateward.search.kept_models import KeptSearch


def own(agency: str, user_id: UUID) -> QuerySet[KeptSearch]:
    """A person's kept searches, those that last first, then newest first."""
    return KeptSearch.objects.filter(agency_id=agency, person_id=user_id).order_by("-kept_at", "id")


def own_one(agency: str, user_id: UUID, kept_id: UUID) -> KeptSearch:
    """One of a person's own; raises KeptSearch.DoesNotExist for anybody else's."""
    return own(agency, user_id).get(pk=kept_id)


def locked(agency: str, user_id: UUID, kept_id: UUID) -> KeptSearch:
    """One of a person's own, locked until the transaction ends. Raises KeptSearch.DoesNotExist."""
    return own(agency, user_id).select_for_update(of=("self",)).get(pk=kept_id)


def of_agency(agency: str) -> QuerySet[KeptSearch]:
    """All of an agency, newest first, with their people."""
    return KeptSearch.objects.filter(agency_id=agency).select_related("person").order_by("-kept_at", "id")


def lasting() -> QuerySet[KeptSearch]:
    """All that have not been ended, of every agency, locked; skips what others hold."""
    kept = KeptSearch.objects.filter(ended_at__isnull=True).select_related("person")
    return kept.select_for_update(skip_locked=True, of=("self",)).order_by("until_at", "id")


def colleagues(agency: str, but: UUID) -> QuerySet[User]:
    """Who could take a kept search over: the agency's other people whose accounts are active."""
    people = User.objects.filter(agency_id=agency, state=AccountState.ACTIVE)
    return people.exclude(pk=but).order_by("full_name")
