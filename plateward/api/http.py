"""Requests by token, what they carry, and answers as JSON."""

from base64 import b64encode
from collections.abc import Callable, Collection
from functools import wraps
from typing import Any, TypeVar

import msgspec
from django.http import HttpResponse
from django.views.decorators.csrf import csrf_exempt

from plateward.api import problems
from plateward.api.models import Token
from plateward.api.problems import Problem
from plateward.governance.http import ActorRequest

Body = TypeVar("Body")
View = Callable[..., HttpResponse]


class TokenRequest(ActorRequest):
    """A request that the door let in."""

    token: Token


def takes(*methods: str, query: Collection[str] = ()) -> Callable[[View], View]:
    """Answer only these methods and query parameters: one misspelled would ask for something else.

    No cookie opens these addresses, so that none can be misused (CSRF).
    """

    def declare(view: View) -> View:
        @wraps(view)
        def answered(request: TokenRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            if request.method not in methods:
                response = Problem(problems.METHOD).response()
                response["Allow"] = ", ".join(methods)
                return response
            if strange := request.GET.keys() - set(query):
                raise Problem(problems.QUERY, f"Here is no query parameter “{min(strange)}”.")
            return view(request, *args, **kwargs)

        return csrf_exempt(answered)

    return declare


def body_of(request: TokenRequest, kind: type[Body]) -> Body:
    """The request's body as this kind. Raises Problem for anything else."""
    if request.content_type != "application/json":
        raise Problem(problems.BODY, "The Content-Type is not application/json.")
    try:
        return msgspec.json.decode(request.body, type=kind)
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise Problem(problems.BODY, f"{error}.") from error


def sent(data: bytes, media_type: str, sha256: str, **headers: str) -> HttpResponse:
    """Bytes that nobody keeps, with the SHA-256 on record (hexadecimal) as RFC 9530 writes it."""
    digest = b64encode(bytes.fromhex(sha256)).decode()
    told = {"Cache-Control": "no-store", "Content-Digest": f"sha-256=:{digest}:", **headers}
    return HttpResponse(data, content_type=media_type, headers=told)


def answer(value: msgspec.Struct) -> HttpResponse:
    """A value as JSON that nobody keeps."""
    data = msgspec.json.encode(value)
    return HttpResponse(data, content_type="application/json", headers={"Cache-Control": "no-store"})
