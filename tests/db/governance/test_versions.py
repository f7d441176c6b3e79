"""A change of the policy takes two people; what they put in force decides from its day on, everywhere."""

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from threading import Barrier
from zoneinfo import ZoneInfo

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from plateward.audit.models import AuditRecord
from plateward.governance import actions, queries
from plateward.governance.models import Adoption, Draft
from plateward.governance.rules import DraftState
from plateward.plates.pattern import PlatePattern
from plateward.policy import ProfileError, Refused
from plateward.search.actions import run_search
from plateward.search.rules import SearchQuery
from tests.days import day_of
from tests.personas import SETUP, Town, build_barstow
from tests.versions import REFERENCE_REQUIRED, WITHOUT_CRIME_ANALYSIS, policy_text, proposed

TWO_PEOPLE = pytest.mark.clause("B-466.3¶2", "H-426.2¶2", "B-466.3.1", "H-426.2.1")


def adopt(town: Town, draft: Draft, who: str, now: datetime, compared_with: str = "2026.2") -> Adoption:
    return actions.adopt_draft(
        draft=draft, compared_with=compared_with, note="", by=town.actor(who, now), now=now
    )


@TWO_PEOPLE
def test_chief_puts_in_force_what_the_commander_proposed_and_both_are_on_record(
    barstow: Town, now: datetime
) -> None:
    draft = proposed(barstow, now, "2026.3", WITHOUT_CRIME_ANALYSIS)
    assert queries.profile_for("barstow-pd").version == "2026.2"

    adoption = adopt(barstow, draft, "chen", now)

    assert queries.profile_for("barstow-pd").version == "2026.3"
    assert "crime-analysis" not in queries.profile_for("barstow-pd").purposes
    assert (adoption.draft.state, adoption.draft.ended_by.username) == (DraftState.ADOPTED, "chen")
    rows = AuditRecord.objects.filter(verb__startswith="governance.draft.").order_by("id")
    assert [(row.verb, row.username) for row in rows] == [
        ("governance.draft.proposed", "cole"),
        ("governance.draft.adopted", "chen"),
    ]
    assert rows[1].detail["proposed_by"] == "cole"
    assert rows[1].detail["instead_of"] == "2026.2"
    assert rows[1].detail["sha256"] == adoption.profile_sha256


@TWO_PEOPLE
def test_commander_cannot_put_in_force_or_refuse_what_he_proposed(barstow: Town, now: datetime) -> None:
    draft = proposed(barstow, now)
    with pytest.raises(
        Refused, match=r"B-466\.3¶2: Nobody decides on a version they proposed.*Chief of Police"
    ):
        adopt(barstow, draft, "cole", now)
    with pytest.raises(Refused, match="takes two people"):
        actions.refuse_draft(draft=draft, note="No.", by=barstow.actor("cole", now), now=now)
    assert Adoption.objects.count() == 1


@TWO_PEOPLE
def test_who_lacks_the_capability_neither_proposes_nor_decides(barstow: Town, now: datetime) -> None:
    with pytest.raises(Refused, match="may not propose a new version of the policy"):
        actions.propose(
            profile_bytes=policy_text("barstow-pd", "2026.3"), why="x", by=barstow.actor("lane", now), now=now
        )
    draft = proposed(barstow, now)
    with pytest.raises(Refused, match="may not put a proposed version of the policy in force"):
        adopt(barstow, draft, "lane", now)
    with pytest.raises(Refused, match="may not propose"):
        actions.withdraw_draft(draft=draft, note="", by=barstow.actor("chen", now), now=now)


@TWO_PEOPLE
def test_database_itself_refuses_a_version_decided_by_its_proposer(barstow: Town, now: datetime) -> None:
    draft = proposed(barstow, now)
    with pytest.raises(IntegrityError, match="draft_decided_by_a_second_person"), transaction.atomic():
        Draft.objects.filter(pk=draft.pk).update(
            state=DraftState.REFUSED, ended_by=draft.proposed_by, ended_at=now
        )


@TWO_PEOPLE
def test_huntington_parks_chief_adopts_and_another_towns_draft_does_not_exist(
    barstow: Town, huntington_park: Town, now: datetime
) -> None:
    draft = proposed(huntington_park, now)
    with pytest.raises(Draft.DoesNotExist):
        adopt(barstow, draft, "chen", now)
    huntington_park.users["howe"].title = "chief-of-police"
    huntington_park.users["howe"].save()
    assert adopt(huntington_park, draft, "howe", now).version == "2026.3"
    assert queries.profile_for("barstow-pd").version == "2026.2"


