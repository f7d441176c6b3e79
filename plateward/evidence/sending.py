"""Stored packages and images on their way to a browser, opened part by part."""

import asyncio
from collections.abc import AsyncIterator

from django.http.response import StreamingHttpResponse

from plateward.evidence.package_store import BUFFER
from plateward.vault.streams import SealedReader


class _Pieces:
    """A reader's bytes. Django closes what has a `close`, also where nobody asked for the first piece."""

    def __init__(self, reader: SealedReader) -> None:
        self.reader = reader

    async def __aiter__(self) -> AsyncIterator[bytes]:
        while piece := await asyncio.to_thread(self.reader.read, BUFFER):
            yield piece

    def close(self) -> None:
        self.reader.close()


def sent(reader: SealedReader, name: str, media_type: str) -> StreamingHttpResponse:
    """The file under this name; it is closed when it was sent or nobody listens any more."""
    headers = {
        "Content-Disposition": f'attachment; filename="{name}"',
        "Content-Length": str(reader.size),
        "X-Content-Type-Options": "nosniff",
        "Cache-Control": "no-store",
    }
    return StreamingHttpResponse(_Pieces(reader), content_type=media_type, headers=headers)
