"""After a restore what was purged goes again, by the list that is kept elsewhere; what is too old is told."""

from datetime import datetime, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner

from plateward.alerts.models import Hit
from plateward.audit.who import Who
from plateward.config import retention_checks
from plateward.config.cli import main
from plateward.evidence import hold_actions, holding
from plateward.evidence.disc_models import Disc, DiscSet
from plateward.findings import State
from plateward.reads.models import Read
from plateward.reads.store import PictureStore
from plateward.releases import answer_actions, records_actions
from plateward.retention import list_file, purge_list, reapply_actions, rules, schedule_actions, stores
from plateward.retention.models import Purge
from plateward.retention.rules import PurgeState
from tests import holds, releasing
from tests.alarms import alerted
from tests.personas import Town
from tests.purges import COMMANDER, approved, drive, long_ago, pictured, ready, run
from tests.sightings import seen
from tests.stage import Stage


def reapply(file: Path) -> str:
    command = ["retention", "reapply", "--by", "Ivy Imani", "--list", str(file)]
    answer = CliRunner().invoke(main, command)
    assert answer.exit_code == 0, answer.output
    return answer.output


def test_what_a_backup_brought_back_goes_again_unless_it_is_held(
    barstow: Town, now: datetime, store: PictureStore, tmp_path: Path
) -> None:
    ready(barstow, now)
    drive(barstow.camera, long_ago(now), ["8ABC123", "7XYZ789"])
    done = run(approved(barstow, now), now, store)
    file = tmp_path / "purges.jsonl"
    lines = purge_list.path().read_text(encoding="utf-8").splitlines()
    file.write_text("\n".join(line for line in lines if str(done.pk) in line), encoding="utf-8")
    assert "0 had to be done again" in reapply(file)
    drive(barstow.camera, long_ago(now), ["8ABC123", "7XYZ789"])  # as a backup of before has them
    holds.asked(barstow, "ortiz", now, holds.plate("7XYZ789"))
    assert "1 had to be done again" in reapply(file)
    assert [read.plate for read in Read.objects.filter(agency=barstow.agency)] == ["7XYZ789"]
    again = Purge.objects.get(reapplies=done.pk)
    assert again.state == PurgeState.VERIFIED
    assert again.decided_by_name == "Carl Cole, for purge 1"


def test_what_was_held_when_the_purge_ran_stays_though_the_backup_knows_no_hold(
    barstow: Town, now: datetime, store: PictureStore
) -> None:
    ready(barstow, now)
    drive(barstow.camera, long_ago(now), ["8ABC123", "7XYZ789"])
    hold = holds.asked(barstow, "ortiz", now, holds.plate("7XYZ789"))
    done = run(approved(barstow, now), now, store)
    (listed,) = [one for one in purge_list.read(purge_list.path()) if one.purge == str(done.pk)]
    hold.scopes.all().delete()  # as a backup of before the hold has them
    hold.delete()
    drive(barstow.camera, long_ago(now), ["8ABC123"])
    by = Who(username="reapply", name="Ivy Imani", title="", organization="")

    def again() -> Purge | None:
        return reapply_actions.reapply(listed=listed, by=by, now=now)

    with pytest.raises(reapply_actions.SparedError, match="1 reads that are back were held when purge 1"):
        again()
    anew = holds.approved(barstow, "ortiz", now + timedelta(minutes=1), holds.plate("7XYZ789"))
    purge = again()
    assert purge is not None
    assert run(purge, now, store).state == PurgeState.VERIFIED
    assert [read.plate for read in Read.objects.filter(agency=barstow.agency)] == ["7XYZ789"]
    at = {"now": now + timedelta(minutes=2)}
    hold_actions.ask_release(by=barstow.actor("ortiz", now), hold=anew, reason="Dismissed.", **at)
    hold_actions.approve_release(by=barstow.actor("cole", now), hold=anew, note="", **at)
    assert again() is not None  # two people ended it since


