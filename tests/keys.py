"""A security key in software, for tests: it makes credentials and answers questions as WebAuthn says."""

import hashlib
import json
import secrets
from collections.abc import Mapping
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ec import ECDSA, SECP256R1, generate_private_key
from cryptography.hazmat.primitives.hashes import SHA256
from django.conf import settings
from fido2.cose import ES256
from fido2.utils import websafe_encode
from fido2.webauthn import AttestationObject, AttestedCredentialData, AuthenticatorData

from plateward.accounts import security_keys
from plateward.accounts.models import User

PRESENT, NEW = 0x01, 0x41


class SoftKey:
    """One key with one credential; `counter` is what it says next."""

    def __init__(self) -> None:
        self.private = generate_private_key(SECP256R1())
        self.id = secrets.token_bytes(16)
        self.counter = 1

    def made_for(self, user: User) -> tuple[Mapping[str, Any], str]:
        """What the server keeps of a question for a new credential, and this key's answer."""
        question = security_keys.ask_new(user_id=user.pk.bytes, username=user.username, name="", known=[])
        return question.state, self.make(json.loads(question.options))

    def make(self, options: Mapping[str, Any]) -> str:
        """A new credential."""
        public = ES256.from_cryptography_key(self.private.public_key())
        credential = AttestedCredentialData.create(b"\0" * 16, self.id, public)
        data = AuthenticatorData.create(self._place(), NEW, self.counter, credential)
        made = AttestationObject.create("none", data, {})
        client = self._client("webauthn.create", options)
        return self._answer(client, {"attestationObject": websafe_encode(bytes(made))})

    def answer(self, options: Mapping[str, Any], origin: str = "") -> str:
        """Prove to have the credential."""
        data = AuthenticatorData.create(self._place(), PRESENT, self.counter)
        self.counter += 1
        client = self._client("webauthn.get", options, origin)
        signature = self.private.sign(bytes(data) + hashlib.sha256(client).digest(), ECDSA(SHA256()))
        parts = {
            "authenticatorData": websafe_encode(bytes(data)),
            "signature": websafe_encode(signature),
        }
        return self._answer(client, parts)

    def _place(self) -> bytes:
        return hashlib.sha256(b"localhost").digest()

    def _client(self, kind: str, options: Mapping[str, Any], origin: str = "") -> bytes:
        origin = origin or settings.ENVIRONMENT.base_url
        return json.dumps({"type": kind, "challenge": options["challenge"], "origin": origin}).encode()

    def _answer(self, client: bytes, parts: Mapping[str, str]) -> str:
        credential = websafe_encode(self.id)
        response = {"clientDataJSON": websafe_encode(client), **parts}
        return json.dumps({"id": credential, "rawId": credential, "type": "public-key", "response": response})
