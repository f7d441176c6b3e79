"""The monitoring plan: who looks through the records of access, how often, and what catches their eye.

Source: Civil Code 1798.90.51(b)(2)(C) through B-466.3.1(c), H-426.2.1(c); CJIS Security Policy v6.0 AU-6.
"""

from enum import StrEnum

from plateward.policy.parameters import Param, Part, Period


class ReviewFlag(StrEnum):
    """A sign that an access deserves a second look (requirement R120); never a finding by itself."""

    OFF_HOURS = "OFF_HOURS"  # outside the person's own usual hours
    VOLUME = "VOLUME"  # far more than their own past and their peers
    REPEATED_PLATE = "REPEATED_PLATE"  # one plate again and again, without a case
    KNOWN_PLATE = "KNOWN_PLATE"  # their own plate, or one that a colleague entered as theirs
    POOR_REASON = "POOR_REASON"  # says nothing
    PASTED_REASON = "PASTED_REASON"  # the same words for many searches
    NO_CASE = "NO_CASE"  # where others name one for this purpose
    SEPARATION = "SEPARATION"  # before or after leaving, or while suspended
    PROHIBITED_TERM = "PROHIBITED_TERM"  # went on although the reason was flagged
    REFUSALS = "REFUSALS"  # one refusal after the other


class FlagRule(Part, frozen=True):
    """A flag in use, and from how many accesses (or refusals) of one person in one review on it is raised."""

    flag: ReviewFlag
    at_least: int


class MonitoringRules(Part, frozen=True):
    """The regular review of access records.

    `reviewer` is a position; what concerns its holder, or somebody above, goes to the next in `next_in_line`,
    whose order is upwards. `compared_with` is how far back a person's own habits are taken from.
    """

    every: Param[Period]
    reviewer: Param[str]
    next_in_line: Param[tuple[str, ...]]
    done_within: Param[Period]
    compared_with: Param[Period]
    flags: Param[tuple[FlagRule, ...]]
    sample_size: Param[int]
