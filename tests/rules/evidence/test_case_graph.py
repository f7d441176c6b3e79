"""A package's provenance in CASE/UCO: JSON-LD by the ontologies' own terms, each file with its SHA-256."""

import json
from datetime import UTC, datetime
from typing import Any

from plateward.evidence.case_graph import CONTEXT, case_file

TOLD = {
    "folder": "plateward-barstow-pd-2026-0001",
    "agency": "Barstow Police Department",
    "number": "2026-0001",
    "ordered_by": "Dolores Diaz",
    "ordered_as": "Detective",
    "purpose": "Stolen or wanted vehicle (B-466.3)",
    "reason": "Robbery at 1st and Main",
    "reference": "26-01234",
}
PAYLOAD = {"data/pictures/a.jpg": "a" * 64, "data/reads.json": "b" * 64}


def graph() -> dict[str, Any]:
    at = datetime(2026, 11, 23, 19, tzinfo=UTC)
    return dict(json.loads(b"".join(case_file(TOLD, PAYLOAD, version="1.0", at=at))))


def of_type(name: str) -> list[dict[str, Any]]:
    return [node for node in graph()["@graph"] if node["@type"] == name]


def test_the_record_names_every_file_and_each_has_its_hash() -> None:
    (record,) = of_type("case-investigation:ProvenanceRecord")
    files = {one["@id"]: one for one in of_type("uco-observable:File")}
    assert [one["@id"] for one in record["uco-core:object"]] == list(files)
    told = {}
    for one in files.values():
        file, content = one["uco-core:hasFacet"]
        told[file["uco-observable:filePath"]] = content["uco-observable:hash"]["uco-types:hashValue"][
            "@value"
        ]
    assert told == PAYLOAD


def test_the_action_says_who_made_it_with_what_and_what_came_of_it() -> None:
    (action,) = of_type("case-investigation:InvestigativeAction")
    ids = {node["@id"]: node for node in graph()["@graph"]}
    assert ids[action["uco-action:performer"]["@id"]]["uco-core:name"] == "Dolores Diaz"
    assert ids[action["uco-action:instrument"]["@id"]]["uco-tool:version"] == "1.0"
    assert ids[action["uco-action:result"]["@id"]]["case-investigation:exhibitNumber"] == "2026-0001"


def terms(value: Any) -> set[str]:
    """The types and properties that a part of the graph names."""
    if isinstance(value, list):
        return {term for one in value for term in terms(one)}
    if not isinstance(value, dict):
        return set()
    types = {value["@type"]} if "@type" in value else set()
    return types | {key for key in value if not key.startswith("@")} | terms(list(value.values()))


def test_every_term_is_of_a_vocabulary_that_the_context_names() -> None:
    found = graph()
    assert {one.partition(":")[0] for one in terms(found["@graph"])} == set(CONTEXT)
    ids = [node["@id"] for node in found["@graph"]]
    assert len(ids) == len(set(ids))
