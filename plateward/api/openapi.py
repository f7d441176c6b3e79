"""The API's OpenAPI 3.1 document, generated from its formats and the catalog of problems."""

from collections.abc import Sequence
from functools import cache
from typing import Any

import msgspec

from plateward.api import problems
from plateward.api.operations import OPERATIONS, Operation
from plateward.problems import MEDIA_TYPE, Kind, by_status

_ABOUT = (
    "A program asks with a token that a person made in the browser, for one purpose. It may do what that "
    "person may do at that moment, and no more: title, training, clearance and the written policy decide as "
    "they do in the browser, and every access to ALPR information is on record before it is answered."
)


_UUID = {"type": "string", "format": "uuid"}
_SIGNED = {"type": "string", "pattern": "^[A-Za-z0-9_:-]{20,}$", "description": "As the opened read gives it"}
_IN_PATH = {"address": _SIGNED}
_BYTES = {
    "description": "The bytes; of a picture as the device sent them",
    "headers": {
        "Content-Digest": {
            "schema": {"type": "string"},
            "description": "SHA-256 of the bytes on record: sha-256=:base64: (RFC 9530)",
        }
    },
}


@cache
def document() -> dict[str, Any]:
    """The whole document as plain values."""
    kinds = [one for operation in OPERATIONS for one in (operation.body, *operation.answers) if one]
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
            "200": _json("Done, and on record", operation.answers)
            if operation.answers
            else _BYTES | {"content": {kind: {} for kind in operation.sends}},
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


def _json(description: str, kinds: Sequence[type[msgspec.Struct]]) -> dict[str, Any]:
    schema = _ref(kinds[0]) if len(kinds) == 1 else {"oneOf": [_ref(kind) for kind in kinds]}
    return {"description": description, "content": {"application/json": {"schema": schema}}}


def _ref(kind: type[msgspec.Struct]) -> dict[str, str]:
    return {"$ref": f"#/components/schemas/{kind.__name__}"}
