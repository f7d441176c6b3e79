"""`plateward keys rotate-units`, as a person at a terminal runs it."""

from pathlib import Path

import pytest
from click.testing import CliRunner

from plateward.config.cli import main
from plateward.units import keys
from plateward.unitwire.signing import following


@pytest.mark.usefixtures("barstow")
def test_units_follow_a_key_that_was_replaced() -> None:
    old = keys.signing_key()
    done = CliRunner().invoke(main, ["keys", "rotate-units", "--by", "Ivy Imani"])
    assert done.exit_code == 0, done.output
    new = keys.signing_key()
    assert new != old
    assert following({old.id: old.public}, keys.turns())[new.id] == new.public


@pytest.mark.usefixtures("barstow")
def test_a_kept_key_is_replaced_where_it_is(tmp_path: Path) -> None:
    old = keys.signing_key()
    done = CliRunner().invoke(
        main, ["keys", "rotate-units", "--by", "Ivy", "--to", str(tmp_path / "new.key")]
    )
    assert done.exit_code != 0
    assert "leave out --to" in done.output
    assert keys.signing_key() == old
