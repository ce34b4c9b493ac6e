"""Signing in by the Web Connector: a file for it, a password, and its first session."""

import contextlib
import re
import secrets
from pathlib import Path
from uuid import uuid4

from invoicesync_cli.auth.sign_in import SignedIn, SignInOptions, SignInSession
from invoicesync_cli.auth.stores import check
from invoicesync_cli.config.sections import Qbd
from invoicesync_cli.errors import SignInNeeded, TryLater
from invoicesync_cli.load.qbd.company import keep_sign_in
from invoicesync_cli.load.qbd.web_connector import qwc
from invoicesync_cli.load.qbd.web_connector.carrier import WebConnectorChannel
from invoicesync_cli.machine import write_privately
from invoicesync_cli.paths import private_folder

LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"
"""What nobody mistakes for something else while typing it on another PC."""
GROUPS, LETTERS_OF_GROUP = 4, 5
"""A password of 99 bits."""
_FILE_ID = re.compile(r"\{[0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}\}")


def sign_in(session: SignInSession, options: SignInOptions) -> SignedIn:
    """Write the file, wait for the first session, and pin the company.

    Raises `SignInNeeded` where nobody comes in time, and what `keep_sign_in` raises.
    """
    credentials = session.credentials
    config = credentials.config.qbd
    check(credentials.store)
    password = new_password()
    path = credentials.paths.state.with_name(qwc.FILE_NAME)
    channel = WebConnectorChannel(config, password, session.ways.seconds)
    with contextlib.closing(channel):
        file_id = _file_id(session, path, renew=options.renew)
        private_folder(path.parent)
        minutes = max(1, round(config.poll_seconds / 60))
        write_privately(path, qwc.text(config.app_url, file_id, minutes))
        session.user.say(_instructions(config, path, password))
        typed = {session.vendor.secret("password"): password}
        try:
            return keep_sign_in(
                session, channel, "web-connector", typed=typed, renewed=options.renew
            )
        except TryLater as error:
            if error.code == "no-web-connector":
                raise _nobody_came(session, config) from None
            raise


def new_password() -> str:
    """A password that nobody guesses and that can be typed."""
    groups = (
        "".join(secrets.choice(LETTERS) for _ in range(LETTERS_OF_GROUP)) for _ in range(GROUPS)
    )
    return "-".join(groups)


def _file_id(session: SignInSession, path: Path, *, renew: bool) -> str:
    """The id by which the Web Connector knows the company file: made once, and kept."""
    if not renew:
        known = session.pins.known(session.vendor.key).id
        with contextlib.suppress(OSError, UnicodeDecodeError):
            known = path.read_text(encoding="utf-8").partition("<FileID>")[2] or known
        found = _FILE_ID.match(known)
        if found:
            return found[0]
    return f"{{{uuid4()}}}"


def _instructions(config: Qbd, path: Path, password: str) -> str:
    elsewhere = "" if config.url else f" (with port {config.place[1]} of it forwarded to this one)"
    return "\n".join(
        (
            "On the PC with QuickBooks, with the company file open as its administrator:",
            f"  1. Bring this file there, if that is another machine{elsewhere}:",
            f"     {path}",
            "  2. Open the Web Connector (in QuickBooks: File > App Management > Update Web "
            "Services), click Add an Application, and choose the file.",
            "  3. QuickBooks asks whether invoicesync may read and modify the company file: choose "
            "Yes, always; allow access even if QuickBooks is not running.",
            "  4. In the Web Connector, type the password into its field and press Enter:",
            f"Password: {password}",
            "  5. Tick the box of invoicesync, and click Update Selected.",
            "The password is not shown again. Waiting for the Web Connector...",
        )
    )


def _nobody_came(session: SignInSession, config: Qbd) -> SignInNeeded:
    command = session.credentials.command(session.vendor.key)
    return SignInNeeded(
        f"The Web Connector did not come with the password within {session.ways.seconds:g} "
        "seconds.",
        hint="See what it says in its window: it has to reach this machine at "
        f"{config.app_url}{qwc.PATH}, and to have the password of this sign-in. To try again, with "
        f"more time: {command} --timeout 1800",
        code="timed-out",
    )
