"""Many guesses at one account at the same instant count like guesses one after the other (CJIS AC-7)."""

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import datetime
from http import HTTPStatus
from threading import Barrier

import pytest
from django.db import connection
from django.test import Client
from django.urls import reverse

from plateward.accounts.models import FailedLogin, User
from plateward.accounts.rules import LOCK_AFTER_FAILURES
from plateward.audit.models import AuditRecord
from tests.personas import PASSWORD, Town, build_barstow, open_session

AT_ONCE = 12


@pytest.fixture(autouse=True)
def barstow(transactional_db: None, now: datetime) -> Town:  # noqa: ARG001  threads see what is committed
    return build_barstow(now)


@pytest.fixture
def compared(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Every password that was compared with ortiz's; comparing takes a while, as it does in earnest."""
    seen: list[str] = []
    compare = User.check_password

    def slow(user: User, raw_password: str) -> bool:
        seen.append(raw_password)
        time.sleep(0.02)
        return compare(user, raw_password)

    monkeypatch.setattr(User, "check_password", slow)
    return seen


def burst(guess: Callable[[int], int]) -> list[int]:
    """The answers' status codes to so many guesses, each in a thread with its own database connection."""
    start = Barrier(AT_ONCE, timeout=60)

    def one(number: int) -> int:
        with closing(connection):
            start.wait()
            return guess(number)

    with ThreadPoolExecutor(AT_ONCE) as pool:
        return list(pool.map(one, range(AT_ONCE)))


def test_a_burst_of_wrong_guesses_at_the_log_in_is_compared_five_times(compared: list[str]) -> None:
    def guess(number: int) -> int:
        form = {"username": "ortiz", "password": f"guess {number}", "acknowledged": "on"}
        return Client().post("/login/", form).status_code

    assert burst(guess) == [HTTPStatus.UNPROCESSABLE_ENTITY] * AT_ONCE
    assert len(compared) == LOCK_AFTER_FAILURES
    assert User.objects.get(username="ortiz").locked_at is not None
    assert FailedLogin.objects.count() == LOCK_AFTER_FAILURES
    assert AuditRecord.objects.filter(verb="accounts.session.refused").count() == AT_ONCE
    assert AuditRecord.objects.filter(verb="accounts.user.locked").count() == 1


def test_the_right_password_behind_five_wrong_ones_opens_nothing(compared: list[str]) -> None:
    User.objects.filter(username="ortiz").update(locked_at="2026-01-01T00:00Z")
    form = {"username": "ortiz", "password": PASSWORD, "acknowledged": "on"}
    assert Client().post("/login/", form).status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    assert compared == []


def test_a_burst_in_an_open_session_is_compared_five_times(compared: list[str]) -> None:
    sessions = [open_session(Client(), "ortiz") for _ in range(AT_ONCE)]

    def guess(number: int) -> int:
        form = {"password": f"guess {number}"}
        return sessions[number].post(reverse("accounts:prove"), form).status_code

    assert burst(guess) == [HTTPStatus.UNPROCESSABLE_ENTITY] * AT_ONCE
    assert len(compared) == LOCK_AFTER_FAILURES
    assert User.objects.get(username="ortiz").locked_at is not None
