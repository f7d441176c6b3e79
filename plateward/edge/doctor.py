"""What is wrong with a unit, and what to do: cameras, disc, keys, clock, server, models."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from datetime import timedelta
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Final

from plateward.edge.agent import Unit
from plateward.edge.identity import Identity
from plateward.edge.link import Away, Revoked, Unwilling
from plateward.edge.listing import Freshness, state_of
from plateward.edge.settings import SourceSettings
from plateward.edge.sources import SourceError, address_of
from plateward.edge.thinning import Level
from plateward.findings import Finding, State
from plateward.recognition.sources import Frame, frames

SKEW: Final = timedelta(seconds=5)
"""So far off, a time in a read says little about where a car was."""
_CAMERA_S: Final = 20.0


def examine(unit: Unit) -> Iterator[Finding]:
    """Everything that a unit needs, one finding after the other. It changes nothing on the server's side."""
    yield _key(unit.settings.key_file)
    yield _room(unit)
    yield from map(_source, unit.settings.sources)
    yield _models()
    who = unit.identities.now()
    if who is None:
        yield _not_enrolled(unit)
    else:
        yield from _server(unit, who)
    yield _list(unit)
    yield _waiting(unit)


def _key(path: Path) -> Finding:
    """That it opened is shown by being here; who else may read it is not."""
    if path.stat().st_dev == Path("/").stat().st_dev and "CREDENTIALS_DIRECTORY" not in os.environ:
        return Finding("Key", State.FINE, f"{path} opens the spool; keep a copy of it in another place.")
    return Finding("Key", State.FINE, f"{path} opens the spool.")


def _room(unit: Unit) -> Finding:
    standing = unit.spool.standing()
    room, used = f"{standing.room / 1e9:.1f} GB", f"{standing.size / 1e6:.0f} MB"
    found = f"{room} are free in {unit.settings.data}, {used} are used"
    if standing.level in {Level.STOP, Level.READS_ONLY}:
        return Finding("Disc", State.WRONG, found, "Free the disc: too little is left to capture.")
    thin = unit.spool.thin_below
    rule = (
        f"below {thin / 1e9:.1f} GB the oldest pictures without hit go" if thin else "no picture is given up"
    )
    return Finding("Disc", State.FINE, f"{found}; {rule}.")


def _source(source: SourceSettings) -> Finding:
    name, is_there = f"Source {source.name}", Path(source.place).exists
    if source.kind == "folder":
        return _place(name, source.place, is_there, "Make the folder, or connect what holds it.")
    if source.kind == "video":
        return _place(name, source.place, is_there, "Copy the video there.")
    try:
        for item in frames(address_of(source), 0.0, _CAMERA_S):
            if isinstance(item, Frame):
                height, width = item.picture.shape[:2]
                return Finding(name, State.FINE, f"It sends pictures of {width}×{height}.")
            return Finding(name, State.WRONG, item.reason, "Then run this check again.")
    except SourceError as error:
        return Finding(name, State.WRONG, str(error), "Write the camera's password into that file.")
    return Finding(name, State.WRONG, "It sent no picture.", "Check the camera, its cable and its stream.")


def _place(name: str, place: str, is_there: Callable[[], bool], remedy: str) -> Finding:
    if is_there():
        return Finding(name, State.FINE, f"{place} is there.")
    return Finding(name, State.WRONG, f"{place} is not there.", remedy)


def _models() -> Finding:
    from plateward.recognition import ModelProblem, Recognizer  # noqa: PLC0415  loading takes seconds

    try:
        Recognizer.default()
    except ModelProblem as problem:
        return Finding("Recognition", State.WRONG, str(problem), "Install the locked requirements.")
    return Finding("Recognition", State.FINE, "The networks load.")


def _not_enrolled(unit: Unit) -> Finding:
    revoked = unit.identities.revocation()
    found = f"The server disabled this unit on {revoked.at:%Y-%m-%d}: {revoked.told}" if revoked else (
        "This unit is no device of the register yet."
    )  # fmt: skip
    remedy = "Make a code on the device's page and run `plateward edge enroll CODE`."
    return Finding("Enrollment", State.WRONG, found, remedy)


def _server(unit: Unit, who: Identity) -> Iterator[Finding]:
    sent = unit.clock.steady()
    try:
        answer = unit.link.get("configuration", who)
    except Away as away:
        yield Finding("Server", State.NOTE, str(away), "What is read waits here until the server answers.")
        return
    except (Revoked, Unwilling) as refusal:
        yield Finding(
            "Server", State.WRONG, str(refusal), "See the device's page; enroll the unit anew if need be."
        )
        return
    if date := answer.headers.get("Date"):
        unit.clock.heard(parsedate_to_datetime(date), sent, unit.clock.steady())
    yield Finding("Server", State.FINE, f"{unit.settings.server} knows this unit as {who.device}.")
    offset = timedelta(seconds=unit.clock.offset_s() or 0.0)
    if abs(offset) > SKEW:
        side = "behind" if offset > SKEW else "ahead of"
        told = f"The unit's clock is {abs(offset.total_seconds()):.0f} s {side} the server's."
        yield Finding("Clock", State.WRONG, told, "Let the system set it, by chrony or a GPS receiver.")
    else:
        yield Finding(
            "Clock", State.FINE, f"It differs from the server's by {abs(offset.total_seconds()):.1f} s."
        )


def _list(unit: Unit) -> Finding:
    listed = state_of(unit.listing.head, unit.state.snapshot().configuration, unit.clock.true_now())
    if listed.as_of is None:
        return Finding("List", State.NOTE, listed.told)
    found = (
        f"{unit.listing.count()} entries as of {listed.as_of:%Y-%m-%d %H:%M} UTC, {listed.freshness.lower()}."
    )
    state = State.WRONG if listed.freshness is Freshness.STALE else State.FINE
    return Finding("List", state, found, listed.told)


def _waiting(unit: Unit) -> Finding:
    standing = unit.spool.standing()
    if standing.refused:
        told = (
            f"The server refused {standing.refused} reads; they are kept, and sent again at the next start."
        )
        return Finding("Spool", State.WRONG, told, "Tell the IT manager if they are refused again.")
    oldest = f", the oldest of {standing.oldest_at:%Y-%m-%d %H:%M} UTC" if standing.oldest_at else ""
    return Finding("Spool", State.FINE, f"{standing.waiting} reads wait{oldest}.")
