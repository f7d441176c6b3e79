"""The howto's examples are what the API takes: each is asked as it is written there."""

import re
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from django.test import Client

from tests.personas import Town
from tests.sightings import seen
from tests.tokens import made

HOWTO = Path(__file__).parents[3] / "docs/howto/use-the-api.md"


def examples() -> list[tuple[str, str | None]]:
    """Addresses and bodies of every request in the howto, in order."""
    blocks = re.findall(r"```console\n(.*?)```", HOWTO.read_text(encoding="utf-8"), re.S)
    commands = [one for block in blocks for one in re.split(r"^\$ ", block, flags=re.M)]
    found = []
    for command in commands:
        if address := re.search(r'curl -s "\$PLATEWARD([^"]+)"', command):
            body = re.search(r"-d '([^']+)'", command)
            found.append((address[1], body[1] if body else None))
    return found


def test_every_example_is_answered(barstow: Town, now: datetime) -> None:
    read = seen(barstow.camera, "7ABC123", now - timedelta(hours=1))
    _, client = made(barstow, "diaz", now, "stolen-or-wanted-vehicle")
    known = {"$READ": str(read.id)}
    # What an answer gives is tested where it is given, who is sent with the canvasses: its example has a date.
    others = {"$NEXT", "$ADDRESS"}
    written = [one for one in examples() if one[0] not in others and "/assignments" not in one[0]]
    for address, body in written:
        told = answered(client, re.sub(r"\$[A-Z]+", lambda name: known[name[0]], address), body)
        known["$SEARCH"] = told.get("search_id", known.get("$SEARCH", ""))
        known["$CANVASS"] = told.get("canvass", {}).get("id", known.get("$CANVASS", ""))
    assert len(written) == 15


def answered(client: Client, address: str, body: str | None) -> dict[str, Any]:
    if body is None:
        response = client.get(address)
    else:
        response = client.post(address, body, content_type="application/json")
    assert response.status_code == 200, (address, response.content)
    told: dict[str, Any] = response.json()
    return told
