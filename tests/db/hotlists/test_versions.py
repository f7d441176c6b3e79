"""Lists of others keep their versions: what stood when, by additions and removals, and what was guarded."""

from collections.abc import Sequence
from datetime import datetime, timedelta

import pytest
from django.core.exceptions import ValidationError
from django.db import DatabaseError, transaction

from plateward.audit.models import AccessRecord, AuditRecord
from plateward.hotlists.list_file import LineAction
from plateward.hotlists.list_guards import against_file
from plateward.hotlists.listing_actions import look_up
from plateward.hotlists.listings import Listing, listings_at
from plateward.hotlists.lists import Listed
from plateward.hotlists.models import Entry, EntryState, Hotlist, ListMode, ListVersion
from plateward.hotlists.version_actions import receive_list
from plateward.policy import Refused
from tests.listing import checked_file, list_file, take_in, takes_lists_in
from tests.personas import SETUP, Town

PURPOSE = "stolen-or-wanted-vehicle"
WHY = {"purpose": PURPOSE, "reason": "Explains the alert of case 26-1.", "reference": "26-1"}


def one(plate: str, record: str = "", **facts: str) -> Listed:
    return Listed(plate=plate, purpose=PURPOSE, reference=record, source_record=record, **facts)


def gone(plate: str = "", record: str = "", region: str = "") -> Listed:
    return Listed(plate=plate, purpose=PURPOSE, region=region, source_record=record, action=LineAction.REMOVE)


def came(town: Town, now: datetime, listed: Sequence[Listed], **facts: object) -> Hotlist:
    by = town.users["cole" if "cole" in town.users else "hayes"]
    arrived = {"source": "state-federal", "origin": "state", "listed": listed, "by": by, "who": SETUP}
    return receive_list(**(arrived | {"now": now} | facts))  # type: ignore[arg-type]  # put together


def standing(hotlist: Hotlist) -> list[str]:
    return sorted(hotlist.entries.filter(state=EntryState.ACTIVE).values_list("plate", flat=True))


def hour(now: datetime, number: int) -> datetime:
    return now + timedelta(hours=number)


def test_each_time_is_a_version_that_nobody_changes_afterwards(barstow: Town, now: datetime) -> None:
    came(barstow, now, [one("8STA733")])
    hotlist = came(barstow, hour(now, 1), [one("8STA733"), one("8STA734")])
    numbers = [(v.number, v.rows, v.counts["added"]) for v in hotlist.versions.order_by("number")]
    assert numbers == [(1, 1, 1), (2, 2, 1)]
    assert Entry.objects.get(plate="8STA734").since_version == 2
    with pytest.raises(DatabaseError), transaction.atomic():
        ListVersion.objects.filter(number=1).update(rows=7)


def test_additions_and_removals_leave_the_rest_as_it_is(barstow: Town, now: datetime) -> None:
    hotlist = came(barstow, now, [one("8STA733", "V1"), one("8STA734", "V2"), one("8STA735", region="US-NV")])
    changes = [
        one("8STA736", "V4"),
        gone(record="V2"),
        gone("8STA735", region="US-NV"),
        gone("8STA799", region="US-NV"),
        gone("8STA733", record="V9"),
    ]
    came(barstow, hour(now, 1), changes, mode=ListMode.DELTA, reason="Checked by telephone.")
    assert standing(hotlist) == ["8STA733", "8STA736"]
    version = hotlist.versions.get(number=2)
    assert (version.rows, version.counts["ended"], version.counts["unfound"]) == (2, 2, 2)
    assert Entry.objects.get(plate="8STA734").ended_version == 2


def test_a_removal_names_its_state_where_it_has_no_number(barstow: Town, now: datetime) -> None:
    hotlist = came(barstow, now, [one("8STA733", region="US-NV"), one("8STA733", region="US-CA")])
    came(
        barstow,
        hour(now, 1),
        [gone("8STA733", region="US-NV")],
        mode=ListMode.DELTA,
        reason="Checked by telephone.",
    )
    assert [entry.region for entry in hotlist.entries.filter(state=EntryState.ACTIVE)] == ["US-CA"]


