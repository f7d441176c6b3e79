"""The API's OpenAPI 3.1 document, generated from its formats and the catalog of problems."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

import msgspec

from plateward.api import formats, problems
from plateward.problems import MEDIA_TYPE, Kind, by_status
from plateward.reads.imaging import EXTENSIONS


@dataclass(frozen=True, slots=True, kw_only=True)
class Operation:
    """What one method does at one address; `capability` is what token and person need for it.

    `answer` is None where a picture's bytes are sent.
    """

    method: str
    path: str
    id: str
    summary: str
    capability: str
    answer: type[msgspec.Struct] | None
    body: type[msgspec.Struct] | None = None
    example: dict[str, Any] | None = None
    after: str = ""
    kinds: Sequence[Kind] = ()

    @property
    def takes(self) -> str:
        """Name of the format it takes; empty where it takes none."""
        return self.body.__name__ if self.body else ""

    @property
    def gives(self) -> str:
        """Name of the format it answers; empty where it sends a picture."""
        return self.answer.__name__ if self.answer else ""

    @property
    def problems(self) -> Sequence[Kind]:
        """Everything it may refuse, by status."""
        everywhere = (
            problems.TOKEN_MISSING,
            problems.TOKEN_INVALID,
            problems.REFUSED,
            problems.QUERY,
            problems.TOO_MANY,
            problems.FAULT,
            problems.UNRECORDED,
            problems.NO_POLICY,
        )
        return (*self.kinds, *everywhere)


SEARCH = {
    "plate": "7AB?123",
    "purpose": "stolen-or-wanted-vehicle",
    "reason": "Vehicle seen leaving the robbery at 1st and Main",
    "reference": "26-01234",
}
OPENING = {key: value for key, value in SEARCH.items() if key != "plate"}
OPERATIONS = (
    Operation(
        method="post",
        path="/api/v1/searches",
        id="search",
        summary="Search the agency's reads by a whole or partial plate; the newest 200 come first",
        capability="search.run",
        answer=formats.SearchPage,
        body=formats.SearchRequest,
        example=SEARCH,
        kinds=(problems.BODY, problems.TOO_BROAD),
    ),
    Operation(
        method="get",
        path="/api/v1/searches",
        id="listSearches",
        summary="List one's own searches for the token's purpose, 50 a page",
        capability="search.run",
        answer=formats.OwnSearches,
        after="Id of the last search of the page before; `next` gives the whole address",
        kinds=(problems.NOT_FOUND,),
    ),
    Operation(
        method="get",
        path="/api/v1/searches/{search_id}",
        id="showResults",
        summary="Show an own search again, or a further page of it; each is a new access on record",
        capability="search.run",
        answer=formats.SearchPage,
        after="Where the page begins; `next` gives the whole address",
        kinds=(problems.NOT_FOUND, problems.TOO_BROAD),
    ),
    Operation(
        method="post",
        path="/api/v1/reads/{read_id}/openings",
        id="openRead",
        summary="Open one read; its pictures have addresses for 15 minutes",
        capability="reads.view",
        answer=formats.OpenedRead,
        body=formats.OpeningRequest,
        example=OPENING,
        kinds=(problems.BODY, problems.NOT_FOUND),
    ),
    Operation(
        method="get",
        path="/api/v1/pictures/{address}",
        id="fetchPicture",
        summary="Fetch a picture of a read that was opened, under the access record of that opening",
        capability="reads.view",
        answer=None,
        kinds=(
            problems.NOT_FOUND,
            problems.OPENING_OVER,
            problems.PICTURE_LOST,
            problems.PICTURE_UNAVAILABLE,
        ),
    ),
    Operation(
        method="get",
        path="/api/v1/devices",
        id="listDevices",
        summary="List the device register with its devices' health",
        capability="devices.view",
        answer=formats.Devices,
    ),
)
_ABOUT = (
    "A program asks with a token that a person made in the browser, for one purpose. It may do what that "
    "person may do at that moment, and no more: title, training, clearance and the written policy decide as "
    "they do in the browser, and every access to ALPR information is on record before it is answered."
)


_UUID = {"type": "string", "format": "uuid"}
_SIGNED = {"type": "string", "pattern": "^[A-Za-z0-9_:-]{20,}$", "description": "As the opened read gives it"}
_IN_PATH = {"address": _SIGNED}
_PICTURE = {
    "description": "The original bytes, as the device sent them",
    "headers": {
        "Content-Digest": {
            "schema": {"type": "string"},
            "description": "SHA-256 of the bytes when they were taken in: sha-256=:base64: (RFC 9530)",
        }
    },
    "content": {kind: {} for kind in EXTENSIONS},
}


@cache
def document() -> dict[str, Any]:
    """The whole document as plain values."""
    kinds = [one for operation in OPERATIONS for one in (operation.body, operation.answer) if one]
    _, schemas = msgspec.json.schema_components(
        [*kinds, problems.ProblemDetails], ref_template="#/components/schemas/{name}"
    )
    paths: dict[str, Any] = {}
    for operation in OPERATIONS:
        paths.setdefault(operation.path, {})[operation.method] = _described(operation)
    token = {"type": "http", "scheme": "bearer", "description": "Made in the browser, under “My access”."}
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Plateward API",
            "version": "1",
            "description": _ABOUT,
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "security": [{"token": []}],
        "paths": paths,
        "components": {"schemas": schemas, "securitySchemes": {"token": token}},
    }


def _described(operation: Operation) -> dict[str, Any]:
    described: dict[str, Any] = {
        "operationId": operation.id,
        "summary": operation.summary,
        "description": f"Needs the capability {operation.capability}, of the token and of its person.",
        "parameters": _parameters(operation),
        "responses": {
            "200": _json("Done, and on record", operation.answer) if operation.answer else _PICTURE,
            **_refusals(operation),
        },
    }
    if operation.body:
        content = {"schema": _ref(operation.body), "example": operation.example}
        described["requestBody"] = {"required": True, "content": {"application/json": content}}
    return described


def _parameters(operation: Operation) -> list[dict[str, Any]]:
    named = [part[1:-1] for part in operation.path.split("/") if part.startswith("{")]
    given: list[dict[str, Any]] = [
        {"name": name, "in": "path", "required": True, "schema": _IN_PATH.get(name, _UUID)} for name in named
    ]
    if operation.after:
        after = {"name": "after", "in": "query", "required": False, "schema": {"type": "string"}}
        given.append(after | {"description": operation.after})
    return given


def _refusals(operation: Operation) -> dict[str, Any]:
    content = {MEDIA_TYPE: {"schema": _ref(problems.ProblemDetails)}}
    return {
        status: _refusal(same) | {"content": content}
        for status, same in by_status(operation.problems).items()
    }


def _refusal(kinds: Sequence[Kind]) -> dict[str, Any]:
    headers = {name: {"schema": {"type": "string"}} for kind in kinds for name in kind.headers}
    described: dict[str, Any] = {"description": "; or: ".join(kind.title for kind in kinds)}
    return described | ({"headers": headers} if headers else {})


def _json(description: str, kind: type[msgspec.Struct]) -> dict[str, Any]:
    return {"description": description, "content": {"application/json": {"schema": _ref(kind)}}}


def _ref(kind: type[msgspec.Struct]) -> dict[str, str]:
    return {"$ref": f"#/components/schemas/{kind.__name__}"}
