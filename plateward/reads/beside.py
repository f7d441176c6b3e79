"""What other subjects say beside a read on its page: the holds on it, the way into a package.

They lie above the reads, so they register here instead of being asked.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from plateward.governance.actor import Actor
from plateward.reads.models import Read


@dataclass(frozen=True, slots=True)
class Line:
    """A line beside a read: its words, where they lead, and whether that is an act to be taken."""

    text: str
    url: str
    is_act: bool = False


Teller = Callable[[Actor, Read], Iterable[Line]]
_tellers: list[Teller] = []


def register(teller: Teller) -> None:
    """Have `teller` asked on the page of every read; once, however often it registers."""
    if teller not in _tellers:
        _tellers.append(teller)


def beside(actor: Actor, read: Read) -> list[Line]:
    """Every line beside the read that this person may see."""
    return [line for teller in _tellers for line in teller(actor, read)]
