"""What cameras send in the tests, and inbox rows that hold it."""

import hashlib
import io
import json
from datetime import datetime
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from PIL import Image

from plateward.reads.framing import content_sha256

if TYPE_CHECKING:  # pure tests make pictures here, without Django
    from plateward.devices.models import Device
    from plateward.reads.models import InboxItem

MULTIPART = 'multipart/form-data; boundary="frontier"'


def picture(text_color: str = "black", size: tuple[int, int] = (320, 180)) -> bytes:
    image = Image.new("RGB", size, "white")
    image.paste(text_color, (200, 120, 260, 140))
    out = io.BytesIO()
    image.save(out, "JPEG")
    return out.getvalue()


def native(captured_at: datetime, **changes: Any) -> dict[str, Any]:
    read = {"event_id": "event-1", "captured_at": captured_at.isoformat(), "plate": "8ABC123"}
    return read | changes


def as_json(captured_at: datetime, **changes: Any) -> bytes:
    return json.dumps(native(captured_at, **changes)).encode()


def as_multipart(read: bytes, **pictures: bytes) -> bytes:
    parts = {"read": read, **pictures}
    lines = [
        b'--frontier\r\nContent-Disposition: form-data; name="%b"; filename="f"\r\n\r\n%b\r\n'
        % (name.encode(), data)
        for name, data in parts.items()
    ]
    return b"".join(lines) + b"--frontier--\r\n"


def inbox_item(
    device: "Device",
    body: bytes,
    now: datetime,
    *,
    content_type: str = "application/json",
    key: str | None = None,
    **columns: Any,
) -> "InboxItem":
    """A row as the receiver writes it."""
    from plateward.reads.models import InboxItem  # noqa: PLC0415  see above

    return InboxItem.objects.create(
        id=uuid4(),
        agency_id=device.agency_id,
        device=device,
        received_at=now,
        source_address="127.0.0.1",
        content_type=content_type,
        idempotency_key=key or uuid4().hex,
        body=body,
        body_sha256=hashlib.sha256(body).hexdigest(),
        content_sha256=content_sha256(body, content_type),
        size=len(body),
        **columns,
    )
