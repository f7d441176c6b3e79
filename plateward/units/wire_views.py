"""What units ask over the network; the words are those of `plateward.unitwire`."""

from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.gzip import gzip_page

from plateward.accounts.http import address_of
from plateward.governance.queries import profile_for
from plateward.units import (
    actions,
    answer_actions,
    journal_actions,
    keys,
    sign_in_actions,
    telling_actions,
    transfer_actions,
)
from plateward.units.http import (
    BODY,
    BROKEN,
    CODE,
    GONE,
    TRIES,
    Problem,
    UnitRequest,
    answer,
    body_of,
    of_a_unit,
    of_anybody,
)
from plateward.unitwire.calls import (
    Answers,
    Enroll,
    Enrolled,
    Greeting,
    HealthReport,
    JournalPortion,
    Merged,
    Outcomes,
    SignInBegun,
    SignInRefused,
    SignOut,
    TokenRequest,
    TransferReport,
    Turns,
)
from plateward.walls import scope


@of_anybody("POST")
def enroll(request: HttpRequest) -> HttpResponse:
    """A code for a key: the device of the code is this unit from now on."""
    sent, address, now = body_of(request, Enroll), address_of(request), timezone.now()
    with scope.as_system("Which agency a code is of is known only when it is found."):
        try:
            device, key = actions.enroll(sent=sent, address=address, now=now)
        except actions.TooManyTriesError as error:
            raise Problem(TRIES, str(error)) from error
        except actions.CodeRefusedError as error:
            actions.refuse_code(address=address, why=str(error), now=now)
            raise Problem(CODE, str(error)) from error
    signing = keys.signing_key()
    made = Enrolled(
        device_id=str(device.pk),
        agency=device.agency_id,
        device=device.name,
        key=key,
        receiver=settings.ENVIRONMENT.receiver_url,
        signing_key=signing.public,
        signing_key_id=signing.id,
    )
    return answer(made, 201)


@of_a_unit("GET")
def configuration(request: UnitRequest) -> HttpResponse:
    """How the unit is to work; 304 while nothing of it changed."""
    now, known = timezone.now(), request.headers.get("If-None-Match", "").strip('"')
    profile = profile_for(request.unit.agency_id, now)
    told = telling_actions.configure(unit=request.unit, profile=profile, known=known, now=now)
    if told.document is None:
        return HttpResponse(status=304, headers={"ETag": f'"{told.tag}"'})
    return answer(told.document, ETag=f'"{told.tag}"')


@of_a_unit("GET")
@gzip_page
def hotlist(request: UnitRequest) -> HttpResponse:
    """The agency's list: `since` a version, or a `part` of a `version`."""
    now = timezone.now()
    if "part" in request.GET:
        version, part = _number(request, "version"), _number(request, "part")
        try:
            return answer(telling_actions.tell_part(unit=request.unit, version=version, part=part, now=now))
        except telling_actions.EditionGoneError as error:
            raise Problem(GONE) from error
    since = _number(request, "since") if "since" in request.GET else None
    profile = profile_for(request.unit.agency_id, now)
    return answer(telling_actions.tell_list(unit=request.unit, profile=profile, since=since, now=now))


def _number(request: HttpRequest, name: str) -> int:
    text = request.GET.get(name, "")
    if not (text.isascii() and text.isdigit() and len(text) <= 15):  # noqa: PLR2004  as long as any sequence
        raise Problem(BODY, f"{name} is a whole number.")
    return int(text)


@of_a_unit("GET")
def assignments(request: UnitRequest) -> HttpResponse:
    """Who is sent to canvass, and which sign-ins count."""
    return answer(telling_actions.tell_assignments(unit=request.unit, now=timezone.now()))


@of_a_unit("GET")
def signing_keys(request: UnitRequest) -> HttpResponse:
    """Every change of the key that signs what units are told."""
    del request
    with scope.as_system("The installation's key is no agency's."):
        return answer(Turns(turns=keys.turns()))


@of_a_unit("POST")
def sign_in(request: UnitRequest) -> HttpResponse:
    """Let the unit wait for a person."""
    begun = sign_in_actions.begin(unit=request.unit, now=timezone.now())
    page = settings.ENVIRONMENT.base_url + reverse("units:sign-in")
    return answer(
        SignInBegun(
            device_code=begun.device_code,
            user_code=begun.user_code,
            verification_uri=page,
            verification_uri_complete=f"{page}?code={begun.user_code}",
            expires_in=begun.expires_in_s,
            interval=begun.interval_s,
        )
    )


@of_a_unit("POST")
def token(request: UnitRequest) -> HttpResponse:
    """The grant, once its person has confirmed."""
    sent = body_of(request, TokenRequest)
    try:
        grant = sign_in_actions.take_up(unit=request.unit, device_code=sent.device_code, now=timezone.now())
    except sign_in_actions.NotGrantedError as refused:
        return answer(SignInRefused(error=refused.error, error_description=str(refused)), 400)
    return answer(grant)


@of_a_unit("POST")
def sign_out(request: UnitRequest) -> HttpResponse:
    """A person's sign-in is over."""
    session: UUID = body_of(request, SignOut).session
    sign_in_actions.end(unit=request.unit, session=session, now=timezone.now())
    return HttpResponse(status=204)


@of_a_unit("POST")
def transfers(request: UnitRequest) -> HttpResponse:
    """How far the unit's spool goes, and what it had to thin."""
    transfer_actions.announce(unit=request.unit, report=body_of(request, TransferReport), now=timezone.now())
    return HttpResponse(status=204)


@of_a_unit("POST")
def journal(request: UnitRequest) -> HttpResponse:
    """The next entries of the unit's own journal."""
    portion, now = body_of(request, JournalPortion), timezone.now()
    profile = profile_for(request.unit.agency_id, now)
    merging = journal_actions.merge(unit=request.unit, portion=portion, profile=profile, now=now)
    if merging.broken:
        return Problem(BROKEN, merging.broken, merged_to=merging.merged_to).response()
    return answer(Merged(merged_to=merging.merged_to))


@of_a_unit("POST")
def answers(request: UnitRequest) -> HttpResponse:
    """What people did on the unit."""
    sent, now = body_of(request, Answers), timezone.now()
    outcomes = [answer_actions.take_answer(unit=request.unit, answer=one, now=now) for one in sent.answers]
    return answer(Outcomes(outcomes=tuple(outcomes)))


@of_a_unit("POST")
def health(request: UnitRequest) -> HttpResponse:
    """How the unit is; it is told our time."""
    report, now = body_of(request, HealthReport), timezone.now()
    with transaction.atomic():
        actions.take_health(unit=request.unit, report=report, now=now)
        transfer_actions.fold(unit=request.unit, now=now)
    return answer(Greeting(server_time=now))
