"""Journal rows and access records in words."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from string import Formatter
from typing import Any

from plateward.audit.models import AccessRecord, AuditRecord, TreeHead
from plateward.audit.sentences import SENTENCES
from plateward.ledger.notes import VerifierKey
from plateward.policy import Profile

_EMPTY: Mapping[str, str] = {"elements[plate]": "all plates"}
"""What an empty detail means; elsewhere it says nothing."""


class _Sentences(Formatter):
    """Fills in details; one that a row does not have is a dash."""

    def get_field(self, field_name: str, args: Sequence[Any], kwargs: Mapping[str, Any]) -> Any:
        try:
            found, key = super().get_field(field_name, args, kwargs)
        except (KeyError, TypeError):
            return "–", field_name
        return (_EMPTY.get(field_name, found) if found == "" else found), key


def sentence(row: AuditRecord) -> str:
    """What the row says its person did; a verb unknown to this version is shown as it stands."""
    template = SENTENCES.get(row.verb)
    said = _Sentences().vformat(template, (), row.detail) if template else row.verb
    capacity = row.detail.get("capacity")
    return f"{said}, {capacity}" if capacity else said


def facts(detail: Mapping[str, Any]) -> list[tuple[str, str]]:
    """A row's details as terms and descriptions, nested ones flattened."""
    return [(name.replace("_", " ").capitalize(), value) for name, value in _flat(detail)]


def _flat(detail: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, str]]:
    for name, value in detail.items():
        if isinstance(value, Mapping):
            yield from _flat(value, f"{prefix}{name}, ")
        elif value not in ("", None, [], False):
            yield (
                f"{prefix}{name}",
                value if isinstance(value, str) else json.dumps(value, ensure_ascii=False),
            )


@dataclass(frozen=True, slots=True)
class JournalRow:
    """A journal row in the words of its page."""

    record: AuditRecord
    title_name: str
    sentence: str
    facts: list[tuple[str, str]]


def journal_row(record: AuditRecord, profile: Profile) -> JournalRow:
    """Title and act in words, and every detail."""
    title_name = profile.title_name(record.title) if record.title else ""
    return JournalRow(record, title_name, sentence(record), facts(record.detail))


@dataclass(frozen=True, slots=True)
class AccessRow:
    """An access record in the words of its page."""

    record: AccessRecord
    title_name: str
    purpose: str
    count: str
    facts: list[tuple[str, str]]


def access_row(record: AccessRecord, profile: Profile) -> AccessRow:
    """Title, purpose and count in words, and every element of the query."""
    purpose = profile.purposes.get(record.purpose)
    return AccessRow(
        record=record,
        title_name=profile.title_name(record.title),
        purpose=purpose.name if purpose else record.purpose,
        count=f"more than {record.result_count:,}" if record.is_count_bounded else f"{record.result_count:,}",
        facts=facts(record.elements),
    )


def key_of(head: TreeHead | None) -> VerifierKey | None:
    """The public key that signed a head."""
    return VerifierKey.parse(head.key) if head else None
