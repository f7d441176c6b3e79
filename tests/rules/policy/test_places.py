from pathlib import Path

import pytest

from plateward.policy import line_of

TEXT = b"""\
id: somewhere
titles:
  captain:
    name: Captain
dispatch:
  steps:
    - id: confirm
      title: Confirm
---
clauses:
  B-466.3.1(a):
    title: Titles
"""


@pytest.mark.parametrize(
    ("problem", "line"),
    [
        ("at `id`: it is wrong", 1),
        ("at `titles.captain.name`: it is wrong", 4),
        ("at `titles.captain.access`: it is missing", 3),
        ("at `dispatch.steps.confirm.title`: it is wrong", 8),
        ("at `dispatch.steps.other`: it is wrong", 6),
        ("at `clauses.B-466.3.1(a).title`: keys may hold dots", 12),
        ("at `wishes`: nowhere to be found", None),
        ("no place is named", None),
    ],
)
def test_a_problem_leads_to_the_line_of_its_place(problem: str, line: int | None) -> None:
    assert line_of(TEXT, problem) == line


def test_text_that_is_no_yaml_has_no_places() -> None:
    assert line_of(b"id: [", "at `id`: it is wrong") is None


def test_places_are_found_in_a_whole_policy() -> None:
    folder = Path(__file__).parents[3] / "policies" / "barstow-pd"
    text = (folder / "profile.yaml").read_bytes()
    line = line_of(text, "at `retention.rules.vendor-cloud.floor`: too short")
    assert line is not None
    assert b"floor" in text.splitlines()[line - 1]
