"""The demonstration's authenticator: everybody's codes, in a demonstration's own data folder and nowhere else."""

from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from django.http import Http404
from django.test import RequestFactory
from django.urls import NoReverseMatch, reverse

from plateward.accounts import factor_actions
from plateward.config.demo import authenticator
from plateward.config.environment import DEMO_MARK
from tests.factors import code_of
from tests.personas import SETUP, Town


@pytest.fixture
def demonstration(barstow: Town, now: datetime, settings: Any, tmp_path: Path) -> Town:
    (tmp_path / DEMO_MARK).touch()
    settings.ENVIRONMENT = replace(settings.ENVIRONMENT, demo=True, data=tmp_path)
    user = barstow.users["ortiz"]
    factor_actions.give_app(
        user=user, secret=authenticator.secret_of("ortiz"), name=authenticator.AUTHENTICATOR, by=SETUP, now=now
    )
    return barstow


def page() -> str:
    request = RequestFactory().get("/demonstration/")
    request.user = request.actor = None  # type: ignore[attr-defined]  # nobody is logged in
    return authenticator.codes_page(request).content.decode()


@pytest.mark.usefixtures("demonstration")
def test_a_demonstration_shows_the_codes_of_its_own_logins_only() -> None:
    shown = page()
    assert "ortiz" in shown
    assert any(code_of(authenticator.secret_of("ortiz"), later=step) in shown for step in (0, -1))
    assert "quinn" not in shown


@pytest.mark.usefixtures("demonstration")
def test_a_data_folder_that_is_no_demonstrations_shows_none(tmp_path: Path) -> None:
    (tmp_path / DEMO_MARK).unlink()
    with pytest.raises(Http404):
        page()


def test_a_real_system_has_no_such_address() -> None:
    with pytest.raises(NoReverseMatch):
        reverse("demonstration:codes")
