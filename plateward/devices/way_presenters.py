"""How a device gets in, as its page shows it."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from plateward.devices.formats import format_of
from plateward.devices.models import Device, Feed, PictureLogin
from plateward.devices.ways import Credentials, settings_for

MOST_REFUSALS = 5


SILENT_AFTER = timedelta(minutes=1)
"""A subscriber tells the register every few seconds; after this long it is taken for stopped."""


@dataclass(frozen=True, slots=True)
class FeedShown:
    """What a broker's subscriber said of a device; `is_stale` when it has stopped saying anything."""

    feed: Feed
    is_stale: bool


def feeds_of(device: Device, now: datetime) -> list[FeedShown]:
    """By broker, those that feed a device or cannot."""
    shown = [one for one in device.feeds.all() if one.topics or one.problem]
    return [FeedShown(one, one.reported_at < now - SILENT_AFTER) for one in shown]


def way_facts(device: Device, given: Credentials | None, now: datetime) -> dict[str, Any]:
    """What the page's part on it needs; `given` is shown this once."""
    form, way_in = format_of(device.format), device.way_in
    return {
        "form_of": form,
        "way_in": way_in,
        "settings": settings_for(form, way_in.way, str(device.pk), given) if form else [],
        "picture_login": PictureLogin.objects.filter(device=device).defer("wrapped").first(),
        "feeds": feeds_of(device, now),
        "refusals": device.refusals.all()[:MOST_REFUSALS],
    }
