"""Sending mail by the server that the config names: encrypted, with its certificate checked."""

import base64
import contextlib
import smtplib
import ssl
from collections.abc import Callable, Mapping
from email.message import EmailMessage

from invoicesync_cli.auth.credentials import Credentials
from invoicesync_cli.auth.stores import variable
from invoicesync_cli.config import Notify
from invoicesync_cli.errors import ConfigError, InvoiceSyncError, SignInNeeded, TryLater
from invoicesync_cli.http.client import trusted
from invoicesync_cli.patience import Failed, within
from invoicesync_cli.printable import printable

SECRET = "smtp.password"  # noqa: S105 - the name that it is kept by
SILENCE = 20.0
"""Seconds that the mail server may be silent."""
PATIENCE = 60.0
"""Seconds that it may take in all."""
QUOTED = 200
"""Characters of the mail server's own words that are shown."""
STORE_IT = f"Store it: invoicesync notify password (or set {variable(SECRET)})."


def store_smtp_password(credentials: Credentials, password: str) -> None:
    """Keep the password of the mail server where this profile's secrets are; blank forgets it.

    Raises `SecretsUnavailable`.
    """
    if password:
        credentials.store.write(SECRET, password)
    else:
        credentials.store.delete(SECRET)


def smtp_password(credentials: Credentials) -> str:
    """The password of the mail server; blank where the config names no user.

    Raises `SecretsUnavailable`, and `SignInNeeded` when there is none.
    """
    if not credentials.config.notify.smtp_user:
        return ""
    found = credentials.environment.read(SECRET) or credentials.store.read(SECRET)
    if not found:
        raise SignInNeeded(
            f"There is no password for {credentials.config.notify.smtp_user} at the mail server.",
            hint=STORE_IT,
            code="mail-password-missing",
        )
    return found


def check_mail(settings: Notify, password: str) -> None:
    """Connect to the mail server and log in, without sending anything. Raises as `deliver` does."""
    _talk(settings, password, lambda _: None)


def deliver(settings: Notify, password: str, message: EmailMessage) -> str:
    """Hand a mail to the mail server: who of several did not get it and why, or blank.

    Raises `SignInNeeded` when it refuses the login, `TryLater` when it is out of reach or busy, and
    `ConfigError` when it does not offer what the config asks for or refuses the mail.
    """

    refused: dict[str, tuple[int, bytes]] = {}

    def send(server: smtplib.SMTP) -> None:
        refused.update(server.send_message(message))

    _talk(settings, password, send)
    return f"The mail server refused {_refused(refused, password)}." if refused else ""


def _talk(settings: Notify, password: str, say: Callable[[smtplib.SMTP], None]) -> None:
    """Connect, log in, `say` something, and part; all of it within `PATIENCE`."""
    context = None if settings.smtp_security == "none" else trusted()

    def talk() -> None:
        server = _connected(settings, context)
        try:
            if settings.smtp_user:
                _needs(server, "auth", "a login with a password", settings)
                server.login(settings.smtp_user, password)
            say(server)
            # It has the mail: what it says afterwards changes nothing about that.
            with contextlib.suppress(OSError, smtplib.SMTPException):
                server.quit()
        finally:
            server.close()

    outcome = within(PATIENCE, talk)
    if isinstance(outcome, Failed):
        raise _explained(outcome.error, settings, password)


def _connected(settings: Notify, context: ssl.SSLContext | None) -> smtplib.SMTP:
    host, port = settings.smtp_host, settings.smtp_port
    if settings.smtp_security == "tls":
        return smtplib.SMTP_SSL(host, port, timeout=SILENCE, context=context)
    server = smtplib.SMTP(host, port, timeout=SILENCE)
    try:
        if settings.smtp_security == "starttls":
            _needs(server, "starttls", "an encrypted connection", settings)
            server.starttls(context=context)
    except BaseException:
        server.close()
        raise
    return server


def _needs(server: smtplib.SMTP, extension: str, what: str, settings: Notify) -> None:
    server.ehlo_or_helo_if_needed()
    if not server.has_extn(extension):
        raise ConfigError(
            f"The mail server {settings.smtp_host} does not offer {what}.",
            hint='See notify.smtp_security, smtp_port and smtp_user: usually it is "starttls" with '
            'port 587, or "tls" with port 465.',
            code="mail-not-offered",
        )


