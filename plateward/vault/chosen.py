"""Which master keys an installation has, by its settings."""

from pathlib import Path
from typing import Protocol

from plateward.vault.masters import CommandMasters, GivenMasters, KeptMasters, Masters, MovedMasters


class Settings(Protocol):
    """What the environment says of master keys."""

    @property
    def master_key_file(self) -> Path: ...

    @property
    def master_key_command(self) -> tuple[str, ...] | None: ...

    @property
    def given_master_key(self) -> str | None: ...


def masters_of(settings: Settings) -> Masters:
    """A KMS's, those given, or those kept in the data folder."""
    kept = KeptMasters(settings.master_key_file)
    given: Masters
    if settings.master_key_command:
        given = CommandMasters(settings.master_key_command)
    elif settings.given_master_key:
        given = GivenMasters(settings.given_master_key)
    else:
        return kept
    return MovedMasters(given, kept) if kept.path.exists() else given
