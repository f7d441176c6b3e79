"""How a device gets in, as its page shows it."""

from typing import Any

from plateward.devices.formats import format_of
from plateward.devices.models import Device
from plateward.devices.ways import Credentials, settings_for

MOST_REFUSALS = 5


def way_facts(device: Device, given: Credentials | None) -> dict[str, Any]:
    """What the page's part on it needs; `given` is shown this once."""
    form, way_in = format_of(device.format), device.way_in
    return {
        "form_of": form,
        "way_in": way_in,
        "settings": settings_for(form, way_in.way, str(device.pk), given) if form else [],
        "refusals": device.refusals.all()[:MOST_REFUSALS],
    }
