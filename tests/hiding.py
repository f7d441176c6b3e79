"""Barstow under a policy that deletes logically after sixty days, for tests."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from plateward.governance import hiding
from plateward.governance.queries import profile_for
from plateward.reads.models import Read
from tests.personas import Town
from tests.sightings import seen
from tests.versions import policy_text, put_on_file

SIXTY_DAYS = (
    "      legal_basis: Gov. Code 34090.6\n",
    """      legal_basis: Gov. Code 34090.6
      stages:
        logical:
          name: Logical deletion
          action: LOGICAL_DELETION
          after: {clause: B-466.5¶2, value: {amount: 60, unit: DAYS}}
          access_meanwhile: {clause: B-466.5¶2, value: [reads.deleted]}
        permanent:
          name: Permanent deletion
          action: PERMANENT_DELETION
          after: {clause: B-466.5¶2, value: {amount: 1, unit: YEARS}}
          access_meanwhile: {clause: B-466.5¶2, value: []}
""",
)
CHIEF_LOOKS = (
    "        - governance.adopt\n  captain:",
    "        - governance.adopt\n        - reads.deleted\n  captain:",
)


def two_phased(town: Town, now: datetime) -> None:
    """The policy in force; the Chief may look up what is deleted logically."""
    put_on_file(town, policy_text("barstow-pd", "2026.9", SIXTY_DAYS, CHIEF_LOOKS), now)


def limits(town: Town, now: datetime) -> str:
    """What the gate would tell the database to leave out."""
    return hiding.limits(town.agency.pk, profile_for(town.agency.pk), now)


def old_and_new(town: Town, now: datetime) -> tuple[Read, Read]:
    """A read of the same plate that the stage has just reached, and one that it has not."""
    local = now.astimezone(ZoneInfo("America/Los_Angeles"))
    reached = (local - timedelta(days=60)).astimezone(UTC)  # the clock may have changed meanwhile
    return (
        seen(town.camera, "8ABC123", reached),
        seen(town.camera, "8ABC123", reached + timedelta(hours=1)),
    )
