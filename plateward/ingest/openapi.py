"""The receiver's OpenAPI 3.1 document, generated from the native format and the problem catalog.

`python -m plateward.ingest.openapi > docs/reference/ingest-openapi.json` renews the committed copy.
"""

import json
from functools import cache
from typing import Any

import msgspec

from plateward.ingest import problems
from plateward.problems import MEDIA_TYPE, Kind, by_status
from plateward.reads.adapters import ADAPTERS
from plateward.reads.adapters.base import MAX_READS
from plateward.reads.native import MAX_PICTURES, ROLES, NativeRead

EXAMPLE = {
    "event_id": "main-1st-000123",
    "captured_at": "2026-11-22T14:03:11.250-08:00",
    "plate": "8ABC123",
    "confidence": 0.93,
    "characters": [{"char": "8", "confidence": 0.71}, {"char": "A", "confidence": 0.99}],
    "candidates": [{"text": "BABC123", "confidence": 0.05}],
    "region": "US-CA",
    "region_confidence": 0.88,
    "plate_box": {"x": 812, "y": 604, "w": 168, "h": 52, "picture": "scene"},
    "direction": "receding",
    "vehicle": {"color": "white", "make": "Ford", "model": None, "type": "pickup"},
}

_UUID = {"type": "string", "format": "uuid"}
_TIME = {"type": "string", "format": "date-time"}
_DIGEST = {"type": "string", "pattern": "^[0-9a-f]{64}$"}


@cache
def document() -> dict[str, Any]:
    """The whole document as plain values."""
    _, schemas = msgspec.json.schema_components([NativeRead], ref_template="#/components/schemas/{name}")
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Plateward receiver",
            "version": "1",
            "description": (
                "Cameras and other registered devices send reads here. An answer 200 or 202 means that the "
                "whole payload is on disc. It is parsed afterwards; ask its receipt what became of it."
            ),
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "paths": _paths(),
        "components": {
            "schemas": schemas | _own_schemas(),
            "securitySchemes": {"deviceKey": {"type": "http", "scheme": "bearer", "description": _KEY}},
            "responses": {kind.slug: _problem_response(kind) for kind in problems.KINDS},
        },
    }


_KEY = "The device's own key, shown once when the device is registered or its key is replaced."
_AUTHENTICATION = (
    problems.KEY_MISSING,
    problems.KEY_UNKNOWN,
    problems.DEVICE_DISABLED,
    problems.SOURCE_REFUSED,
)
_UNAVAILABLE = (problems.FAULT, problems.DATABASE)


def _paths() -> dict[str, Any]:
    return {
        "/v1/reads": {"post": _post_reads()},
        "/v1/from/{adapter}": {"post": _post_from_maker()},
        "/v1/receipts/{receipt}": {"get": _get_receipt()},
        "/v1/health": {
            "get": {
                "operationId": "getHealth",
                "summary": "Whether payloads can be stored now",
                "security": [],
                "responses": {
                    "200": {"description": "Yes"} | _json({"type": "object", "required": ["status"]}),
                    **_refusals(*_UNAVAILABLE),
                },
            }
        },
    }


def _post_reads() -> dict[str, Any]:
    return {
        "operationId": "sendRead",
        "summary": "Send a read, with its pictures; or several, one a line",
        "security": [{"deviceKey": []}],
        "parameters": [
            {
                "name": "Idempotency-Key",
                "in": "header",
                "required": False,
                "schema": {"type": "string", "minLength": 1, "maxLength": 200, "pattern": "^[ -~]+$"},
                "description": (
                    "Your own name of this delivery. Sending it again with the same content returns the "
                    "first receipt. Without it the content itself is the key."
                ),
            }
        ],
        "requestBody": {
            "required": True,
            "content": {
                "application/json": {"schema": _ref("NativeRead"), "example": EXAMPLE},
                "multipart/form-data": {
                    "schema": _multipart(),
                    "encoding": {"read": {"contentType": "application/json"}},
                },
                "application/x-ndjson": {
                    "schema": {
                        "type": "string",
                        "description": f"For senders in bulk: one NativeRead a line, at most {MAX_READS}",
                    }
                },
            },
        },
        "responses": {
            "202": {"description": "On disc; to be parsed now"} | _json(_ref("Receipt")),
            "200": {"description": "Was on disc already; the first receipt"} | _json(_ref("Receipt")),
            **_refusals(
                *_AUTHENTICATION,
                problems.KEY_FORM,
                problems.TOO_SLOW,
                problems.TOO_LARGE,
                problems.MEDIA,
                problems.KEY_REUSED,
                problems.BUSY,
                problems.DISC_LOW,
                *_UNAVAILABLE,
                problems.DISC_FULL,
            ),
        },
    }


