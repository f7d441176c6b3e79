"""Pictures alone in the browser: proposed, approved, certified for an outsider, and said on the read's page."""

import io
import subprocess
import sys
import zipfile
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from plateward.audit import sealing_actions
from plateward.reads.pictures import picture_store
from plateward.retention import finishing_actions
from plateward.retention.models import Purge
from tests.pages import text
from tests.personas import Town
from tests.purges import BY_ITSELF, COMMANDER, CUSTODIAN, OF_THEIR_OWN, THIRTY_DAYS, long_ago, pictured, ready
from tests.sightings import seen
from tests.versions import policy_text, put_on_file
from tests.web.retention.test_deleted_logically import address

Login = Callable[[str], Client]


@pytest.mark.clause("B-466.5¶2")
def test_from_the_proposal_to_the_certificate_and_the_reads_page(
    barstow: Town, now: datetime, login: Login, tmp_path: Path
) -> None:
    put_on_file(barstow, policy_text("barstow-pd", "2026.9", OF_THEIR_OWN, THIRTY_DAYS), now)
    ready(barstow, now)
    read = seen(barstow.camera, "8ABC123", long_ago(now, 40))
    pictured(read, picture_store(), now)
    custodian = login(CUSTODIAN)
    overview = text(custodian.get(reverse("retention:overview")))
    assert "Pictures on the department's own server" in overview.replace("’", "'").replace("&#x27;", "'")
    assert "Pictures go by whole days, none later than the ceiling, if each purge is approved" in overview
    asked = {"source": "server", "what": "pictures"}
    shown = text(custodian.post(reverse("retention:propose"), asked, follow=True))
    assert "1 pictures" in shown
    purge = Purge.objects.get()
    approve = reverse("retention:decide", args=[purge.pk, "approve"])
    approved = text(login(COMMANDER).post(approve, follow=True))
    assert "Approved." in approved
    assert finishing_actions.run(purge_id=purge.pk, clock=timezone.now)
    shown = text(custodian.get(reverse("retention:purge", args=[purge.pk])))
    assert "0 pictures of held reads" in shown
    page = text(login("ortiz").get(address(barstow, read, "ortiz")))
    assert f"were destroyed on {timezone.localtime():%Y}" in page
    assert f"purge {purge.number}: older than 30 days" in page
    while sealing_actions.seal(now=timezone.now()):
        pass
    answer = custodian.get(reverse("retention:certificate", args=[purge.pk]))
    with zipfile.ZipFile(io.BytesIO(answer.content)) as archive:
        archive.extractall(tmp_path)
    key = (tmp_path / "log.vkey").read_text()
    command = [sys.executable, "-S", "-E", "purge_verifier.py", str(tmp_path), "--key", key]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False, env={})
    assert done.returncode == 0, done.stdout + done.stderr
    assert "pictures alone: 1 purged, 0 held" in done.stdout


def test_where_both_have_one_length_the_form_offers_no_pictures_alone(
    barstow: Town, now: datetime, login: Login
) -> None:
    ready(barstow, now)
    assert "Pictures alone" not in text(login(CUSTODIAN).get(reverse("retention:propose")))


def test_a_standing_authority_approves_at_once_and_the_pages_say_so(
    barstow: Town, now: datetime, login: Login
) -> None:
    put_on_file(barstow, policy_text("barstow-pd", "2026.9", BY_ITSELF), now)
    ready(barstow, now)
    seen(barstow.camera, "8ABC123", long_ago(now))
    custodian = login(CUSTODIAN)
    assert "approved by it at once" in text(custodian.get(reverse("retention:propose")))
    shown = text(custodian.post(reverse("retention:propose"), {"source": "server"}, follow=True))
    assert "standing authority approves it" in shown
    purge = Purge.objects.get()
    assert (purge.state, purge.proposed_by, purge.decided_by != CUSTODIAN) == ("APPROVED", CUSTODIAN, True)
