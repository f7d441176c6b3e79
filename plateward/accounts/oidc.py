"""OpenID Connect as the relying party: the authorization code flow with PKCE, and what is believed of it.

Sources: OpenID Connect Core 1.0 and Discovery 1.0, RFC 6749, RFC 7636 (PKCE), RFC 9207 (answer with issuer).
Signatures and claims are checked by joserfc; RS256 and ES256 count and nothing else, never `none`.
"""

import base64
import hashlib
import hmac
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from http import HTTPStatus
from typing import Any
from urllib.parse import quote_plus, urlencode

import httpx
import msgspec
from django.core.cache import cache
from joserfc import jwt
from joserfc.errors import BadSignatureError, InvalidKeyIdError, JoseError
from joserfc.jwk import KeySet
from joserfc.jwt import JWTClaimsRegistry

from plateward.accounts.providers import Provider, is_safe

ALGORITHMS = ("RS256", "ES256")
PATIENCE_S = 5.0
KEPT_S = 3600
"""So long what a provider says about itself, and its keys, are kept."""

KEYS_AGAIN_S = 60
"""Unknown keys have the provider's asked for again this often at most."""

SKEW = timedelta(seconds=60)
"""So far the provider's clock may be off ours."""

SUBJECT_LONGEST = 255  # characters, OpenID Connect Core section 2


class ProviderDownError(Exception):
    """The provider does not answer, or not as OpenID Connect says."""


class AnswerRefusedError(Exception):
    """What came back proves nothing; the message is for the journal."""


class Metadata(msgspec.Struct, frozen=True):
    """What we need of a provider's discovery document."""

    issuer: str
    authorization_endpoint: str
    token_endpoint: str
    jwks_uri: str
    token_endpoint_auth_methods_supported: tuple[str, ...] = ("client_secret_basic",)


@dataclass(frozen=True, slots=True)
class Question:
    """What one log-in is recognized by; it stays in the browser session until the answer comes."""

    state: str
    nonce: str
    verifier: str

    @classmethod
    def new(cls) -> "Question":
        """Fresh random values, 256 bits each."""
        return cls(*(secrets.token_urlsafe(32) for _ in range(3)))


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """What a provider vouches for: who it is, what they call themselves, and how they proved it."""

    subject: str
    account: str
    amr: tuple[str, ...]
    acr: str


def address_to_ask(provider: Provider, question: Question, back: str) -> str:
    """The provider's address that a browser is sent to; `back` is where it comes back to.

    Each time the person proves anew who they are: an open session over there opens nothing here.
    Raises ProviderDownError.
    """
    challenge = base64.urlsafe_b64encode(hashlib.sha256(question.verifier.encode()).digest()).rstrip(b"=")
    asked = {
        "response_type": "code",
        "scope": "openid profile",
        "client_id": provider.client_id,
        "redirect_uri": back,
        "state": question.state,
        "nonce": question.nonce,
        "code_challenge": challenge.decode(),
        "code_challenge_method": "S256",
        "prompt": "login",
        "max_age": "0",
    }
    if provider.factor_acr:
        asked["acr_values"] = " ".join(provider.factor_acr)
    endpoint = _metadata(provider).authorization_endpoint
    return f"{endpoint}{'&' if '?' in endpoint else '?'}{urlencode(asked)}"


def said(
    provider: Provider,
    question: Question,
    answer: Mapping[str, str],
    *,
    back: str,
    asked_at: datetime,
    now: datetime,
) -> Said:
    """Whom the provider's answer proves; raises AnswerRefusedError and ProviderDownError."""
    if not hmac.compare_digest(answer.get("state", "").encode(), question.state.encode()):
        raise AnswerRefusedError("wrong state")
    if answer.get("iss", provider.issuer) != provider.issuer:
        raise AnswerRefusedError("answer of another issuer")
    if "error" in answer:
        raise AnswerRefusedError(f"the provider said {answer['error'][:60]}")
    token = _redeem(provider, answer.get("code", ""), question.verifier, back)
    return _believed(provider, _claims(provider, token), question.nonce, asked_at, now)


def _redeem(provider: Provider, code: str, verifier: str, back: str) -> str:
    """The ID token for a code."""
    metadata = _metadata(provider)
    form = {"grant_type": "authorization_code", "code": code, "redirect_uri": back, "code_verifier": verifier}
    headers = {"Accept": "application/json"}
    if "client_secret_basic" in metadata.token_endpoint_auth_methods_supported:
        pair = f"{quote_plus(provider.client_id)}:{quote_plus(provider.client_secret)}"
        headers["Authorization"] = f"Basic {base64.b64encode(pair.encode()).decode()}"
    else:
        form |= {"client_id": provider.client_id, "client_secret": provider.client_secret}
    given = _json(_ask("POST", metadata.token_endpoint, data=form, headers=headers))
    if "error" in given:
        raise AnswerRefusedError(f"the provider said {str(given['error'])[:60]}")
    if not isinstance(token := given.get("id_token"), str):
        raise AnswerRefusedError("no ID token")
    return token


