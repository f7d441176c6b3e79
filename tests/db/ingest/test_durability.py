"""What was acknowledged survives the receiver's death: real processes, real kill -9."""

import signal
import threading
from datetime import datetime
from typing import Any

import httpx
import pytest

from plateward.reads.models import InboxItem
from tests.payloads import as_json
from tests.personas import Town

pytestmark = pytest.mark.django_db(transaction=True)


def test_every_acknowledged_payload_survives_kill_9_under_load(
    barstow: Town, now: datetime, receiver_process: Any
) -> None:
    acknowledged: list[str] = []
    enough = threading.Event()

    def camera(number: int) -> None:
        headers = {"Authorization": f"Bearer {barstow.camera_key}", "Content-Type": "application/json"}
        with httpx.Client(base_url=receiver_process.url, headers=headers) as client:
            for shot in range(10_000):
                body = as_json(now, event_id=f"{number}-{shot}")
                try:
                    answer = client.post("/v1/reads", content=body)
                except httpx.TransportError:
                    return
                assert answer.status_code == 202
                acknowledged.append(answer.json()["receipt"])
                if len(acknowledged) >= 60:
                    enough.set()

    cameras = [threading.Thread(target=camera, args=(number,)) for number in range(4)]
    for one in cameras:
        one.start()
    assert enough.wait(30)
    receiver_process.kill(signal.SIGKILL)
    for one in cameras:
        one.join()
    stored = {str(pk) for pk in InboxItem.objects.values_list("pk", flat=True)}
    assert set(acknowledged) <= stored
    assert len(stored) - len(acknowledged) <= 4, "at most the one each camera had under way"


def test_asked_to_stop_it_ends_in_order(barstow: Town, now: datetime, receiver_process: Any) -> None:
    headers = {"Authorization": f"Bearer {barstow.camera_key}", "Content-Type": "application/json"}
    answer = httpx.post(f"{receiver_process.url}/v1/reads", content=as_json(now), headers=headers)
    assert answer.status_code == 202
    assert receiver_process.kill(signal.SIGTERM) in {0, -signal.SIGTERM}
