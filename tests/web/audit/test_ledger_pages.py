"""The seal in the browser: how it stands, a row's proof, checkpoints to give away."""

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from django.db import transaction
from django.test import Client
from django.urls import reverse

from plateward.audit import actions, alarm_actions, ledger, sealing, sealing_actions
from plateward.audit.models import AlarmKind, AuditRecord, Cosignature, Leaf, LedgerAlarm, TreeHead
from plateward.audit.who import Who
from plateward.ledger.checkpoints import Checkpoint, ProofFile, WitnessRequest
from tests.pages import text
from tests.personas import Town

Login = Callable[[str], Client]
JOURNAL, LEDGER, CHECKPOINT, TEXT, REQUEST, ALARM = (
    reverse(f"audit:{name}")
    for name in ("journal", "ledger", "checkpoint", "checkpoint-text", "witness-request", "alarm")
)


def newest() -> TreeHead:
    found = ledger.newest_head()
    assert found is not None
    return found


@pytest.mark.usefixtures("barstow")
def test_journal_shows_its_seal_and_what_waits(login: Login, now: datetime) -> None:
    client = login("cole")
    assert "Nothing is sealed yet" in text(client.get(JOURNAL))
    sealing_actions.seal(now=now)
    shown = text(client.get(JOURNAL))
    assert newest().root.hex() in shown
    assert "1 row; this happens each minute" in shown, "the look that is being shown"
    assert "not being sealed" not in shown


@pytest.mark.usefixtures("barstow")
def test_a_seal_that_fails_is_shown_on_the_page(login: Login, now: datetime) -> None:
    client = login("cole")
    with transaction.atomic():
        actions.record(
            verb="a.b.c",
            by=Who.system("test"),
            agency="barstow-pd",
            subject="",
            now=now - timedelta(minutes=3),
        )
    sealing_actions.seal(now=now)
    for address in (JOURNAL, LEDGER):
        assert "not being sealed" not in text(client.get(address))
    sealing_actions.seal(now=now)  # the rows of these looks
    with transaction.atomic():
        actions.record(
            verb="a.b.c",
            by=Who.system("test"),
            agency="barstow-pd",
            subject="",
            now=now - timedelta(minutes=3),
        )
    actions_before = AuditRecord.objects.count()
    for address in (JOURNAL, LEDGER):
        assert "The journal is not being sealed" in text(client.get(address))
    assert AuditRecord.objects.count() == actions_before + 1, "the ledger shows no rows, so looking is no row"


@pytest.mark.usefixtures("barstow")
def test_captain_takes_a_rows_proof_which_verifies_and_is_journaled(login: Login, now: datetime) -> None:
    client = login("cole")
    row = AuditRecord.objects.filter(agency="barstow-pd").latest("pk")
    assert client.get(reverse("audit:proof", args=[row.pk])).status_code == 409
    sealing_actions.seal(now=now)
    assert f"proof of row {row.pk}" in text(client.get(JOURNAL)).replace(
        '<span class="usa-sr-only">', ""
    ).replace("</span>", "")
    response = client.get(reverse("audit:proof", args=[row.pk]))
    assert response["Content-Disposition"] == f'attachment; filename="row-{row.pk}.tlog-proof"'
    proof = ProofFile.parse(response.content.decode())
    leaf = Leaf.objects.get(audit_id=row.pk)
    assert proof.verify(bytes(leaf.hash), sealing.signing_key().verifier).size == newest().size
    taken = AuditRecord.objects.latest("pk")
    assert (taken.verb, taken.username, taken.detail) == ("audit.proof.taken", "cole", {"row": row.pk})


@pytest.mark.usefixtures("barstow")
def test_ledger_lists_checkpoints_and_says_how_to_verify(login: Login, now: datetime) -> None:
    client = login("cole")
    assert client.get(LEDGER).status_code == 200, "also before anything is sealed"
    sealing_actions.seal(now=now)
    Cosignature.objects.create(
        size=newest().size, witness="clerk.example", line="— c AAAA\n", cosigned_at=now
    )
    shown = text(client.get(LEDGER))
    assert sealing.signing_key().verifier.fingerprint in shown
    assert "clerk.example" in shown
    assert "verifier.py" in shown
    assert f"?size={newest().size}" in shown


@pytest.mark.usefixtures("barstow")
def test_older_checkpoints_follow(login: Login, now: datetime, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ledger, "HEADS_SHOWN", 1)
    client = login("cole")
    sealing_actions.seal(now=now)
    first = newest()
    client.get(JOURNAL)
    sealing_actions.seal(now=now)
    shown = client.get(LEDGER)
    assert [head for head, _ in shown.context["heads"]] == [newest()]
    assert [head for head, _ in client.get(LEDGER + shown.context["older"]).context["heads"]] == [first]


