"""Asking the witness to cosign the newest head (c2sp.org/tlog-witness, “add-checkpoint”)."""

from http import HTTPStatus
from typing import Final

import httpx

from plateward.audit import ledger
from plateward.audit.models import Cosignature, TreeHead
from plateward.audit.sealing import rotation_notes
from plateward.ledger.notes import VerifierKey

_PATIENCE_S: Final = 10.0
_ANOTHER_TREE: Final = (HTTPStatus.UNPROCESSABLE_ENTITY, HTTPStatus.CONFLICT)
"""What a witness answers that was asked from where it stands, and finds another root (tlog-witness)."""


class WitnessUnavailableError(Exception):
    """The witness did not cosign; the message says what it answered."""


class JournalRewrittenError(WitnessUnavailableError):
    """The witness remembers another journal than this one: it was rewritten or cut."""


def remembered_size(witness: VerifierKey) -> int:
    """Size of the newest head that this witness cosigned, 0 when none."""
    last = Cosignature.objects.filter(witness=witness.name).order_by("-size").first()
    return last.size if last else 0


def cosignature_lines(client: httpx.Client, url: str, head: TreeHead, since: int) -> str:
    """The witness's lines under the head; when it remembers another size, it is asked again from there.

    One that does not know the key is told how the journal's keys followed each other, and asked again.

    Raises WitnessUnavailableError; JournalRewrittenError when the witness remembers another journal.
    """
    answer = _ask(client, url, head, since)
    if answer.status_code == HTTPStatus.FORBIDDEN and (announced := rotation_notes()):
        for note in announced:
            _post(client, f"{url}/add-rotation", note)
        answer = _ask(client, url, head, since)
    if answer.status_code == HTTPStatus.CONFLICT and answer.text.strip().isdigit():
        size = int(answer.text)
        if size > head.size:
            raise JournalRewrittenError(
                f"the witness remembers {size:,} rows, but the journal has {head.size:,}: rows were cut off"
            )
        answer = _ask(client, url, head, size)
    if answer.status_code in _ANOTHER_TREE:
        raise JournalRewrittenError(f"the witness refused: {answer.text.strip()[:300]}")
    if answer.status_code != HTTPStatus.OK:
        raise WitnessUnavailableError(
            f"the witness refused ({answer.status_code}): {answer.text.strip()[:300]}"
        )
    return answer.text


def _ask(client: httpx.Client, url: str, head: TreeHead, since: int) -> httpx.Response:
    return _post(client, f"{url}/add-checkpoint", str(ledger.witness_request(head, since)))


def _post(client: httpx.Client, url: str, text: str) -> httpx.Response:
    try:
        return client.post(url, content=text.encode(), timeout=_PATIENCE_S)
    except httpx.HTTPError as error:
        raise WitnessUnavailableError(f"{url} does not answer: {error}") from error
