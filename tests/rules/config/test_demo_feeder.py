"""The demonstration's cameras: one whose key somebody replaced does not end the traffic of the others."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from plateward.config.demo import feeder
from plateward.config.problems import Problem
from plateward.recognition import Recognizer


@dataclass(frozen=True)
class Installation:
    data: Path
    ingest_port: int = 9


def test_a_camera_that_is_refused_is_passed_over(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    keys = {"a": {"agency": "barstow-pd", "key": "old"}, "b": {"agency": "huntington-park-pd", "key": "good"}}
    (tmp_path / "demo-device-keys.json").write_text(json.dumps(keys))
    fed: list[str] = []

    def feed_one(picture: Path, recognizer: object, courier: Any, **_: object) -> bool:
        del picture, recognizer
        if courier == "old":
            raise Problem("The receiver refuses this device: its key is not known.")
        fed.append(courier)
        return True

    monkeypatch.setattr(feeder, "feed_one", feed_one)
    monkeypatch.setattr(feeder, "Courier", lambda *given: given[-1])
    monkeypatch.setattr(Recognizer, "default", lambda: None)
    feeder.run(Installation(tmp_path), interval=0, count=6)  # type: ignore[arg-type]  # all it asks for
    assert len(fed) >= 2
    assert "its key is not known" in capsys.readouterr().out
