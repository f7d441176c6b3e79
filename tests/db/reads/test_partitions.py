"""Partitions of the reads: their length by how long reads are kept, made ahead, never in each other's way."""

from datetime import UTC, datetime, timedelta

import pytest
from click.testing import CliRunner
from django.db import ProgrammingError, connection

from plateward.config.cli import main
from plateward.reads import actions, partitions
from plateward.reads.models import InboxState, Read
from plateward.reads.rules import Grain
from plateward.reads.store import PictureStore
from tests.payloads import as_json, inbox_item
from tests.personas import Town
from tests.sightings import seen

SPRING = datetime(2031, 4, 16, 12, tzinfo=UTC)
"""A Wednesday far from every other test."""


def around(instant: datetime, span: timedelta = timedelta(days=40)) -> list[tuple[str, str]]:
    """The partitions near an instant, as their first days and the days after their last."""
    return [
        (f"{part.from_at.astimezone(UTC):%m-%d}", f"{part.until_at.astimezone(UTC):%m-%d}")
        for part in partitions.existing()
        if abs(part.from_at - instant) < span
    ]


@pytest.mark.parametrize(
    ("grain", "made"),
    [
        (Grain.DAY, ("04-16", "04-17")),
        (Grain.WEEK, ("04-14", "04-21")),
        (Grain.MONTH, ("04-01", "05-01")),
    ],
)
def test_a_partition_spans_a_day_a_week_or_a_month(
    barstow: Town, grain: Grain, made: tuple[str, str]
) -> None:
    del barstow
    for _ in range(2):
        partitions.ensure([SPRING], SPRING, grain)
    assert around(SPRING) == [made]


def test_where_one_would_overlap_a_shorter_one_is_made(barstow: Town) -> None:
    del barstow
    partitions.ensure([SPRING], SPRING, Grain.WEEK)
    partitions.ensure([SPRING + timedelta(days=7)], SPRING, Grain.MONTH)
    partitions.ensure([datetime(2031, 5, 1, tzinfo=UTC)], SPRING, Grain.MONTH)
    partitions.ensure([datetime(2031, 4, 30, tzinfo=UTC)], SPRING, Grain.MONTH)
    assert around(SPRING) == [("04-14", "04-21"), ("04-21", "04-28"), ("04-30", "05-01"), ("05-01", "06-01")]


def test_another_length_than_these_is_refused(barstow: Town) -> None:
    del barstow
    with (
        pytest.raises(ProgrammingError, match="a day, a week or a month, not year"),
        connection.cursor() as cursor,
    ):
        cursor.execute("SELECT plateward_add_reads_partition(%s, 'year')", [SPRING])


def test_a_policy_without_an_end_has_months_made_ahead(barstow: Town) -> None:
    del barstow
    for _ in range(2):
        actions.ensure_partitions(now=SPRING)
    assert around(SPRING) == [("04-01", "05-01"), ("05-01", "06-01")]


def test_a_read_outside_every_partition_gets_its_own_and_one_of_a_wrong_clock_holds_up_no_other(
    barstow: Town, store: PictureStore, now: datetime
) -> None:
    long_ago = now - timedelta(days=1500)
    for event, moment in (("old", long_ago), ("wrong", now - timedelta(days=4000)), ("new", now)):
        inbox_item(barstow.camera, as_json(moment, event_id=event), now, key=event)
    wrong = inbox_item(barstow.camera, as_json(now + timedelta(days=2), event_id="ahead"), now, key="ahead")
    assert actions.store_waiting(limit=10, now=now, store=store) == 4
    assert Read.objects.count() == 2
    wrong.refresh_from_db()
    assert wrong.state == InboxState.QUARANTINED
    assert "Set the device's clock" in wrong.reason
    assert any(part.from_at <= long_ago < part.until_at for part in partitions.existing())


def test_the_command_lists_partitions_and_what_a_new_one_spans(barstow: Town) -> None:
    del barstow
    shown = CliRunner().invoke(main, ["db", "partitions"])
    assert shown.exit_code == 0, shown.output
    assert "a new one spans a month" in shown.output


def test_the_command_makes_the_directory_of_plates_anew(barstow: Town, now: datetime) -> None:

    seen(barstow.camera, "7ABC123", now)
    shown = CliRunner().invoke(main, ["db", "plates"])
    assert shown.output == "Plates in the directory: 1\n"