def test_version_with_a_later_date_begins_with_that_day_in_the_agencys_zone(
    barstow: Town, now: datetime
) -> None:
    zone = ZoneInfo("America/Los_Angeles")
    day = (now.astimezone(zone) + timedelta(days=10)).date()
    midnight = datetime(day.year, day.month, day.day, tzinfo=zone)
    adoption = adopt(barstow, proposed(barstow, now, effective=day.isoformat()), "chen", now)

    assert adoption.effective_at == midnight
    assert queries.profile_for("barstow-pd").version == "2026.2"
    assert queries.profile_for("barstow-pd", midnight - timedelta(seconds=1)).version == "2026.2"
    assert queries.profile_for("barstow-pd", midnight).version == "2026.3"
    assert barstow.actor("ortiz", midnight).profile.version == "2026.3"
    assert [coming.version for coming in queries.upcoming("barstow-pd", now)] == ["2026.3"]


def test_of_two_versions_the_one_that_began_last_decides_not_the_one_adopted_last(
    barstow: Town, now: datetime
) -> None:
    day = day_of(now) + timedelta(days=10)
    adopt(barstow, proposed(barstow, now, effective=day.isoformat()), "chen", now)
    later = now + timedelta(hours=1)
    adopt(barstow, proposed(barstow, later, "2026.4"), "chen", later, compared_with="2026.2")
    assert queries.profile_for("barstow-pd", later).version == "2026.4"
    assert queries.profile_for("barstow-pd", now + timedelta(days=12)).version == "2026.3"


def test_version_with_a_day_long_past_begins_with_its_adoption_and_not_before(
    barstow: Town, now: datetime
) -> None:
    later = now + timedelta(hours=1)
    adoption = adopt(barstow, proposed(barstow, now), "chen", later)
    assert adoption.effective_at == later
    assert queries.profile_for("barstow-pd", later - timedelta(seconds=1)).version == "2026.2"
    assert queries.predecessor(adoption) == queries.adoption_in_force("barstow-pd", now)


@pytest.mark.django_db
def test_agencys_first_version_begins_at_once_whatever_its_date(now: datetime) -> None:
    actions.establish(
        profile_bytes=policy_text("barstow-pd", "2026.9", effective="2199-01-01"), by=SETUP, now=now
    )
    assert queries.profile_for("barstow-pd").version == "2026.9"


def test_draft_compared_with_an_older_version_is_compared_again_before_it_decides(
    barstow: Town, now: datetime
) -> None:
    first, second = proposed(barstow, now), proposed(barstow, now, "2026.4")
    adopt(barstow, first, "chen", now)
    later = now + timedelta(seconds=1)
    with pytest.raises(actions.AdoptionRefusedError, match=r"2026\.3 came in force since you compared"):
        adopt(barstow, second, "chen", later)
    adopt(barstow, second, "chen", later, compared_with="2026.3")
    assert queries.profile_for("barstow-pd", later + timedelta(seconds=1)).version == "2026.4"


def test_clock_set_back_lets_no_earlier_version_return(barstow: Town, now: datetime) -> None:
    ahead, set_back = now + timedelta(hours=1), now + timedelta(minutes=1)
    adopt(barstow, proposed(barstow, now), "chen", ahead)
    last = adopt(barstow, proposed(barstow, now, "2026.4"), "chen", set_back)
    assert queries.adoption_in_force("barstow-pd", ahead + timedelta(seconds=1)) == last


def test_refused_and_withdrawn_drafts_keep_the_reason_and_stay_ended(barstow: Town, now: datetime) -> None:
    refused, withdrawn = proposed(barstow, now), proposed(barstow, now, "2026.4")
    with pytest.raises(ValidationError, match="Give the reason"):
        actions.refuse_draft(draft=refused, note=" ", by=barstow.actor("chen", now), now=now)
    actions.refuse_draft(draft=refused, note="Too short a notice.", by=barstow.actor("chen", now), now=now)
    actions.withdraw_draft(draft=withdrawn, note="", by=barstow.actor("cole", now), now=now)
    refused.refresh_from_db()
    assert (refused.state, refused.ended_note) == (DraftState.REFUSED, "Too short a notice.")
    for ended in (refused, withdrawn):
        with pytest.raises(Refused, match="only a waiting one can be decided"):
            adopt(barstow, ended, "chen", now)


