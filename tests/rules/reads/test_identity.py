from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plateward.reads.framing import content_sha256
from plateward.reads.rules import (
    AHEAD,
    MOST_PARTITIONS,
    Grain,
    captured_at_of,
    grain_for,
    printable,
    read_id,
    retry_delay,
)

INSTANTS = st.datetimes(datetime(1970, 1, 1), datetime(9999, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001  it takes bare bounds


@given(captured_at=INSTANTS, device=st.uuids(), event=st.text(max_size=200))
def test_read_id_is_a_uuid8_that_tells_the_capture_to_the_millisecond(
    captured_at: datetime, device: UUID, event: str
) -> None:
    made = read_id(captured_at, device, event, "8ABC123")
    assert made.version == 8
    assert made.variant == "specified in RFC 4122"
    assert captured_at_of(made) == captured_at.replace(microsecond=captured_at.microsecond // 1000 * 1000)
    assert made == read_id(captured_at, device, event, "8ABC123")
    assert made != read_id(captured_at, device, event, "9ABC123")


@given(captured_at=INSTANTS, devices=st.lists(st.uuids(), min_size=2, max_size=2, unique=True))
def test_two_devices_never_share_a_read_id(captured_at: datetime, devices: list[UUID]) -> None:
    first, second = (read_id(captured_at, device, "1", "8ABC123") for device in devices)
    assert first != second


@pytest.mark.parametrize(
    ("days", "grain"),
    [(30, Grain.DAY), (91, Grain.DAY), (92, Grain.WEEK), (658, Grain.WEEK), (659, Grain.MONTH)],
)
def test_partitions_are_as_long_as_fits_how_long_reads_are_kept(days: int, grain: Grain) -> None:
    assert grain_for(timedelta(days=days)) is grain


@pytest.mark.parametrize("grain", [Grain.DAY, Grain.WEEK])
def test_partitions_are_never_more_than_a_hundred_those_made_ahead_included(grain: Grain) -> None:
    length = timedelta(days=1 if grain is Grain.DAY else 7)
    longest = max(days for days in range(1000) if grain_for(timedelta(days=days)) is grain)
    assert (timedelta(days=longest) + AHEAD[grain]) / length + 2 <= MOST_PARTITIONS


def test_reads_without_a_known_end_lie_in_monthly_partitions() -> None:
    assert grain_for(None) is Grain.MONTH


def test_retries_wait_longer_each_time() -> None:
    assert [retry_delay(n).total_seconds() for n in (1, 2, 3, 4, 5, 6)] == [4, 16, 64, 256, 300, 300]


def test_the_same_content_under_another_boundary_has_the_same_digest() -> None:
    body = '--{0}\r\nContent-Disposition: form-data; name="read"\r\n\r\n{{}}\r\n--{0}--\r\n'
    digests = {
        content_sha256(body.format(b).encode(), f"multipart/form-data; boundary={b}") for b in ("one", "two")
    }
    assert len(digests) == 1
    assert content_sha256(b"{}", "application/json") != content_sha256(b"{ }", "application/json")


@given(data=st.binary(max_size=200))
def test_any_bytes_can_be_shown(data: bytes) -> None:
    assert all(char.isprintable() or char == "\n" for char in printable(data))
