"""A connection kept for the next request carries nothing of the one before: no agency, settings or locks."""

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from functools import partial
from typing import Any, TypeVar

import pytest
from django.db import ProgrammingError, close_old_connections, connection, connections, transaction

from plateward.walls import scope
from plateward.walls.postgresql import keeping
from plateward.walls.postgresql.base import DatabaseWrapper

T = TypeVar("T")
PID = "SELECT pg_backend_pid()"
TOLD = "SELECT current_setting('plateward.agency', true)"


@pytest.fixture
def kept(transactional_db: None) -> Iterator[None]:  # noqa: ARG001  connections of other threads see committed rows
    """Connections are kept, as in the web process."""
    keeping.keep(2)
    yield
    keeping.keep(0)


def answer(statement: str) -> Any:
    """The first row's only column."""
    with connection.cursor() as cursor:
        cursor.execute(statement)
        (row,) = cursor.fetchall()
    return row[0]


def in_a_request(work: Callable[[], T]) -> T:
    """What a thread of its own gives, which ends its connections as a request does."""

    def run() -> T:
        try:
            return work()
        finally:
            close_old_connections()

    with ThreadPoolExecutor(1) as thread:
        return thread.submit(run).result()


def as_agency(slug: str, statement: str) -> Any:
    with scope.as_agency(slug):
        return answer(statement)


@pytest.mark.usefixtures("kept")
def test_the_next_request_takes_the_connection_and_not_the_agency_of_the_one_before() -> None:
    def first() -> Any:
        assert as_agency("barstow-pd", TOLD) == "barstow-pd"
        return answer(PID)

    def beneath_the_wall() -> Any:
        """What the server still knows; asked through the wall it would be told anew."""
        taken = keeping.take()
        assert taken is not None
        with taken[0] as server:
            return server.execute(f"{PID}, ({TOLD})").fetchone()

    pid = in_a_request(first)
    assert in_a_request(lambda: answer(PID)) == pid
    told_pid, told = beneath_the_wall()
    assert told_pid == pid
    assert not told


@pytest.mark.usefixtures("kept")
def test_of_two_agencies_in_turn_each_sees_its_own() -> None:
    def asked(slug: str) -> tuple[Any, Any]:
        return as_agency(slug, TOLD), answer(PID)

    seen = [in_a_request(partial(asked, slug)) for slug in ("barstow-pd", "huntington-park-pd") * 3]
    assert [told for told, _ in seen] == ["barstow-pd", "huntington-park-pd"] * 3
    assert len({pid for _, pid in seen}) == 1


@pytest.mark.usefixtures("kept")
def test_settings_locks_and_temporary_tables_end_with_the_request() -> None:
    def leave_behind() -> Any:
        with connection.cursor() as cursor:
            cursor.execute("SET statement_timeout = '7s'; SELECT pg_advisory_lock(4242)")
            cursor.execute("CREATE TEMP TABLE left_behind (plate text); LISTEN left_behind")
        return answer(PID)

    def look() -> list[Any]:
        return [
            answer(statement)
            for statement in (
                PID,
                "SHOW statement_timeout",
                "SHOW timezone",
                "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND pid = pg_backend_pid()",
                "SELECT to_regclass('left_behind') IS NULL",
                "SELECT count(*) FROM pg_listening_channels()",
            )
        ]

    pid = in_a_request(leave_behind)
    assert in_a_request(look) == [pid, "0", "UTC", 0, True, 0]


@pytest.mark.usefixtures("kept")
@pytest.mark.parametrize("begin", [partial(transaction.set_autocommit, False), partial(answer, "BEGIN")])
def test_one_in_the_middle_of_a_transaction_is_closed(begin: Callable[[], object]) -> None:
    def leave_open() -> Any:
        pid = answer(PID)
        with suppress(ProgrammingError):  # of BEGIN there is nothing to fetch
            begin()
        return pid

    pid = in_a_request(leave_open)
    assert keeping.take() is None
    assert in_a_request(lambda: answer(PID)) != pid


@pytest.mark.usefixtures("kept")
def test_one_that_is_closed_inside_an_atomic_block_is_not_handed_on() -> None:
    @transaction.atomic
    def leave_inside() -> None:
        connection.close()

    in_a_request(leave_inside)
    assert keeping.take() is None


@pytest.mark.usefixtures("kept")
def test_one_with_a_fault_is_closed_for_a_plan_may_be_the_fault() -> None:
    def fail() -> Any:
        pid = answer(PID)
        with suppress(ProgrammingError):
            answer("SELECT no_such_column")
        assert answer(PID) == pid  # it still answers
        return pid

    pid = in_a_request(fail)
    assert keeping.take() is None
    assert in_a_request(lambda: answer(PID)) != pid


@pytest.mark.usefixtures("kept")
def test_one_that_ended_meanwhile_is_replaced_before_anybody_notices() -> None:
    pid = in_a_request(lambda: answer(PID))
    keeping_one = keeping.take()
    assert keeping_one is not None
    keeping_one[0].close()
    keeping._idle.append(keeping_one)
    assert in_a_request(lambda: answer(PID)) != pid


@pytest.mark.usefixtures("kept")
def test_no_more_are_kept_than_said_and_none_for_longer_than_said(monkeypatch: pytest.MonkeyPatch) -> None:
    gate = threading.Barrier(3, timeout=60)

    def together() -> Any:
        pid = answer(PID)
        gate.wait(10)
        return pid

    with ThreadPoolExecutor(3) as pool:
        assert len(set(pool.map(in_a_request, [together] * 3))) == 3
    assert len(keeping._idle) == 2
    before = {connection.info.backend_pid for connection, _ in keeping._idle}
    monkeypatch.setattr(keeping, "LONGEST_S", 0.0)
    assert in_a_request(lambda: answer(PID)) not in before
    assert not keeping._idle


def test_only_a_process_that_says_so_keeps_any(db: None) -> None:  # noqa: ARG001  it needs the database
    assert isinstance(connections["default"], DatabaseWrapper)
    in_a_request(lambda: answer(PID))
    assert keeping.take() is None
