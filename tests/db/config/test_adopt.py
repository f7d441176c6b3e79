"""The command that puts a policy in force alone: a first version, a repair, and otherwise with a reason."""

from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from plateward.audit.models import AuditRecord
from plateward.config.cli import main
from plateward.governance.models import Adoption
from plateward.governance.queries import profile_for
from plateward.notices.models import Notice
from tests.personas import Town
from tests.versions import policy_text


def adopt(folder: Path, version: str, *options: str) -> Result:
    (folder / "profile.yaml").write_bytes(policy_text("barstow-pd", version))
    return CliRunner().invoke(main, ["adopt", str(folder), "--by", "Ivy Imani", *options])


@pytest.mark.usefixtures("barstow")
def test_a_version_in_force_is_not_changed_by_one_person_without_a_reason(tmp_path: Path) -> None:
    told = adopt(tmp_path, "2030.1")
    assert told.exit_code != 0
    assert "a change takes two people" in told.output
    assert not Adoption.objects.filter(version="2030.1").exists()


def test_the_reason_is_on_record_and_whoever_may_adopt_hears_of_it(barstow: Town, tmp_path: Path) -> None:
    told = adopt(tmp_path, "2030.1", "--alone", "The chief is on leave.")
    assert told.exit_code == 0, told.output
    row = AuditRecord.objects.get(verb="governance.profile.adopted", profile_version="2030.1")
    assert row.detail["alone"] == "The chief is on leave."
    (link,) = Notice.objects.filter(kind="adopted-alone").values_list("link", flat=True).distinct()
    assert link.endswith(f"{Adoption.objects.get(version='2030.1').pk}/")
    told_people = Notice.objects.filter(kind="adopted-alone").values_list("user_id", flat=True)
    assert barstow.users["chen"].pk in told_people


@pytest.mark.usefixtures("barstow")
def test_a_version_that_cannot_be_used_is_repaired_alone(
    tmp_path: Path,
) -> None:
    Adoption.objects.update(profile_sha256="0" * 64)
    assert adopt(tmp_path, "2030.1").exit_code == 0
    assert profile_for("barstow-pd").version == "2030.1"
