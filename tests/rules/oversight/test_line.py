"""Who reviews whom: nobody themself, and what concerns the reviewer goes to the next in line."""

import pytest

from plateward.oversight.rules import may_begin, may_review, reviewing_position, unsettled
from plateward.policy import PersonFact, Profile

ADC, CHIEF = "administrative-division-commander", "chief-of-police"


def person(name: str, *positions: str) -> PersonFact:
    return PersonFact(id=name, title="captain", positions=frozenset(positions))


@pytest.mark.parametrize(
    ("held", "position"),
    [((), ADC), (("watch-commander",), ADC), ((ADC,), CHIEF), ((CHIEF,), ADC), ((ADC, CHIEF), "")],
)
def test_the_lowest_of_the_line_above_the_person_reviews(
    barstow: Profile, held: tuple[str, ...], position: str
) -> None:
    assert reviewing_position(barstow, held) == position


@pytest.mark.clause("B-466.3.1(c)", "CJIS-AU-6")
def test_the_commander_and_the_chief_above_may_decide_and_nobody_else(barstow: Profile) -> None:
    def decided(who: PersonFact, position: str = ADC) -> bool:
        return may_review(barstow, reviewer=who, person_id="ortiz", position=position).allowed

    assert decided(person("cole", ADC))
    assert decided(person("chen", CHIEF))
    assert not decided(person("soto"))
    assert not decided(person("cole", ADC), CHIEF)
    assert not may_begin(barstow, person("soto")).allowed


def test_nobody_reviews_their_own_accesses(barstow: Profile) -> None:
    refused = may_review(barstow, reviewer=person("cole", ADC), person_id="cole", position=ADC)
    assert refused.reason == "These are your own accesses."


@pytest.mark.clause("H-426.2.1(c)")
def test_a_policy_that_names_no_reviewer_lets_nobody_review_and_says_what_is_missing(
    huntington_park: Profile,
) -> None:
    refused = may_review(huntington_park, reviewer=person("hayes", ADC), person_id="hart", position="")
    assert refused.reason == "This policy does not say who reviews the records of access."
    assert "who reviews them" in unsettled(huntington_park)
