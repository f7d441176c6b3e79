"""A town at an instant, and what acts of the tests need of it."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from plateward.governance.actor import Actor
from plateward.governance.queries import adoption_in_force
from plateward.hotlists import actions as hotlists
from plateward.hotlists.models import Entry
from plateward.plates.pattern import PlatePattern
from plateward.reads import actions as reads
from plateward.reads.models import InboxItem
from plateward.search.rules import SearchQuery
from tests.payloads import inbox_item
from tests.personas import SETUP, Town

Act = Callable[[], object]


@dataclass(frozen=True)
class Stage:
    """Barstow at an instant, and what acts need of it."""

    town: Town
    now: datetime

    def actor(self, username: str) -> Actor:
        return self.town.actor(username, self.now)

    def by(self, username: str) -> dict[str, Any]:
        return {"by": self.actor(username), "now": self.now}

    @property
    def setup(self) -> dict[str, Any]:
        return {"by": SETUP, "now": self.now}

    def requested(self) -> Entry:
        return hotlists.request_entry(**self.asked("ortiz"))

    def asked(self, username: str) -> dict[str, Any]:
        return {
            "plate": "6XYZ789",
            "region": "US-CA",
            "vehicle_description": "",
            "purpose": "stolen-plate",
            "reason": "Plate taken overnight.",
            **self.by(username),
        }

    def query(self) -> SearchQuery:
        return SearchQuery(
            pattern=PlatePattern.parse("6XYZ789"),
            from_at=self.now - timedelta(days=1),
            until_at=self.now,
            purpose="stolen-plate",
            reason="Plate taken overnight from the lot",
            reference="",
        )

    def unreadable(self) -> InboxItem:
        return inbox_item(self.town.camera, b"{}", self.now)

    def quarantined(self) -> InboxItem:
        item = self.unreadable()
        reads.store_waiting(limit=10, now=self.now)
        item.refresh_from_db()
        return item

    def profile_bytes(self, version: str, id_: str = "barstow-pd") -> bytes:
        raw = bytes(adoption_in_force("barstow-pd").profile).decode()
        return (
            raw.replace('version: "2026.2"', f'version: "{version}"')
            .replace("\nid: barstow-pd", f"\nid: {id_}")
            .encode()
        )

    def filtered(self, wanted: object) -> dict[str, Any]:
        return {
            "by": self.actor("cole").who,
            "agency": self.town.agency.pk,
            "wanted": wanted,
            "before": None,
            "profile_version": "2026.2",
            "now": self.now,
        }
