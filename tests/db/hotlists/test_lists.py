"""Lists of others from files: checked, decided on, and put in the place of what stood."""

from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from django.conf import settings
from django.core.exceptions import ValidationError

from plateward.audit.models import AuditRecord
from plateward.hotlists import list_actions, queries
from plateward.hotlists.layouts import UnusableFile
from plateward.hotlists.list_actions import discard_file, order_taking
from plateward.hotlists.models import Entry, EntryState, FileState, Hotlist, ListFile
from plateward.notices.models import Notice
from plateward.policy import Refused
from tests.alarms import arrives
from tests.listing import checked_file, list_file, take_in, takes_lists_in, work_files
from tests.personas import Town

Checking = Callable[..., ListFile]
FIRST = "plate,state,nic\n8STA733,NV,V1\n8STA734,CA,V2\n7PAR*,CA,V3\n"


@pytest.fixture
def checked(barstow: Town, now: datetime) -> Checking:
    """Check a file as Sergeant Soto, who was delegated the taking in and may see state data."""
    takes_lists_in(barstow, now)

    def check(text: str = FIRST, who: str = "soto", at: datetime = now, **changes: object) -> ListFile:
        asked = list_file(text.encode()) | changes
        return checked_file(barstow.actor(who, at), at, **asked)

    return check


def on_disc(file: ListFile) -> bool:
    return Path(settings.ENVIRONMENT.hotlists, file.agency_id, f"{file.sha256}.list").exists()


def hits(town: Town, plate: str, now: datetime) -> list[str]:
    read = arrives(town.camera, plate, now)
    wanted = queries.wanted_among([(town.agency.pk, read.plate_key)], now)
    return [m.explanation for m in wanted.matches(agency=town.agency.pk, plate=plate, region="")]


@pytest.mark.clause("B-466.11¶3", "B-466.4(e)")
def test_nothing_matches_by_a_checked_file_before_it_is_taken_in(
    barstow: Town, now: datetime, checked: Checking
) -> None:
    file = checked()
    assert (file.found["added"], file.found["ended"], file.found["refused"]) == (3, 0, 0)
    assert not Entry.objects.exists()
    assert hits(barstow, "8STA733", now) == []
    take_in(file, barstow.actor("soto", now), now)
    assert hits(barstow, "8STA733", now) == ["read 8STA733, entry 8STA733: the same"]
    assert hits(barstow, "7PAR123", now) == ["read 7PAR123 fits the partial plate 7PAR*"]
    verbs = AuditRecord.objects.filter(verb__startswith="hotlists.").order_by("id")
    assert [row.verb for row in verbs] == [
        "hotlists.file.uploaded",
        "hotlists.file.checked",
        "hotlists.file.ordered",
        "hotlists.list.received",
    ]
    assert {row.username for row in verbs} == {"soto"}


def test_an_entry_whose_code_names_no_category_needs_a_reason_and_matches_nothing(
    barstow: Town, now: datetime, checked: Checking
) -> None:
    file = checked(
        "plate,category\n8STA733,stolen vehicle\n8STA734,Gang member\n8STA735,Immigration Violators\n"
    )
    assert file.found["unknown_codes"] == {"Gang member": 1}
    assert file.found["left_out"] == {"immigration-violator": 1}
    with pytest.raises(ValidationError, match="names no category of the policy"):
        take_in(file, barstow.actor("soto", now), now)
    take_in(file, barstow.actor("soto", now), now, reason="The state is asked what the code means.")
    assert Entry.objects.filter(state=EntryState.ACTIVE).count() == 2
    assert hits(barstow, "8STA733", now) == ["read 8STA733, entry 8STA733: the same"]
    assert hits(barstow, "8STA734", now) == []


def test_a_newer_file_ends_adds_and_leaves_what_it_says_again(
    barstow: Town, now: datetime, checked: Checking
) -> None:
    soto = barstow.actor("soto", now)
    take_in(checked(), soto, now)
    kept = Entry.objects.get(plate="8STA733")
    later = now + timedelta(hours=12)
    file = checked("plate,state,nic\n8STA733,NV,V1\n8STA733,NV,V1\n8STA734,AZ,V2\n7PAR*,CA,V3\n", at=later)
    take_in(file, barstow.actor("soto", later), later, reason="The source cleaned up.")
    file.refresh_from_db()
    found = {key: file.found[key] for key in ("named", "repeated", "added", "changed", "ended", "standing")}
    assert found == {"named": 3, "repeated": 1, "added": 1, "changed": 0, "ended": 1, "standing": 3}
    again = Entry.objects.get(plate="8STA733")
    assert (again.pk, again.ends_at) == (kept.pk, later + timedelta(hours=72))
    gone = Entry.objects.get(plate="8STA734", region="US-CA")
    assert (gone.state, gone.ended_note) == (EntryState.REMOVED, "No longer on the list.")
    assert file.state == FileState.TAKEN