def test_a_list_that_was_changed_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "purges.jsonl"
    file.write_text("no purge\n", encoding="utf-8")
    with pytest.raises(purge_list.ListUnreadableError, match="Line 1"):
        purge_list.read(file)


def test_a_line_that_a_kill_left_torn_is_passed_over_where_its_purge_stands_whole(
    barstow: Town, now: datetime, store: PictureStore, tmp_path: Path
) -> None:
    ready(barstow, now)
    drive(barstow.camera, long_ago(now), ["8ABC123"])
    done = run(approved(barstow, now), now, store)
    (line,) = [line for line in list_file.lines(purge_list.path()) if str(done.pk) in line]
    file = tmp_path / "purges.jsonl"
    file.write_text(line[:90], encoding="utf-8")
    with pytest.raises(purge_list.ListUnreadableError, match="Line 1"):
        purge_list.read(file)  # nobody knows whether that purge was certified
    list_file.append(file, line.encode())
    assert [one.purge for one in purge_list.read(file)] == [str(done.pk)]
    other = line.replace(str(done.pk), "00000000-0000-0000-0000-000000000000")
    list_file.append(file, other[:90].encode())
    with pytest.raises(purge_list.ListUnreadableError, match="Line 3"):
        purge_list.read(file)


def test_a_hold_over_a_purged_time_is_told_so(barstow: Town, now: datetime, store: PictureStore) -> None:
    ready(barstow, now)
    drive(barstow.camera, long_ago(now), ["8ABC123"])
    run(approved(barstow, now), now, store)
    day = long_ago(now)
    (told,) = holding.purged_since("barstow-pd", [(day, day + timedelta(hours=1))])
    assert told.startswith("Purge 1 destroyed")
    assert holding.purged_since("barstow-pd", [(now - timedelta(days=9), None)]) == []


def test_the_oldest_of_each_store_leaves_out_what_is_held(barstow: Town, now: datetime) -> None:
    young = now - timedelta(days=9)
    seen(barstow.camera, "8ABC123", young)
    seen(barstow.camera, "7XYZ789", long_ago(now))
    profile = barstow.actor("cole", now).profile

    def oldest() -> datetime | None:
        return next(age for age in stores.ages("barstow-pd", profile, now) if age.name == "Reads").oldest_at

    assert oldest() == long_ago(now)
    holds.asked(barstow, "ortiz", now, holds.plate("7XYZ789"))
    assert oldest() == young
    shown = CliRunner().invoke(main, ["retention", "oldest"]).output
    assert "Directory of plates" in shown


def test_a_store_with_a_rule_of_its_own_is_told_with_why_it_stays_and_is_not_overdue(
    barstow: Town, now: datetime
) -> None:
    actor = barstow.actor(COMMANDER, now)
    alerted(barstow, now)
    Hit.objects.update(captured_at=long_ago(now))
    at = {"device": barstow.camera, "reason": "The contract", "by": actor, "now": now}
    schedule_actions.assign_source(source="vendor-cloud", **at)
    found = {age.name: age for age in stores.ages("barstow-pd", actor.profile, now)}
    hits = found["Hits of alerts"]
    assert (hits.oldest_at, hits.is_overdue, "not theirs" in hits.note) == (long_ago(now), False, True)
    for name in (
        "Messages of alerts",
        "Kept searches",
        "Searches",
        "Analyses",
        "Exports",
        "Caches",
        "Backups",
    ):
        assert found[name].note
        assert not found[name].is_overdue
    assert (found["Evidence packages"].oldest_at, found["Images of discs"].oldest_at) == (None, None)


