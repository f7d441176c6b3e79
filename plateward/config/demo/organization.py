"""The demonstration's departments: units, a delegation, authorizations for data, lists of others."""

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Final

from django.db import transaction

from plateward.accounts.models import User
from plateward.audit.who import Who
from plateward.governance.actor import Actor
from plateward.governance.models import Unit
from plateward.governance.organization import actions
from plateward.governance.queries import actor_for
from plateward.hotlists.category_actions import switch_category
from plateward.hotlists.lists import Listed
from plateward.hotlists.switches import switches_of
from plateward.hotlists.version_actions import receive_list
from plateward.policy import IMMIGRATION, Profile, forbidden_categories

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
    listed: dict[tuple[str, str], tuple[Listed, ...]]
    """What is on each list, by its source and whose data it is."""
    switched_on: dict[str, str] = field(default_factory=dict)
    """Categories that the policy leaves open, with the reason why they are on."""
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
        (LISTS, "state"): (
            Listed(
                plate="652G80",
                region="US-NV",
                vehicle_description="Silver sedan",
                purpose="stolen-or-wanted-vehicle",
                reason="Stolen in Las Vegas, entered by the agency there",
                reference="Record 4417-NV",
                category="vehicle",
                source_record="4417-NV",
            ),
            Listed(
                plate="9XQK417",
                region="US-CA",
                vehicle_description="Plate alone, white on blue",
                purpose="stolen-plate",
                reason="Plate stolen off a parked car in Victorville",
                reference="Record 5120-CA",
                category="license-plate",
                source_record="5120-CA",
            ),
            Listed(
                plate="8WZJ264",
                region="US-CA",
                vehicle_description="Green Subaru Outback",
                purpose="missing-person",
                reason="Driver, 71, not seen since Friday",
                reference="Record 5533-CA",
                category="missing-person",
                source_record="5533-CA",
            ),
            Listed(
                plate="7YVN938",
                region="US-CA",
                vehicle_description="Black pickup",
                purpose="investigatory-lead",
                reason="Listed in the Gang file",
                reference="Record 6021-CA",
                category="gang",
                source_record="6021-CA",
            ),
            Listed(
                plate="6TUR105",
                purpose="investigatory-lead",
                reference="Record 6177-CA",
                category=IMMIGRATION,
                source_record="6177-CA",
            ),
        ),
        ("statewide-alerts", "state"): (
            Listed(
                plate="9JHW552",
                region="US-CA",
                vehicle_description="Blue Toyota Sienna",
                purpose="missing-person",
                reason="Amber Alert, child taken in Fresno",
                reference="CHP 26-0311",
                category="amber-alert",
                source_record="26-0311",
            ),
        ),
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
        (LISTS, "federal"): (
            Listed(
                plate="CAF3290",
                region="US-AZ",
                vehicle_description="Black SUV",
                purpose="active-warrant",
                reason="Driver is wanted on a federal warrant",
                reference="Record 9931-AZ",
                category="wanted-person",
                source_record="9931-AZ",
            ),
        )
    },
    switched_on={"wanted-person": "The policy is silent on it; ordered by the Chief for active warrants."},
)
DEPARTMENTS: Final = (BARSTOW, HUNTINGTON_PARK)


def seed_organization(department: Department, by: Who, now: datetime, *, set_up: datetime) -> None:
    """Enter the organization once, then; the lists of others are taken in anew at each start."""
    people = {user.username: user for user in User.objects.filter(agency_id=department.agency)}
    with transaction.atomic():
        if not Unit.objects.filter(agency_id=department.agency).exists():
            first = actor_for(people[department.commander], at=set_up)
            _enter_units(department, people, first, set_up)
            _authorize(department, people, first, set_up)
        commander = actor_for(people[department.commander], at=now)
        _switch_on(department, commander, now)
        for (source, origin), listed in department.listed.items():
            receive_list(
                source=source,
                origin=origin,
                listed=[_known(one, commander.profile) for one in listed],
                by=people[department.commander],
                who=by,
                now=now,
            )


def _known(listed: Listed, profile: Profile) -> Listed:
    """Without its category where a policy kept from an earlier demonstration does not know it."""
    is_known = listed.category in {**profile.hotlists.categories, **forbidden_categories(profile)}
    return listed if is_known else replace(listed, category="")


def _switch_on(department: Department, by: Actor, now: datetime) -> None:
    for category, reason in department.switched_on.items():
        if (
            category in by.profile.hotlists.categories
            and not switches_of(department.agency, category).exists()
        ):
            switch_category(by=by, category=category, on=True, reason=reason, now=now)


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
