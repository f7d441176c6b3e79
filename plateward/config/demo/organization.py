"""The demonstration's departments: units, a delegation, authorizations for data, lists of others."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from django.db import transaction

from plateward.accounts.models import User
from plateward.audit.who import Who
from plateward.governance.actor import Actor
from plateward.governance.models import Unit
from plateward.governance.organization import actions
from plateward.governance.queries import actor_for
from plateward.hotlists.lists import Listed
from plateward.hotlists.version_actions import receive_list

LISTS: Final = "state-federal"


@dataclass(frozen=True, slots=True)
class DemoUnit:
    """A unit with its supervisor and members by username."""

    name: str
    supervisor: str
    members: tuple[str, ...] = ()
    part_of: str = ""


@dataclass(frozen=True, slots=True)
class Department:
    """One agency's organization; `commander` enters all of it, `authorized` see state and federal data."""

    agency: str
    commander: str
    position: str
    units: tuple[DemoUnit, ...]
    delegate: str
    authorized: tuple[str, ...]
    listed: dict[str, Listed]
    contractor: str = ""


BARSTOW: Final = Department(
    agency="barstow-pd",
    commander="cole",
    position="administrative-division-commander",
    units=(
        DemoUnit("Operations", "lane"),
        DemoUnit("Patrol", "soto", ("ortiz", "ruiz", "cruz"), part_of="Operations"),
        DemoUnit("Detective Bureau", "dietz", ("diaz",), part_of="Operations"),
        DemoUnit("Dispatch", "dunlap", ("dunn",)),
    ),
    delegate="soto",
    authorized=("chen", "lane", "soto", "cruz", "diaz", "ortiz", "dunlap", "dunn"),
    listed={
        "state": Listed(
            plate="652G80",
            region="US-NV",
            vehicle_description="Silver sedan",
            purpose="stolen-or-wanted-vehicle",
            reason="Stolen in Las Vegas, entered by the agency there",
            reference="Record 4417-NV",
        )
    },
    contractor="vance",
)
HUNTINGTON_PARK: Final = Department(
    agency="huntington-park-pd",
    commander="hayes",
    position="administration-division-commander",
    units=(
        DemoUnit("Patrol", "huerta", ("hart",)),
        DemoUnit("Detective Bureau", "howe", ("hale",)),
        DemoUnit("Dispatch", "", ("hyde",)),
    ),
    delegate="huerta",
    authorized=("holt", "howe", "hale", "hart", "hyde"),
    listed={
        "federal": Listed(
            plate="CAF3290",
            region="US-AZ",
            vehicle_description="Black SUV",
            purpose="active-warrant",
            reason="Driver is wanted on a federal warrant",
            reference="Record 9931-AZ",
        )
    },
)
DEPARTMENTS: Final = (BARSTOW, HUNTINGTON_PARK)


def seed_organization(department: Department, by: Who, now: datetime) -> None:
    """Enter the organization once; the lists of others are taken in anew at each start."""
    people = {user.username: user for user in User.objects.filter(agency_id=department.agency)}
    commander = actor_for(people[department.commander], at=now)
    with transaction.atomic():
        if not Unit.objects.filter(agency_id=department.agency).exists():
            _enter_units(department, people, commander, now)
            _authorize(department, people, commander, now)
        for origin, listed in department.listed.items():
            receive_list(
                source=LISTS,
                origin=origin,
                listed=[listed],
                by=people[department.commander],
                who=by,
                now=now,
            )


def _enter_units(department: Department, people: dict[str, User], by: Actor, now: datetime) -> None:
    units: dict[str, Unit] = {}
    for demo in department.units:
        units[demo.name] = actions.create_unit(
            name=demo.name, part_of=units.get(demo.part_of), by=by, now=now
        )
        for username in filter(None, (demo.supervisor, *demo.members)):
            actions.place_in_unit(
                user=people[username],
                unit=units[demo.name],
                is_supervisor=username == demo.supervisor,
                by=by,
                now=now,
            )


def _authorize(department: Department, people: dict[str, User], by: Actor, now: datetime) -> None:
    year = by.today + timedelta(days=365)
    actions.delegate(
        user=people[department.delegate],
        position=department.position,
        capabilities=["devices.manage", "hotlists.receive"],
        from_date=None,
        until_date=by.today + timedelta(days=90),
        note="Looks after the cameras and takes in the state's list",
        by=by,
        now=now,
    )
    for username in department.authorized:
        for origin in ("state", "federal"):
            actions.authorize_data(
                user=people[username],
                origin=origin,
                authority="CLETS full access certificate",
                until_date=year,
                by=by,
                now=now,
            )
    if department.contractor:
        actions.record_contract(
            user=people[department.contractor],
            company="Reader Works Inc. (invented)",
            reference="Maintenance agreement 2026-17",
            from_date=by.today,
            until_date=year,
            by=by,
            now=now,
        )
