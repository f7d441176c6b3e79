"""Layers, stages and examples: contradictions are found and shown, and nobody settles them in silence."""

import re
from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any

import pytest

from plateward.policy import (
    DataClass,
    Period,
    Profile,
    ProfileError,
    ProvenanceKind,
    StageAction,
    Unit,
    Unsettled,
    conflicts,
    in_words,
    may_keep,
    may_purge,
    may_query,
    release_allowed,
    retention_window,
    settings,
)
from plateward.policy.oversight import PartnerClass

Change = Callable[..., Profile]

CAPTURED = datetime(2026, 10, 1, 8, tzinfo=UTC)
LATER = datetime(2026, 11, 22, 8, tzinfo=UTC)
VENDOR = "retention/rules/vendor-cloud"
DECIDED = {
    "id": "which-counts",
    "clause": "B-466.5¶2-cloud",
    "question": "Which counts for data in the vendor's cloud?",
    "decision": "The contract.",
    "narrower_reading": "Data leave sooner.",
    "decided_by": "City Attorney",
    "decided_on": date(2026, 11, 20),
}


def settled(changed: Change, layer: str) -> Profile:
    return changed(
        {
            f"{VENDOR}/prevailing_layer": {"local_decision": "which-counts", "value": layer},
            "decisions/which-counts": DECIDED,
        }
    )


def purge(profile: Profile, at: datetime = LATER) -> Any:
    return may_purge(profile, "vendor-cloud", DataClass.READS, captured_at=CAPTURED, at=at)


def test_barstows_year_by_statute_against_the_vendors_thirty_days_is_shown(barstow: Profile) -> None:
    (found,) = conflicts(barstow)
    assert found.is_open
    assert (found.first.layer, found.second.layer) == ("gov-34090-6", "vendor-contract")
    assert found.explanation == (
        "Data in the vendor's cloud: Government Code § 34090.6 says at least 1 year (GC-34090.6); "
        "Contract with Flock Safety Group Inc. says at most 30 days (FLOCK-retention)."
    )


def test_where_no_other_layer_is_on_record_none_is_asserted(
    huntington_park: Profile,
) -> None:
    assert conflicts(huntington_park) == []


def test_an_open_conflict_stops_the_purge_and_names_both_sides(barstow: Profile) -> None:
    refused = purge(barstow)
    assert not refused
    assert "at least 1 year" in refused.reason
    assert "at most 30 days" in refused.reason
    assert "Ask counsel which of them counts" in refused.remedy
    kept = may_keep(barstow, "vendor-cloud", DataClass.READS, captured_at=CAPTURED, at=LATER)
    assert kept
    assert "Nothing must go while this is open" in kept.reason


def test_a_decided_conflict_stays_visible_and_the_decision_counts(changed: Change) -> None:
    contract = settled(changed, "vendor-contract")
    (found,) = conflicts(contract)
    assert not found.is_open
    assert found.settled_by is not None
    assert found.settled_by.local_decision == "which-counts"
    kept = may_keep(contract, "vendor-cloud", DataClass.READS, captured_at=CAPTURED, at=LATER)
    assert (kept.allowed, kept.clause) == (False, "FLOCK-retention")
    statute = purge(settled(changed, "gov-34090-6"))
    assert (statute.allowed, statute.clause) == (False, "GC-34090.6")


def test_a_layer_that_does_not_set_a_limit_cannot_prevail(changed: Change) -> None:
    with pytest.raises(ProfileError, match="`procedures` sets no limit here"):
        settled(changed, "procedures")


def test_a_layer_counts_only_while_it_is_in_force(changed: Change) -> None:
    profile = changed({"layers/gov-34090-6/effective_date": date(2026, 12, 1)})
    assert conflicts(profile)
    assert conflicts(profile, date(2026, 11, 30)) == []
    assert conflicts(profile, date(2026, 12, 1)) != []
    ended = changed({"layers/vendor-contract/until_date": date(2026, 11, 30)})
    assert conflicts(ended, date(2026, 12, 1)) == []