@pytest.mark.parametrize(
    ("text", "error", "said"),
    [
        (policy_text("huntington-park-pd", "2026.3"), actions.AdoptionRefusedError, "not of barstow-pd"),
        (policy_text("barstow-pd", "2026.2"), actions.AdoptionRefusedError, "on file already"),
        (policy_text("barstow-pd", "2026.3") + b"\nwishes: many\n", ProfileError, "wishes"),
    ],
)
def test_text_that_cannot_come_in_force_is_not_even_proposed(
    barstow: Town, now: datetime, text: bytes, error: type[Exception], said: str
) -> None:
    with pytest.raises(error, match=said):
        actions.propose(profile_bytes=text, why="Why not", by=barstow.actor("cole", now), now=now)
    assert not Draft.objects.exists()


def test_one_version_waits_once_and_may_be_proposed_again_after_it_ended(
    barstow: Town, now: datetime
) -> None:
    draft = proposed(barstow, now)
    with pytest.raises(actions.AdoptionRefusedError, match="proposed already"):
        proposed(barstow, now)
    actions.withdraw_draft(draft=draft, note="", by=barstow.actor("cole", now), now=now)
    assert proposed(barstow, now).state == DraftState.PROPOSED


def search(town: Town, who: str, now: datetime, purpose: str, reference: str = "") -> None:
    query = SearchQuery(
        pattern=PlatePattern.parse("6XYZ789"),
        from_at=now - timedelta(days=1),
        until_at=now,
        purpose=purpose,
        reason="Plate taken overnight from the lot",
        reference=reference,
    )
    run_search(by=town.actor(who, now), query=query, now=now)


@pytest.mark.django_db(transaction=True)
def test_dry_run_names_the_past_searches_and_requests_a_draft_would_refuse_and_is_journaled(
    now: datetime,
) -> None:
    town = build_barstow(now)
    from plateward.hotlists import actions as hotlists  # noqa: PLC0415  beside the story it belongs to

    search(town, "ortiz", now, "crime-analysis", "26-01")
    search(town, "ortiz", now, "stolen-plate")
    search(town, "diaz", now, "stolen-plate", "26-02")
    hotlists.request_entry(
        plate="6XYZ789",
        region="US-CA",
        vehicle_description="",
        purpose="crime-analysis",
        reason="Seen at three burglaries",
        case_number="26-03",
        by=town.actor("diaz", now),
        now=now,
    )
    draft = proposed(town, now, "2026.3", WITHOUT_CRIME_ANALYSIS, REFERENCE_REQUIRED)

    replays = actions.replay_draft(draft=draft, by=town.actor("chen", now), now=now)
    requests, searches = (one for one in replays if one.asked)

    assert (searches.asked, searches.refused, searches.already) == (3, 2, 0)
    assert {refusal.decision.clause for refusal in searches.refusals} == {"B-466.3", "B-466.6(b)"}
    assert {refusal.asked.person for refusal in searches.refusals} == {"Olivia Ortiz"}
    assert (requests.asked, requests.refused) == (1, 1)
    row = AuditRecord.objects.get(verb="governance.draft.replayed")
    assert (row.username, row.detail["asked"], row.detail["refused"]) == ("chen", 4, 3)
    with pytest.raises(Refused):
        actions.replay_draft(draft=draft, by=town.actor("ortiz", now), now=now)

    # What lies further back than the days of the dry run does not count.
    later = now + timedelta(days=actions.REPLAYED_DAYS, seconds=1)
    replays = actions.replay_draft(draft=draft, by=town.actor("cole", later), now=later)
    assert {one.asked for one in replays} == {0}


@pytest.mark.django_db(transaction=True)
def test_of_two_people_who_adopt_at_once_one_is_told_that_it_is_done() -> None:
    now = timezone.now()
    town = build_barstow(now)
    town.users["soto"].title = "chief-of-police"
    town.users["soto"].save()
    draft, start = proposed(town, now), Barrier(2, timeout=60)

    def attempt(who: str) -> str:
        actor = town.actor(who, now)
        start.wait()
        try:
            actions.adopt_draft(draft=draft, compared_with="2026.2", note="", by=actor, now=now)
        except (Refused, actions.AdoptionRefusedError) as refused:
            return str(refused)
        finally:
            connection.close()
        return "adopted"

    with ThreadPoolExecutor(2) as pool:
        answers = sorted(pool.map(attempt, ("chen", "soto")))

    assert answers[1] == "adopted"
    assert "only a waiting one can be decided" in answers[0]
    assert Adoption.objects.filter(version="2026.3").count() == 1
