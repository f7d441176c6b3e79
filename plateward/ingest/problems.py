"""Everything the receiver may refuse, as problem details (RFC 9457) that say what to do."""

from starlette.responses import JSONResponse

from plateward.problems import MEDIA_TYPE, Kind, kinds_among

RETRY_AFTER_S = 5

KEY_MISSING = Kind(
    "key-missing",
    401,
    "No device key was sent",
    "Send the header “Authorization: Bearer <device key>”, or as the howto of the maker says. The key "
    "was shown when the device was registered.",
    {"WWW-Authenticate": "Bearer"},
)
KEY_UNKNOWN = Kind(
    "key-unknown",
    401,
    "This device key is not known",
    "Check that the whole key was copied; if it was replaced since, use the new one, or issue one on the "
    "device's page.",
    {"WWW-Authenticate": 'Bearer error="invalid_token"'},
)
PROOF_MISSING = Kind(
    "proof-missing",
    401,
    "No key and no proof by HTTP Digest was sent",
    "Enter the user name and password of the device, or its key where it can send one; its page shows both "
    "once, when they are issued.",
)
SIGNATURE_WRONG = Kind(
    "signature-wrong",
    401,
    "The signature does not hold",
    "Enter the device's shared secret anew, or issue one on its page if it is lost; set the sender's clock.",
)
DEVICE_UNNAMED = Kind(
    "device-unnamed",
    401,
    "No device that signs its bodies has this address",
    "Use the address that the device's page shows; it ends with the device's id.",
)
SECRET_SEALED = Kind(
    "secret-sealed",
    503,
    "The device's secret cannot be opened",
    "Keep the reads and tell the IT manager: the master key is missing or another one.",
    {"Retry-After": "60"},
)
DEVICE_DISABLED = Kind(
    "device-disabled",
    403,
    "This device is disabled in the register",
    "Keep the reads; have the device enabled on its page, then send them again.",
)
SOURCE_REFUSED = Kind(
    "source-refused",
    403,
    "This device may not send from this address",
    "Keep the reads. Enter the address under “How it gets in” on the device's page; behind a proxy have "
    "PLATEWARD_TRUSTED_PROXIES name it.",
)
RECEIPT_UNKNOWN = Kind(
    "receipt-unknown",
    404,
    "This device has no such receipt",
    "Use the receipt from the answer to POST /v1/reads, with the key of the device that sent the read.",
)
FORMAT_UNKNOWN = Kind(
    "format-unknown",
    404,
    "No maker's format has this name",
    "Use an address listed in /v1/docs; for another maker's device, send the native format to /v1/reads.",
)
ADDRESS_UNKNOWN = Kind(
    "address-unknown", 404, "There is nothing at this address", "See /v1/docs for the addresses there are."
)
METHOD = Kind(
    "method", 405, "This address does not take that method", "See /v1/docs for what each address takes."
)
TOO_SLOW = Kind(
    "too-slow", 408, "The body did not arrive in time", "Check the connection and send the read again."
)
TOO_LARGE = Kind(
    "too-large", 413, "The body is too large", "Send fewer or smaller pictures, or stronger compression."
)
MEDIA = Kind(
    "media-type",
    415,
    "This content type is not taken",
    "Send one of the types that the address takes, such as application/json or multipart/form-data, without "
    "a Content-Encoding.",
)
KEY_FORM = Kind(
    "idempotency-key-form",
    400,
    "The Idempotency-Key is not usable",
    "Send 1 to 200 printable ASCII characters, or leave the header out.",
)
KEY_REUSED = Kind(
    "idempotency-key-reused",
    422,
    "This Idempotency-Key was used for another read",
    "Give each read its own key, and use it again only to send the very same content.",
)
BUSY = Kind(
    "busy",
    429,
    "The receiver has as much at work as it can hold",
    "Keep the read and send it again after the time in Retry-After.",
    {"Retry-After": "2"},
)
DISC_LOW = Kind(
    "disc-low",
    429,
    "The disc is nearly full",
    "Keep the read, tell the IT manager, and send it again after the time in Retry-After.",
    {"Retry-After": "60"},
)
DATABASE = Kind(
    "database-unavailable",
    503,
    "The database does not answer",
    "Keep the read and send it again later with the same Idempotency-Key; it will not be stored twice.",
    {"Retry-After": str(RETRY_AFTER_S)},
)
DISC_FULL = Kind(
    "disc-full",
    507,
    "The disc is full",
    "Keep the read and tell the IT manager; send it again when there is space.",
    {"Retry-After": "60"},
)
FAULT = Kind(
    "fault",
    500,
    "The receiver itself failed",
    "Keep the read, send it again, and tell the IT manager the time if this repeats.",
    {"Retry-After": str(RETRY_AFTER_S)},
)

KINDS = kinds_among(globals())


class Problem(Exception):
    """Ends a request with a problem document."""

    def __init__(self, kind: Kind, detail: str = "", *, challenges: tuple[str, ...] = ()) -> None:
        super().__init__(kind.title)
        self.challenges = challenges
        self.kind = kind
        self.detail = detail or kind.title

    def response(self) -> JSONResponse:
        """The problem document."""
        document = {
            "type": f"/v1/docs#{self.kind.slug}",
            "title": self.kind.title,
            "status": self.kind.status,
            "detail": self.detail,
            "what_to_do": self.kind.what_to_do,
        }
        response = JSONResponse(document, self.kind.status, headers=self.kind.headers, media_type=MEDIA_TYPE)
        for challenge in self.challenges:
            response.headers.append("WWW-Authenticate", challenge)
        return response
