"""How often programs may ask: one count for all processes, by token and by person."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.urls import reverse

from plateward.api import problems, rates
from plateward.api.models import Allowance, Token
from plateward.api.problems import Problem
from plateward.audit.models import AuditRecord
from tests.personas import Town
from tests.tokens import made, refused

DEVICES = reverse("api:devices")


@pytest.fixture(autouse=True)
def slow(settings: Any) -> None:
    settings.ENVIRONMENT = replace(settings.ENVIRONMENT, api_token_rate=3, api_person_rate=4)


def over(token: Token, now: datetime) -> str:
    with pytest.raises(Problem) as problem:
        rates.spend_token(token, now)
    assert problem.value.kind is problems.TOO_MANY
    return problem.value.headers["Retry-After"]


def test_a_token_that_asks_too_often_is_told_when_to_ask_again(barstow: Town, now: datetime) -> None:
    token, _ = made(barstow, "ortiz", now)
    for _ in range(3):
        rates.spend_token(token, now)
    assert over(token, now) == "20"
    assert over(token, now + timedelta(seconds=15)) == "5"
    rates.spend_token(token, now + timedelta(seconds=20))
    assert over(token, now + timedelta(seconds=20)) == "20"


def test_what_was_used_runs_off_with_the_clock(barstow: Town, now: datetime) -> None:
    token, _ = made(barstow, "ortiz", now)
    for later in (0, 60, 61):
        for _ in range(3 if later < 61 else 0):
            rates.spend_token(token, now + timedelta(seconds=later))
    assert over(token, now + timedelta(seconds=61)) == "19"


def test_all_tokens_of_a_person_count_together_and_nobody_else_s(
    barstow: Town, now: datetime, settings: Any
) -> None:
    (first, _), (second, asks) = made(barstow, "ortiz", now), made(barstow, "ortiz", now)
    for token in (first, second, first, second):
        rates.spend_person(token, now)
    with pytest.raises(Problem) as problem:
        rates.spend_person(first, now)
    assert problem.value.details.detail == "All tokens of ortiz together may be used 4 times a minute."
    settings.ENVIRONMENT = replace(settings.ENVIRONMENT, api_person_rate=1)
    assert asks.get(DEVICES).status_code == 429
    assert made(barstow, "quinn", now)[1].get(DEVICES).status_code == 200


def test_what_asks_too_often_is_refused_before_anything_is_decided(
    barstow: Town, now: datetime, settings: Any
) -> None:
    settings.ENVIRONMENT = replace(settings.ENVIRONMENT, api_token_rate=1)
    _, client = made(barstow, "ortiz", now)
    assert client.get(DEVICES).status_code == 200
    response = client.get(DEVICES)
    refused(response, problems.TOO_MANY)
    assert 0 < int(response["Retry-After"]) <= 60


def test_a_token_that_ended_uses_up_its_own_allowance_only(
    barstow: Town, now: datetime, settings: Any
) -> None:
    settings.ENVIRONMENT = replace(settings.ENVIRONMENT, api_token_rate=1)
    token, ended = made(barstow, "ortiz", now)
    Token.objects.filter(pk=token.pk).update(revoked_at=now, revoked_by="Ivy Imani")
    assert [ended.get(DEVICES).status_code for _ in range(3)] == [401, 429, 429]
    assert AuditRecord.objects.filter(verb="api.token.refused").count() == 1
    assert not Allowance.objects.filter(pk=barstow.users["ortiz"].pk).exists()