@pytest.mark.usefixtures("barstow")
def test_a_checkpoint_is_printed_with_its_code_and_kept_as_a_file(login: Login, now: datetime) -> None:
    client = login("cole")
    assert client.get(CHECKPOINT).status_code == 404
    sealing_actions.seal(now=now)
    head, key = newest(), sealing.signing_key().verifier
    page = client.get(CHECKPOINT)
    assert head.note.splitlines()[-1] in page.content.decode()
    assert "<svg" in page.content.decode()
    assert " style=" not in page.content.decode()
    assert key.fingerprint in text(page)
    file = client.get(TEXT, {"size": head.size})
    assert file.content.decode() == head.note
    assert Checkpoint.verified(file.content.decode(), key).size == head.size
    assert client.get(TEXT, {"size": head.size + 1}).status_code == 404


@pytest.mark.usefixtures("barstow")
def test_a_witness_without_network_gets_its_request_as_a_file(login: Login, now: datetime) -> None:
    client = login("cole")
    assert client.get(REQUEST).status_code == 400
    sealing_actions.seal(now=now)
    size = newest().size
    request = WitnessRequest.parse(client.get(REQUEST, {"since": 1}).content.decode())
    assert (request.old_size, request.checkpoint) == (1, newest().note)
    for wrong in (str(size + 1), "x", "-1", "9" * 19):
        assert client.get(REQUEST, {"since": wrong}).status_code == 400


@pytest.mark.parametrize("address", [LEDGER, CHECKPOINT, TEXT, REQUEST, ALARM, reverse("audit:proof", args=[1])])
@pytest.mark.parametrize("username", ["ortiz", "vendor"])
@pytest.mark.usefixtures("barstow")
def test_those_who_do_not_audit_are_refused(login: Login, address: str, username: str, now: datetime) -> None:
    sealing_actions.seal(now=now)
    response = login(username).get(address)
    assert response.status_code == 403
    assert response.context["decision"].clause


def test_another_agencys_row_has_no_proof_but_the_installations_has(
    barstow: Town, huntington_park: Town, login: Login, now: datetime
) -> None:
    with transaction.atomic():
        shared = actions.record(verb="a.b.c", by=Who.system("test"), agency="", subject="", now=now)
    sealing_actions.seal(now=now)
    theirs = AuditRecord.objects.filter(agency=huntington_park.agency.pk).latest("pk")
    ours = AuditRecord.objects.filter(agency=barstow.agency.pk).latest("pk")
    client = login("cole")
    assert client.get(reverse("audit:proof", args=[theirs.pk])).status_code == 404
    assert client.get(reverse("audit:proof", args=[ours.pk])).status_code == 200
    assert client.get(reverse("audit:proof", args=[shared.pk])).status_code == 200


FOUND = "row 7: it was edited"


@pytest.fixture
def alarm(barstow: Town, now: datetime) -> LedgerAlarm:  # noqa: ARG001  its people are told
    made = alarm_actions.raise_alarm(kind=AlarmKind.MODIFIED, told=[FOUND, "row 8: the same"], now=now)
    assert made is not None
    return made


@pytest.mark.parametrize(("username", "told"), [("cole", True), ("ortiz", False)])
@pytest.mark.usefixtures("alarm")
def test_every_page_tells_of_an_alarm_to_those_who_must_know(login: Login, username: str, told: bool) -> None:
    page = text(login(username).get(reverse("accounts:me")))
    assert (FOUND in page) is told
    assert ("The journal is not what was sealed" in page) is told


@pytest.mark.usefixtures("barstow")
def test_every_page_tells_of_sealing_that_stopped_though_no_worker_runs(login: Login, now: datetime) -> None:
    client, page = login("cole"), reverse("accounts:me")
    sealing_actions.seal(now=now)
    with transaction.atomic():
        long_ago = now - timedelta(minutes=9)
        actions.record(verb="a.b.c", by=Who.system("test"), agency="", subject="", now=long_ago)
    assert "The journal is not being sealed" in text(client.get(page))
    sealing_actions.seal(now=now)
    assert "The journal is not being sealed" not in text(client.get(page))


def test_an_alarm_is_ended_in_the_browser_with_an_answer(login: Login, alarm: LedgerAlarm) -> None:
    client, address = login("cole"), f"{ALARM}?number={alarm.pk}"
    assert FOUND in text(client.get(address))
    assert client.post(address, {"answer": ""}).status_code == 422
    answered = client.post(address, {"answer": "Restored from the backup of Sunday."}, follow=True)
    assert FOUND not in text(answered)
    assert "ended by" in text(answered)
    again = client.post(address, {"answer": "Twice."}, follow=True)
    assert "Somebody ended this alarm before" in text(again)
    assert "Restored from the backup" in text(client.get(address))
    assert client.get(ALARM, {"number": alarm.pk + 1}).status_code == 404


@pytest.mark.usefixtures("barstow")
def test_the_ledger_shows_its_hourly_checks(login: Login, now: datetime) -> None:
    client = login("cole")
    assert "looks at the ledger when it starts" in text(client.get(LEDGER))
    sealing_actions.seal(now=now)
    alarm_actions.check_ledger(now=now)
    shown = text(client.get(LEDGER))
    assert "Every row was looked at up to" in shown
    assert "<td>PASS</td>" in shown
