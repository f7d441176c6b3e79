"""Master keys for devices' secrets. Reads lie above devices in the order of imports and register them."""

from collections.abc import Callable

from plateward.vault.masters import Masters

_sources: list[Callable[[], Masters]] = []


def register(source: Callable[[], Masters]) -> None:
    """Name where master keys come from; called once, when the apps are ready."""
    _sources[:] = [source]


def masters_that_wrap() -> Masters:
    """The master keys, for wrapping in this transaction. Raises MasterKeyError."""
    return _sources[0]()