def _explained(error: BaseException | None, settings: Notify, password: str) -> InvoiceSyncError:
    """A failure as a sentence, with the server's words where it said something."""
    name = f"The mail server {settings.smtp_host}"
    match error:
        case InvoiceSyncError():
            return error
        case smtplib.SMTPAuthenticationError():
            return SignInNeeded(
                f"{name} refused the login of {settings.smtp_user}{_words(error, password)}.",
                hint="Store the right password: invoicesync notify password. Some providers want "
                "an app password of its own.",
                code="mail-login-refused",
            )
        case smtplib.SMTPRecipientsRefused():
            code = min(code for code, _ in error.recipients.values())
            return _refusal(f"{name} refused {_refused(error.recipients, password)}.", code)
        case smtplib.SMTPResponseException():
            said = f"{name} refused the mail{_words(error, password)}."
            return _refusal(said, error.smtp_code)
        case ssl.SSLCertVerificationError():
            return ConfigError(
                f"The certificate of {settings.smtp_host} cannot be trusted: "
                f"{printable(error.verify_message)}.",
                hint="See that notify.smtp_host is the name in its certificate; SSL_CERT_FILE "
                "names other certificates to trust.",
                code="mail-certificate",
            )
        case ssl.SSLError():
            return ConfigError(
                f"{name} does not speak TLS on port {settings.smtp_port}.",
                hint='Usually notify.smtp_security is "starttls" with smtp_port 587, or "tls" with '
                "465.",
                code="mail-tls",
            )
        case UnicodeError():
            return ConfigError(
                f"{name} cannot be given this user, password or host name: there are letters in it "
                "that cannot be sent.",
                hint="Use plain letters, digits and signs.",
                code="mail-letters",
            )
        case smtplib.SMTPException() | OSError() | None:
            return TryLater(
                f"{name} cannot be reached on port {settings.smtp_port}: {_why(error)}.",
                hint="See that notify.smtp_host and smtp_port are right, and that this machine "
                "may send mail there.",
                code="mail-no-connection",
                unknown=False,
            )
    return InvoiceSyncError(f"The mail could not be sent: {type(error).__name__}.")


def _refusal(said: str, code: int) -> InvoiceSyncError:
    """A refusal for now (4xx), or for good (RFC 5321, 4.2.1)."""
    if code < 500:
        return TryLater(said, hint="It is tried again with the next run.", code="mail-refused")
    return ConfigError(
        said, hint="See notify.to and notify.from in the config.", code="mail-refused"
    )


def _refused(recipients: Mapping[str, tuple[int, bytes]], password: str) -> str:
    return "; ".join(
        f"{printable(address)} ({code} {_quoted(text, password)})"
        for address, (code, text) in recipients.items()
    )


def _why(error: BaseException | None) -> str:
    if error is None or isinstance(error, TimeoutError):
        return "no answer in time"
    if isinstance(error, smtplib.SMTPException):
        return "it broke off the conversation"
    return getattr(error, "strerror", None) or "there is no connection"


def _words(error: smtplib.SMTPResponseException, password: str) -> str:
    said = _quoted(error.smtp_error, password)
    return f" ({error.smtp_code}{' ' if said else ''}{said})"


def _quoted(said: bytes | str, password: str) -> str:
    """The server's words; none of them when it repeats the password in any form."""
    text = said.decode("utf-8", "replace") if isinstance(said, bytes) else said
    packed = base64.b64encode(password.encode("utf-8", "replace")).decode()
    if password and (password in text or packed.rstrip("=")[:-1] in text or _holds(text, password)):
        return ""
    return printable(" ".join(text.split()))[:QUOTED].rstrip(" .")


def _holds(text: str, password: str) -> bool:
    """Whether a word of the text, unpacked, has the password in it: so logins are sent."""
    for word in text.split():
        with contextlib.suppress(ValueError):
            if password.encode() in base64.b64decode(word + "=" * (-len(word) % 4)):
                return True
    return False
