import json
from pathlib import Path

import pytest

from plateward.ui.ages import age_text

CASES = json.loads((Path(__file__).parents[3] / "web/tests/ages.json").read_text())


@pytest.mark.parametrize(("seconds", "words"), CASES)
def test_an_age_reads_the_same_on_the_server_and_in_the_browser(seconds: float, words: str) -> None:
    assert age_text(seconds) == words
