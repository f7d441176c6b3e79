"""Makers' formats. Reads lie above devices in the order of imports, so they register what they understand."""

from collections.abc import Iterable

from plateward.devices.ways import Format

_known: dict[str, Format] = {}


def register(formats: Iterable[Format]) -> None:
    """Name every format there is; called once, when the apps are ready."""
    _known.clear()
    _known.update((one.id, one) for one in formats)


def formats() -> list[Format]:
    """Every format by its maker's name."""
    return sorted(_known.values(), key=lambda one: one.maker)


def format_of(name: str) -> Format | None:
    """The format of this id; None for none."""
    return _known.get(name)
