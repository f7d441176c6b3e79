"""Dry runs of a policy decide again what was asked beside searches."""

from datetime import datetime, timedelta

import pytest

from plateward.governance.replays import Replay, replay
from plateward.plates.matching import Tolerance
from plateward.plates.pattern import PlatePattern
from plateward.policy import Profile, load_profile
from plateward.search.actions import run_search
from plateward.search.analysis_actions import run_travel
from plateward.search.areas import Circle
from plateward.search.canvass_actions import open_canvass
from plateward.search.canvass_rules import CrimeKind
from plateward.search.export_actions import take_out
from plateward.search.kept import Wanted
from plateward.search.kept_actions import keep
from plateward.search.rules import SearchQuery
from plateward.search.travel import TravelQuery
from tests.personas import Town
from tests.versions import WITHOUT_CRIME_ANALYSIS, policy_text

DAY = timedelta(days=1)
WHY = "Burglary series on Main Street"


def asked_of_everything(town: Town, now: datetime) -> None:
    """Diaz analyzes, opens a canvass, keeps a search and takes results out, all for crime analysis."""
    diaz = town.actor("diaz", now)
    stated = {"purpose": "crime-analysis", "reason": WHY, "reference": "26-01234"}
    span = {"from_at": now - DAY, "until_at": now}
    plate = PlatePattern.parse("6XYZ789")
    travel = TravelQuery(plate="6XYZ789", within=timedelta(minutes=2), fewest=3, **span, **stated)  # type: ignore[arg-type]  # times and texts together
    run_travel(by=diaz, query=travel, now=now)
    place = SearchQuery(pattern=None, area=Circle(34.8987, -117.0228, 500), **span, **stated)  # type: ignore[arg-type]  # the same
    open_canvass(by=diaz, crime=CrimeKind.HOMICIDE, place="1st and Main", query=place, now=now)
    wanted = Wanted(pattern=plate, tolerance=Tolerance.AS_WRITTEN, area=None, **stated)
    keep(by=diaz, wanted=wanted, until_at=now + DAY, now=now)
    query = SearchQuery(pattern=plate, **span, **stated)  # type: ignore[arg-type]  # the same
    take_out(by=diaz, search_id=run_search(by=diaz, query=query, now=now).search.pk, now=now).file.close()


def replayed(town: Town, draft: Profile, now: datetime) -> dict[str, Replay]:
    profile = town.actor("diaz", now).profile
    found = replay(town.agency.pk, in_force=profile, draft=draft, since=now - DAY)
    return {one.kind: one for one in found}


KINDS = {"analyses", "canvasses", "files taken out", "kept searches", "searches"}


@pytest.mark.clause("B-466.3")
def test_a_draft_without_crime_analysis_would_refuse_all_that_was_asked_for_it(
    barstow: Town, now: datetime
) -> None:
    asked_of_everything(barstow, now)
    draft = load_profile(policy_text("barstow-pd", "2026.3", WITHOUT_CRIME_ANALYSIS))
    found = replayed(barstow, draft, now)
    assert {kind: (found[kind].asked, found[kind].refused) for kind in KINDS} == dict.fromkeys(KINDS, (1, 1))
    for kind in KINDS:
        (refusal,) = found[kind].refusals
        assert (refusal.decision.clause, refusal.already) == ("B-466.3", False)
        assert (refusal.asked.person, refusal.asked.reason) == (barstow.users["diaz"].full_name, WHY)


def test_the_policy_in_force_refuses_none_of_it(barstow: Town, now: datetime) -> None:
    asked_of_everything(barstow, now)
    found = replayed(barstow, barstow.actor("diaz", now).profile, now)
    assert {found[kind].refused for kind in KINDS} == {0}
    later = now + 2 * DAY
    assert {replayed(barstow, barstow.actor("diaz", now).profile, later)[kind].asked for kind in KINDS} == {0}
