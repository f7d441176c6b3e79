"""Another agency's objects do not exist: every address that names one answers 404.

The addresses are walked, so a new one with an object in it fails here until OBJECTS says what it names. Each
is also tried with the agency's own object, so that a 404 for the other's is no accident.
"""

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from http import HTTPStatus
from typing import Any
from uuid import UUID

import pytest
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from plateward.accounts.models import User
from plateward.audit.models import AuditRecord
from plateward.governance.queries import adoption_in_force
from plateward.reads.pictures import Cut, PictureGrant, signed, signed_url
from plateward.reads.tokens import open_url
from plateward.ui.access import AccessRule, rule_of
from tests.canvasses import canvassed, looked_at, sent
from tests.check_acts import requested
from tests.holdings import (
    REASON,
    Holdings,
    audit_of,
    hold,
    incident_of,
    papers_of,
    reported,
    told_browser,
    told_message,
    told_system,
)
from tests.holds import held as held_plate
from tests.listing import on_record, own_category, own_list
from tests.packages import packed, pressed
from tests.personas import Town
from tests.pickups import pickup_on_record
from tests.purges import attestation_row, authority_row, purge_row, signature_row
from tests.releasing import (
    kept_agreement,
    kept_left,
    kept_list,
    kept_picture,
    kept_portal_request,
    kept_records,
    kept_request,
    kept_share,
    with_clerk,
)
from tests.tokens import made
from tests.units import unit_row, waiting

Login = Callable[[str], Client]


