"""What a watch pattern says of the vehicle beside its partial plate, and how a read satisfies it.

A read fits unless it says something else: what its camera did not recognize rules nothing out, and the
explanation of the alert says so. Many cameras tell no color or make, and a vehicle missed for that is worse
than one looked at in vain (B-466.4(c), H-426.3(c)).
"""

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass

from plateward.plates import color_word

LONGEST = 40
"""Characters of one fact about a vehicle."""


@dataclass(frozen=True, slots=True)
class VehicleFilter:
    """The vehicle looked for, each fact "" where unknown.

    Color, make and type are words of the reader's vocabulary, of which a part suffices: "toyota" fits "Toyota
    Camry". `region` is the ISO 3166-2 code of the state that a plate must not contradict.
    """

    color: str = ""
    make: str = ""
    type: str = ""
    region: str = ""

    def __bool__(self) -> bool:
        return any(asdict(self).values())

    @property
    def words(self) -> str:
        """The facts in words: "white, Toyota, US-CA only"."""
        state = f"{self.region} only" if self.region else ""
        return ", ".join(filter(None, (self.color, self.make, self.type, state)))

    def fits(self, vehicle: Mapping[str, object], region: str) -> bool:
        """Whether nothing that was read of a vehicle and of its plate's state contradicts this."""
        return not any(_differs(wanted, read) for _, wanted, read in self._beside(vehicle, region))

    def explain(self, vehicle: Mapping[str, object], region: str) -> str:
        """How a read that fits stands to each fact: "color white as wanted; make not read"."""
        told = (
            f"{name} {read} as wanted" if read else f"{name} not read"
            for name, wanted, read in self._beside(vehicle, region)
            if wanted
        )
        return "; ".join(told)

    def _beside(self, vehicle: Mapping[str, object], region: str) -> Iterator[tuple[str, str, str]]:
        yield "color", color_word(self.color), color_word(str(vehicle.get("color") or "")[:LONGEST])
        for name in ("make", "type"):
            yield name, getattr(self, name), str(vehicle.get(name) or "")[:LONGEST]
        yield "state", self.region, region


def _differs(wanted: str, read: str) -> bool:
    return bool(wanted and read) and wanted.casefold() not in read.casefold()
