"""Getting a person's consent: a browser and a listener, or an address that is pasted back."""

import queue
import re
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol
from urllib.parse import unquote, urlsplit

from invoicesync_cli.auth import browser
from invoicesync_cli.auth.listener import Outcomes, listening
from invoicesync_cli.auth.oauth import Callback, Consent
from invoicesync_cli.errors import ConfigError, SignInNeeded
from invoicesync_cli.services import LANDING_HINT, is_loopback, is_safe

LOOK = 0.2
"""Seconds between two looks at what the listener and the terminal have got."""
CODE = re.compile(r"[A-Za-z0-9._~/+=|%-]{4,}")
"""What a code looks like that was copied without its address."""


SLIPS = {"no-code", "wrong-address", "wrong-state"}
"""What was pasted is not the answer to this question; the page that has it may still be open."""


class User(Protocol):
    """Whoever sits at the terminal, or what is piped into it."""

    @property
    def at_terminal(self) -> bool:
        """Whether somebody is there to be asked."""
        ...

    def say(self, text: str) -> None:
        """Say something that is needed to go on; shown with --quiet and --json too."""
        ...

    def line(self, question: str, seconds: float) -> str:
        """A line from the terminal or the pipe. Raises `SignInNeeded` when there is none."""
        ...

    def early_line(self) -> str | None:
        """A line that is there already; None while there is none, and for ever without a person."""
        ...

    def secret(self, question: str, variable: str, *, piped: bool) -> str:
        """A line that is not shown while it is typed. Raises `SignInNeeded` without one.

        `variable` is the environment variable that could bring it instead; `piped` says that it
        was asked for on standard input, so that a pipe is read even if nobody may be asked.
        """
        ...


@dataclass(frozen=True)
class Ways:
    """How to ask for consent: whether with a browser, and for how many seconds."""

    browser: bool
    seconds: float
    environ: Mapping[str, str]


def check_redirect(key: str, redirect_uri: str) -> None:
    """Raise `ConfigError` unless the address is https, or http on this machine."""
    if not is_safe(redirect_uri):
        raise ConfigError(
            f"{key} is {redirect_uri!r}, which is no redirect address."
            if redirect_uri
            else f"{key} is not set.",
            hint=LANDING_HINT,
            code="redirect-uri",
        )


def ask(consent: Consent, ways: Ways, user: User) -> Callback:
    """The answer to a consent. Raises `SignInNeeded` for a refusal, a time-out, or no answer."""
    here = is_loopback(urlsplit(consent.redirect_uri).hostname or "")
    if here and ways.browser:
        return _listen(consent, ways, user)
    return _pasted(consent, ways, user)


def _listen(consent: Consent, ways: Ways, user: User) -> Callback:
    name = consent.vendor.title
    with listening(consent) as outcomes:
        missing = threading.Event()
        if browser.available(ways.environ):
            user.say(
                f"Opening {name} in your browser. If nothing opens, open this address:\n"
                f"{consent.address}"
            )
            browser.open_address(consent.address, missing.set)
        else:
            missing.set()
        return _first(consent, ways, user, outcomes, missing)


def _first(
    consent: Consent, ways: Ways, user: User, outcomes: Outcomes, missing: threading.Event
) -> Callback:
    """What comes first: the browser, or, where none could be opened, a line that is typed."""
    warned = False
    until = time.monotonic() + ways.seconds
    while (left := until - time.monotonic()) > 0:
        if missing.is_set() and not warned:
            warned = True
            user.say(
                f"No browser can be opened on this machine. Open this address in any browser:\n"
                f"{consent.address}\n"
                "If that browser runs on another machine, it ends on a page that cannot be shown: "
                "copy the address of that page and paste it here."
            )
        try:
            outcome = outcomes.get(timeout=min(LOOK, left))
        except queue.Empty:
            typed = user.early_line() if missing.is_set() else None
            found = _read_again(consent, typed, user) if typed else None
            if found:
                return found
            continue
        if isinstance(outcome, SignInNeeded):
            raise outcome
        return outcome
    raise _timed_out(consent, ways)


def _pasted(consent: Consent, ways: Ways, user: User) -> Callback:
    name = consent.vendor.title
    opened = ways.browser and browser.available(ways.environ)
    user.say(
        f"{'Opening' if opened else 'Open'} this address in a browser and allow access at {name}:\n"
        f"{consent.address}\n"
        f"The browser then lands on an address that begins with {consent.redirect_uri} - it does "
        "not matter what that page shows. Copy its whole address."
    )
    if opened:
        browser.open_address(consent.address, lambda: None)
    short = "" if consent.vendor.oauth.account_parameter else " (or just the code)"
    until = time.monotonic() + ways.seconds
    while True:
        typed = user.line(f"Paste the address{short}: ", max(0.0, until - time.monotonic()))
        found = _read_again(consent, typed, user)
        if found:
            return found


def _read_again(consent: Consent, typed: str, user: User) -> Callback | None:
    """The answer in what was pasted; None for a slip of somebody who can paste again."""
    try:
        return _read(consent, typed)
    except SignInNeeded as error:
        if error.code not in SLIPS or not user.at_terminal:
            raise
        user.say(f"{error.message} Copy the whole address of the page, and paste it again.")
        return None


def _read(consent: Consent, typed: str) -> Callback:
    text = typed.strip().strip("\"'<>")
    if "://" in text:
        return consent.read(text)
    if text.lstrip("?&").startswith(("code=", "error=", "state=")):
        return consent.read(f"{consent.redirect_uri}?{text.lstrip('?&')}")
    if CODE.fullmatch(text):
        # Without its address a code shows no state; whoever pasted it has seen where it came from.
        return Callback(unquote(text))
    raise SignInNeeded(
        "What was pasted is neither an address nor a code.",
        hint="Copy the whole address of the page that the browser has landed on, from https:// or "
        f"http:// to its end. Start again: invoicesync auth {consent.vendor.key}",
        code="no-code",
    )


def _timed_out(consent: Consent, ways: Ways) -> SignInNeeded:
    return SignInNeeded(
        f"{consent.vendor.title} did not come back within {ways.seconds:g} seconds.",
        hint=f"{consent.vendor.oauth.waiting_hint} The redirect address is {consent.redirect_uri}; "
        f"the scopes asked for are: {' '.join(consent.vendor.oauth.scopes)}. To try again: "
        f"invoicesync auth {consent.vendor.key}",
        code="timed-out",
    )
