"""`plateward read` as a person runs it."""

import json
import shutil
from pathlib import Path
from typing import Any

import cv2
import pytest
from click.testing import CliRunner, Result

from plateward.config.cli import main
from plateward.config.commands.read import command
from plateward.recognition import models
from plateward.recognition.pictures import open_picture

SCENE = "scene-001.jpg"


def run(*arguments: str | Path) -> Result:
    return CliRunner().invoke(command, [str(argument) for argument in arguments])


def objects(result: Result) -> list[dict[str, Any]]:
    return [json.loads(line) for line in result.stdout.splitlines()]


def video(path: Path, pictures: Path, *names: str) -> Path:
    """Each picture for one second at four frames a second."""
    writer = cv2.VideoWriter(str(path), cv2.VideoWriter.fourcc(*"mp4v"), 4, (960, 540))
    for name in names:
        for _ in range(4):
            writer.write(open_picture(pictures / name))
    writer.release()
    return path


def test_text_shows_plate_characters_region_box_and_time(
    pictures: Path, manifest: dict[str, dict[str, str]]
) -> None:
    result = run(pictures / SCENE)
    plate = manifest[SCENE]["plate"]
    assert result.exit_code == 0
    assert plate in result.stdout
    assert "region US-CA" in result.stdout
    assert "960×540" in result.stdout
    assert " ms" in result.stdout
    assert all(f"{char} 9" in result.stdout for char in plate)


def test_json_is_one_object_a_line(pictures: Path, manifest: dict[str, dict[str, str]]) -> None:
    result = run("--json", pictures / SCENE)
    (picture,) = objects(result)
    assert set(picture) == {"source", "kind", "width", "height", "milliseconds", "model", "plates"}
    (plate,) = picture["plates"]
    assert plate["text"] == manifest[SCENE]["plate"]
    assert [character["char"] for character in plate["characters"]] == list(plate["text"])
    assert set(plate["box"]) == {"x", "y", "width", "height", "corners"}


def test_bad_files_are_reported_and_the_rest_goes_on(pictures: Path, tmp_path: Path) -> None:
    shutil.copy(pictures / SCENE, tmp_path / "b-good.jpg")
    (tmp_path / "a-empty.jpg").write_bytes(b"")
    (tmp_path / "c-text.jpg").write_text("no picture")
    (tmp_path / "d-cut-off.jpg").write_bytes((pictures / SCENE).read_bytes()[:20_000])
    result = run("--json", tmp_path, tmp_path / "e-missing.jpg")
    assert result.exit_code == 1
    kinds = {Path(found["source"]).name: found["kind"] for found in objects(result)}
    assert kinds.pop("b-good.jpg") == "PICTURE"
    assert set(kinds.values()) == {"UNREADABLE"}
    for name, reason in (
        ("a-empty.jpg", "empty"),
        ("c-text.jpg", "known format"),
        ("d-cut-off.jpg", "cut off"),
        ("e-missing.jpg", "No such file"),
    ):
        assert f"{name}: " in result.stderr
        assert reason in result.stderr


def test_a_video_gives_one_sighting_a_plate_with_its_times(
    pictures: Path, manifest: dict[str, dict[str, str]], tmp_path: Path
) -> None:
    names = ("scene-001.jpg", "scene-011.jpg")
    result = run("--json", video(tmp_path / "drive.mp4", pictures, *names))
    assert result.exit_code == 0, result.stderr
    first, second = objects(result)
    assert [first["plate"]["text"], second["plate"]["text"]] == [manifest[name]["plate"] for name in names]
    assert (first["first_seconds"], first["last_seconds"], first["frames"]) == (0.0, 0.5, 2)
    assert second["first_seconds"] == 1.0


def test_ctrl_c_ends_cleanly(pictures: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("plateward.recognition.sources.frames", interrupted)
    result = run(pictures / SCENE)
    assert result.exit_code == 130
    assert result.stderr == "Stopped.\n"


def test_our_own_networks_alone_read_a_picture(pictures: Path) -> None:
    (line,) = run("--own", "--json", pictures / SCENE).stdout.splitlines()
    answer = json.loads(line)
    assert "PP-OCR" not in answer["model"]
    assert [plate["second_opinion"] for plate in answer["plates"]] == [None] * len(answer["plates"])


def test_a_damaged_installation_is_one_clear_sentence(
    pictures: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    gone = models.Model("gone.onnx", "0" * 64, "rapidocr")
    monkeypatch.setattr("plateward.recognition.recognizer.TEXT_DETECTION", gone)
    result = CliRunner().invoke(main, ["read", str(pictures / SCENE)])
    assert result.exit_code == 1
    assert "install rapidocr, which carries it, again" in result.stderr
    assert "Traceback" not in result.output


@pytest.mark.parametrize("arguments", [[], ["--every", "-1", "a.jpg"], ["--threads", "0", "a.jpg"]])
def test_wrong_usage_ends_with_two(arguments: list[str]) -> None:
    assert run(*arguments).exit_code == 2
