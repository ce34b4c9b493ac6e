"""What would keep mail and pings of scheduled runs from being sent."""

import re
from collections.abc import Iterator
from email.utils import getaddresses
from urllib.parse import urlsplit

from invoicesync_cli.config.sections import Notify
from invoicesync_cli.config.wording import SettingFinding
from invoicesync_cli.services import is_loopback

ADDRESS = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9]([A-Za-z0-9.-]{0,252})")
"""What mail servers take as an address (RFC 5321, without quoted names)."""
HOST = re.compile(r"[A-Za-z0-9]([A-Za-z0-9.-]{0,252})|[0-9A-Fa-f:]+")
NEEDED = {
    "to": 'Write the address that the mail goes to, such as "me@example.com".',
    "from": "Write the address that your mail server sends from, often the same as to.",
    "smtp_host": 'Write the name of the mail server that sends it, such as "smtp.example.com".',
}


def addresses(text: str) -> list[str]:
    """The bare addresses of a list with commas; those that are none too, as they are."""
    found = [address for _, address in getaddresses([text])]
    return found if all(found) else [part.strip() for part in text.split(",")]


def mail_checks(notify: Notify) -> Iterator[SettingFinding]:
    """Problems of the settings for mail, while any is to be sent."""
    if notify.email == "off":
        return
    values = {"to": notify.to, "from": notify.from_, "smtp_host": notify.smtp_host}
    for name, hint in NEEDED.items():
        if not values[name].strip():
            yield f"notify.{name}", f'this is needed for email = "{notify.email}".', hint
        elif name != "smtp_host":
            yield from _addresses(f"notify.{name}", values[name], hint)
    host = notify.smtp_host.strip()
    if host and not HOST.fullmatch(host):
        yield "notify.smtp_host", f'"{host}" is no name of a server.', NEEDED["smtp_host"]
    elif host and notify.smtp_security == "none" and not is_loopback(host):
        yield (
            "notify.smtp_security",
            '"none" is only for a mail server on this machine: anybody on the way could read it.',
            'Write "starttls" (usually port 587) or "tls" (usually port 465).',
        )


def _addresses(key: str, text: str, hint: str) -> Iterator[SettingFinding]:
    found = addresses(text)
    for address in found:
        if not ADDRESS.fullmatch(address):
            yield key, f'"{address}" is no mail address.', hint
    if key == "notify.from" and len(found) > 1:
        yield key, "mail comes from one address only.", hint


def ping_checks(address: str) -> Iterator[SettingFinding]:
    """Problems of the address that is called after each scheduled run."""
    try:
        parts = urlsplit(address)
        host, _ = parts.hostname or "", parts.port
    except ValueError:
        parts, host = urlsplit(""), ""
    safe = parts.scheme == "https" or (parts.scheme == "http" and is_loopback(host))
    unusual = re.search(r"\s", address) or parts.path.startswith("//") or parts.fragment
    if address and not (HOST.fullmatch(host) and safe and not unusual):
        yield (
            "notify.ping_url",
            "this is no address that can be called.",
            "It has to begin with https:// (http:// only for this machine), without a #.",
        )
    elif parts.username or parts.password:
        yield (
            "notify.ping_url",
            "there is a user name or a password in this address, which is not sent.",
            "Use an address that needs none, as monitoring services give it.",
        )