def test_copies_for_the_public_are_told_with_why_they_stay(barstow: Town, now: datetime) -> None:
    s = Stage(barstow, now)
    profile = barstow.actor(COMMANDER, now).profile

    def found(name: str) -> tuple[datetime | None, bool, str]:
        age = next(age for age in stores.ages("barstow-pd", profile, now) if age.name == name)
        return age.oldest_at, age.is_overdue, age.note

    assert (found("Originals for the public")[0], found("Copies for the public")[0]) == (None, None)
    picture = releasing.pictured(s)
    at, is_overdue, note = found("Originals for the public")
    assert (at, is_overdue) == (now, False)
    assert note.endswith("1 open requests; each goes when its request ends")
    later = {"by": barstow.actor("soto", now), "now": now + timedelta(minutes=1)}
    answer_actions.leave_whole(picture=picture, reason="No plate can be read.", **later)
    assert found("Copies for the public")[:2] == (later["now"], False)
    assert "Gov. Code 34090" in found("Copies for the public")[2]
    records_actions.withdraw(request=picture.request, note="Not wanted any more", **later)
    assert found("Originals for the public")[0] is None
    assert found("Copies for the public")[0] == later["now"]


def test_images_of_discs_count_by_the_reads_on_them(barstow: Town, now: datetime) -> None:
    read = seen(barstow.camera, "8ABC123", long_ago(now))
    package = holds.packed(barstow, holds.approved(barstow, "ortiz", now, holds.one_read(read)), now, read)
    profile = barstow.actor(COMMANDER, now).profile

    def oldest(name: str) -> datetime | None:
        return next(age.oldest_at for age in stores.ages("barstow-pd", profile, now) if age.name == name)

    assert (oldest("Evidence packages"), oldest("Images of discs")) == (read.captured_at, None)
    made = {"agency": barstow.agency, "made_at": now}
    of_set = DiscSet.objects.create(
        package=package,
        number=1,
        medium="DVD",
        protection="PLAIN",
        ordered_by=package.ordered_by,
        ordered_at=now,
        **made,
    )
    Disc.objects.create(of_set=of_set, number=1, total=1, sha256="0" * 64, size=1, **made)
    assert oldest("Images of discs") == read.captured_at


def test_each_source_is_measured_by_its_own_limit_and_a_missing_one_is_said(
    barstow: Town, now: datetime
) -> None:
    actor = barstow.actor(COMMANDER, now)
    seen(barstow.camera, "8ABC123", long_ago(now))

    def told() -> dict[str, tuple[bool, str]]:
        return {
            age.name: (age.is_overdue, age.note)
            for age in stores.by_source("barstow-pd", actor.profile, now)
            if age.oldest_at
        }

    assert told() == {stores.UNSAID: (False, stores.NEVER_PURGED)}
    assert {found.state for found in retention_checks.findings()} == {State.FINE, State.NOTE}
    assign = {"device": barstow.camera, "reason": "The contract", "by": actor}
    schedule_actions.assign_source(source="vendor-cloud", now=now, **assign)  # type: ignore[arg-type]  # mixed values
    assert told() == {"Reads of vendor-cloud": (True, "")}
    (wrong,) = [found for found in retention_checks.findings() if found.state is State.WRONG]
    assert "past its limit" in wrong.found
    at = now + timedelta(seconds=1)
    schedule_actions.assign_source(source="server", now=at, **assign)  # type: ignore[arg-type]  # the same
    assert told() == {"Reads of server": (False, stores.NO_LIMIT)}


def test_a_picture_without_its_read_and_a_key_that_nobody_needs_are_seen(
    barstow: Town, now: datetime, store: PictureStore
) -> None:
    (read,) = drive(barstow.camera, long_ago(now), ["8ABC123"])
    row = pictured(read, store, now)
    holds.asked(barstow, "ortiz", now, holds.plate("8ABC123"))
    profile = barstow.actor(COMMANDER, now).profile

    def oldest(name: str) -> datetime | None:
        return next(age.oldest_at for age in stores.ages("barstow-pd", profile, now) if age.name == name)

    assert (oldest("Pictures"), oldest("Keys of pictures")) == (None, None)
    Read.objects.filter(id=read.id).delete()
    assert oldest("Pictures") == row.captured_at
    assert oldest("Keys of pictures") == rules.day_of(row.captured_at)
