"""The layouts that are kept for lists. What changes here runs in the caller's transaction."""

from datetime import datetime
from uuid import UUID

import msgspec

from plateward.hotlists.layouts import Layout
from plateward.hotlists.models import KeptLayout, ListFile


def newest(agency: str, source: str, origin: str) -> KeptLayout | None:
    """The version by which a list's next file is read, None where none was laid down."""
    return KeptLayout.objects.filter(agency=agency, source=source, origin=origin).first()


def layout_in(kept: KeptLayout) -> Layout:
    """A kept layout, typed."""
    return msgspec.convert(kept.layout, Layout)


def versions(agency: str, source: str, origin: str) -> list[KeptLayout]:
    """Every version of a list's layout with who laid it down, the newest first."""
    found = KeptLayout.objects.filter(agency=agency, source=source, origin=origin)
    return list(found.select_related("kept_by"))


def keep(file: ListFile, layout: Layout, by: UUID, now: datetime) -> tuple[KeptLayout, bool]:
    """The version of this layout, a new one unless the newest is the same; and whether it is new."""
    last = newest(file.agency_id, file.source, file.origin)
    if last and layout_in(last) == layout:
        return last, False
    made = KeptLayout.objects.create(
        agency_id=file.agency_id,
        source=file.source,
        origin=file.origin,
        version=last.version + 1 if last else 1,
        layout=msgspec.to_builtins(layout),
        kept_by_id=by,
        kept_at=now,
    )
    return made, True
