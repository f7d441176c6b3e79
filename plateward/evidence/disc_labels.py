"""The label of a burned disc, to be printed and put on its case (CJIS MP-3, R97)."""

from datetime import datetime
from zoneinfo import ZoneInfo

from plateward.documents.typesetting import typeset
from plateward.evidence.disc_models import Disc
from plateward.evidence.package_papers import TEMPLATES
from plateward.governance.actor import Actor


def label(disc: Disc, *, serial: str, by: Actor, now: datetime) -> bytes:
    """A PDF of one page with the label; what is not known yet has a line to be filled in by hand."""
    package, discs = disc.package, disc.of_set
    zone = ZoneInfo(by.profile.agency.time_zone)
    booking = package.bookings.order_by("-booked_at").first()
    content = {
        "agency": by.agency_name,
        "ori": by.profile.agency.ori or "",
        "number": package.name,
        "case": package.reference,
        "item": booking.item_number if booking else "",
        "serial": serial,
        "disc": disc.number,
        "total": disc.total,
        "set": discs.number,
        "medium": discs.get_medium_display(),
        "marks": list(discs.marks),
        "is_encrypted": discs.is_encrypted,
        "sha256": [disc.sha256[:32], disc.sha256[32:]],
        "fingerprint": [package.fingerprint[:32], package.fingerprint[32:]],
        "made_by": discs.ordered_by.full_name,
        "made_at": f"{disc.made_at.astimezone(zone):%Y-%m-%d %H:%M %Z}",
        "printed": f"{now.astimezone(zone):%Y-%m-%d %H:%M %Z}",
    }
    return typeset(TEMPLATES / "disc-label.typ", content, created=now)
