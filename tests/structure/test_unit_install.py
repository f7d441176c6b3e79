"""A unit installs without the server: what `requirements/edge.in` names is all that it imports."""

import re
import subprocess
import sys
import tomllib
from configparser import ConfigParser

from tests.structure.sources import ROOT

IMPORTED = """
import sys
import plateward.config.cli, plateward.config.commands.edge
import plateward.edge.agent, plateward.edge.bench, plateward.edge.doctor, plateward.edge.enrolling
import plateward.edge.screen
print(*sorted({name.split(".")[0] for name in sys.modules}))
"""
MODULES = {"cv2": "opencv-python-headless", "PIL": "pillow"}


def named(requirements: str) -> set[str]:
    lines = (ROOT / "requirements" / requirements).read_text(encoding="utf-8").splitlines()
    return {match[0].lower() for line in lines if (match := re.match(r"[A-Za-z0-9][A-Za-z0-9-]*", line))}


def test_a_unit_imports_only_what_its_requirements_name() -> None:
    command = [sys.executable, "-c", IMPORTED]
    ran = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)  # noqa: S603  ours
    imported = {MODULES.get(name, name).lower() for name in ran.stdout.split()}
    assert "django" not in imported
    servers = (
        named("base.in") - named("edge.in") - {"python-multipart"}
    )  # Starlette's own choice, where it is
    assert {name.replace("-", "_") for name in servers} & imported == set()
    assert named("edge.in") <= named("base.in"), "a unit has the same versions as the server"


def pins(requirements: str) -> dict[str, str]:
    """The versions of a locked file, by name."""
    text = (ROOT / "requirements" / requirements).read_text(encoding="utf-8")
    return {name.lower(): version for name, version in re.findall(r"^([\w.-]+)==(\S+)", text, re.MULTILINE)}


def test_what_extras_name_is_locked_at_the_same_versions_for_unit_and_server() -> None:
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    extras = settings["tool"]["setuptools"]["dynamic"]["optional-dependencies"]
    assert {name: told["file"] for name, told in extras.items()} == {
        "server": ["requirements/base.in"],
        "edge": ["requirements/edge.in"],
    }
    unit, server = pins("edge.txt"), pins("base.txt")
    assert named("edge.in") <= set(unit)
    assert unit.items() <= server.items()


def test_systemd_starts_the_unit_with_its_key_and_one_writable_folder() -> None:
    for name in ("plateward-edge.service", "plateward-edge-enroll@.service"):
        parser = ConfigParser(strict=False, interpolation=None)
        parser.optionxform = str  # type: ignore[assignment,method-assign]  # keys of systemd have capitals
        parser.read(ROOT / "packaging" / name)
        service = parser["Service"]
        assert service["ExecStart"].startswith("/opt/plateward/.venv/bin/plateward edge ")
        assert service["LoadCredential"] == "unit-key:/etc/plateward/unit.key"
        assert (service["ProtectSystem"], service["StateDirectory"]) == ("strict", "plateward-unit")
