"""Connections that outlive their request, so that the next one need not open and plan everything anew.

A request runs in a thread of its own, so that Django's connections, one a thread, end with it. Those of a
process that keeps them (`keep`) are put aside instead. What one was told – whose rows it shows, settings,
locks, temporary tables – it forgets before it is put aside; one that cannot is closed. Plans it keeps.
"""

import time
from collections import deque
from contextlib import suppress
from typing import Any, Final

import psycopg
from psycopg.pq import TransactionStatus

FORGET: Final = """
RESET ALL; CLOSE ALL; UNLISTEN *; DISCARD TEMP; SELECT pg_advisory_unlock_all()
"""
LONGEST_S: Final = 600.0
"""A connection is kept so long after it was opened: what the server remembers for it grows."""

Connection = psycopg.Connection[Any]

_idle: deque[tuple[Connection, float]] = deque()
_limit = {"most": 0}


def keep(most: int) -> None:
    """From now on keep up to `most` idle connections of this process, for any of its threads; 0: none."""
    _limit["most"] = most
    _close_surplus()


def take() -> tuple[Connection, float] | None:
    """The connection put aside last, with the moment (monotonic seconds) it was opened; None without any."""
    while True:
        try:
            connection, opened_s = _idle.pop()
        except IndexError:
            return None
        if not _is_old(opened_s):
            return connection, opened_s
        connection.close()


def put_aside(connection: Connection, opened_s: float) -> bool:
    """Have a connection forget what it was told and keep it; False where it is to be closed instead."""
    is_idle = connection.info.transaction_status is TransactionStatus.IDLE  # and so not closed
    if not _limit["most"] or _is_old(opened_s) or not (is_idle and connection.autocommit):
        return False
    try:
        connection.execute(FORGET)
    except psycopg.Error:
        return False
    _idle.append((connection, opened_s))
    _close_surplus()
    return True


def _is_old(opened_s: float) -> bool:
    return time.monotonic() - opened_s > LONGEST_S


def _close_surplus() -> None:
    """Close those that waited longest while there are too many, whatever other threads do meanwhile."""
    while len(_idle) > _limit["most"]:
        with suppress(IndexError):
            _idle.popleft()[0].close()
