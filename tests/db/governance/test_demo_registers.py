"""What the demonstration has on record beside the policy, once, also on a version of an older schema."""

from datetime import datetime

import pytest

from plateward.accounts import actions as accounts
from plateward.config.demo.registers import seed_registers
from plateward.governance import queries
from plateward.governance.models import Draft, PublicComment, VendorContract
from plateward.governance.registers import contract_conflicts
from plateward.transparency.models import Posting
from tests.days import day_of
from tests.personas import SETUP, Town
from tests.versions import on_file

pytestmark = pytest.mark.django_db


def test_it_shows_a_contradicting_contract_a_posting_that_differs_and_a_waiting_version(
    barstow: Town, huntington_park: Town, now: datetime
) -> None:
    del barstow, huntington_park
    for _ in range(2):
        seed_registers(now)
    contract = VendorContract.objects.get()
    assert list(contract_conflicts(queries.profile_for("barstow-pd", now), contract.promise))
    assert dict(Posting.objects.values_list("agency", "outcome")) == {
        "barstow-pd": "SAME",
        "huntington-park-pd": "DIFFERENT",
    }
    assert (PublicComment.objects.count(), Draft.objects.get().state) == (1, "PROPOSED")


def test_a_demonstration_of_an_earlier_version_gets_what_that_version_allows(
    barstow: Town, huntington_park: Town, now: datetime
) -> None:
    del huntington_park
    on_file(barstow, "barstow-pd-schema-1.yaml", now)
    accounts.certify(
        user=barstow.users["cole"],
        course="alpr-user",  # as that version calls it
        completed_date=day_of(now),
        expires_date=None,
        certified_by=barstow.users["cruz"],
        by=SETUP,
        now=now,
    )
    seed_registers(now)
    assert Posting.objects.get().agency_id == "huntington-park-pd"
    # That version lets nobody propose another, nor keep the registers.
    assert not Draft.objects.exists()
    assert not VendorContract.objects.exists()
