"""Who acts: the person or the part of the system named in every journal row."""

from dataclasses import dataclass
from typing import Final, Self


@dataclass(frozen=True, slots=True)
class Who:
    """The name a journal row carries; copied, so that the row outlives the account.

    `address` is the network address the act came from, empty for the system itself. `capacity` says for whom
    a delegate acts, `emergency` is the id of the emergency access under which somebody acts, `token` that of
    the API token with which a program asks for them, `unit` the unit in a car on which it was done, and which
    sent it in later.
    """

    username: str
    name: str
    title: str
    organization: str
    address: str = ""
    capacity: str = ""
    emergency: str = ""
    token: str = ""
    unit: str = ""

    @property
    def marks(self) -> dict[str, str]:
        """What every row of this act carries beside its own details."""
        marks = {
            "capacity": self.capacity,
            "emergency": self.emergency,
            "token": self.token,
            "unit": self.unit,
        }
        return {name: value for name, value in marks.items() if value}

    @classmethod
    def system(cls, part: str) -> Self:
        """Name a part of the system acting by the clock or by a device's payload."""
        return cls(username=f"system:{part}", name="Plateward", title="", organization="")


CLOCK: Final = Who.system("clock")
"""What acts by itself, each minute, hour or day."""
