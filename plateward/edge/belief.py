"""Which documents the unit believes: rightly signed, meant for it, newer than what it has."""

from __future__ import annotations

from typing import TypeVar

import msgspec

from plateward.edge.identity import Identities, Identity
from plateward.edge.link import Answer, Link
from plateward.edge.store import Store
from plateward.unitwire.calls import Turns
from plateward.unitwire.documents import Document, Signed
from plateward.unitwire.signing import following, opened

_D = TypeVar("_D", bound=Document)


class Belief:
    """Opens documents; what was taken in is remembered by its serial."""

    def __init__(self, store: Store, identities: Identities, link: Link) -> None:
        self._store, self._identities, self._link = store, identities, link

    def opened(self, answer: Answer, who: Identity, kind: type[_D], name: str) -> _D:
        """The document in an answer. Raises DocumentError; Away, Revoked and Unwilling as every call.

        Where another key than those trusted signed it, the server is asked how its key changed.
        """
        signed = answer.as_(Signed)
        if signed.key_id not in who.keys:
            keys = following(who.keys, self._link.get("keys", who).as_(Turns).turns)
        else:
            keys = who.keys
        found = opened(
            signed, keys, kind, device_id=who.device_id, agency=who.agency, after=self._serial(name)
        )
        if signed.key_id not in who.keys:
            # The key before may have been changed because somebody has it: from now on it signs nothing here.
            self._identities.trust(who, {signed.key_id: keys[signed.key_id]})
        return found

    def took(self, name: str, document: Document) -> None:
        """An older one of this name is refused from now on; in the transaction that keeps the document."""
        self._store.keep(f"serial {name}", document.serial)

    def begin_anew(self) -> None:
        """Another device's documents count anew."""
        names = [name for (name,) in self._store.rows("SELECT name FROM kept WHERE name LIKE 'serial %'")]
        self._store.forget(*names)

    def _serial(self, name: str) -> int:
        kept = self._store.kept(f"serial {name}")
        return msgspec.json.decode(kept, type=int) if kept else 0
