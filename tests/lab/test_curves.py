"""Training curves are drawn from their table, and a wrong column is named."""

import re
from pathlib import Path

import pytest

from platelab.curves import main

CURVE = "crops,loss_text,us-dev_strict\n100,2.5,0.2\n200,1.0,0.6\n400,0.5,0.8\n"


def test_each_column_is_a_line_over_the_pictures_learned_from(tmp_path: Path) -> None:
    (tmp_path / "curve.csv").write_text(CURVE)
    out = tmp_path / "curve.svg"
    main([str(tmp_path / "curve.csv"), "--out", str(out), "--columns", "loss_text", "us-dev_strict"])
    picture = out.read_text()
    lines = [points.split() for points in re.findall(r'<polyline points="([^"]+)"', picture)]
    assert [len(points) for points in lines] == [3, 3]
    words = " ".join(re.findall(r"<text[^>]*>([^<]+)</text>", picture))
    assert "loss_text: 0.5 (of 2.5)" in words
    assert "us-dev_strict: 0.8" in words


def test_a_column_that_is_not_there_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "curve.csv").write_text(CURVE)
    with pytest.raises(SystemExit):
        main([str(tmp_path / "curve.csv"), "--out", str(tmp_path / "x.svg"), "--columns", "speed"])
    assert "has no column speed; it has crops" in capsys.readouterr().err