def test_a_list_past_its_time_matches_nothing_and_asks_for_a_newer_one(
    barstow: Town, now: datetime, checked: Checking
) -> None:
    take_in(checked(), barstow.actor("soto", now), now)
    over = now + timedelta(hours=72)
    assert hits(barstow, "8STA733", over - timedelta(seconds=1))
    assert hits(barstow, "8STA733", over) == []
    assert list_actions.warn_of_stale(now=over - timedelta(seconds=1)) == 0
    assert list_actions.warn_of_stale(now=over) == list_actions.warn_of_stale(now=over) == 1
    notice = Notice.objects.get(kind="stale-list")
    assert notice.position == "administrative-division-commander"
    assert "is past its time" in notice.text
    Hotlist.objects.get().entries.get(plate="8STA733")


def test_much_that_ends_must_be_said_to_end_rightly(barstow: Town, now: datetime, checked: Checking) -> None:
    soto = barstow.actor("soto", now)
    take_in(checked(), soto, now)
    short = checked("plate,state,nic\n8STA733,NV,V1\n")
    with pytest.raises(ValidationError, match="2 of 3 entries would end, 67 %; the limit is 25 %"):
        take_in(short, soto, now)
    assert Entry.objects.filter(state=EntryState.ACTIVE).count() == 3
    take_in(short, soto, now, reason="The source cleaned up.")
    assert Entry.objects.filter(state=EntryState.ACTIVE).count() == 1


def test_a_file_checked_against_what_no_longer_stands_is_not_taken_in(
    barstow: Town, now: datetime, checked: Checking
) -> None:
    soto = barstow.actor("soto", now)
    first, second = checked(), checked("plate\n8STA999\n")
    take_in(first, soto, now)
    with pytest.raises(ValidationError, match="Another file of this list was taken in since"):
        take_in(second, soto, now, reason="The source cleaned up.")
    with pytest.raises(ValidationError, match="taken in already"):
        take_in(first, soto, now)


def test_two_ordered_at_once_do_not_end_each_other(barstow: Town, now: datetime, checked: Checking) -> None:
    soto = barstow.actor("soto", now)
    first, second = checked(), checked("plate\n8STA999\n")
    order_taking(file=first, by=soto, now=now)
    order_taking(file=second, by=soto, now=now, reason="The source cleaned up.")
    work_files(now)
    second.refresh_from_db()
    assert second.state == FileState.FAILED
    assert "Another file of this list was taken in since" in second.found["why"]
    assert not Entry.objects.filter(plate="8STA999").exists()


@pytest.mark.django_db(transaction=True)
def test_the_file_itself_is_deleted_once_decided_or_forgotten(
    barstow: Town, now: datetime, checked: Checking
) -> None:
    taken, discarded, forgotten = checked(), checked("plate\n8STA999\n"), checked("plate\n8STA998\n")
    assert all(map(on_disc, (taken, discarded, forgotten)))
    soto = barstow.actor("soto", now)
    take_in(taken, soto, now)
    discard_file(file=discarded, by=soto, now=now)
    with pytest.raises(ValidationError, match="discarded already"):
        discard_file(file=discarded, by=soto, now=now)
    assert list_actions.discard_forgotten(now=now + timedelta(hours=23)) == 0
    assert list_actions.discard_forgotten(now=now + timedelta(hours=25)) == 1
    assert not any(map(on_disc, (taken, discarded, forgotten)))


def test_a_file_lost_on_disc_is_said_and_takes_nothing_in(
    barstow: Town, now: datetime, checked: Checking
) -> None:
    file = checked("plate\n8LST001\n")
    Path(settings.ENVIRONMENT.hotlists, file.agency_id, f"{file.sha256}.list").unlink()
    failed = take_in(file, barstow.actor("soto", now), now)
    assert failed.state == FileState.FAILED
    assert "cannot be read" in failed.found["why"]
    assert AuditRecord.objects.get(verb="hotlists.file.failed").detail["why"] == failed.found["why"]
    assert not Entry.objects.exists()


@pytest.mark.clause("B-466.4(e)")
def test_who_may_not_take_lists_in_or_see_their_data_is_refused(checked: Checking) -> None:
    with pytest.raises(Refused, match="lists of others"):
        checked(who="ortiz")
    with pytest.raises(Refused, match=r"B-466\.4\(e\)"):
        checked(origin="federal")
    with pytest.raises(Refused, match="purpose"):
        checked(purpose="curiosity")
    with pytest.raises(ValidationError, match="no such list"):
        checked(source="elsewhere")
    with pytest.raises(UnusableFile, match="No column is headed plate"):
        checked("color\nblue\n")
    assert not ListFile.objects.exists()
