"""Agencies' OpenID Connect providers, as the installation's TOML file states them.

One table per agency, named by its slug; `docs/howto/log-in-through-a-provider.md` explains each line.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from urllib.parse import urlsplit

import msgspec

LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Provider:
    """Where an agency's people prove who they are, and what of it counts.

    `factor_amr` and `factor_acr` are the values of the claims `amr` and `acr` that stand for a second factor
    (CJIS IA-2(1)); with none of them our own is asked. `passwords` says whether whoever has a linked identity
    may come in by password too.
    """

    agency: str
    name: str
    issuer: str
    client_id: str
    client_secret: str = field(repr=False)
    factor_amr: frozenset[str] = frozenset()
    factor_acr: tuple[str, ...] = ()
    passwords: bool = True

    def gives_factor(self, amr: Sequence[str], acr: str) -> bool:
        """Whether these claims of a log-in say that a second factor was given, by the agency's own words."""
        return not self.factor_amr.isdisjoint(amr) or acr in self.factor_acr


class _Table(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    name: str
    issuer: str
    client_id: str
    client_secret_file: str
    factor_amr: list[str] = []
    factor_acr: list[str] = []
    passwords: bool = True


def load(path: Path) -> Mapping[str, Provider]:
    """The providers by agency's slug; raises ValueError saying what is wrong, never with a secret in it."""
    try:
        tables = msgspec.toml.decode(path.read_bytes(), type=dict[str, _Table])
        return MappingProxyType({slug: _provider(slug, table, path.parent) for slug, table in tables.items()})
    except OSError as error:
        raise ValueError(f"{error.filename} cannot be read ({error.strerror})") from error
    except msgspec.DecodeError as error:
        raise ValueError(f"{path.name}: {error}") from error


def _provider(slug: str, table: _Table, folder: Path) -> Provider:
    if problem := _problem(table):
        raise ValueError(f"[{slug}]: {problem}")
    secret = (folder / Path(table.client_secret_file).expanduser()).read_text(encoding="utf-8").strip()
    if not secret:
        raise ValueError(f"[{slug}]: {table.client_secret_file} is empty")
    return Provider(
        agency=slug,
        name=table.name,
        issuer=table.issuer,
        client_id=table.client_id,
        client_secret=secret,
        factor_amr=frozenset(table.factor_amr),
        factor_acr=tuple(table.factor_acr),
        passwords=table.passwords,
    )


def _problem(table: _Table) -> str:
    if not (table.name.strip() and table.client_id.strip()):
        return "name and client_id must not be empty"
    if not is_safe(table.issuer) or urlsplit(table.issuer).query or urlsplit(table.issuer).fragment:
        return "issuer must be an https:// address without query, exactly as the provider writes it"
    if "" in (*table.factor_amr, *table.factor_acr):
        return "an empty value in factor_amr or factor_acr would let everybody in without a second factor"
    return ""


def is_safe(url: str) -> bool:
    """Whether what is sent there cannot be read on the way: https, or this machine itself."""
    parts = urlsplit(url)
    return bool(parts.hostname) and (
        parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in LOOPBACK)
    )
