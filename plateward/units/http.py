"""Requests of units: who asks by its key, what it sends; answers as JSON or problem details (RFC 9457)."""

import hashlib
import logging
from collections.abc import Callable
from functools import wraps
from typing import Any, Final, TypeVar

import msgspec
from django.db import DatabaseError
from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt

from plateward.accounts.http import address_of
from plateward.audit.local import JournalUnwritableError
from plateward.devices.models import Device
from plateward.devices.ways import allows
from plateward.governance.queries import PolicyUnavailableError
from plateward.problems import MEDIA_TYPE, Kind
from plateward.ui.access import access
from plateward.units.models import Unit
from plateward.unitwire.calls import LONGEST_BODY
from plateward.walls import scope

log = logging.getLogger(__name__)

Body = TypeVar("Body")
View = Callable[..., HttpResponse]

KEY_UNKNOWN: Final = Kind(
    "key-unknown",
    401,
    "This key opens nothing",
    "The key was replaced, or the unit was never enrolled. Enroll it with a fresh code of the device's page.",
    {"WWW-Authenticate": "Bearer"},
)
REVOKED: Final = Kind(
    "revoked",
    403,
    "This unit is disabled",
    "Forget list, grants and assignments; keep the reads. Have the device enabled on its page.",
)
SOURCE: Final = Kind(
    "source-refused",
    403,
    "This unit may not ask from this address",
    "Enter the address under “How it gets in” on the device's page.",
)
CODE: Final = Kind(
    "code-refused", 403, "This code enrolls nothing", "Make a fresh code on the device's page."
)
TRIES: Final = Kind("too-many-tries", 429, "Too many wrong codes", "Wait 15 minutes.", {"Retry-After": "900"})
METHOD: Final = Kind(
    "method", 405, "This address does not take that method", "Use the method of the protocol."
)
BODY: Final = Kind("body", 400, "The body cannot be used", "Send JSON in the form of the protocol.")
TOO_LARGE: Final = Kind("too-large", 413, "The body is too large", "Send at most 1 MiB at once.")
GONE: Final = Kind(
    "edition-gone", 404, "This version of the list is not kept any more", "Ask for the list anew."
)
BROKEN: Final = Kind(
    "chain-broken",
    409,
    "The journal's chain is broken",
    "What came before is on record, and so is the break. Begin a new journal with its first entry.",
)
NO_POLICY: Final = Kind(
    "no-policy", 503, "No policy is in force", "Tell the agency's ALPR administrator.", {"Retry-After": "60"}
)
UNAVAILABLE: Final = Kind(
    "unavailable",
    503,
    "The server cannot write now",
    "Keep everything and send it again after the time in Retry-After.",
    {"Retry-After": "60"},
)


class Problem(Exception):
    """Ends a unit's request with a problem document."""

    def __init__(self, kind: Kind, detail: str = "", **more: object) -> None:
        super().__init__(kind.title)
        self.kind = kind
        self.document = {
            "type": f"/unit/v1/problems/{kind.slug}",
            "title": kind.title,
            "status": kind.status,
            "detail": detail or f"{kind.title}. {kind.what_to_do}",
            "what_to_do": kind.what_to_do,
            **more,
        }

    def response(self) -> HttpResponse:
        """The problem document."""
        return HttpResponse(
            msgspec.json.encode(self.document),
            status=self.kind.status,
            content_type=MEDIA_TYPE,
            headers={"Cache-Control": "no-store", **self.kind.headers},
        )


class UnitRequest(HttpRequest):
    """A request of a unit that showed its key."""

    unit: Unit


def of_a_unit(method: str) -> Callable[[View], View]:
    """A view for units alone: it is given the unit whose key came, and sees that agency's rows only."""

    def declare(view: View) -> View:
        def let_in(request: UnitRequest) -> HttpResponse:
            request.unit = _unit_of(request)
            return view(request)

        return _answering(method, view, let_in)

    return declare


def of_anybody(method: str) -> Callable[[View], View]:
    """A view for who has no key yet; it sees no agency's rows until it opens them itself."""

    def declare(view: View) -> View:
        return _answering(method, view, view)

    return declare


def _answering(method: str, view: View, let_in: View) -> View:
    @wraps(view)
    def answered(request: Any) -> HttpResponse:
        try:
            if request.method != method:
                raise Problem(METHOD)  # noqa: TRY301  answered with the others
            return let_in(request)
        except Problem as problem:
            return problem.response()
        except PolicyUnavailableError as error:
            return Problem(NO_POLICY, str(error)).response()
        except (JournalUnwritableError, DatabaseError):
            log.exception("A unit's request could not be written")
            return Problem(UNAVAILABLE).response()

    why = "A unit shows its device's key, or the code that makes it one; no session of a person opens this."
    return access(public=True, why=why)(csrf_exempt(answered))


def _unit_of(request: HttpRequest) -> Unit:
    scheme, _, key = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not key.strip():
        raise Problem(KEY_UNKNOWN)
    digest = hashlib.sha256(key.strip().encode()).hexdigest()
    with scope.as_system("Which agency a unit is of is known only when its key is found."):
        device = Device.objects.filter(key_sha256=digest, unit__isnull=False).select_related("unit").first()
        if device is None:
            raise Problem(KEY_UNKNOWN)
        unit: Unit = device.unit
    if not device.is_enabled:
        raise Problem(REVOKED)
    if not allows(tuple(device.allowed_sources), address_of(request)):
        raise Problem(SOURCE)
    scope.enter(device.agency_id)
    unit.device = device
    return unit


def body_of(request: HttpRequest, kind: type[Body]) -> Body:
    """The request's JSON body as this kind. Raises Problem for anything else."""
    if request.content_type != "application/json":
        raise Problem(BODY, "The Content-Type is not application/json.")
    announced = request.headers.get("Content-Length", "0")
    if not announced.isdigit() or int(announced) > LONGEST_BODY or len(request.body) > LONGEST_BODY:
        raise Problem(TOO_LARGE)
    try:
        return msgspec.json.decode(request.body, type=kind)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise Problem(BODY, f"{error}.") from error


def answer(value: msgspec.Struct, status: int = 200, **headers: str) -> HttpResponse:
    """A value as JSON that nobody keeps."""
    told = {"Cache-Control": "no-store", **{name.replace("_", "-"): text for name, text in headers.items()}}
    data = msgspec.json.encode(value)
    return HttpResponse(data, status=status, content_type="application/json", headers=told)
