"""A version that was adopted under an older schema goes on deciding, from bytes that never change."""

import hashlib
from datetime import datetime, timedelta

from plateward.governance import queries
from plateward.policy import SCHEMA, load_profile, may
from tests.personas import Town
from tests.versions import on_file


def test_a_version_of_an_older_schema_decides_and_keeps_its_bytes(barstow: Town, now: datetime) -> None:
    later = now + timedelta(seconds=1)
    old = on_file(barstow, "barstow-pd-schema-1.yaml", later)
    in_force = queries.profile_for("barstow-pd", later)
    assert in_force.version == old.version
    assert may(in_force, "patrol-officer", "search.run").allowed
    assert not may(in_force, "patrol-officer", "audit.view").allowed
    old.refresh_from_db()
    assert hashlib.sha256(bytes(old.profile)).hexdigest() == old.profile_sha256
    assert queries.reading_of(old).schema == 1


def test_a_new_version_goes_on_from_the_older_text_brought_up_to_date(barstow: Town, now: datetime) -> None:
    old = on_file(barstow, "barstow-pd-schema-1.yaml", now + timedelta(seconds=1))
    begun = load_profile(queries.text_today(old))
    assert begun.schema == SCHEMA
    assert begun == queries.profile_of(old)