def test_what_is_removed_and_named_anew_stays(barstow: Town, now: datetime) -> None:
    hotlist = came(barstow, now, [one("8STA733", "V1")])
    came(barstow, hour(now, 1), [gone(record="V1"), one("8STA733", "V1")], mode=ListMode.DELTA)
    assert standing(hotlist) == ["8STA733"]


def test_there_is_nothing_to_add_to_before_the_whole_list_came(barstow: Town, now: datetime) -> None:
    with pytest.raises(ValidationError, match="Take in the whole list first"):
        came(barstow, now, [one("8STA733")], mode=ListMode.DELTA)


@pytest.mark.clause("B-466.11¶3")
def test_additions_refresh_nothing_where_the_policy_does_not_say_so(barstow: Town, now: datetime) -> None:
    first = came(barstow, now, [one("8STA733")]).expires_at
    hotlist = came(barstow, hour(now, 24), [one("8STA734")], mode=ListMode.DELTA)
    assert hotlist.expires_at == first == hour(now, 72)


@pytest.mark.clause("B-466.11¶3")
def test_an_old_extract_that_comes_late_is_as_old_as_its_source_made_it(barstow: Town, now: datetime) -> None:
    hotlist = came(barstow, now, [one("8STA733")], effective_at=hour(now, -24))
    assert hotlist.expires_at == hour(now, 48)
    with pytest.raises(ValidationError, match="was made by its source later"):
        came(barstow, hour(now, 1), [one("8STA733")], effective_at=hour(now, -30))
    with pytest.raises(ValidationError, match="past its time already"):
        came(barstow, hour(now, 73), [one("8STA733")], effective_at=hour(now, -1))
    with pytest.raises(ValidationError, match="in the future"):
        came(barstow, now, [one("8STA733")], effective_at=hour(now, 1))


@pytest.mark.clause("B-466.11¶3")
def test_an_undated_list_between_does_not_let_an_older_extract_in(barstow: Town, now: datetime) -> None:
    came(barstow, now, [one("8STA733")], effective_at=hour(now, -24))
    came(barstow, hour(now, 1), [one("8STA733")])
    with pytest.raises(ValidationError, match="was made by its source later"):
        came(barstow, hour(now, 2), [one("8STA733")], effective_at=hour(now, -30))
    came(barstow, hour(now, 3), [one("8STA733")], effective_at=hour(now, -1))


@pytest.mark.clause("B-466.11¶3")
def test_the_very_same_file_refreshes_nothing_unless_somebody_says_that_nothing_changed(
    barstow: Town, now: datetime
) -> None:
    takes_lists_in(barstow, now)
    soto = barstow.actor("soto", now)
    take_in(checked_file(soto, now), soto, now)
    later = hour(now, 24)
    again = checked_file(barstow.actor("soto", later), later)
    with pytest.raises(ValidationError, match="This very file came in as version 1"):
        take_in(again, barstow.actor("soto", later), later)
    taken = take_in(again, barstow.actor("soto", later), later, reason="Fetched anew; CLETS desk: unchanged.")
    version = ListVersion.objects.get(number=2)
    assert (taken.state, version.reason) == ("TAKEN", "Fetched anew; CLETS desk: unchanged.")
    told = AuditRecord.objects.filter(verb="hotlists.list.received").latest("id").detail
    assert told["against"][0].startswith("This very file")


def test_a_list_that_loses_too_much_is_refused_also_from_a_program(barstow: Town, now: datetime) -> None:
    hotlist = came(barstow, now, [one(f"8STA73{n}") for n in range(4)])
    with pytest.raises(ValidationError, match="2 of 4 entries would end"):
        came(barstow, hour(now, 1), [one("8STA730"), one("8STA731")])
    assert len(standing(hotlist)) == 4
    assert hotlist.versions.count() == 1
    came(barstow, hour(now, 1), [one("8STA730"), one("8STA731")], reason="The state cleaned up.")
    assert len(standing(hotlist)) == 2


def test_where_the_policy_sets_no_share_a_list_may_lose_all_of_it(
    huntington_park: Town, now: datetime
) -> None:
    came(huntington_park, now, [one("8STA733"), one("8STA734")])
    assert standing(came(huntington_park, hour(now, 1), [one("8STA734")])) == ["8STA734"]


