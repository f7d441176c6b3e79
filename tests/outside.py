"""Requests of tests see what requests of the product see: nobody's rows until the gate opens an agency's."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from plateward.walls import scope

if TYPE_CHECKING:
    from django.http.response import HttpResponseBase


def close_the_walls_around_requests() -> None:
    """Have Django's test client answer, and send what streams, as a web process does: no agency in sight.

    The test itself sees every agency; without this the layers outside the gate would see them too, and code
    that forgot to say whose rows it wants would pass here and fail in the product.
    """
    from django.test.client import ClientHandler  # noqa: PLC0415  only once Django has its settings

    answered = ClientHandler.__call__

    def as_in_the_product(handler: ClientHandler, environ: dict[str, Any]) -> "HttpResponseBase":
        with scope.as_nobody():
            response = answered(handler, environ)
        if response.streaming and not response.is_async:
            response.streaming_content = _as_nobody(iter(response.streaming_content))
        return response

    ClientHandler.__call__ = as_in_the_product  # type: ignore[method-assign]  # the seam every test client goes through


def _as_nobody(parts: Iterator[bytes]) -> Iterator[bytes]:
    while True:
        with scope.as_nobody():
            part = next(parts, None)
        if part is None:
            return
        yield part
