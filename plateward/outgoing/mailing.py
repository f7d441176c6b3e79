"""E-mail to one person by the installation's mail server. No database."""

import re
import smtplib
import ssl
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from email.utils import format_datetime
from typing import Final

from django.core.mail import EmailMessage
from django.core.mail.backends.smtp import EmailBackend

from plateward.outgoing.calling import UnsentError
from plateward.outgoing.carriers import MailServer, MailTls

SECONDS: Final = 10
"""For each thing said to the server; a try that dies is made again after AT_WORK_FOR (rules.py)."""
NO_SERVER: Final = "no mail server is named: the I.T. manager sets PLATEWARD_MAIL_HOST"
_OF_THE_ADDRESS: Final = (550, 551, 553)
_BAD_ADDRESS: Final = re.compile(rb"5\.1\.\d")
"""The address itself is refused, not whoever sends or their right to (RFC 3463 section 3.2)."""
_NOT_NOW: Final = (450, 451, 452)
"""Of a mailbox: busy, grey-listed, full (RFC 5321 section 4.2.3); 421 is of the whole server."""
ARRIVED: Final = 250
"""What a server answers that took a message (RFC 5321)."""


class AddressNotNowError(UnsentError):
    """The server takes nothing for this address now; for others it may."""

    is_of_one = True


class RefusedAddressError(UnsentError):
    """The server takes nothing for this address, now or later."""

    is_of_one = True
    is_final = True


@dataclass(frozen=True, slots=True)
class Letter:
    """One e-mail. `number` names it in every try, so that a mailbox takes a repetition for the same."""

    to: str
    title: str
    text: str
    number: str
    made_at: datetime


def send(letter: Letter, server: MailServer | None) -> int:
    """Give an e-mail in; returns the server's answer. Raises UnsentError."""
    if server is None:
        raise UnsentError(NO_SERVER)
    connection = _connection(server)
    try:
        connection.open()
        connection.send_messages([_message(letter, server)])
    except smtplib.SMTPRecipientsRefused as error:
        raise _refused(letter, error) from error
    except (smtplib.SMTPException, ssl.SSLError, OSError) as error:
        said = str(error) or type(error).__name__
        raise UnsentError(f"the mail server {server.host} did not take it ({said})"[:300]) from error
    finally:
        with suppress(smtplib.SMTPException, OSError):  # it was taken before: this changes nothing
            connection.close()
    return ARRIVED


def _refused(letter: Letter, error: smtplib.SMTPRecipientsRefused) -> UnsentError:
    code, said = error.recipients.get(letter.to, (0, b""))
    told = f"the mail server answered {code} for this address ({said.decode(errors='replace')})"[:300]
    if code in _OF_THE_ADDRESS and _BAD_ADDRESS.match(said):
        return RefusedAddressError(told)
    return AddressNotNowError(told) if code in _NOT_NOW else UnsentError(told)


def _message(letter: Letter, server: MailServer) -> EmailMessage:
    domain = server.sender.rpartition("@")[2].rstrip(">")
    return EmailMessage(
        subject=f"Plateward: {letter.title}",
        body=letter.text,
        from_email=server.sender,
        to=[letter.to],
        headers={
            "Message-ID": f"<{letter.number}@{domain}>",
            "Date": format_datetime(letter.made_at),
            "Auto-Submitted": "auto-generated",  # RFC 3834: nobody's absence is answered to it
        },
    )


def _connection(server: MailServer) -> EmailBackend:
    return EmailBackend(
        host=server.host,
        port=server.port,
        username=server.user,
        password=server.password,
        use_tls=server.tls is MailTls.STARTTLS,
        use_ssl=server.tls is MailTls.TLS,
        timeout=SECONDS,
    )
