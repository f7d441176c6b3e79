"""What the demonstration's Barstow has on record beside its policy, and a version that waits for the chief.

Its contract keeps data for less than the policy asks: a contradiction to look at, which nothing resolves.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Final

from plateward.accounts.models import User
from plateward.governance import actions as governance
from plateward.governance import register_actions
from plateward.governance.actor import Actor
from plateward.governance.models import Draft, PublicComment, Review, VendorContract
from plateward.governance.queries import actor_for
from plateward.policy import Profile, dump_profile, with_value, with_version
from plateward.transparency import actions as transparency
from plateward.transparency.models import Posting
from plateward.transparency.rules import RECORD

COMMANDERS: Final = {"barstow-pd": "cole", "huntington-park-pd": "hayes"}
CONTRACTS: Final = "vendor-contract"


def seed_registers(now: datetime) -> None:
    """Enter meetings, a review and a contract, check the postings, propose a version: once each."""
    for agency, username in COMMANDERS.items():
        by = actor_for(User.objects.get(username=username), at=now)
        if by.may(RECORD) and not Posting.objects.filter(agency_id=agency).exists():
            _check_posting(by, now)
    by = actor_for(User.objects.get(username=COMMANDERS["barstow-pd"]), at=now)
    if not by.may(RECORD):  # a version of an older schema may let nobody
        return
    if not PublicComment.objects.filter(agency_id=by.agency).exists():
        for entry in _entries(by.profile, now):
            register_actions.enter(entry=entry, by=by, now=now)
    if not Draft.objects.filter(agency_id=by.agency).exists():
        _propose(by, now)


def _entries(profile: Profile, now: datetime) -> Iterator[PublicComment | Review | VendorContract]:
    today = profile.agency.day(now)
    yield PublicComment(
        held_date=today - timedelta(days=210),
        body="City Council",
        agenda_item="Item 7b",
        covers="DEVICE_KIND",
        what="FIXED",
        document_url="https://barstow.example/council/minutes",
    )
    yield Review(
        subject="POLICY",
        done_date=today - timedelta(days=20),
        finding="Kept, but for the local decisions of this version.",
    )
    if CONTRACTS in profile.layers:
        yield VendorContract(
            vendor="Flock Safety Group Inc.",
            layer=CONTRACTS,
            signed_date=today - timedelta(days=400),
            ends_date=today + timedelta(days=330),
            retention_amount=21,
            retention_unit="DAYS",
            cjis_addendum_date=today - timedelta(days=395),
            disclosure="To nobody without the department's written consent (invented for the demonstration).",
            survival="All data are deleted within 30 days of the end (invented for the demonstration).",
            attestations="Staff screened, data kept in the United States",
            attested_date=today - timedelta(days=380),
            attested_until_date=today - timedelta(days=15),
        )


def _check_posting(by: Actor, now: datetime) -> None:
    """Barstow posts its text as it is in force; Huntington Park's website lacks the last clauses."""
    texts = [clause.text for clause in by.profile.clauses.values() if clause.layer == "policy"]
    posted = texts if by.agency == "barstow-pd" else texts[:-3]
    transparency.record_posting(
        document="policy",
        url=f"https://{by.agency}.example/alpr-policy",
        body="\n\n".join(posted).encode(),
        note="Read on the city's website.",
        by=by,
        now=now,
    )


def _propose(by: Actor, now: datetime) -> None:
    shorter = with_value(
        by.profile,
        "audit.every",
        {"clause": by.profile.citation(by.profile.audit.every), "value": {"amount": 2, "unit": "MONTHS"}},
    )
    governance.propose(
        profile_bytes=dump_profile(with_version(shorter, f"{by.profile.version}.1", by.today)),
        why="The council asked for audits every two months.",
        by=by,
        now=now,
    )
