from plateward.policy import Profile
from plateward.policy.clause_map import (
    ClauseIndex,
    Evidence,
    IndexRow,
    cited_clauses,
    problems_of_index,
    render,
)

NOTHING = Evidence({}, {}, {})
DISPATCH = ClauseIndex(
    {"CC-1798.90.52": "Records of access"}, (IndexRow("Dispatch", ("B-466.9(a)", "B-466.9(b)")),)
)


def test_what_a_clause_lacks_says_not_yet(barstow: Profile, huntington_park: Profile) -> None:
    evidence = Evidence(
        {"B-466.9(a)": ["`alerts.rules:check_step`"]},
        {"B-466.9(a)": ["rules: `test_a`", "web: `test_b`"]},
        {"B-466.9(a)": ["`alerts:step`"]},
    )
    text = render(DISPATCH, [barstow, huntington_park], evidence)
    assert "| 2 | 1 | 1 | 0 |" in text
    assert (
        "| **B-466.9(a)** Confirm the status in CLETS at once (shall) | cited | `alerts.rules:check_step` "
        "| rules: `test_a`<br>web: `test_b` | `alerts:step` |"
    ) in text
    assert "(shall) | cited | not yet | not yet | not yet |" in text
    assert "Huntington Park PD: not addressed by this policy." in text
    assert "Barstow PD: not addressed" not in text


def test_what_guards_every_page_does_not_list_them_all(barstow: Profile) -> None:
    pages = Evidence({}, {}, {"B-466.9(a)": [f"`page:{number}`" for number in range(10)]})
    text = render(DISPATCH, [barstow], pages)
    assert "`page:7`<br>and 2 more" in text
    assert "`page:8`" not in text


def test_a_statute_is_nobodys_silence(barstow: Profile) -> None:
    index = ClauseIndex({"CC-1798.90.52": "Records of access"}, (IndexRow("Statute", ("CC-1798.90.52",)),))
    text = render(index, [barstow], NOTHING)
    assert "| **CC-1798.90.52** Records of access | not yet | not yet | not yet | not yet |" in text
    assert "not addressed" not in text


def test_clauses_that_the_map_would_lose_are_named(barstow: Profile) -> None:
    index = ClauseIndex({}, (IndexRow("Twice", ("B-466.1", "B-466.1", "B-466.99")),))
    evidence = Evidence({"B-466.9(z)": ["`alerts.rules:check_step`"]}, {"B-1": ["rules: `test_a`"]}, {})
    problems = problems_of_index(index, [barstow], evidence)
    assert "B-466.2: not in the clause index" in problems
    assert "B-466.99: in the clause index, in no policy" in problems
    assert "B-466.1: listed twice in the clause index" in problems
    assert "B-466.9(z): no such clause, yet `alerts.rules:check_step` names it" in problems
    assert "B-1: no such clause, yet rules: `test_a` names it" in problems


def test_a_profile_cites_what_its_parameters_purposes_and_steps_rest_on(
    barstow: Profile, huntington_park: Profile
) -> None:
    assert {"B-466.3", "B-466.9(e)", "B-466.11¶3", "B-466.5¶2-cloud"} <= cited_clauses(barstow)
    assert "B-466.1" not in cited_clauses(barstow)
    assert all(clause.startswith("H-") for clause in cited_clauses(huntington_park))
