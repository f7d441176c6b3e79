"""Each agency's example cases (policies/*/cases.yaml) decided by its own profile."""

from collections.abc import Iterator
from datetime import date, datetime
from functools import cache
from pathlib import Path
from typing import Any

import msgspec
import pytest
import yaml

from plateward.policy import (
    Basis,
    CertificationFact,
    DataClass,
    Decision,
    PartnerClass,
    PersonFact,
    Profile,
    StageAction,
    allow,
    approval_chain,
    audit_due,
    booking_allowed,
    deny,
    dispatch_steps,
    export_allowed,
    hold_review_at,
    hotlist_current,
    hotlist_expiry,
    independent_audit_due,
    load_profile,
    may,
    may_approve,
    may_keep,
    may_purge,
    may_query,
    may_stop_program,
    may_use_system,
    purpose_allowed,
    release_allowed,
    screen_reason,
    search_allowed,
    stage_due,
    use_log_published,
)
from plateward.policy.clearance import ClearanceFact, cleared

POLICIES = Path(__file__).parents[2] / "policies"


class Case(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    sentence: str
    ask: str
    given: dict[str, Any]
    expect: str
    clause: str = ""
    local_decision: str = ""
    flags: tuple[str, ...] = ()


@cache
def profile_of(agency: str) -> Profile:
    folder = POLICIES / agency
    return load_profile((folder / "profile.yaml").read_bytes(), (folder / "clauses.yaml").read_bytes())


def person(given: dict[str, Any]) -> PersonFact:
    return msgspec.convert(given, PersonFact)


def capability(profile: Profile, *, title: str, capability: str, positions: tuple[str, ...] = ()) -> Decision:
    return may(profile, title, capability, positions)


def use(profile: Profile, *, title: str, today: date, certifications: list[dict[str, Any]]) -> Decision:
    return may_use_system(profile, title, msgspec.convert(certifications, list[CertificationFact]), today)


def clearance(profile: Profile, *, today: date, screening: dict[str, Any] | None = None) -> Decision:
    return cleared(profile, msgspec.convert(screening, ClearanceFact) if screening else None, today)


def purpose(profile: Profile, *, purpose: str) -> Decision:
    return purpose_allowed(profile, purpose)


def search(profile: Profile, *, title: str, purpose: str, reason: str, reference: str = "") -> Decision:
    return may(profile, title, "search.run") and search_allowed(profile, purpose, reason, reference)


def export(profile: Profile, *, title: str, reference: str = "") -> Decision:
    return may(profile, title, "search.export") and export_allowed(profile, reference)


def request(profile: Profile, *, title: str) -> Decision:
    chain = approval_chain(profile, title)
    return chain if isinstance(chain, Decision) else Decision(True, chain.clause, ", ".join(chain.steps))


def approve(
    profile: Profile,
    *,
    requester: dict[str, Any],
    approver: dict[str, Any],
    unavailable: tuple[str, ...] = (),
) -> Decision:
    return may_approve(
        profile, requester=person(requester), approver=person(approver), unavailable=set(unavailable)
    )


def matches(profile: Profile, *, approved_at: datetime, at: datetime) -> Decision:
    rule = profile.hotlists.custom.refresh_within
    if at < hotlist_expiry(profile, approved_at):
        return allow(profile, rule, "The entry is active.")
    return deny(profile, rule, "The entry has expired.", "Refresh it.")


def dispatch(profile: Profile) -> Decision:
    rule = profile.dispatch.procedure
    if steps := dispatch_steps(profile):
        return allow(profile, rule, ", ".join(step.id for step in steps))
    return deny(profile, rule, "This policy prescribes no dispatch steps.", "Verify under its own clause.")


def keep(profile: Profile, *, source: str, data_class: str, **given: Any) -> Decision:
    return may_keep(profile, source, DataClass(data_class), **given)


def purge(profile: Profile, *, source: str, data_class: str, **given: Any) -> Decision:
    return may_purge(profile, source, DataClass(data_class), **given)


def stage(profile: Profile, *, source: str, data_class: str, action: str, **given: Any) -> Decision:
    due = stage_due(profile, source, DataClass(data_class), **given)
    if due is None:
        return deny(profile, Basis(silent=True), "No stage is due.", "Wait, or have the hold released.")
    if due.action is StageAction(action):
        return allow(profile, due.after, due.name)
    return deny(profile, due.after, f"{due.name} is due.", "Wait for the later stage.")


def hold_confirmed(profile: Profile, *, confirmed_at: datetime, at: datetime) -> Decision:
    return within(profile, profile.retention.holds.reverify_every, at, hold_review_at(profile, confirmed_at))


def booking(profile: Profile, *, on_verified_disc: bool) -> Decision:
    return booking_allowed(profile, on_verified_disc=on_verified_disc)


def audited(profile: Profile, *, last_at: datetime, at: datetime) -> Decision:
    return within(profile, profile.audit.every, at, audit_due(profile, last_at))


def independently_audited(profile: Profile, *, last_at: datetime, at: datetime) -> Decision:
    due = independent_audit_due(profile, last_at)
    return within(profile, profile.audit.independent_every, at, due)


def within(profile: Profile, rule: Basis, at: datetime, due: datetime) -> Decision:
    if at < due:
        return allow(profile, rule, "In time.")
    return deny(profile, rule, "Overdue.", "Do it now.")


def query(
    profile: Profile, *, unacceptable_reasons: int = 0, violations: int = 0, retrained: bool = False
) -> Decision:
    return may_query(
        profile, unacceptable_reasons=unacceptable_reasons, violations=violations, retrained=retrained
    )


def stop(profile: Profile, *, ordered_by: str) -> Decision:
    return may_stop_program(profile, ordered_by)


def release(profile: Profile, *, partner: str) -> Decision:
    return release_allowed(profile, PartnerClass(partner))


def hotlist(profile: Profile, *, source: str, received_at: datetime, at: datetime) -> Decision:
    return hotlist_current(profile, source, received_at=received_at, at=at)


def use_log(profile: Profile) -> Decision:
    return use_log_published(profile)


QUESTIONS = {
    answer.__name__: answer
    for answer in (
        *(capability, use, clearance, purpose, search, export, request, approve, matches, dispatch),
        *(keep, purge, stage, hold_confirmed, booking, audited, independently_audited),
        *(query, stop, release, hotlist, use_log),
    )
}


def cases() -> Iterator[Any]:
    for file in sorted(POLICIES.glob("*/cases.yaml")):
        for case in msgspec.convert(yaml.safe_load(file.read_bytes()), list[Case]):
            yield pytest.param(file.parent.name, case, id=f"{file.parent.name}: {case.sentence}")


@pytest.mark.parametrize(("agency", "case"), list(cases()))
def test_case(agency: str, case: Case) -> None:
    profile = profile_of(agency)
    if case.ask == "screen":
        flags = screen_reason(profile, case.given["reason"])
        assert tuple(flag.use for flag in flags) == case.flags
        assert {flag.citation.partition(";")[0] for flag in flags} <= {case.clause}
        return
    decision = QUESTIONS[case.ask](profile, **case.given)
    answer = ("allow" if decision.allowed else "deny", decision.clause, decision.local_decision)
    assert answer == (case.expect, case.clause, case.local_decision)
    assert decision.reason
    assert decision.allowed or decision.remedy


@pytest.mark.parametrize("agency", [folder.name for folder in sorted(POLICIES.iterdir()) if folder.is_dir()])
def test_every_agency_has_cases_that_allow_and_cases_that_refuse(agency: str) -> None:
    raw = yaml.safe_load((POLICIES / agency / "cases.yaml").read_bytes())
    known = msgspec.convert(raw, list[Case])
    assert {"allow", "deny"} <= {case.expect for case in known}
    assert len({case.sentence for case in known}) == len(known)
