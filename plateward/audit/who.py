"""Who acts: the person or the part of the system named in every journal row."""

from dataclasses import dataclass
from typing import Self


@dataclass(frozen=True, slots=True)
class Who:
    """The name a journal row carries; copied, so that the row outlives the account.

    `address` is the network address the act came from, empty for the system itself. `capacity` says for whom
    a delegate acts.
    """

    username: str
    name: str
    title: str
    organization: str
    address: str = ""
    capacity: str = ""

    @classmethod
    def system(cls, part: str) -> Self:
        """Name a part of the system acting by the clock or by a device's payload."""
        return cls(username=f"system:{part}", name="Plateward", title="", organization="")
