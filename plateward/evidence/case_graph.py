"""A package's provenance as CASE/UCO 1.4.0 in JSON-LD 1.1, for programs of laboratories and prosecutors.

Terms are those of the published ontologies (caseontology.org, unifiedcyberontology.org): who had the package
made, by which tool and when, and each file of evidence with its SHA-256. What a file says stays in it.
"""

import json
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any, Final
from uuid import NAMESPACE_URL, uuid5

CONTEXT: Final = {
    "case-investigation": "https://ontology.caseontology.org/case/investigation/",
    "uco-action": "https://ontology.unifiedcyberontology.org/uco/action/",
    "uco-core": "https://ontology.unifiedcyberontology.org/uco/core/",
    "uco-identity": "https://ontology.unifiedcyberontology.org/uco/identity/",
    "uco-observable": "https://ontology.unifiedcyberontology.org/uco/observable/",
    "uco-tool": "https://ontology.unifiedcyberontology.org/uco/tool/",
    "uco-types": "https://ontology.unifiedcyberontology.org/uco/types/",
    "xsd": "http://www.w3.org/2001/XMLSchema#",
}
Node = dict[str, Any]


def case_file(
    told: Mapping[str, Any], payload: Mapping[str, str], *, version: str, at: datetime
) -> Iterator[bytes]:
    """The file, one node on each line; `told` is what the papers say, `payload` path → SHA-256."""
    yield b'{"@context":' + _line(CONTEXT) + b',\n"@graph":[\n'
    before = b""
    for node in _nodes(told, payload, version, at):
        yield before + _line(node)
        before = b",\n"
    yield b"\n]}\n"


def _nodes(told: Mapping[str, Any], payload: Mapping[str, str], version: str, at: datetime) -> Iterator[Node]:
    root = told["folder"]
    names = ("agency", "person", "tool", "action", "record", "investigation")
    agency, person, tool, action, record, investigation = (_node(root, name) for name in names)
    moment = {"@type": "xsd:dateTime", "@value": at.isoformat()}
    yield agency | {"@type": "uco-identity:Organization", "uco-core:name": told["agency"]}
    yield person | {
        "@type": "uco-identity:Person",
        "uco-core:name": told["ordered_by"],
        "uco-core:description": told["ordered_as"],
    }
    yield tool | {"@type": "uco-tool:Tool", "uco-core:name": "Plateward", "uco-tool:version": version}
    yield action | {
        "@type": "case-investigation:InvestigativeAction",
        "uco-core:name": f"Evidence package {told['number']} was packed",
        "uco-core:description": f"{told['purpose']}. {told['reason']}",
        "uco-action:performer": person,
        "uco-action:instrument": tool,
        "uco-action:result": record,
        "uco-action:endTime": moment,
    }
    yield record | {
        "@type": "case-investigation:ProvenanceRecord",
        "uco-core:description": f"Evidence package {told['number']} of {told['agency']}",
        "case-investigation:exhibitNumber": told["number"],
        "uco-core:object": [_node(root, path) for path in payload],
    }
    yield investigation | {
        "@type": "case-investigation:Investigation",
        "uco-core:name": told["reference"],
        "uco-core:object": [agency, person, tool, action, record],
    }
    for path, digest in payload.items():
        yield _file(root, path, digest)


def _file(root: str, path: str, digest: str) -> Node:
    name = path.rpartition("/")[2]
    facet = {"uco-observable:fileName": name, "uco-observable:filePath": path}
    sha256 = {
        **_node(root, f"{path} hash"),
        "@type": "uco-types:Hash",
        "uco-types:hashMethod": "SHA256",
        "uco-types:hashValue": {"@type": "xsd:hexBinary", "@value": digest},
    }
    return {
        **_node(root, path),
        "@type": "uco-observable:File",
        "uco-core:hasFacet": [
            {**_node(root, f"{path} facet"), "@type": "uco-observable:FileFacet", **facet},
            {
                **_node(root, f"{path} content"),
                "@type": "uco-observable:ContentDataFacet",
                "uco-observable:hash": sha256,
            },
        ],
    }


def _node(root: str, what: str) -> Node:
    """What names a thing of this package in the graph, the same each time."""
    return {"@id": f"urn:uuid:{uuid5(NAMESPACE_URL, f'plateward:{root}:{what}')}"}


def _line(value: object) -> bytes:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()
