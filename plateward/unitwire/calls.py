"""What a unit asks of the server, and what it is answered beside documents."""

from typing import Annotated, Literal
from uuid import UUID

from msgspec import Meta, Struct

from plateward.unitwire.documents import Instant, Signed
from plateward.unitwire.journal import NO_NUL, Entry

LONGEST_BODY = 1024 * 1024
"""Bytes of a call's body, and at most of a journal's portion."""
ENTRIES_AT_ONCE = 500

Word = Annotated[str, Meta(max_length=100, pattern=NO_NUL)]
Count = Annotated[int, Meta(ge=0, le=2**53)]
SEQUENCE_DIGITS = 15
Sequence = Annotated[int, Meta(ge=1, lt=10**SEQUENCE_DIGITS)]


class Enroll(Struct, frozen=True, kw_only=True):
    """A unit shows the code from the device's page; `name` is its host's, `version` its program's."""

    code: Annotated[str, Meta(max_length=40, pattern=NO_NUL)]
    name: Word
    version: Word


class Enrolled(Struct, frozen=True, kw_only=True):
    """Who the unit is from now on. `key` is shown this once; `signing_key` is base64url."""

    device_id: str
    agency: str
    device: str
    key: str
    receiver: str
    signing_key: str
    signing_key_id: str


class SignInBegun(Struct, frozen=True, kw_only=True):
    """A device authorization response (RFC 8628, section 3.2); `expires_in` and `interval` in seconds."""

    device_code: str
    user_code: str
    verification_uri: str
    verification_uri_complete: str
    expires_in: int
    interval: int


class TokenRequest(Struct, frozen=True, kw_only=True):
    """Asks whether the person has confirmed (RFC 8628, section 3.4)."""

    device_code: Annotated[str, Meta(max_length=100)]


SignInError = Literal["authorization_pending", "slow_down", "access_denied", "expired_token", "invalid_grant"]


class SignInRefused(Struct, frozen=True, kw_only=True):
    """Not, or not yet (RFC 8628, section 3.5; RFC 6749, section 5.2)."""

    error: SignInError
    error_description: str = ""


class SignOut(Struct, frozen=True, kw_only=True):
    """A person's sign-in on the unit is over."""

    session: UUID


class Origin(Struct, frozen=True, kw_only=True):
    """What the unit adds to each read it sends: its place in the spool, and how the unit stood.

    `sequence` counts the spool's reads from 1 without a gap. `clock_offset_s` is the server's time less the
    unit's, null while it was never compared. `source` names the camera, `model` what read the plate.
    """

    spool: UUID
    sequence: Sequence
    list_version: Count | None = None
    clock_offset_s: Annotated[float, Meta(ge=-1e10, le=1e10)] | None = None
    model: Word | None = None
    source: Word | None = None


def event_id(spool: UUID, sequence: int) -> str:
    """The name of a read of a unit, also the `Idempotency-Key` it is sent with.

    The number has a fixed width, so that names stand in the order of the spool.
    """
    return f"{spool}-{sequence:0{SEQUENCE_DIGITS}d}"


def sequence_of(event: str, spool: UUID) -> int | None:
    """The number of a read of this spool by its name; None for any other name."""
    number = event.removeprefix(f"{spool}-")
    is_one = number != event and len(number) == SEQUENCE_DIGITS and number.isascii() and number.isdigit()
    return int(number) if is_one else None


Given = Literal["pictures", "read", "number"]


class Thinned(Struct, frozen=True, kw_only=True):
    """What a unit no longer has under this number of a spool, and why.

    The pictures of a read that it kept; the read itself, which its disc has damaged; or the number alone: the
    read goes on under a number of another spool, which `why` names.
    """

    sequence: Sequence
    what: Given
    why: Annotated[str, Meta(max_length=300, pattern=NO_NUL)]
    at: Instant


class TransferReport(Struct, frozen=True, kw_only=True):
    """How far a spool goes, and what of it was thinned since the last report."""

    spool: UUID
    highest_sequence: Annotated[int, Meta(ge=0, lt=10**SEQUENCE_DIGITS)]
    thinned: Annotated[tuple[Thinned, ...], Meta(max_length=ENTRIES_AT_ONCE)] = ()


class JournalPortion(Struct, frozen=True, kw_only=True):
    """The next entries of a unit's journal in order; `journal` names it, anew when a unit begins anew."""

    journal: UUID
    entries: Annotated[tuple[Entry, ...], Meta(max_length=ENTRIES_AT_ONCE)]


