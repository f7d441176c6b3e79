from collections.abc import Callable
from typing import Any

from plateward.policy import NOT_ADDRESSED, DecisionStatus, Profile, State, open_points, settings

Change = Callable[[dict[str, Any]], Profile]


def test_silence_is_shown_and_never_blank(huntington_park: Profile) -> None:
    by_path = {setting.path: setting for setting in settings(huntington_park)}
    silent = by_path["dispatch.procedure"]
    assert (silent.state, silent.text, silent.clause) == (State.SILENT, NOT_ADDRESSED, "")
    assert all(setting.text for setting in by_path.values())


def test_every_local_decision_is_on_the_checklist_until_the_agency_adopts_it(
    barstow: Profile, changed: Change
) -> None:
    asked = {setting.decision.id for setting in open_points(barstow) if setting.decision}
    assert asked == set(barstow.decisions)
    adopted = changed({"decisions/self-approval/status": "ADOPTED"})
    assert adopted.decisions["self-approval"].status is DecisionStatus.ADOPTED
    assert "hotlists.custom.self_approval" not in {setting.path for setting in open_points(adopted)}


def test_what_the_policy_settles_is_not_on_the_checklist(barstow: Profile) -> None:
    assert "hotlists.custom.refresh_within" not in {setting.path for setting in open_points(barstow)}


def test_values_read_as_words(barstow: Profile) -> None:
    words = {setting.path: setting.text for setting in settings(barstow)}
    assert words["hotlists.custom.refresh_within"] == "72 hours"
    assert words["training.required_before_use"] == "yes"
    assert words["hotlists.custom.self_approval"] == "no"
    assert words["hotlists.custom.chains.officers.entered_by"] == "none"
    assert words["access.positions_by_title"] == "none"
    assert words["retention.rules.vendor-cloud.schedule"] == "set by the records retention schedule"
    assert words["verification.channels"].startswith("CLETS terminal; Mobile data computer")
    assert words["releases.procedure"] == "as the clause says"


def test_a_rank_that_carries_a_position_reads_as_words(changed: Change) -> None:
    profile = changed({"access/positions_by_title/value": {"captain": ["it-manager"]}})
    words = {setting.path: setting.text for setting in settings(profile)}
    assert words["access.positions_by_title"] == "captain: it-manager"