def _claims(provider: Provider, token: str) -> dict[str, Any]:
    """The claims under a signature of the provider's; keys changed lately are asked for once more."""
    try:
        return _verified(provider, token)
    except (InvalidKeyIdError, BadSignatureError):
        if cache.add(f"oidc-again:{provider.issuer}", value=True, timeout=KEYS_AGAIN_S):
            cache.delete(f"oidc-keys:{provider.issuer}")
    except (JoseError, ValueError) as error:
        raise AnswerRefusedError(f"token refused: {_short(error)}") from error
    try:
        return _verified(provider, token)
    except (JoseError, ValueError) as error:
        raise AnswerRefusedError(f"token refused: {_short(error)}") from error


def _verified(provider: Provider, token: str) -> dict[str, Any]:
    keys = KeySet.import_key_set({"keys": _signing_keys(provider)})
    return jwt.decode(token, keys, algorithms=ALGORITHMS).claims


def _believed(
    provider: Provider, claims: dict[str, Any], nonce: str, asked_at: datetime, now: datetime
) -> Said:
    registry = JWTClaimsRegistry(
        now=int(now.timestamp()),
        leeway=int(SKEW.total_seconds()),
        iss={"essential": True, "value": provider.issuer},
        aud={"essential": True, "value": provider.client_id},
        sub={"essential": True},
        exp={"essential": True},
        iat={"essential": True},
        nonce={"essential": True, "value": nonce},
        auth_time={"essential": True},
    )
    try:
        registry.validate(claims)
    except JoseError as error:
        raise AnswerRefusedError(f"token refused: {_short(error)}") from error
    if problem := _problem(provider, claims, asked_at):
        raise AnswerRefusedError(f"token refused: {problem}")
    amr = claims.get("amr")
    return Said(
        subject=claims["sub"],
        account=str(claims.get("preferred_username", ""))[:100],
        amr=tuple(value for value in amr if isinstance(value, str)) if isinstance(amr, list) else (),
        acr=str(claims.get("acr", "")),
    )


def _problem(provider: Provider, claims: Mapping[str, Any], asked_at: datetime) -> str:
    """What joserfc leaves to us: whom it is for, when it was proved, the subject's form."""
    ours = provider.client_id
    if claims["aud"] not in (ours, [ours]) or claims.get("azp", ours) != ours:
        return "made for another party"
    if not 0 < len(claims["sub"]) <= SUBJECT_LONGEST:
        return "a subject that is none"
    proved = claims["auth_time"]
    if isinstance(proved, bool) or not isinstance(proved, int | float):
        return "a time of the log-in that is none"
    earliest = (asked_at - SKEW).timestamp()
    if not (proved >= earliest and claims["iat"] >= earliest):
        return "the person did not prove anew who they are"
    return ""


def _short(error: Exception) -> str:
    return str(error)[:120]


def _metadata(provider: Provider) -> Metadata:
    """The provider's discovery document, kept for an hour."""
    key = f"oidc-about:{provider.issuer}"
    if (kept := cache.get(key)) is not None:
        return msgspec.convert(kept, Metadata)
    address = f"{provider.issuer.rstrip('/')}/.well-known/openid-configuration"
    found = _json(_ask("GET", address))
    try:
        about = msgspec.convert(found, Metadata)
    except msgspec.ValidationError as error:
        raise ProviderDownError(f"{address} is no discovery document: {error}") from error
    if about.issuer != provider.issuer:
        raise ProviderDownError(f"{address} is of another issuer: {about.issuer[:200]}")
    if not all(map(is_safe, (about.authorization_endpoint, about.token_endpoint, about.jwks_uri))):
        raise ProviderDownError(f"{address} names addresses that are not https")
    cache.set(key, found, KEPT_S)
    return about


def _signing_keys(provider: Provider) -> list[dict[str, Any]]:
    """The provider's keys that may sign tokens, kept for an hour."""
    key = f"oidc-keys:{provider.issuer}"
    if (kept := cache.get(key)) is not None:
        return list(kept)
    published = _json(_ask("GET", _metadata(provider).jwks_uri)).get("keys")
    found = [
        one
        for one in (published if isinstance(published, list) else [])
        if isinstance(one, dict) and one.get("kty") in {"RSA", "EC"} and one.get("use", "sig") == "sig"
    ]
    if not found:
        raise ProviderDownError("the provider publishes no keys that sign")
    cache.set(key, found, KEPT_S)
    return found


def _ask(method: str, url: str, **given: Any) -> httpx.Response:
    try:
        with httpx.Client(timeout=PATIENCE_S, follow_redirects=False) as client:
            answer = client.request(method, url, **given)
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        raise ProviderDownError(f"{url} does not answer: {error}") from error
    if answer.status_code not in {HTTPStatus.OK, HTTPStatus.BAD_REQUEST, HTTPStatus.UNAUTHORIZED}:
        raise ProviderDownError(f"{url} answers {answer.status_code}")
    return answer


def _json(answer: httpx.Response) -> dict[str, Any]:
    try:
        found = answer.json()
    except ValueError as error:
        raise ProviderDownError(f"{answer.url} does not answer in JSON") from error
    if not isinstance(found, dict):
        raise ProviderDownError(f"{answer.url} does not answer with an object")
    return found
