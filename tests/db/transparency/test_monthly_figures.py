"""A month's figures: published by a person once it is over, never changed, small numbers left out."""

import json
import subprocess
import sys
from datetime import datetime, timedelta
from hashlib import sha256
from pathlib import Path

import pytest
from django.core.exceptions import ValidationError
from django.db import DatabaseError, transaction

from plateward.audit import exporting
from plateward.audit.models import AuditRecord
from plateward.audit.sealing_actions import seal
from plateward.devices.models import DeviceHour
from plateward.ledger import verifier
from plateward.policy import Refused
from plateward.transparency import recount
from plateward.transparency.figures_models import MonthlyFigures
from tests.personas import Town
from tests.publishing import SEARCHES, month_over, published
from tests.reviewing import searched

pytestmark = pytest.mark.django_db


def test_a_month_is_published_with_its_checkpoint_and_its_hash_is_in_the_journal(
    barstow: Town, now: datetime
) -> None:
    month, after = month_over(barstow, now)
    DeviceHour.objects.create(agency=barstow.agency, device=barstow.camera, hour_at=now, reads=1200)
    made = published(barstow, month, after)
    told = json.loads(bytes(made.data))
    assert told["figures"]["searches"] == {"total": SEARCHES, "parts": {"stolen-plate": SEARCHES}}
    assert (told["figures"]["reads"], told["figures"]["cameras"]) == (
        1200,
        1,
    )  # of things nothing is left out
    assert told["policy"]["asked_for_by"] == ""  # Barstow's policy does not say
    assert "— localhost/journal/" in told["checkpoint"]  # the journal’s signed note
    assert made.sha256 == sha256(bytes(made.data)).hexdigest()
    row = AuditRecord.objects.get(verb="transparency.figures.published")
    assert row.detail == {"month": f"{month:%Y-%m}", "edition": 1, "sha256": made.sha256}
    for private in ("7ABC123", "ortiz", "Olivia"):
        assert private not in bytes(made.data).decode()


def test_who_does_not_answer_for_the_policy_publishes_nothing(barstow: Town, now: datetime) -> None:
    month, after = month_over(barstow, now)
    with pytest.raises(Refused):
        published(barstow, month, after, by="ortiz")
    assert not MonthlyFigures.objects.exists()


def test_a_month_that_is_not_over_or_not_sealed_is_not_published(barstow: Town, now: datetime) -> None:
    month, after = month_over(barstow, now)
    with pytest.raises(ValidationError, match="is not over"):
        published(barstow, month, now)
    with pytest.raises(ValidationError, match="not sealed past"):
        published(barstow, (after + timedelta(days=1)).date().replace(day=1), after + timedelta(days=40))


def test_another_edition_says_why_and_the_first_stays(barstow: Town, now: datetime) -> None:
    month, after = month_over(barstow, now)
    first = published(barstow, month, after)
    with pytest.raises(ValidationError, match="Say why"):
        published(barstow, month, after)
    with pytest.raises(ValidationError, match="are published already"):
        published(barstow, month, after, note="Looked at again.")
    searched(barstow, "quinn", "7ABC123", now)  # came on record late
    second = published(barstow, month, after, note="A search came on record late.")
    assert (second.edition, json.loads(bytes(second.data))["note"]) == (2, "A search came on record late.")
    first.refresh_from_db()
    assert first.edition == 1
    for change in (lambda: MonthlyFigures.objects.update(sha256=""), first.delete):
        with pytest.raises(DatabaseError, match=r"append-only|permission denied"), transaction.atomic():
            change()


def test_an_outsider_counts_the_same_and_sees_that_the_journal_goes_on(
    barstow: Town, now: datetime, tmp_path: Path
) -> None:
    month, after = month_over(barstow, now)
    searched(barstow, "quinn", "6XYZ789", now)  # the month's page is published again with it
    first = published(barstow, month, after)
    seal(now=after)
    export, file = tmp_path / "export.zip", tmp_path / "month.json"
    exporting.write_file(export, agency="barstow-pd", now=after)

    def says(program: str | None, *arguments: str) -> tuple[int, str]:
        ran = subprocess.run(  # noqa: S603  ours
            [sys.executable, "-I", "-S", str(program), *arguments],
            capture_output=True,
            text=True,
            check=False,
        )
        return ran.returncode, ran.stdout

    file.write_bytes(bytes(first.data))
    code, told = says(recount.__file__, str(export), str(file))
    assert (code, told.startswith("PASS")) == (0, True), told
    code, told = says(verifier.__file__, str(export), "--checkpoint", str(tmp_path / "month.checkpoint"))
    assert "the journal continues" in told
    assert code == 0, told

    less = json.loads(bytes(first.data))  # a number left out without need
    less["figures"]["searches"] = {"total": None, "parts": {"stolen-plate": None}}
    file.write_text(json.dumps(less))
    code, told = says(recount.__file__, str(export), str(file))
    assert (code, "searches: 7 is left out" in told) == (1, True), told

    other = json.loads(bytes(first.data))
    other["figures"]["searches"]["total"] += 1
    file.write_text(json.dumps(other))
    code, told = says(recount.__file__, str(export), str(file))
    assert (code, "8 is published, 7 is counted" in told) == (1, True), told
    assert says(recount.__file__, str(file), str(file))[0] == 2
