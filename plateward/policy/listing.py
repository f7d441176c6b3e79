"""Lists that others keep, and the categories of what stands on them."""

from enum import StrEnum

from plateward.policy.parameters import Param, Part, Period


class HotlistSource(Part, frozen=True):
    """A list others keep; it stops matching `current_for` after it was last received from its source.

    `shrinks_most`, in percent, is how much of what stands may end at once before somebody has to say that it
    is right. Where `delta_refreshes` is not settled, additions and removals leave the list's time as it is.
    """

    name: str
    used: Param[bool]
    owner: Param[str]
    legal_basis: Param[str]
    received_every: Param[Period]
    current_for: Param[Period]
    shrinks_most: Param[int]
    delta_refreshes: Param[bool]


class CategoryPriority(StrEnum):
    """In which order alerts of categories are worked."""

    HIGH = "HIGH"
    NORMAL = "NORMAL"
    LOW = "LOW"

    @property
    def rank(self) -> int:
        """Smaller comes first."""
        return list(CategoryPriority).index(self)


class CategoryPermits(StrEnum):
    """What an alert of a category is for."""

    VERIFIED_STOP = "VERIFIED_STOP"  # enforcement action, once the alert is verified
    INFORMATION = "INFORMATION"  # to know of; no stop because of it


class HotlistCategory(Part, frozen=True):
    """A kind of entries on lists of others, such as one of NCIC's files; `codes` are sources' words for it.

    `matched` false: nobody switches it on. True: on unless somebody switched it off. Not settled: off until
    somebody switches it on. `forbidden_by` names the statute by which its entries are not even kept. Detail
    of an entry takes the authorization for data of the origin `detail_needs`, beside that of its own.
    """

    name: str
    matched: Param[bool]
    priority: Param[CategoryPriority]
    permits: Param[CategoryPermits]
    detail_needs: Param[str]
    codes: tuple[str, ...] = ()
    forbidden_by: str = ""
