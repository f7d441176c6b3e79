"""How long which data stay, as a policy and the layers beside it say (requirements R81–R94)."""

from enum import StrEnum

from plateward.policy.parameters import Param, Part, Period, Unit


class DataClass(StrEnum):
    """Kinds of data that can have limits of their own."""

    READS = "READS"
    IMAGES = "IMAGES"
    ALERTS = "ALERTS"
    HOTLISTS = "HOTLISTS"
    ACCESS_RECORDS = "ACCESS_RECORDS"
    AUDIT_PAPERS = "AUDIT_PAPERS"


class StageAction(StrEnum):
    LOGICAL_DELETION = "LOGICAL_DELETION"  # out of sight, but not destroyed yet
    PERMANENT_DELETION = "PERMANENT_DELETION"


class Stage(Part, frozen=True):
    """One step of a deletion in stages, counted from the capture of the data.

    `access_meanwhile` names the capabilities any of which lets a person still look the data up, on record,
    until the next stage; none lets nobody.
    """

    name: str
    action: StageAction
    after: Param[Period]
    access_meanwhile: Param[tuple[str, ...]]


class LayerLimits(Part, frozen=True):
    """What another layer, such as a statute or a vendor's contract, says about the same data."""

    floor: Param[Period]
    ceiling: Param[Period]


class RetentionRule(Part, frozen=True):
    """How long data of one source stay: not purged before `floor`, not kept past `ceiling`.

    `elsewhere` holds other layers' limits by layer id. Where they contradict, `prevailing_layer` names
    the layer that counts; while it is silent the contradiction is open and nothing is purged.
    """

    name: str
    source: str
    data_classes: tuple[DataClass, ...]
    floor: Param[Period]
    ceiling: Param[Period]
    schedule: Param[str]
    purged_by: Param[str]
    prevailing_layer: Param[str]
    stages: dict[str, Stage] = {}
    elsewhere: dict[str, LayerLimits] = {}
    legal_basis: str = ""


BY_THE_DAY = Period(3, Unit.DAYS)
"""Shorter ceilings than this cannot be kept to by purges of whole days, each night."""
SHORTEST_CEILING = Period(3, Unit.MINUTES)
"""A shorter one would be past before the clock, which looks each minute, has purged."""


def is_short_ceiling(ceiling: Period) -> bool:
    """Whether data are to be gone so soon that whole days of them would go too late."""
    return BY_THE_DAY.exceeds(ceiling)


class HoldReason(StrEnum):
    """Why data stay past their limit (requirement R84)."""

    EVIDENCE = "EVIDENCE"
    LIKELY_EVIDENCE = "LIKELY_EVIDENCE"
    DISCOVERY_REQUEST = "DISCOVERY_REQUEST"
    LAWFUL_DEMAND = "LAWFUL_DEMAND"
    PENDING_CLAIM = "PENDING_CLAIM"


class HoldRules(Part, frozen=True):
    """Why data may be held, and how often somebody confirms that the reason still stands.

    `reminders` are the days before a purge on which whoever asked for a hold is told that the data are not
    booked as evidence yet (R87). `portable_media` says whether what was held is booked as evidence on a disc
    or the like (R95); while it is silent a booking names any medium in words.
    """

    reasons: Param[tuple[HoldReason, ...]]
    reverify_every: Param[Period]
    reminders: Param[tuple[int, ...]]
    portable_media: Param[bool]


class RetentionRules(Part, frozen=True):
    """The rules by id, the holds, and how often the lengths themselves are looked at again (R11).

    The schedule takes effect once the positions of `agreed_by` have signed it. Without a `standing_authority`
    a person approves each purge. `backups_gone_after` is the stated lag after which no backup holds what was
    purged (R92).
    """

    rules: dict[str, RetentionRule]
    holds: HoldRules
    reviewed_every: Param[Period]
    agreed_by: Param[tuple[str, ...]]
    standing_authority: Param[bool]
    backups_gone_after: Param[Period]
