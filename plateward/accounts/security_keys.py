"""Security keys and passkeys as second factors (WebAuthn level 2), checked by the `fido2` library.

A key answers only to the address it was enrolled under, so that nothing can be phished (CJIS IA-2(8)). What
it is made of is not asked (no attestation); the password is the other factor, so that a key need not know its
person.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from fido2.server import Fido2Server
from fido2.webauthn import (
    AttestedCredentialData,
    AuthenticationResponse,
    PublicKeyCredentialRpEntity,
    PublicKeyCredentialUserEntity,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)


class KeyRefusedError(ValueError):
    """An answer that no key of this person gave to this question."""


@dataclass(frozen=True, slots=True)
class Question:
    """What the browser asks a key (JSON), and what the server keeps to check the answer."""

    options: str
    state: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Answer:
    """Which credential answered, and how often it says it has been used."""

    credential: bytes
    counter: int


def ask_new(*, user_id: bytes, username: str, name: str, known: Sequence[bytes]) -> Question:
    """Ask for a new credential; keys that hold one of `known` refuse."""
    options, state = _server().register_begin(
        PublicKeyCredentialUserEntity(id=user_id, name=username, display_name=name),
        credentials=_credentials(known),
        resident_key_requirement=ResidentKeyRequirement.DISCOURAGED,
        user_verification=UserVerificationRequirement.DISCOURAGED,
    )
    return Question(json.dumps(dict(options)["publicKey"]), state)


def check_new(state: Mapping[str, Any], answer: str) -> bytes:
    """The new credential as it is kept; raises KeyRefusedError."""
    try:
        made = _server().register_complete(state, json.loads(answer))
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise KeyRefusedError(str(error)) from error
    return bytes(made.credential_data or b"")


def ask(known: Sequence[bytes]) -> Question:
    """Ask any of the `known` credentials to prove itself."""
    options, state = _server().authenticate_begin(
        credentials=_credentials(known), user_verification=UserVerificationRequirement.DISCOURAGED
    )
    return Question(json.dumps(dict(options)["publicKey"]), state)


def check(state: Mapping[str, Any], known: Sequence[bytes], answer: str) -> Answer:
    """Which of the `known` credentials answered; raises KeyRefusedError."""
    try:
        given = AuthenticationResponse.from_dict(json.loads(answer))
        credential = _server().authenticate_complete(state, _credentials(known), given)
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise KeyRefusedError(str(error)) from error
    return Answer(bytes(credential), given.response.authenticator_data.counter)


def _credentials(known: Sequence[bytes]) -> list[AttestedCredentialData]:
    return [AttestedCredentialData(credential) for credential in known]


def _server() -> Fido2Server:
    """Answers count for the address under which people reach the pages, and no other."""
    base = settings.ENVIRONMENT.base_url
    place = PublicKeyCredentialRpEntity(id=urlsplit(base).hostname or "", name="Plateward")
    return Fido2Server(place, verify_origin=lambda origin: origin == base)
