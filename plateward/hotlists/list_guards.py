"""What a list of others must be to be taken in, and what speaks against it until a person answers it."""

from datetime import datetime
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db.models import Max

from plateward.governance.actor import Actor
from plateward.hotlists.lists import current_until, list_name
from plateward.hotlists.models import Hotlist, ListFile, ListMode
from plateward.policy import Basis, Decision, Profile, deny, enforces, much_would_end


def _newest_made_at(standing: Hotlist | None) -> datetime | None:
    """When the newest dated file of the list was made, also where an undated one followed it."""
    if standing is None:
        return None
    newest: datetime | None = standing.versions.aggregate(at=Max("effective_at"))["at"]
    return newest


@enforces("B-466.11¶3")
def check_times(
    profile: Profile,
    source: str,
    standing: Hotlist | None,
    *,
    mode: str,
    effective_at: datetime | None,
    now: datetime,
) -> datetime:
    """Until when the list is current with what arrived; raises ValidationError where that cannot be.

    A whole list is current from when its source made it, where that is known, else from when it came: that
    an old extract comes late makes it no newer. Additions and removals refresh what they do not name only
    where the policy says so.
    """
    rule = profile.hotlists.sources[source]
    if effective_at and effective_at > now:
        raise ValidationError(f"{rule.name}: its source cannot have made it in the future. Correct the time.")
    newest = _newest_made_at(standing)
    if effective_at and newest and effective_at < newest:
        raise ValidationError(
            f"{rule.name}: what was taken in before was made by its source later than this. Fetch the newest."
        )
    until = current_until(profile, source, effective_at or now)
    if mode == ListMode.DELTA:
        if standing is None or not standing.received_at or standing.expires_at is None:
            raise ValidationError(f"{rule.name}: there is nothing to add to. Take in the whole list first.")
        return until if rule.delta_refreshes.settled else standing.expires_at
    if until <= now:
        raise ValidationError(
            f"{rule.name}: it is past its time already ({rule.current_for.settled} after its source made "
            "it). Fetch a newer one."
        )
    return until


@enforces("B-466.11¶3")
def objections(
    profile: Profile, source: str, standing: Hotlist | None, stood: int, ended: int, sha256: str
) -> tuple[Decision, ...]:
    """What speaks against taking a file in, so that a person has to answer it with a reason."""
    found = [much_would_end(profile, source, standing=stood, ended=ended)]
    earlier = standing.versions.filter(sha256=sha256).first() if standing and sha256 else None
    if earlier:
        said = (
            f"This very file came in as version {earlier.number} already (the same SHA-256): a later time "
            "alone refreshes nothing."
        )
        remedy = "Fetch the list again. If its source says that nothing changed, say so as the reason."
        found.append(deny(profile, profile.hotlists.sources[source].current_for, said, remedy))
    return tuple(one for one in found if not one)


def subject_of(hotlist_id: UUID) -> str:
    """What the journal calls a list."""
    return f"hotlists.Hotlist:{hotlist_id}"


def against_file(file: ListFile, profile: Profile, standing: Hotlist | None) -> tuple[Decision, ...]:
    """What speaks against taking a checked file in; a person answers it with a reason."""
    found = file.found
    against = objections(profile, file.source, standing, found["standing"], found["ended"], file.sha256)
    count = sum(found.get("unknown_codes", {}).values())
    if not count:
        return against
    code = "line has a code that names" if count == 1 else "lines have codes that name"
    said = f"{count:,} {code} no category of the policy: nothing of that would be matched."
    remedy = "Give each code a category where the columns are laid down. If it may stay so, say why."
    return *against, deny(profile, Basis(silent=True), said, remedy)


def standing_of(by: Actor, source: str, origin: str) -> Hotlist | None:
    """What stands of a list. Raises ValidationError where the policy does not know or not use it."""
    name = list_name(by.profile, source, origin)
    return Hotlist.objects.filter(agency_id=by.agency, name=name).first()
