"""The worker: what is short waits for nothing that takes long."""

from collections.abc import Callable
from threading import Event

import pytest
from procrastinate.contrib.django import app
from procrastinate.testing import InMemoryConnector

from plateward.config.commands.worker import AT_ONCE, LONG

MINUTELY = "control.accounts"


def test_the_clocks_tasks_are_worked_while_all_that_takes_long_is_at_work(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    done, waited = Event(), []

    def at_work(name: str) -> Callable[..., None]:
        return lambda *_, **__: waited.append((name, done.wait(10)))

    with app.replace_connector(InMemoryConnector()) as memory:
        for name in LONG:
            monkeypatch.setattr(memory.tasks[name], "func", at_work(name))
            memory.tasks[name].defer(timestamp=0)
        monkeypatch.setattr(memory.tasks[MINUTELY], "func", lambda **_: done.set())
        memory.tasks[MINUTELY].defer(timestamp=0)
        memory.run_worker(concurrency=AT_ONCE, wait=False, install_signal_handlers=False)
    assert sorted(waited) == [(name, True) for name in sorted(LONG)]
