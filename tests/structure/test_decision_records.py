"""Records of decisions: numbered one by one, each under its own number, all listed."""

import re

from tests.structure.sources import ROOT

FOLDER = ROOT / "docs" / "adr"


def test_each_record_has_a_number_of_its_own_and_stands_in_the_list() -> None:
    files = sorted(path.name for path in FOLDER.glob("[0-9]*.md"))
    numbers = [int(name[:4]) for name in files]
    assert numbers == list(range(1, len(files) + 1))
    headed = [(FOLDER / name).read_text().removeprefix("# ").partition(".")[0] for name in files]
    assert headed == [str(number) for number in numbers]
    rows = re.findall(r"^\| (\d+) \| \[.*\]\((.*)\) \|", (FOLDER / "README.md").read_text(), re.MULTILINE)
    assert rows == list(zip(headed, files, strict=True))