def test_entries_of_immigration_violators_are_counted_and_not_kept(barstow: Town, now: datetime) -> None:
    takes_lists_in(barstow, now)
    text = b"plate,category\n8STA733,Vehicle\n8STA734,Immigration Violator\n8STA735,IMMIGRATION-VIOLATOR\n"
    file = checked_file(barstow.actor("soto", now), now, **(list_file(text)))
    assert file.found["left_out"] == {"immigration-violator": 2}
    take_in(file, barstow.actor("soto", now), now)
    version = ListVersion.objects.get()
    assert version.counts["left_out"] == {"immigration-violator": 2}
    assert version.counts["categories"] == {"vehicle": 1}
    assert not Entry.objects.filter(plate__in=["8STA734", "8STA735"]).exists()
    hotlist = came(
        barstow,
        hour(now, 1),
        [one("8STA733", category="vehicle"), one("8NO1", category="immigration-violator")],
    )
    assert standing(hotlist) == ["8STA733"]
    assert hotlist.versions.get(number=2).counts["left_out"] == {"immigration-violator": 1}


def listed(town: Town, plate: str, at: datetime) -> list[tuple[str, int | None, bool]]:
    found: list[Listing] = listings_at(town.agency.pk, plate, at)
    return [(one.category, one.version.number if one.version else None, one.would_match) for one in found]


def test_whether_a_plate_was_listed_is_answered_for_any_instant(barstow: Town, now: datetime) -> None:
    came(barstow, now, [one("8STA733", category="vehicle"), one("8STA734")])
    came(barstow, hour(now, 2), [one("8STA733", category="wanted-person"), one("8STA734")])
    came(barstow, hour(now, 4), [one("8STA734")], reason="The state cleaned up.")
    came(barstow, hour(now, 6), [one("8STA733", category="gang"), one("8STA734")])
    assert listed(barstow, "8STA733", hour(now, -1)) == []
    assert listed(barstow, "8STA733", hour(now, 1)) == [("vehicle", 1, True)]
    assert listed(barstow, "8STA733", hour(now, 2)) == [("wanted-person", 2, True)]
    assert listed(barstow, "8STA733", hour(now, 4)) == []
    assert listed(barstow, "8STA733", hour(now, 7)) == [("gang", 4, False)]
    assert listed(barstow, "8STA734", hour(now, 6 + 72)) == [("", 4, False)]


@pytest.mark.usefixtures("huntington_park")
def test_a_look_alike_and_a_partial_plate_are_found_and_another_towns_are_not(
    barstow: Town, now: datetime
) -> None:
    came(barstow, now, [one("8BC123"), one("8B?12*")])
    assert [x.entry.plate for x in listings_at("barstow-pd", "BBC123", now)] == ["8BC123", "8B?12*"]
    assert listings_at("huntington-park-pd", "8BC123", now) == []


@pytest.mark.clause("B-466.6(a)", "CC-1798.90.52")
def test_asking_is_an_access_with_a_purpose(barstow: Town, now: datetime) -> None:
    came(barstow, now, [one("8STA733", category="vehicle")])
    dunn = barstow.actor("dunn", now)
    with pytest.raises(Refused):
        look_up(by=dunn, plate="8STA733", at=now, **(WHY | {"purpose": "curiosity"}), now=now)
    with pytest.raises(Refused, match="The reason has"):
        look_up(by=dunn, plate="8STA733", at=now, **(WHY | {"reason": "x"}), now=now)
    assert not AccessRecord.objects.exists()
    assert len(look_up(by=dunn, plate="8STA733", at=now, **WHY, now=now)) == 1
    access = AccessRecord.objects.get()
    assert (access.elements["plate"], access.result_count) == ("8STA733", 1)


def test_what_speaks_against_a_file_is_told_before(barstow: Town, now: datetime) -> None:
    takes_lists_in(barstow, now)
    soto = barstow.actor("soto", now)
    take_in(checked_file(soto, now), soto, now)
    other = checked_file(soto, now, **list_file(b"plate\n8STA799\n"))
    against = against_file(other, soto.profile, Hotlist.objects.get())
    assert [one.reason for one in against] == ["1 of 1 entries would end, 100 %; the limit is 25 %."]
