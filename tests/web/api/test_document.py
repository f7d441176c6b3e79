"""The running API keeps to its OpenAPI document: what it allows is answered as it says, the rest refused."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
import schemathesis
from django.core.signals import request_finished, request_started
from django.core.wsgi import get_wsgi_application
from django.db import close_old_connections
from hypothesis import HealthCheck, Phase, given
from hypothesis import settings as bounds
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.config import SchemathesisConfig
from schemathesis.specs.openapi import checks

from plateward.api.operations import OPERATIONS
from tests.personas import Town
from tests.sightings import seen
from tests.tokens import made

KEPT = [
    not_a_server_error,
    checks.status_code_conformance,
    checks.content_type_conformance,
    checks.response_schema_conformance,
    checks.negative_data_rejection,
]
CONFIG = SchemathesisConfig.from_dict({"generation": {"with-security-parameters": False}})
"""Every request carries the token: what is answered without one is tested elsewhere."""
BOUNDED = bounds(
    max_examples=8,
    deadline=None,
    database=None,
    derandomize=True,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=list(HealthCheck),
)


@pytest.fixture
def one_transaction() -> Iterator[None]:
    """Let requests stay in the test's own transaction: their ends close connections otherwise."""
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    yield
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)


@pytest.mark.usefixtures("one_transaction")
@pytest.mark.parametrize("mode", GenerationMode)
def test_the_api_keeps_to_its_document(
    barstow: Town, now: datetime, mode: GenerationMode, settings: Any
) -> None:
    settings.ENVIRONMENT = replace(settings.ENVIRONMENT, api_token_rate=100_000, api_person_rate=100_000)
    seen(barstow.camera, "7ABC123", now - timedelta(hours=1))
    _, client = made(barstow, "ortiz", now)
    schema = schemathesis.openapi.from_wsgi("/api/openapi.json", get_wsgi_application(), config=CONFIG)
    asked = []
    for found in schema.get_all_operations():
        operation = found.ok()
        asked.append(operation.label)
        if mode is GenerationMode.NEGATIVE and not (operation.path_parameters or operation.query or operation.body):
            continue  # what takes nothing cannot be sent wrongly

        @BOUNDED
        @given(case=operation.as_strategy(mode))
        def keeps_to_it(case: schemathesis.Case) -> None:
            case.call_and_validate(headers={"Authorization": client.defaults["HTTP_AUTHORIZATION"]}, checks=KEPT)

        keeps_to_it()
    assert len(asked) == len(OPERATIONS)
