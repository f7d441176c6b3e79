"""What a hold may cover though nobody could read it: payloads that never became a read (B-466.5¶2, R84)."""

from typing import Final

from plateward.evidence.hold_rules import BLOCKING

_STATES: Final = ", ".join(f"'{state.value}'" for state in sorted(BLOCKING))
# A camera's clock may be ahead by a day; how late a payload came nobody knows, so no end of a time counts.
_BEGUN: Final = "coalesce({times}.from_at, '-infinity') <= {alias}.received_at + interval '1 day'"


def may_be_held_condition(alias: str) -> str:
    """SQL that is true of a row of `reads_inboxitem` under `alias` that a blocking hold may cover.

    Whatever was captured lies before its receipt, and may be of any plate: a hold of a plate, of a time of
    its camera, or of a case with a canvass keeps what came after the time held began. Rather a payload more.
    A hold of a read keeps none, since no read is in it. Raises ValueError for an alias that is no plain name.
    """
    if not alias.isidentifier() or alias.startswith("held_"):
        raise ValueError(f"{alias!r} is no plain name for a table")
    scoped = _BEGUN.format(times="held_scope", alias=alias)
    canvassed = _BEGUN.format(times="held_canvass", alias=alias)
    return f"""EXISTS (
    SELECT FROM evidence_holdscope AS held_scope
    JOIN evidence_hold AS held_by ON held_by.id = held_scope.hold_id
    WHERE held_by.state IN ({_STATES}) AND held_scope.agency_id = {alias}.agency_id AND (
        held_scope.kind = 'PLATE' AND {scoped}
        OR held_scope.kind = 'CAMERA_WINDOW' AND held_scope.device_id = {alias}.device_id AND {scoped}
        OR held_scope.kind = 'CASE' AND EXISTS (
            SELECT FROM search_canvass AS held_canvass
            WHERE held_canvass.agency_id = held_scope.agency_id AND held_canvass.reference <> ''
              AND upper(held_canvass.reference) = upper(held_scope.reference) AND {canvassed})
    ))"""  # noqa: S608  our own constants and checked names