class Merged(Struct, frozen=True, kw_only=True):
    """Entries up to `merged_to` are on record; the unit may forget them once they are not its last ones."""

    merged_to: int


Sameness = Literal["YES", "NO", "CANNOT_TELL"]


Offset = Annotated[float, Meta(ge=-1e10, le=1e10)] | None


class Acknowledged(Struct, frozen=True, kw_only=True, tag_field="kind", tag="assignment-acknowledged"):
    """A person signed in acknowledged an assignment; `id` is the unit's own, the same when sent again.

    `at` is by the unit's clock, `clock_offset_s` the server's time less that one's as it was known then.
    """

    id: UUID
    session: UUID
    at: Instant
    clock_offset_s: Offset = None
    assignment: UUID


class PictureCompared(Struct, frozen=True, kw_only=True, tag_field="kind", tag="picture-compared"):
    """A person signed in compared a read's picture with the characters as read, and with the state.

    `at` and `clock_offset_s` as of `Acknowledged`.
    """

    id: UUID
    session: UUID
    at: Instant
    clock_offset_s: Offset = None
    event_id: Annotated[str, Meta(max_length=200, pattern=NO_NUL)]
    entry: UUID
    characters: Sameness
    region: Sameness = "CANNOT_TELL"


class RecordTold(Struct, frozen=True, kw_only=True, tag_field="kind", tag="record-told"):
    """A person signed in was told whether the record of an entry is active, by one of the `channels`.

    Those are the configuration's; `said` are their words. `at` and `clock_offset_s` as of `Acknowledged`.
    """

    id: UUID
    session: UUID
    at: Instant
    clock_offset_s: Offset = None
    event_id: Annotated[str, Meta(max_length=200, pattern=NO_NUL)]
    entry: UUID
    channel: Word
    is_active: bool
    said: Annotated[str, Meta(max_length=300, pattern=NO_NUL)] = ""


Done = Acknowledged | PictureCompared | RecordTold


class Answers(Struct, frozen=True, kw_only=True):
    """What people did on the unit."""

    answers: Annotated[tuple[Done, ...], Meta(max_length=ENTRIES_AT_ONCE)]


class Outcome(Struct, frozen=True, kw_only=True):
    """DONE or REFUSED for good; LATER: its read has not arrived or was not matched yet, send it again."""

    id: UUID
    outcome: Literal["DONE", "REFUSED", "LATER"]
    told: str = ""


class Outcomes(Struct, frozen=True, kw_only=True):
    """What became of each answer, in their order."""

    outcomes: tuple[Outcome, ...]


class Spool(Struct, frozen=True, kw_only=True):
    """Reads that wait, the oldest's time, what they take and what room there is, in bytes."""

    waiting: Count
    oldest_at: Instant | None
    bytes: Count
    room_bytes: Count


class Source(Struct, frozen=True, kw_only=True):
    """A camera of the unit and how it does."""

    name: Word
    state: Literal["RUNNING", "CONNECTING", "ENDED", "FAILED"]
    frames_per_s: Annotated[float, Meta(ge=0, le=10_000)]
    reads_last_hour: Count
    last_frame_at: Instant | None


class Recognition(Struct, frozen=True, kw_only=True):
    """Milliseconds for a picture: the median, and what 95 of 100 stay under."""

    ms_p50: Annotated[float, Meta(ge=0)]
    ms_p95: Annotated[float, Meta(ge=0)]


class Verdicts(Struct, frozen=True, kw_only=True):
    """How many reads people on the unit found right and wrong since it started."""

    right: Count
    wrong: Count


class HealthReport(Struct, frozen=True, kw_only=True):
    """How the unit is. `at` is by its clock, `sent_monotonic` seconds by one that nobody sets."""

    at: Instant
    sent_monotonic: float
    version: Word
    model: Word
    list_version: Count | None
    list_as_of: Instant | None
    spool: Spool
    sources: Annotated[tuple[Source, ...], Meta(max_length=16)]
    recognition: Recognition | None
    checked: Verdicts


class Greeting(Struct, frozen=True, kw_only=True):
    """The server's time when it got the report; the unit's clock is off by the middle of its two times."""

    server_time: Instant
    key_ok: bool = True


class Turns(Struct, frozen=True, kw_only=True):
    """Every change of the installation's signing key, oldest first: signed `NextKey`s."""

    turns: tuple[Signed, ...]