def test_what_is_left_to_a_schedule_is_not_purged_before_the_schedule_is_on_record(changed: Change) -> None:
    undecided = purge(settled(changed, "policy"))
    assert not undecided
    assert "left to the records retention schedule" in undecided.reason
    known = changed(
        {
            f"{VENDOR}/prevailing_layer": {"local_decision": "which-counts", "value": "policy"},
            f"{VENDOR}/schedule": {"local_decision": "which-counts", "value": "30 days"},
            "decisions/which-counts": DECIDED,
        }
    )
    assert purge(known)


def test_a_policy_can_contradict_itself_and_is_shown_to(changed: Change) -> None:
    ceiling = {"clause": "B-466.5¶2", "value": {"amount": 365, "unit": "DAYS"}}
    profile = changed({"retention/rules/server/ceiling": ceiling})
    assert {conflict.rule for conflict in conflicts(profile)} == {"server", "vendor-cloud"}


def test_the_window_of_data_nobody_speaks_of_is_unsettled(barstow: Profile) -> None:
    with pytest.raises(Unsettled, match="access records from “server”"):
        retention_window(barstow, "server", DataClass.ACCESS_RECORDS)


def test_los_angeles_has_two_stages_and_a_permanent_end(changed: Change) -> None:
    profile = changed({}, "los-angeles-pd")
    window = retention_window(profile, "agency-data", DataClass.READS)
    assert [stage.action for stage in window.stages] == list(StageAction)
    assert window.floor == window.ceiling
    assert window.ceiling is not None
    assert window.ceiling.period == Period(5, Unit.YEARS)


def test_days_and_years_follow_the_agencys_own_calendar(changed: Change) -> None:
    """A read of the evening of 29 February in Los Angeles, which is 1 March in UTC."""
    profile = changed({}, "los-angeles-pd")
    captured_at = datetime(2024, 3, 1, 4, tzinfo=UTC)
    kept = (profile, "agency-data", DataClass.READS)
    assert may_keep(*kept, captured_at=captured_at, at=datetime(2029, 3, 1, 3, 59, tzinfo=UTC))
    assert not may_keep(*kept, captured_at=captured_at, at=datetime(2029, 3, 1, 4, tzinfo=UTC))


def test_retraining_does_not_lift_a_suspension_that_the_policy_does_not_lift(changed: Change) -> None:
    path = "sanctions/retraining_lifts"
    silent = changed({path: {"silent": True}}, "east-palo-alto-pd")
    refused = may_query(silent, unacceptable_reasons=1, violations=0, retrained=True)
    assert not refused
    assert refused.remedy == "Ask your ALPR administrator."


@pytest.mark.parametrize("partner", [partner for partner in PartnerClass if partner != PartnerClass.CITY])
def test_data_go_only_to_the_classes_named(changed: Change, partner: PartnerClass) -> None:
    only_cities = {"local_decision": "partner-classes", "value": ["CITY"]}
    assert not release_allowed(changed({"releases/partner_classes": only_cities}), partner)


def test_an_example_says_that_it_is_no_adopted_text_and_quotes_nothing(example: Profile) -> None:
    assert example.provenance.kind is ProvenanceKind.SECONDARY_SUMMARY
    assert "adopted text" in example.provenance.statement
    assert not any(clause.quoted for clause in example.clauses.values())
    assert not any(layer.on_file for layer in example.layers.values())
    assert not example.decisions


def test_a_note_is_read_beside_the_value(huntington_park: Profile) -> None:
    assert in_words(huntington_park.audit.every) == (
        "not addressed by this policy (H-426.5(c) asks for audits on a regular basis and gives no interval)"
    )


def test_a_setting_names_the_layer_it_comes_from(barstow: Profile) -> None:
    layers = {setting.path: setting.layer for setting in settings(barstow)}
    assert layers["audit.every"] == "Policy 466"
    assert layers["retention.rules.vendor-cloud.elsewhere.gov-34090-6.floor"] == "Government Code § 34090.6"
    assert layers["program.stop_authority"] == ""
    assert layers["releases.partner_classes"] == "Policy 466"


