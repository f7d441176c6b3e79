"""Codes of authenticator apps, recovery codes, and how the apps' secrets are sealed in the database."""

import base64
import secrets

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA1, SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.twofactor.hotp import HOTP
from cryptography.hazmat.primitives.twofactor.totp import TOTP
from django.conf import settings
from django.contrib.auth.hashers import PBKDF2PasswordHasher

from plateward.accounts.factor_rules import CODE_DIGITS, CODE_LASTS_S, RECOVERY_CODES

UNMISTAKABLE = "abcdefghjkmnpqrstuvwxyz23456789"
"""Letters and digits that nobody confuses when something is read out or copied by hand."""

SECRET_BYTES = 20  # RFC 4226: as long as the hash of HMAC-SHA-1, which every app computes
NONCE_BYTES = 12
PURPOSE = b"plateward: secrets of authenticator apps, 1"


class UnreadableSecretError(ValueError):
    """A sealed secret that this installation's secret key does not open."""


def new_secret() -> bytes:
    """The secret of a new authenticator app."""
    return secrets.token_bytes(SECRET_BYTES)


def code_at(secret: bytes, step: int) -> str:
    """The code that an app with this secret shows in a time step (RFC 6238, HMAC-SHA-1, 30 s)."""
    return HOTP(secret, CODE_DIGITS, SHA1()).generate(step).decode()  # noqa: S303  RFC 6238's; as a MAC it is sound


def typed(secret: bytes) -> str:
    """The secret for typing into an app: Base32 in groups of four."""
    letters = base64.b32encode(secret).decode()
    return " ".join(letters[start : start + 4] for start in range(0, len(letters), 4))


def app_address(secret: bytes, *, account: str, issuer: str) -> str:
    """The otpauth address that a QR code hands to an app."""
    return TOTP(secret, CODE_DIGITS, SHA1(), CODE_LASTS_S).get_provisioning_uri(account, issuer)  # noqa: S303  see code_at


def seal(secret: bytes, owner: str) -> bytes:
    """Encrypt a secret with AES-256-GCM for its owner: nonce, then ciphertext; it opens for nobody else."""
    nonce = secrets.token_bytes(NONCE_BYTES)
    return nonce + AESGCM(_key()).encrypt(nonce, secret, owner.encode())


def unseal(sealed: bytes, owner: str) -> bytes:
    """Open what `seal` closed; raises UnreadableSecretError."""
    try:
        return AESGCM(_key()).decrypt(sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], owner.encode())
    except InvalidTag as error:
        raise UnreadableSecretError("This secret was sealed with another secret key.") from error


def _key() -> bytes:
    return HKDF(algorithm=SHA256(), length=32, salt=None, info=PURPOSE).derive(settings.SECRET_KEY.encode())


def new_recovery_codes() -> list[str]:
    """A set of recovery codes of 50 bits each, such as `k7m2q-x9d4w`."""
    return ["-".join(_letters(5) for _ in range(2)) for _ in range(RECOVERY_CODES)]


def new_one_time_password() -> str:
    """A password of about 99 bits that is handed over in person."""
    return "-".join(_letters(5) for _ in range(4))


def _letters(count: int) -> str:
    return "".join(secrets.choice(UNMISTAKABLE) for _ in range(count))


def digests(codes: list[str]) -> list[str]:
    """Salted PBKDF2-HMAC-SHA256 of each code (CJIS IA-5), one salt for the set: checking costs one."""
    hasher = PBKDF2PasswordHasher()
    salt = hasher.salt()
    return [hasher.encode(plain(code), salt) for code in codes]


def digest_like(code: str, known: str) -> str:
    """The digest of a code under the salt and iterations of a known digest of its set."""
    hasher = PBKDF2PasswordHasher()
    parts = hasher.decode(known)
    return hasher.encode(plain(code), str(parts["salt"]), int(parts["iterations"]))


def plain(code: str) -> str:
    """A recovery code as it is hashed, however it was typed: small letters, without hyphens and spaces."""
    return "".join(letter for letter in code.casefold() if letter.isalnum())