Names = Callable[[Holdings], Mapping[str, Any]]
OBJECTS: dict[str, Names] = {
    "accounts:account": lambda held: {"pk": next(iter(held.town.users.values())).pk},
    "accounts:act": lambda held: {"pk": next(iter(held.town.users.values())).pk, "task": "suspend"},
    "accounts:certify": lambda held: {"pk": next(iter(held.town.users.values())).pk},
    "alerts:ask-entering-agency": lambda held: {"pk": held.alert.pk},
    "alerts:compare-picture": lambda held: {"pk": held.alert.pk},
    "alerts:excuse": lambda held: {"pk": held.alert.pk},
    "alerts:hit-answer": lambda held: {"pk": held.alert.pk, "request_pk": requested(held.alert).pk},
    "alerts:confirm": lambda held: {"pk": held.alert.pk},
    "alerts:dispose": lambda held: {"pk": held.alert.pk},
    "alerts:hand-over": lambda held: {"pk": held.alert.pk},
    "alerts:hold": lambda held: {"pk": held.alert.pk},
    "alerts:note-unit": lambda held: {"pk": held.alert.pk},
    "alerts:step": lambda held: {"pk": held.alert.pk, "step": "confirm"},
    "api:of-person": lambda held: {"pk": next(iter(held.town.users.values())).pk},
    "api:open-read": lambda held: {"read_id": held.picture.read_id},
    "api:analysis": lambda held: {"analysis_id": held.analysis.pk},
    **dict.fromkeys(
        (
            "api:canvass",
            "api:coverage",
            "api:canvass-reads",
            "api:canvass-plates",
            "api:close-canvass",
            "api:assign-car",
        ),
        lambda held: {"canvass_id": canvassed(held.town).pk},
    ),
    "api:acknowledge-assignment": lambda held: {"assignment_id": sent(held.town).pk},
    "api:end-assignment": lambda held: {"assignment_id": sent(held.town).pk},
    "api:plates": lambda held: {"search_id": held.search.pk},
    "api:take-out": lambda held: {"search_id": held.detectives.pk},
    "api:results": lambda held: {"search_id": held.search.pk},
    "api:revoke": lambda held: {"pk": held.token.pk},
    "audit:proof": lambda held: {
        "row": AuditRecord.objects.filter(agency=held.town.agency.pk).latest("pk").pk
    },
    "console:alert": lambda held: {"pk": held.alert.pk},
    "console:changes": lambda held: {"pk": held.alert.pk},
    "control:account": lambda held: {"pk": next(iter(held.town.users.values())).pk},
    "control:act": lambda held: {"pk": next(iter(held.town.users.values())).pk, "task": "end"},
    "control:close-window": lambda held: {"pk": held.window.pk},
    "control:emergency": lambda held: {"pk": held.emergency.pk},
    "control:review": lambda held: {"pk": held.account_item.campaign_id},
    "control:review-csv": lambda held: {"pk": held.account_item.campaign_id},
    "control:review-item": lambda held: {"pk": held.account_item.pk},
    "control:window": lambda held: {"pk": held.window.pk},
    "devices:device": lambda held: {"device_id": held.town.camera.pk},
    "devices:change": lambda held: {"device_id": held.town.camera.pk},
    "devices:picture-login": lambda held: {"device_id": held.town.camera.pk},
    "devices:forget-login": lambda held: {"device_id": held.town.camera.pk},
    "devices:way": lambda held: {"device_id": held.town.camera.pk},
    "devices:service": lambda held: {"device_id": held.town.camera.pk},
    "devices:rotate-key": lambda held: {"device_id": held.town.camera.pk},
    "devices:set-enabled": lambda held: {"device_id": held.town.camera.pk},
    "governance:adopt": lambda held: {"pk": held.draft.pk},
    "governance:contract-document": lambda held: {"pk": held.contract.pk},
    "governance:download": lambda held: {"pk": adoption_in_force(held.town.agency.pk).pk},
    "governance:draft": lambda held: {"pk": held.draft.pk},
    "governance:dry-run": lambda held: {"pk": held.draft.pk},
    "governance:refuse": lambda held: {"pk": held.draft.pk},
    "governance:version": lambda held: {"pk": adoption_in_force(held.town.agency.pk).pk},
    "governance:withdraw": lambda held: {"pk": held.draft.pk},
    "hotlists:approve": lambda held: {"pk": held.alert.entry_id},
    "hotlists:category": lambda held: {"key": own_category(held.town, held.alert.raised_at)},
    "hotlists:enter": lambda held: {"pk": held.alert.entry_id},
    "hotlists:entry": lambda held: {"pk": held.alert.entry_id},
    **dict.fromkeys(
        ("hotlists:pickup", "hotlists:pickup-look", "hotlists:pickup-stop"),
        lambda held: {"pk": pickup_on_record(held.town, held.alert.raised_at).pk},
    ),
    "hotlists:list-columns": lambda held: {"pk": on_record(held.town, held.alert.raised_at).pk},
    "hotlists:list-rejected": lambda held: {"pk": on_record(held.town, held.alert.raised_at).pk},
    "hotlists:list-discard": lambda held: {"pk": on_record(held.town, held.alert.raised_at).pk},
    "hotlists:list-file": lambda held: {"pk": on_record(held.town, held.alert.raised_at).pk},
    "hotlists:list-take": lambda held: {"pk": on_record(held.town, held.alert.raised_at).pk},
    "hotlists:list-register": lambda held: {"pk": own_list(held.town, held.alert.raised_at)},
    "hotlists:refresh": lambda held: {"pk": held.alert.entry_id},
    "hotlists:refuse": lambda held: {"pk": held.alert.entry_id},
    "hotlists:remove": lambda held: {"pk": held.alert.entry_id},
    "hotlists:switch-off": lambda held: {"key": own_category(held.town, held.alert.raised_at)},
    "hotlists:switch-on": lambda held: {"key": own_category(held.town, held.alert.raised_at)},
    "hotlists:unavailable": lambda held: {"pk": held.alert.entry_id},
    "hotlists:withdraw": lambda held: {"pk": held.alert.entry_id},
    "organization:appoint": lambda held: {"position": held.organized.holding.position},
    "organization:contract": lambda held: {"pk": next(iter(held.town.users.values())).pk},
    "organization:delegate": lambda held: {"position": held.organized.holding.position},
    "organization:person": lambda held: {"pk": next(iter(held.town.users.values())).pk},
    "organization:place": lambda held: {"pk": held.organized.unit.pk},
    "organization:relieve": lambda held: {"pk": held.organized.holding.pk},
    "organization:revoke-authorization": lambda held: {"pk": held.organized.authorization.pk},
    "organization:revoke-delegation": lambda held: {"pk": held.organized.delegation.pk},
    "field:act": lambda held: {"pk": held.alert.pk},
    "field:alert": lambda held: {"pk": held.alert.pk},
    "field:alert-changes": lambda held: {"pk": held.alert.pk},
    "field:hand-over": lambda held: {"pk": held.alert.pk},
    "told:remove-browser": lambda held: {"pk": told_browser(held).pk},
    "told:try-browser": lambda held: {"pk": told_browser(held).pk},
    "outgoing:change": lambda held: {"pk": told_system(held).pk},
    "outgoing:replay": lambda held: {"pk": told_message(held).pk},
    "outgoing:rotate": lambda held: {"pk": told_system(held).pk},
    "outgoing:switch": lambda held: {"pk": told_system(held).pk},
    "outgoing:system": lambda held: {"pk": told_system(held).pk},
    "outgoing:try": lambda held: {"pk": told_system(held).pk},
    "evidence:new-discs": lambda held: {"pk": packed(held.town).pk},
    "evidence:discs-again": lambda held: {"pk": pressed(held.town).of_set_id},
    "evidence:disc-label": lambda held: {"pk": pressed(held.town).pk},
    "evidence:take-image": lambda held: {"pk": pressed(held.town).pk},
    "evidence:record-disc": lambda held: {"pk": pressed(held.town).pk, "kind": "burned"},
    "evidence:package": lambda held: {"pk": packed(held.town).pk},
    "evidence:package-again": lambda held: {"pk": packed(held.town).pk},
    "evidence:take-package": lambda held: {"pk": packed(held.town).pk},
    "evidence:discard-package": lambda held: {"pk": packed(held.town).pk},
    "evidence:hold": lambda held: {"pk": held_plate(held.town).pk},
    "evidence:book": lambda held: {"pk": held_plate(held.town).pk},
    "evidence:hold-reads": lambda held: {"pk": held_plate(held.town).pk},
    "evidence:ask-of-hold": lambda held: {"pk": held_plate(held.town).pk, "act": "release"},
    "evidence:decide-on-hold": lambda held: {"pk": held_plate(held.town).pk, "act": "refuse"},
    "oversight:item": lambda held: {"item_id": held.item.pk},
    "oversight:review": lambda held: {"review_id": held.item.review_id},
    "units:code": lambda held: {"device_id": held.town.camera.pk},
    "units:decide": lambda held: {"pk": waiting(held.town).pk},
    "units:rate": lambda held: {"device_id": unit_row(held.town).pk},
    "units:transfers": lambda held: {"device_id": unit_row(held.town).pk},
    "reads:upload": lambda held: {"device_id": held.town.camera.pk},
    "reads:discard": lambda held: {"item_id": held.payload.pk},
    "reads:quarantined": lambda held: {"item_id": held.payload.pk},
    "reads:replay": lambda held: {"item_id": held.payload.pk},
    **dict.fromkeys(
        (
            *("releases:partner", "releases:partner-review", "releases:partner-end"),
            "releases:partner-reopen",
        ),
        lambda held: {"pk": kept_request(held.town, held.alert.raised_at).partner_id},
    ),
    "releases:partner-document": lambda held: {
        "pk": kept_request(held.town, held.alert.raised_at).partner.latest.pk
    },
    "releases:partner-invite": lambda held: {
        "pk": kept_request(held.town, held.alert.raised_at).partner_id
    },
    "releases:share": lambda held: {"pk": kept_share(held.town, held.alert.raised_at).pk},
    "releases:share-act": lambda held: {
        "pk": kept_share(held.town, held.alert.raised_at).pk,
        "task": "refuse",
    },
    "releases:share-list": lambda held: {"pk": kept_list(held.town, held.alert.raised_at).pk},
    "releases:agreement": lambda held: {"pk": kept_agreement(held.town, held.alert.raised_at).pk},
    **dict.fromkeys(
        ("releases:records-picture", "releases:records-original", "releases:records-preview"),
        lambda held: {"pk": kept_picture(held.town, held.alert.raised_at).pk},
    ),
    "releases:records-paper": lambda held: {"pk": kept_records(held.town, held.alert.raised_at).pk},
    "releases:records-request": lambda held: {
        "pk": kept_records(held.town, held.alert.raised_at).request_id
    },
    "releases:records-act": lambda held: {
        "pk": kept_records(held.town, held.alert.raised_at).request_id,
        "task": "close",
    },
    **dict.fromkeys(
        ("releases:request-prepare", "releases:request-leave", "releases:request-hand"),
        lambda held: {"pk": kept_request(held.town, held.alert.raised_at).pk},
    ),
    "releases:request-extend": lambda held: {
        "pk": kept_left(held.town, held.alert.raised_at).request_id
    },
    "releases:partner-account-reopen": lambda held: {
        "pk": kept_left(held.town, held.alert.raised_at).request.asked_by.partner_account.pk
    },
    "releases:drift-answer": lambda held: {
        "pk": kept_list(held.town, held.alert.raised_at).pk,
        "number": 0,
    },
    "releases:portal-collect": lambda held: {"pk": kept_left(held.town, held.alert.raised_at).request_id},
    "releases:portal-request": lambda held: {"pk": kept_portal_request(held.town, held.alert.raised_at).pk},
    "releases:portal-withdraw": lambda held: {"pk": kept_portal_request(held.town, held.alert.raised_at).pk},
    "releases:request": lambda held: {"pk": kept_request(held.town, held.alert.raised_at).pk},
    "releases:request-form": lambda held: {"pk": kept_request(held.town, held.alert.raised_at).pk},
    "releases:request-act": lambda held: {
        "pk": kept_request(held.town, held.alert.raised_at).pk,
        "task": "refuse",
    },
    "transparency:posting": lambda held: {"pk": held.posting.pk},
    "retention:certificate": lambda held: {"pk": purge_row(held.town, held.alert.raised_at).pk},
    "retention:decide": lambda held: {"pk": purge_row(held.town, held.alert.raised_at).pk, "act": "refuse"},
    "retention:purge": lambda held: {"pk": purge_row(held.town, held.alert.raised_at).pk},
    "retention:sample": lambda held: {"pk": attestation_row(held.town, held.alert.raised_at).pk},
    "retention:unsign": lambda held: {"pk": signature_row(held.town, held.alert.raised_at).pk},
    "retention:withdraw-authority": lambda held: {"pk": authority_row(held.town, held.alert.raised_at).pk},
    "search:analysis": lambda held: {"analysis_id": held.analysis.pk},
    "search:kept-end": lambda held: {"kept_id": held.kept.pk},
    "search:kept-hand": lambda held: {"kept_id": held.kept.pk},
    "search:kept-look": lambda held: {"kept_id": held.kept.pk},
    "search:kept-one": lambda held: {"kept_id": held.kept.pk},
    "search:kept-seen": lambda held: {"kept_id": held.kept.pk},
    "search:kept-renew": lambda held: {"kept_id": held.kept.pk},
    "search:export": lambda held: {"search_id": held.detectives.pk},
    "search:results": lambda held: {"search_id": held.search.pk},
    "search:of-plate": lambda held: {"search_id": held.search.pk},
    "search:plates": lambda held: {"search_id": looked_at(held.town, held.search).pk},
    "search:canvass": lambda held: {"pk": canvassed(held.town).pk},
    "search:canvass-plates": lambda held: {"pk": canvassed(held.town).pk},
    "search:canvass-reads": lambda held: {"pk": canvassed(held.town).pk},
    "search:assign-car": lambda held: {"pk": canvassed(held.town).pk},
    "search:close-canvass": lambda held: {"pk": canvassed(held.town).pk},
    "search:acknowledge-assignment": lambda held: {"pk": sent(held.town).pk},
    "search:end-assignment": lambda held: {"pk": sent(held.town).pk},
    "training:act": lambda held: {"pk": held.session.pk, "task": "invite"},
    "training:assign": lambda held: {"pk": next(iter(held.town.users.values())).pk},
    "training:attach": lambda held: {"pk": held.proof.certification_id},
    "training:certificate": lambda held: {"pk": held.proof.certification_id},
    "training:person": lambda held: {"pk": next(iter(held.town.users.values())).pk},
    "training:proof": lambda held: {"pk": held.proof.pk},
    "training:session": lambda held: {"pk": held.session.pk},
    "training:sheet": lambda held: {"pk": held.session.pk},
    "training:withdraw": lambda held: {"pk": held.proof.certification_id},
    "training:withdraw-assignment": lambda held: {"pk": held.assignment.pk},
    **dict.fromkeys(
        ("audits:audit", "audits:draw", "audits:sign", "audits:make-finding"),
        lambda held: {"pk": audit_of(held).pk},
    ),
    "audits:answer": lambda held: {"pk": audit_of(held).pk, "kind": "RECORD"},
    "audits:paper": lambda held: {"pk": audit_of(held).pk, "what": "draw"},
    "audits:item": lambda held: {"pk": audit_of(held).items.get().pk},
    **dict.fromkeys(
        ("audits:finding", "audits:resolve", "audits:retest"),
        lambda held: {"pk": audit_of(held).findings.get().pk},
    ),
    **dict.fromkeys(
        ("incidents:incident", "incidents:step", "incidents:move", "incidents:affected")
        + ("incidents:letter", "incidents:sent", "incidents:delay"),
        lambda held: {"pk": incident_of(held).pk},
    ),
    "incidents:affected-file": lambda held: {
        "pk": incident_of(held).pk,
        "list_id": papers_of(held)[0].pk,
    },
    "incidents:letter-file": lambda held: {
        "pk": incident_of(held).pk,
        "letter_id": papers_of(held)[1].pk,
    },
    **dict.fromkeys(
        ("violations:report", "violations:note", "violations:decide", "violations:retrain"),
        lambda held: {"pk": reported(held).pk},
    ),
}
"""What each address names. Those signed for a person are in SIGNED."""


