"""The main navigation. Subjects register their own entry in `AppConfig.ready`, so no list knows them all."""

from dataclasses import dataclass
from enum import StrEnum


class Group(StrEnum):
    """What folds entries together under one button, so that the menu stays one row."""

    OVERSIGHT = "Oversight"
    AGENCY = "Agency"
    MINE = "Mine"


@dataclass(frozen=True, slots=True)
class NavigationItem:
    """One entry: shown to actors who hold `capability`, or any of several, lowest `order` first.

    None shows it to anybody logged in.

    Partners, people of other organizations, see those that are theirs, and nobody else sees these.

    `also` are the beginnings of further addresses that belong to its section. Entries of one `group` stand
    together, where the first of them would.
    """

    label: str
    url_name: str
    capability: str | tuple[str, ...] | None
    order: int
    also: tuple[str, ...] = ()
    group: Group | None = None
    is_partners: bool = False

    @property
    def opened_by(self) -> tuple[str, ...]:
        """The capabilities of which one suffices; none are needed where there are none."""
        return (self.capability,) if isinstance(self.capability, str) else self.capability or ()


_items: dict[tuple[str, bool], NavigationItem] = {}


def register(item: NavigationItem) -> None:
    """Add an entry; registering the same URL name again replaces it."""
    _items[item.url_name, item.is_partners] = item


def items() -> list[NavigationItem]:
    """Every registered entry in the order of the menu."""
    return sorted(_items.values(), key=lambda item: (item.order, item.label))