SILENT = {"silent": True}
CONTRADICTIONS: list[tuple[str, str, Any, str]] = [
    ("barstow-pd", "clauses/B-466.1/id", "B-1", "its `id` is `B-1`; leave `id` out or write `B-466.1`"),
    ("barstow-pd", "provenance/statement", " ", "say in a sentence what the profile was written from"),
    ("barstow-pd", "provenance/kind", "SECONDARY_SUMMARY", "add `quoted: false`"),
    (
        "barstow-pd",
        "clauses/B-466.1/quoted",
        False,
        "quote the policy's own text, or correct `provenance.kind`",
    ),
    ("barstow-pd", "layers/policy/kind", "PROCEDURE", "at `layers.policy`: give the agency's policy"),
    ("barstow-pd", "layers/policy/effective_date", None, "on file, so say since when it is in force"),
    ("barstow-pd", "layers/policy/until_date", date(2020, 1, 1), "it ends before it begins"),
    ("barstow-pd", "clauses/B-466.1/layer", "bylaw", "there is no layer `bylaw`; add it under `layers`"),
    ("barstow-pd", "retention/rules/server/source", "attic", "there is no source `attic`"),
    ("barstow-pd", "retention/rules/server/data_classes", [], "name the data the rule is about"),
    (
        "barstow-pd",
        "retention/rules/server/source",
        "vendor-cloud",
        "2 entries cover READS of",
    ),
    (
        "barstow-pd",
        f"{VENDOR}/elsewhere/gov-34090-6/floor/clause",
        "FLOCK-retention",
        "`FLOCK-retention` belongs to the layer `vendor-contract`; cite a clause of `gov-34090-6`",
    ),
    ("barstow-pd", f"{VENDOR}/elsewhere/bylaw", {"floor": SILENT, "ceiling": SILENT}, "no layer `bylaw`"),
    (
        "los-angeles-pd",
        "retention/rules/agency-data/stages/logical/action",
        "PERMANENT_DELETION",
        "stages are LOGICAL_DELETION, then PERMANENT_DELETION",
    ),
    (
        "los-angeles-pd",
        "retention/rules/agency-data/stages/permanent/after/value",
        {"amount": 24, "unit": "MONTHS"},
        "a later stage comes later",
    ),
    ("barstow-pd", "audit/auditor/value", "mayor", "at `audit.auditor`: there is no position `mayor`"),
    ("barstow-pd", "reports/annual/to/value", "mayor", "at `reports.annual.to`: there is no position"),
    (
        "barstow-pd",
        "releases/designees/value",
        ["administrative-division-commander"],
        "the approver needs no designation",
    ),
    (
        "barstow-pd",
        "public/use_log_contents",
        {"clause": "B-466.1", "value": ["searches"]},
        "contents without a public log of use",
    ),
    ("minnesota-agency", "program/stop_authority", SILENT, "nobody may order the stop; name the"),
    ("barstow-pd", "audit/scope", {"clause": "B-466.6(c)", "value": []}, "an audit of nothing is none"),
    (
        "barstow-pd",
        "hotlists/sources/custom",
        {"name": "Ours"}
        | dict.fromkeys(("used", "owner", "legal_basis", "received_every", "current_for"), SILENT)
        | dict.fromkeys(("shrinks_most", "delta_refreshes"), SILENT),
        "the agency's own entries are under `hotlists.custom`",
    ),
    ("barstow-pd", "agency/roles", [], "say what the agency is"),
    ("barstow-pd", "hotlists/custom/procedure", SILENT, "a silent procedure has no chains"),
]


@pytest.mark.parametrize(("agency", "path", "value", "says"), CONTRADICTIONS)
def test_parts_that_contradict_each_other_are_refused(
    changed: Change, agency: str, path: str, value: Any, says: str
) -> None:
    with pytest.raises(ProfileError, match=re.escape(says)):
        changed({path: value}, agency)
