import json
import re
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec

from plateward.ingest import openapi, problems
from plateward.ingest.page import documentation
from plateward.reads.adapters import ADAPTERS, Message
from plateward.reads.native import NativeRead

COMMITTED = Path(__file__).parents[3] / "docs" / "reference" / "ingest-openapi.json"


def test_the_committed_document_is_what_the_receiver_serves() -> None:
    assert COMMITTED.read_text(encoding="utf-8") == openapi.rendered(), (
        "Renew it: python -m plateward.ingest.openapi > docs/reference/ingest-openapi.json"
    )


def test_every_field_of_the_native_format_is_documented() -> None:
    fields = openapi.document()["components"]["schemas"]["NativeRead"]["properties"]
    assert set(fields) == set(NativeRead.__struct_fields__)


def test_the_example_is_a_valid_read() -> None:
    body = json.dumps(openapi.EXAMPLE).encode()
    arrived = datetime(2026, 11, 22, tzinfo=UTC)
    message = Message(body=body, content_type="application/json", received_at=arrived)
    assert ADAPTERS["native"].parse(message).reads[0].plate == "8ABC123"
    msgspec.json.decode(json.dumps(openapi.EXAMPLE), type=NativeRead)


def _references(value: Any) -> list[str]:
    if isinstance(value, dict):
        own = [value["$ref"]] if isinstance(value.get("$ref"), str) else []
        return own + [found for inner in value.values() for found in _references(inner)]
    if isinstance(value, list):
        return [found for inner in value for found in _references(inner)]
    return []


def test_every_reference_in_the_document_leads_somewhere() -> None:
    document = openapi.document()
    assert _references(document)
    for reference in _references(document):
        target: Any = document
        for step in reference.removeprefix("#/").split("/"):
            target = target[step]


def test_each_problem_has_its_place_on_the_page_and_says_what_to_do() -> None:
    page = documentation()
    slugs = [kind.slug for kind in problems.KINDS]
    assert len(slugs) == len(set(slugs))
    for kind in problems.KINDS:
        assert f'id="{kind.slug}"' in page
        assert kind.what_to_do.endswith(".")


def test_the_page_loads_nothing_from_outside_and_runs_nothing() -> None:
    page = documentation()
    assert "<script" not in page
    assert set(re.findall(r'(?:href|src)="([^"]+)"', page)) <= {"/v1/docs.css", "/v1/openapi.json"}
