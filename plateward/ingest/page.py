"""The receiver's documentation for people, drawn from its OpenAPI document: no script, nothing foreign."""

import json
from collections.abc import Sequence
from functools import cache
from html import escape
from typing import Any

from plateward.ingest import openapi, problems

_FIRST_READ = """curl -H "Authorization: Bearer $DEVICE_KEY" \\
     -F 'read={"event_id": "1", "captured_at": "2026-11-22T14:03:11-08:00", "plate": "8ABC123"}' \\
     -F scene=@photograph.jpg \\
     {ADDRESS}/v1/reads"""


@cache
def documentation() -> str:
    """The whole page as HTML."""
    document = openapi.document()
    schemas = document["components"]["schemas"]
    formats = [name for name in schemas if name not in {"Receipt", "ReceiptStatus", "Problem"}]
    formats.sort(key=lambda name: name != "NativeRead")
    return _page(
        f"<h1>{escape(document['info']['title'])}</h1>"
        f"<p>{escape(document['info']['description'])}</p>"
        '<p>For programs: <a href="/v1/openapi.json">/v1/openapi.json</a></p>'
        f"<h2>A first read</h2><pre>{escape(_FIRST_READ.replace('{ADDRESS}', 'http://RECEIVER'))}</pre>"
        f"<h2>Addresses</h2>{''.join(_operations(document['paths']))}"
        f"<h2>The native format</h2>{''.join(_schema(name, schemas[name]) for name in formats)}"
        f"<h3>Example</h3><pre>{escape(json.dumps(openapi.EXAMPLE, indent=2))}</pre>"
        f"<h2>Answers</h2>{''.join(_schema(n, schemas[n]) for n in ('Receipt', 'ReceiptStatus', 'Problem'))}"
        f"<h2>Problems</h2>{_problems()}"
    )


def _page(main: str) -> str:
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        '<title>Plateward receiver</title><link rel="stylesheet" href="/v1/docs.css"></head>'
        f"<body><main>{main}</main></body></html>"
    )


def _operations(paths: dict[str, Any]) -> list[str]:
    found = []
    for path, methods in paths.items():
        for method, operation in methods.items():
            key = "with the device's key" if operation["security"] else "open to all"
            rows = [
                (status, answer.get("description") or _description(answer))
                for status, answer in operation["responses"].items()
            ]
            found.append(
                f"<h3><code>{method.upper()} {escape(path)}</code></h3>"
                f"<p>{escape(operation['summary'])} ({key}).</p>{_table(('Status', 'Meaning'), rows)}"
            )
    return found


def _description(reference: dict[str, str]) -> str:
    slug = reference["$ref"].rpartition("/")[2]
    return str(openapi.document()["components"]["responses"][slug]["description"])


def _schema(name: str, schema: dict[str, Any]) -> str:
    required = schema.get("required", [])
    rows = [
        (field, _type(facts), "yes" if field in required else "", _text(facts))
        for field, facts in schema["properties"].items()
    ]
    intro = f"<p>{escape(schema['description'])}</p>" if "description" in schema else ""
    table = _table(("Field", "Type", "Required", "Meaning"), rows)
    return f'<h3 id="{escape(name)}">{escape(name)}</h3>{intro}{table}'


def _type(facts: dict[str, Any]) -> str:
    if "anyOf" in facts:
        return " or ".join(_type(one) for one in facts["anyOf"])
    if "$ref" in facts:
        return str(facts["$ref"].rpartition("/")[2])
    if "enum" in facts:
        return " · ".join(str(value) for value in facts["enum"])
    if facts.get("type") == "array":
        return f"list of {_type(facts['items'])}"
    return str(facts.get("format") or facts.get("contentEncoding") or facts.get("type", ""))


def _text(facts: dict[str, Any]) -> str:
    texts = [facts.get("description", "")] + [one.get("description", "") for one in facts.get("anyOf", [])]
    return next(filter(None, texts), "")


def _problems() -> str:
    return "".join(
        f'<h3 id="{kind.slug}">{kind.status} {escape(kind.title)}</h3><p>{escape(kind.what_to_do)}</p>'
        for kind in problems.KINDS
    )


def _table(heads: tuple[str, ...], rows: Sequence[tuple[str, ...]]) -> str:
    head = "".join(f'<th scope="col">{escape(text)}</th>' for text in heads)
    body = "".join("<tr>" + "".join(f"<td>{escape(cell)}</td>" for cell in row) + "</tr>" for row in rows)
    return f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"
