"""What accesses come to, and what the letter must say."""

from dataclasses import replace

import pytest

from plateward.incidents.affected import Access, figures
from plateward.incidents.letters import HEADINGS, facts

SEARCH = Access(1, 11, "search.Search:1", {"plate": "7ABC123"}, "7ABC123", 4, is_bounded=False)
PARTIAL = Access(2, 12, "search.Search:2", {"plate": "7A*"}, "7A*", 50, is_bounded=True)
OPENED = Access(
    id=3,
    audit_id=13,
    subject="reads.Read:r1",
    elements={"read": "r1", "same_pass": [{"read": "r2", "plate": "7ABC128"}]},
    plate="7ABC123",
    results=2,
    is_bounded=False,
)


def test_plates_and_reads_are_those_the_records_name_once_and_no_pattern() -> None:
    found = figures([SEARCH, PARTIAL, OPENED])
    assert (found.results, found.is_bounded, found.plates, found.reads) == (56, True, 2, 2)


def test_the_digest_is_of_the_list_and_not_of_the_plates() -> None:
    assert figures([SEARCH]).sha256 == figures([replace(SEARCH, plate="", elements={})]).sha256
    assert figures([SEARCH]).sha256 != figures([replace(SEARCH, results=5)]).sha256


def test_the_letter_has_the_headings_of_the_statute_in_its_order() -> None:
    assert list(HEADINGS.values()) == [
        "What Happened",
        "What Information Was Involved",
        "What We Are Doing",
        "What You Can Do",
        "For More Information",
    ]


@pytest.mark.parametrize(
    ("since", "until", "said"),
    [
        ("", "", "Not known at the time of this notice"),
        ("2026-03-01", "", "2026-03-01"),
        ("2026-03-01", "2026-03-04", "2026-03-01 to 2026-03-04"),
    ],
)
def test_the_letter_says_when_the_breach_was_as_far_as_known(since: str, until: str, said: str) -> None:
    content = {"breach_from": since, "breach_until": until, "date": "2026-03-09", "is_delayed": True}
    told = dict(facts(content))
    assert told["Date of the breach"] == said
    assert told["Delayed by a law enforcement investigation"].startswith("Yes")
