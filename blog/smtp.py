"""Handing letters to an SMTP server."""

import ipaddress
import smtplib
import ssl
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP as POLICY
from email.utils import format_datetime
from typing import Any
from urllib.parse import SplitResult, unquote, urlsplit

from blog.jobs import GiveUp

PATIENCE = 20.0  # seconds for each answer of the server
PORTS = {"smtp": 25, "smtps": 465}


class NotNow(Exception):
    """The server did not take a letter, but may later."""


def message(letter: Any, sender: tuple[str, str], host: str) -> EmailMessage:
    """A letter as it travels. It is the same each time, so that whoever gets it twice can tell."""
    name, address = sender
    made = EmailMessage(policy=POLICY)
    made["From"] = Address(name, addr_spec=address)
    made["To"] = recipient(letter.recipient)
    made["Subject"] = letter.subject
    made["Date"] = format_datetime(letter.created_at)
    made["Message-ID"] = f"<{letter.created_at:%Y%m%d%H%M%S%f}.{letter.id}@{host}>"
    made["Auto-Submitted"] = "auto-generated"  # RFC 3834: nobody's holiday answers it
    made["X-Auto-Response-Suppress"] = "All"  # the same, for Exchange
    if letter.unsubscribe:  # RFC 8058: mail programs offer one click
        made["List-Unsubscribe"] = f"<{letter.unsubscribe}>"
        made["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    made.set_content(letter.body, cte="quoted-printable")
    return made


def recipient(address: str) -> Address:
    """In ASCII where that can be: then every server takes it."""
    from email_validator import EmailNotValidError, validate_email  # here, since no other process needs it

    try:
        checked = validate_email(address, check_deliverability=False, globally_deliverable=False)
    except EmailNotValidError as error:
        raise GiveUp(f"{address} is not an e-mail address: {error}") from None
    return Address(username=checked.ascii_local_part or checked.local_part, domain=checked.ascii_domain)


def domain(host: str) -> str:
    """A host as it may follow an @."""
    try:
        return f"[{ipaddress.IPv4Address(host)}]"
    except ValueError:
        return host.encode("idna").decode()


@contextmanager
def connection(url: str, name: str) -> Iterator[smtplib.SMTP]:
    """A server that knows this one by `name`: encrypted where it can, signed in where the address names somebody.

    What fails here says nothing about a letter, so it is tried again.
    """
    address = urlsplit(url)
    server = connect(address, name)
    try:
        sign_in(server, address)
        yield server
        with suppress(smtplib.SMTPException, OSError):
            server.quit()
    finally:
        server.close()


def connect(address: SplitResult, name: str) -> smtplib.SMTP:
    host = address.hostname or ""
    port = address.port or PORTS[address.scheme]
    if address.scheme == "smtps":
        return smtplib.SMTP_SSL(host, port, name, timeout=PATIENCE, context=trust(host))
    return smtplib.SMTP(host, port, name, timeout=PATIENCE)


def sign_in(server: smtplib.SMTP, address: SplitResult) -> None:
    host = address.hostname or ""
    server.ehlo_or_helo_if_needed()
    if server.has_extn("starttls"):
        server.starttls(context=trust(host))
        server.ehlo()
    if address.username:
        if not isinstance(server.sock, ssl.SSLSocket) and not is_here(host):
            raise NotNow(f"{host} offers no encryption, so the password was not sent to it.")
        server.login(unquote(address.username), unquote(address.password or ""))


def trust(host: str) -> ssl.SSLContext:
    """Certificates are checked, except this machine's own: it has none that others vouch for, and nobody between."""
    context = ssl.create_default_context()
    if is_here(host):
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    return context


def is_here(host: str) -> bool:
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def hand_over(server: smtplib.SMTP, message: EmailMessage) -> None:
    """GiveUp where the server will never take it (5xx), NotNow where it may later."""
    sender, recipient = (message[name].addresses[0].addr_spec for name in ("From", "To"))
    try:
        server.send_message(message, sender, [recipient])
    except smtplib.SMTPRecipientsRefused as error:
        refuse(*next(iter(error.recipients.values())))
    except smtplib.SMTPResponseException as error:
        refuse(error.smtp_code, error.smtp_error)
    except smtplib.SMTPNotSupportedError:
        raise GiveUp("The mail server takes no addresses with letters beyond ASCII.") from None


def refuse(code: int, answer: bytes | str) -> None:
    text = answer.decode(errors="replace") if isinstance(answer, bytes) else answer
    said = f"The mail server said: {code} {' '.join(text.split())}"
    raise (GiveUp(said) if code >= 500 else NotNow(said))
