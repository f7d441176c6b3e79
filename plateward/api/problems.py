"""Everything the API may refuse, as problem details (RFC 9457) that say what to do."""

from collections.abc import Mapping

import msgspec
from django.http import HttpResponse

from plateward.policy import Decision
from plateward.problems import MEDIA_TYPE, Kind, kinds_among

TOKEN_MISSING = Kind(
    "token-missing",
    401,
    "No token was sent",
    "Send the header “Authorization: Bearer <token>”. Make the token in the browser, under “My access”.",
    {"WWW-Authenticate": "Bearer"},
)
TOKEN_INVALID = Kind(
    "token-invalid",
    401,
    "This token opens nothing",
    "Check that the whole token was copied. If it ended, make another in the browser, under “My access”.",
    {"WWW-Authenticate": 'Bearer error="invalid_token"'},
)
REFUSED = Kind(
    "refused", 403, "The agency's policy refuses this", "Do what the answer says; the refusal is on record."
)
NOT_FOUND = Kind(
    "not-found",
    404,
    "There is no such object or address",
    "Use an id from an answer to your own request, and an address listed at /api/.",
)
METHOD = Kind("method", 405, "This address does not take that method", "See /api/ for what each takes.")
BODY = Kind(
    "body", 400, "The body cannot be used", "Send JSON (application/json) in the form shown at /api/."
)
QUERY = Kind("query", 422, "This cannot be asked", "Change what the answer names, then ask again.")
TOO_BROAD = Kind(
    "too-broad", 422, "This search is too broad", "Give more of the plate, a shorter time or single cameras."
)
CONFLICT = Kind(
    "conflict",
    409,
    "This does not agree with how things stand",
    "Do what the answer says; ask for the object again to see how it stands.",
)
OPENING_OVER = Kind(
    "opening-over",
    410,
    "This opening of the read is over",
    "Open the read again: its pictures may be fetched for 15 minutes under the access record of the opening.",
)
TOO_MANY = Kind(
    "too-many-requests",
    429,
    "The program asks too often",
    "Ask again after the time in Retry-After, and space the requests.",
    {"Retry-After": "1"},
)
PICTURE_LOST = Kind(
    "picture-lost",
    500,
    "The picture is lost",
    "Tell the IT manager which picture it is; asking again does not help.",
)
PICTURE_UNAVAILABLE = Kind(
    "picture-unavailable",
    503,
    "The picture cannot be fetched now",
    "Ask again after the time in Retry-After; tell the IT manager if this repeats.",
    {"Retry-After": "60"},
)
NO_POLICY = Kind(
    "no-policy", 503, "No policy is in force", "Tell the agency's ALPR administrator.", {"Retry-After": "60"}
)
UNRECORDED = Kind(
    "unrecorded",
    503,
    "The journal cannot be written, so nothing is shown",
    "Ask again after the time in Retry-After, and tell the IT manager. The attempt is noted.",
    {"Retry-After": "60"},
)
FAULT = Kind("fault", 500, "The server itself failed", "Ask again; tell the IT manager if this repeats.")

KINDS = kinds_among(globals())


class ProblemDetails(msgspec.Struct, frozen=True, kw_only=True):
    """What is wrong, why, and what to do; `clause` cites the policy where it decides, else it is ""."""

    type: str
    title: str
    status: int
    detail: str
    what_to_do: str
    clause: str = ""


class Problem(Exception):
    """Ends a request with a problem document."""

    def __init__(
        self,
        kind: Kind,
        detail: str = "",
        *,
        what_to_do: str = "",
        clause: str = "",
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(kind.title)
        self.kind = kind
        self.headers = kind.headers | dict(headers or {})
        self.details = ProblemDetails(
            type=f"/api/#{kind.slug}",
            title=kind.title,
            status=kind.status,
            detail=detail or f"{kind.title}.",
            what_to_do=what_to_do or kind.what_to_do,
            clause=clause,
        )

    def response(self) -> HttpResponse:
        """The problem document."""
        return HttpResponse(
            msgspec.json.encode(self.details),
            status=self.kind.status,
            content_type=MEDIA_TYPE,
            headers={"Cache-Control": "no-store", **self.headers},
        )


def refusal(decision: Decision) -> Problem:
    """The policy's own words."""
    return Problem(REFUSED, decision.reason, what_to_do=decision.remedy, clause=decision.clause)
