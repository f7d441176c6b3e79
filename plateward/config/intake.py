"""The intake's loop: woken by the receiver's NOTIFY, it works until nothing waits."""

import logging
import threading
import time
from collections.abc import Callable
from typing import Any

import psycopg
from django.conf import settings
from django.db import InterfaceError, OperationalError, connection
from django.utils import timezone

from plateward.alerts.actions import match_waiting
from plateward.hotlists.index_state import note_asked
from plateward.hotlists.wanted import fitting, wanted_plates
from plateward.ingest.inbox import CHANNEL
from plateward.reads.actions import ensure_partitions, store_waiting
from plateward.reads.faults import with_places
from plateward.reads.inbox_actions import make_inbox_keys
from plateward.reads.passage_actions import close_passages

log = logging.getLogger(__name__)

IDLE_S = 1.0
"""Without an announcement the inbox is looked at this often: for retries, and for announcements missed."""

GATHER_S = 0.05
"""Batches begin at least so long after each other: what comes meanwhile is stored together, which costs a
fraction of storing each few. What comes after a pause is stored at once."""
KEYS_S = 5.0
"""An agency adopted meanwhile has its inbox's key after so long."""

FIRST_PAUSE_S, LONGEST_PAUSE_S = 0.5, 15.0


class Spared:
    """Work beside the storing: its fault is logged, it is tried again, and storing goes on meanwhile."""

    def __init__(self, work: Callable[[], int], said: str, *, every: float = 0.0) -> None:
        self._work = work
        self._said = said
        self._every = every
        self._again_at = 0.0
        self._pause = FIRST_PAUSE_S

    def step(self) -> int:
        """Do it if it is its turn; returns how much. Raises OperationalError, InterfaceError."""
        if time.monotonic() < self._again_at:
            return 0
        try:
            worked = self._work()
        except (OperationalError, InterfaceError):
            raise
        except Exception as error:  # noqa: BLE001  storing goes on meanwhile
            problem = with_places(error)
            log.error("%s; trying again in %g s: %s", self._said, self._pause, problem)  # noqa: TRY400  a traceback may hold plates
            self._again_at = time.monotonic() + self._pause
            self._pause = min(self._pause * 2, LONGEST_PAUSE_S)
            return 0
        self._again_at = time.monotonic() + self._every
        self._pause = FIRST_PAUSE_S
        return worked


class Intake:
    """Stores and matches until `stopped` is set; survives the database's restarts, and says so."""

    def __init__(self, database_url: str, batch: int, stopped: threading.Event) -> None:
        self.database_url = database_url
        self.batch = batch
        self.stopped = stopped
        self._pause = FIRST_PAUSE_S
        # Without a master key the receiver goes on with the newest key.
        self._keys = Spared(_make_keys, "No key was made for today's inbox", every=KEYS_S)
        self._passages = Spared(self._close_passages, "No vehicle's passage was ended")
        self._matching = Spared(self._match, "Matching failed; reads wait for it")

    def run(self) -> None:
        """Work until stopped; the batch at work is finished."""
        while not self.stopped.is_set():
            try:
                with psycopg.connect(self.database_url, autocommit=True) as listener:
                    listener.execute(f"LISTEN {CHANNEL}")
                    self._work(listener)
            except (psycopg.OperationalError, OperationalError, InterfaceError) as error:
                reason = str(error).partition("\n")[0]
                log.warning("The database does not answer (%s); trying again in %g s", reason, self._pause)
                self.stopped.wait(self._pause)
                self._pause = min(self._pause * 2, LONGEST_PAUSE_S)
            finally:
                connection.close()

    def _work(self, listener: psycopg.Connection[Any]) -> None:
        ensure_partitions(now=timezone.now())
        if self._pause > FIRST_PAUSE_S:
            log.warning("The database answers again")
            self._pause = FIRST_PAUSE_S
        while not self.stopped.is_set():
            began = time.monotonic()
            worked = self.step()
            if worked >= self.batch:
                continue
            if worked:
                self.stopped.wait(began + GATHER_S - time.monotonic())
            else:
                for _ in listener.notifies(timeout=IDLE_S, stop_after=1):
                    pass

    def step(self) -> int:
        """Store one batch and match one; returns how many payloads and reads were worked."""
        self._keys.step()
        stored = store_waiting(limit=self.batch, now=timezone.now(), wanted=fitting)
        if not wanted_plates(settings.ENVIRONMENT.hotlists).does:
            note_asked(timezone.now())
        return stored + self._passages.step() + self._matching.step()

    def _close_passages(self) -> int:
        return close_passages(limit=self.batch, now=timezone.now())

    def _match(self) -> int:
        return match_waiting(limit=self.batch, now=timezone.now())


def _make_keys() -> int:
    return make_inbox_keys(now=timezone.now())
