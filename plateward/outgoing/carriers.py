"""What carries messages to people, as an installation's variables name it. No Django."""

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final


class MailTls(StrEnum):
    """How the connection is encrypted; not at all only to this machine."""

    STARTTLS = "starttls"
    TLS = "tls"
    OFF = "off"

    @property
    def port(self) -> int:
        """Where it is customary (RFC 8314; RFC 5321 without)."""
        return {MailTls.STARTTLS: 587, MailTls.TLS: 465, MailTls.OFF: 25}[self]


@dataclass(frozen=True, slots=True)
class MailServer:
    """Where e-mail is given in. `domains`: the recipients' that it is for; none: nobody's."""

    host: str
    port: int
    tls: MailTls
    sender: str
    user: str = ""
    password: str = field(default="", repr=False)
    domains: tuple[str, ...] = ()


PUSH_SERVICES: Final = (
    "fcm.googleapis.com",
    "push.services.mozilla.com",
    "push.apple.com",
    "notify.windows.com",
)
"""Of the makers of browsers: Chrome and its kin, Firefox, Safari, Edge. Those on hosts below them too."""
