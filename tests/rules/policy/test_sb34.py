"""The elements of SB 34 in policies: what is said, what is only announced, what is missing."""

from collections.abc import Callable

import msgspec
import pytest

from plateward.policy import Found, Profile, Status, assess

pytestmark = pytest.mark.clause("CC-1798.90.51", "CC-1798.90.53")

OPERATOR, END_USER = "1798.90.51(b)(2)({})", "1798.90.53(b)(2)({})"
LETTERS = "ABCDEFG"


def statuses(profile: Profile, section: str) -> str:
    """One letter of the status per element, in order."""
    by_id = {element.id: element.status.value[:2] for element in assess(profile)}
    return " ".join(by_id[section.format(letter)] for letter in LETTERS)


def test_seven_elements_are_asked_of_operators_and_seven_of_end_users(either: Profile) -> None:
    assert [e.id for e in assess(either)] == [
        s.format(letter) for s in (OPERATOR, END_USER) for letter in LETTERS
    ]
    assert all(finding.demand for element in assess(either) for finding in element.findings)


def test_barstow_lacks_accuracy_measures_and_the_end_of_retention(barstow: Profile) -> None:
    assert statuses(barstow, OPERATOR) == "PR PR PR PR PR MI PA"
    assert statuses(barstow, END_USER) == "PR PR PR PR PR MI PA"


def test_huntington_park_lacks_titles_and_sharing_beside(huntington_park: Profile) -> None:
    assert statuses(huntington_park, OPERATOR) == "PR PA PA MI PR MI PA"
    assert statuses(huntington_park, END_USER) == "PR PA PA MI PR MI PA"


def test_evidence_is_a_clause_of_the_policy_that_says_it(barstow: Profile) -> None:
    for element in assess(barstow):
        for finding in element.findings:
            assert set(finding.clauses) <= barstow.clauses.keys()
            assert finding.found is not Found.SAID or finding.clauses


def test_what_is_announced_is_not_taken_for_said(huntington_park: Profile) -> None:
    monitoring = next(e for e in assess(huntington_park) if e.id == OPERATOR.format("C"))
    (gap,) = monitoring.gaps
    assert (gap.found, gap.clauses) == (Found.ANNOUNCED, ("H-426.2.1(c)",))
    audits = next(e for e in assess(huntington_park) if e.id == END_USER.format("C"))
    assert [gap.demand for gap in audits.gaps][1:] == ["How often audits are made"]


def test_a_local_decision_fills_no_gap_in_the_text(huntington_park: Profile) -> None:
    titles = next(e for e in assess(huntington_park) if e.id == OPERATOR.format("B"))
    gap = titles.gaps[0]
    assert gap.found is Found.ABSENT
    assert "the agency's local decision does" in gap.remark


def test_words_about_accuracy_close_the_gap(barstow: Profile, changed: Callable[..., Profile]) -> None:
    text = "A read is checked for accuracy before use. Data errors are corrected within a day."
    after = changed({"clauses/B-466.6(e)/text": text})
    assert statuses(after, OPERATOR) == "PR PR PR PR PR PR PA"
    assert statuses(barstow, OPERATOR) != statuses(after, OPERATOR)


def test_a_stated_end_of_retention_closes_that_gap(changed: Callable[..., Profile]) -> None:
    end = {"clause": "B-466.5¶2", "value": {"amount": 2, "unit": "YEARS"}}
    after = changed({f"retention/rules/{rule}/ceiling": end for rule in ("server", "vendor-cloud")})
    assert assess(after)[6].status is Status.PRESENT


def test_nothing_is_asked_outside_california(barstow: Profile) -> None:
    elsewhere = msgspec.structs.replace(barstow, agency=msgspec.structs.replace(barstow.agency, state="MN"))
    assert assess(elsewhere) == ()