def id_of(username: str) -> UUID:
    return User.objects.get(username=username).pk


BODIES = {"api:open-read": {"purpose": "stolen-plate", "reason": REASON, "reference": "26-01234"}}
"""What must be sent, as JSON, before the object is looked for."""

SIGNED: dict[str, Callable[[Holdings, str], str]] = {
    "api:picture": lambda held, person: reverse(
        "api:picture",
        args=[signed(PictureGrant(held.picture.pk, id_of(person), held.search.access_record_id, Cut.WHOLE))],
    ),
    "reads:picture": lambda held, person: signed_url(
        picture=held.picture, user_id=id_of(person), access_id=held.search.access_record_id
    ),
    "reads:check": lambda held, person: open_url(
        read_id=held.picture.read_id,
        purpose="stolen-plate",
        reason=REASON,
        reference="",
        user_id=id_of(person),
    ).replace("/?", "/check?"),
    "reads:read": lambda held, person: open_url(
        read_id=held.picture.read_id,
        purpose="stolen-plate",
        reason=REASON,
        reference="",
        user_id=id_of(person),
    ),
}
"""Addresses signed for the person who asks: even with a valid signature the other's object is not there."""


def addresses(resolver: URLResolver, space: str = "") -> Iterator[tuple[str, AccessRule]]:
    """Names of the addresses that name an object, with their rules."""
    for entry in resolver.url_patterns:
        if isinstance(entry, URLResolver):
            inner = f"{space}{entry.namespace}:" if entry.namespace else space
            yield from addresses(entry, inner)
        elif isinstance(entry, URLPattern) and entry.pattern.converters:
            rule = rule_of(entry.callback)
            assert rule is not None, entry
            if not rule.public:  # what everybody may read is no agency's alone
                yield f"{space}{entry.name}", rule


