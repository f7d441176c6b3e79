from pathlib import Path

from plateward.policy import Clause, DecisionStatus, Profile

POLICIES = Path(__file__).parents[3] / "policies"


def one_line(text: str) -> str:
    return " ".join(text.split())


def quoted(profile: Profile) -> list[Clause]:
    return [clause for clause in profile.clauses.values() if clause.quoted]


def test_every_clause_is_quoted_word_for_word(either: Profile) -> None:
    policy = one_line((POLICIES / either.id / "policy.txt").read_text(encoding="utf-8"))
    for clause in quoted(either):
        assert one_line(clause.text) in policy, clause.id


def test_clauses_carry_their_own_policys_number(barstow: Profile, huntington_park: Profile) -> None:
    assert all(clause.id.startswith("B-466.") for clause in quoted(barstow))
    assert all(clause.id.startswith("H-426.") for clause in quoted(huntington_park))


def test_what_is_not_quoted_belongs_to_another_document_that_is_not_on_file(either: Profile) -> None:
    told = [clause for clause in either.clauses.values() if not clause.quoted]
    assert all(not either.layers[clause.layer].on_file for clause in told)


def test_no_sentence_of_the_policy_is_left_out(either: Profile) -> None:
    """What remains when the quotations are taken out: numbers, headings and list letters, no sentence."""
    rest = one_line((POLICIES / either.id / "policy.txt").read_text(encoding="utf-8"))
    for clause in sorted(quoted(either), key=lambda clause: -len(clause.text)):
        rest = rest.replace(one_line(clause.text), " | ")
    heading = one_line(either.policy_title.split(",")[0])
    for known in (heading, either.agency.name, "Automated License Plate Readers (ALPRs)"):
        rest = rest.replace(known, " | ")
    assert [part for part in rest.split("|") if part.rstrip().endswith(".") and len(part.split()) > 3] == []


def test_every_shipped_decision_says_who_when_and_that_it_is_a_default(either: Profile) -> None:
    for decision in either.decisions.values():
        assert decision.status is DecisionStatus.DEFAULT
        assert "to be confirmed" in decision.decided_by
        assert decision.question.endswith("?")
        assert decision.narrower_reading
