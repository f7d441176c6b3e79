"""The intake's loop: woken by the receiver's NOTIFY, it works until nothing waits."""

import logging
import threading
import time
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
from plateward.vault.masters import MasterKeyError

log = logging.getLogger(__name__)

IDLE_S = 1.0
"""Without an announcement the inbox is looked at this often: for retries, and for announcements missed."""

GATHER_S = 0.05
"""Batches begin at least so long after each other: what comes meanwhile is stored together, which costs a
fraction of storing each few. What comes after a pause is stored at once."""
KEYS_S = 5.0
"""An agency adopted meanwhile has its inbox's key after so long."""

FIRST_PAUSE_S, LONGEST_PAUSE_S = 0.5, 15.0


class Intake:
    """Stores and matches until `stopped` is set; survives the database's restarts, and says so."""

    def __init__(self, database_url: str, batch: int, stopped: threading.Event) -> None:
        self.database_url = database_url
        self.batch = batch
        self.stopped = stopped
        self._pause = FIRST_PAUSE_S
        self._match_again_at = self._keys_again_at = 0.0

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
        self._make_keys()
        stored = store_waiting(limit=self.batch, now=timezone.now(), wanted=fitting)
        if not wanted_plates(settings.ENVIRONMENT.hotlists).does:
            note_asked(timezone.now())
        passed = close_passages(limit=self.batch, now=timezone.now())
        return stored + passed + self._match()

    def _make_keys(self) -> None:
        """Have today's key for every inbox. Without a master key the receiver goes on with the newest."""
        if time.monotonic() < self._keys_again_at:
            return
        self._keys_again_at = time.monotonic() + KEYS_S
        try:
            make_inbox_keys(now=timezone.now())
        except (MasterKeyError, OSError) as error:
            said = "No key was made for today's inbox; trying again in %g s: %s"
            log.error(said, LONGEST_PAUSE_S, error)  # noqa: TRY400  the message says all
            self._keys_again_at = time.monotonic() + LONGEST_PAUSE_S

    def _match(self) -> int:
        """Match what is stored. A fault of matching is logged and tried again; storing goes on meanwhile."""
        if time.monotonic() < self._match_again_at:
            return 0
        try:
            return match_waiting(limit=self.batch, now=timezone.now())
        except (OperationalError, InterfaceError):
            raise
        except Exception as error:  # noqa: BLE001  storing goes on meanwhile
            said = "Matching failed; reads wait for it; trying again in %g s: %s"
            log.error(said, LONGEST_PAUSE_S, with_places(error))  # noqa: TRY400  a traceback may hold plates
            self._match_again_at = time.monotonic() + LONGEST_PAUSE_S
            return 0