NAMED = dict(addresses(get_resolver()))


def test_it_is_said_what_each_address_names() -> None:
    assert set(NAMED) == set(OBJECTS) | set(SIGNED)


@pytest.fixture
def barstow_holds(barstow: Town, now: datetime) -> Holdings:
    return hold(barstow, "chen", now)


@pytest.fixture
def huntington_park_holds(huntington_park: Town, now: datetime) -> Holdings:
    return hold(huntington_park, "hale", now)


def answers(name: str, held: Holdings, person: str, client: Client) -> dict[str, int]:
    address = SIGNED[name](held, person) if name in SIGNED else reverse(name, kwargs=OBJECTS[name](held))
    sent = {"data": BODIES[name], "content_type": "application/json"} if name in BODIES else {}
    statuses = {"GET": client.get(address).status_code, "POST": client.post(address, **sent).status_code}
    return {method: s for method, s in statuses.items() if s != HTTPStatus.METHOD_NOT_ALLOWED}


@pytest.mark.parametrize("name", sorted(NAMED))
def test_another_agencys_object_is_not_found(
    name: str, barstow_holds: Holdings, huntington_park_holds: Holdings, now: datetime, login: Login
) -> None:
    town, needs = barstow_holds.town, NAMED[name].capability
    if needs == "releases.fulfill":
        with_clerk(town, now)
    # Chief Chen where she may: the search is hers.
    able = [person for person in ("chen", *town.users) if not needs or town.actor(person, now).may(needs)]
    if NAMED[name].partner:
        able = [kept_portal_request(town, now).asked_by.username]
    client = made(town, able[0], now)[1] if NAMED[name].token else login(able[0])
    theirs = AuditRecord.objects.filter(agency=huntington_park_holds.town.agency.pk)
    before = theirs.count()

    foreign = answers(name, huntington_park_holds, able[0], client)
    assert set(foreign.values()) == {HTTPStatus.NOT_FOUND}, foreign
    assert theirs.count() == before

    own = answers(name, barstow_holds, able[0], client)
    assert all(status < HTTPStatus.INTERNAL_SERVER_ERROR for status in own.values()), own
    assert set(own.values()) != {HTTPStatus.NOT_FOUND}, own
