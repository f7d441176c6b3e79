"""Around the gate, a request sees no agency's rows: in the product by its process, in tests by tests.outside."""

from django.core.signals import request_started
from django.test import Client

from plateward.walls import scope
from tests.personas import Town


def test_what_runs_before_the_gate_sees_nobodys_rows(barstow: Town) -> None:
    assert barstow.users
    seen: list[str] = []

    def look(**_: object) -> None:
        seen.append(scope.current())

    request_started.connect(look)
    try:
        Client().get("/")
    finally:
        request_started.disconnect(look)
    assert seen == [scope.NOTHING]
    assert scope.current() == scope.EVERYTHING, "the test itself sees every agency again"
