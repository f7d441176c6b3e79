"""Becoming a device of the register: a one-time code from the device's page against a key."""

import socket

from plateward.edge.agent import forget_agency, program_version
from plateward.edge.belief import Belief
from plateward.edge.clock import Clock
from plateward.edge.identity import Identities, Identity, Whose
from plateward.edge.journal import Journal
from plateward.edge.keys import UnitKey
from plateward.edge.link import Link, Unwilling
from plateward.edge.settings import Settings, is_sealed_way
from plateward.edge.spool import Spool
from plateward.edge.store import Store
from plateward.edge.talking import CONFIGURATION
from plateward.unitwire import codes
from plateward.unitwire.calls import Enrolled


class CodeError(ValueError):
    """What was typed is no enrollment code."""


def checked_code(typed: str) -> str:
    """The code as it was meant. Raises CodeError."""
    if code := codes.enrollment_code(typed):
        return code
    raise CodeError(
        f"A code has {codes.ENROLLMENT_LENGTH} letters and digits, such as 7K3M-9QXA-00TE. Read it again "
        "from the device's page, or make a fresh one there: it is good for fifteen minutes."
    )


def enroll(settings: Settings, typed: str) -> Identity:
    """Show the code to the server and be that device from now on; makes the unit's key where there is none.

    What waits stays and is sent as that device, if it is one of the same agency; the list and what came of
    it are another device's and go. The store of another agency is set aside whole: nobody else is given its
    reads (B-466.7). Raises CodeError, UnitKeyError, StoreError, Away, Unwilling.
    """
    code = checked_code(typed)
    key = UnitKey.read(settings.key_file) if settings.key_file.exists() else UnitKey.made(settings.key_file)
    store = Store(settings.data, key, reserve=settings.reserve)
    link = Link(settings.server, version=program_version(), ca_file=settings.ca_file)
    try:
        enrolled = link.enroll(code, socket.gethostname())
        _check_way(enrolled)
        before = Identities(store).whose()
        if before is not None and before.agency != enrolled.agency:
            _check_empty(store, before.agency, enrolled.agency)
            store.set_aside(before.agency)
            store = Store(settings.data, key, reserve=settings.reserve)
        identity = _become(store, link, enrolled, is_another=before != _whose(enrolled))
    finally:
        link.close()
        store.close()
    return identity


def _check_empty(store: Store, before: str, after: str) -> None:
    """Nobody else is given an agency's reads, and none is kept where no command sends it."""
    standing = Spool(store, stop_below=0).standing()
    if waiting := standing.waiting + standing.refused:
        raise Unwilling(
            f"The code is one of {after}, and {waiting} reads of {before} wait on this unit. Enroll it there "
            f"and let it send them; or keep the folder {store.folder} with its key and give the unit another "
            "one. Then make a fresh code."
        )
    if not store.claim():
        raise Unwilling(
            "The unit runs: stop it first (systemctl stop plateward-edge). Then make a fresh code."
        )


def _become(store: Store, link: Link, enrolled: Enrolled, *, is_another: bool) -> Identity:
    identities = Identities(store)
    with store.transaction():
        if is_another:
            forget_agency(store)
            store.forget(CONFIGURATION)
        identity = identities.take(enrolled)
        Belief(store, identities, link).begin_anew()
        Journal(store, Clock()).write("unit.enrolled", f"device:{identity.device_id}")
    store.scrub()
    return identity


def _whose(enrolled: Enrolled) -> Whose:
    return Whose(agency=enrolled.agency, device_id=enrolled.device_id)


def _check_way(enrolled: Enrolled) -> None:
    if not is_sealed_way(enrolled.receiver):
        raise Unwilling(
            f"The server names a receiver without TLS, {enrolled.receiver}: reads and the key would go over "
            "the network in clear. Have PLATEWARD_RECEIVER_URL set to an https:// address there; then enroll "
            "anew."
        )