def _post_from_maker() -> dict[str, Any]:
    """The same for what makers' devices send; a maker's page in the manual tells where its key goes."""
    native = _post_reads()
    name = {"type": "string", "enum": sorted(ADAPTERS)}
    adapter = {"name": "adapter", "in": "path", "required": True, "schema": name}
    body = {"schema": {"description": "As the maker's devices send it"}}
    taken = sorted({media for one in ADAPTERS.values() for media in one.media_types if media})
    return native | {
        "operationId": "sendMakersPayload",
        "summary": "Send a payload in a maker's own format",
        "parameters": [adapter, *native["parameters"]],
        "requestBody": {"required": True, "content": dict.fromkeys(taken, body)},
        "responses": native["responses"] | _refusals(problems.FORMAT_UNKNOWN),
    }


def _get_receipt() -> dict[str, Any]:
    return {
        "operationId": "getReceipt",
        "summary": "What became of a payload",
        "security": [{"deviceKey": []}],
        "parameters": [{"name": "receipt", "in": "path", "required": True, "schema": _UUID}],
        "responses": {
            "200": {"description": "Its state"} | _json(_ref("ReceiptStatus")),
            **_refusals(*_AUTHENTICATION, problems.RECEIPT_UNKNOWN, *_UNAVAILABLE),
        },
    }


def _multipart() -> dict[str, Any]:
    picture = {"type": "string", "format": "binary", "description": "JPEG, PNG or WebP"}
    return {
        "type": "object",
        "required": ["read"],
        "properties": {"read": _ref("NativeRead"), **dict.fromkeys(ROLES, picture)},
        "description": f"At most {MAX_PICTURES} pictures; other parts are named with the read, not kept.",
    }


def _own_schemas() -> dict[str, Any]:
    receipt: dict[str, Any] = {
        "receipt": _UUID,
        "received_at": _TIME,
        "payload_sha256": _DIGEST,
        "duplicate": {"type": "boolean"},
        "status_url": {"type": "string"},
    }
    states = ["RECEIVED", "HELD", "STORED", "MATCHED", "QUARANTINED", "DISCARDED"]
    status: dict[str, Any] = {
        "receipt": _UUID,
        "state": {"type": "string", "enum": states},
        "reason": {"type": "string", "description": "Why it is in quarantine, was discarded or folded"},
        "read_ids": {"type": "array", "items": _UUID},
        "received_at": _TIME,
        "processed_at": {"anyOf": [_TIME, {"type": "null"}]},
    }
    problem: dict[str, Any] = {
        "type": {"type": "string", "format": "uri-reference"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
        "what_to_do": {"type": "string"},
    }
    named = {"Receipt": receipt, "ReceiptStatus": status, "Problem": problem}
    return {
        name: {"type": "object", "properties": fields, "required": list(fields)}
        for name, fields in named.items()
    }


def _refusals(*kinds: Kind) -> dict[str, Any]:
    return {
        status: {"$ref": f"#/components/responses/{same[0].slug}"}
        if len(same) == 1
        else {"description": "; or: ".join(kind.title for kind in same)} | _problem_content()
        for status, same in by_status(kinds).items()
    }


def _problem_response(kind: Kind) -> dict[str, Any]:
    headers = {name: {"schema": {"type": "string"}} for name in kind.headers}
    described = {"description": f"{kind.title}. {kind.what_to_do}"} | _problem_content()
    return described | ({"headers": headers} if headers else {})


def _problem_content() -> dict[str, Any]:
    return {"content": {MEDIA_TYPE: {"schema": _ref("Problem")}}}


def _json(schema: dict[str, Any]) -> dict[str, Any]:
    return {"content": {"application/json": {"schema": schema}}}


def _ref(name: str) -> dict[str, str]:
    return {"$ref": f"#/components/schemas/{name}"}


def rendered() -> str:
    """The document as it is committed."""
    return json.dumps(document(), indent=2, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    print(rendered(), end="")  # noqa: T201  a program's output
