"""How a message reaches QuickBooks Desktop and its answer comes back, whoever carries the two.

There are two carriers: the COM Request Processor beside QuickBooks (`com.py`), and Intuit's Web
Connector, which comes and asks. Everything above a `Channel` is the same for both.

The company's answer says whose books they are, never the carrier. Which carrier a profile
uses stands in `qbd.transport`; `carriers.py` opens it.
"""

from typing import Protocol

from invoicesync_cli.errors import ConfigError, InvoiceSyncError, SignInNeeded, TryLater

SERVICE = "QuickBooks Desktop"
APP_NAME = "invoicesync"
"""What QuickBooks knows us as; what it remembers of messages belongs to this name."""
OWNER_ID = "{6d1c2c1e-0f0b-4f57-9a3e-3b6f5a2d7c11}"
"""Our own id as an application (`OwnerID`), which never changes: by it the Web Connector stamps the
company file with a `FileID`, and by it the stamp is read (`CompanyQuery` with `OwnerID`)."""
NEVER_DONE = "0x80040400"
"""QuickBooks could not read the message: nothing of it was done."""


class Channel(Protocol):
    """The way to one company file.

    One message is on its way at a time; a second thread waits. A session with QuickBooks begins
    with the first message at the latest, and is begun anew after one that was lost: iterators are
    of one session, so whoever pages has to begin anew where QuickBooks knows an iterator no more.
    """

    def exchange(self, message: str, limit: float) -> str:
        """The whole answer (qbXML) to a whole message (qbXML, ASCII), within `limit` seconds.

        Raises what `failure` gives for an HRESULT, and `TryLater` where no answer comes: with
        `unknown` unless QuickBooks surely has not seen the message. It is never repeated here.
        """
        ...

    def close(self) -> None:
        """End the session. Nothing is sent afterwards."""
        ...


class MessageRefused(InvoiceSyncError):
    """QuickBooks could not read the message (0x80040400); nothing of it was done, and it does not
    say what was wrong. The same message would always be refused."""

    exit_code = TryLater.exit_code
    code = "message-refused"

    def __init__(self, words: str) -> None:
        super().__init__(
            f"{SERVICE} could not read a message: {words}",
            hint="Everything done so far is saved. Please report it with the output of the same "
            "command with -vv.",
        )


_OPEN_IT = "Open the company file in QuickBooks on its PC, then try again."
_ANSWER_IT = "See what QuickBooks shows on its PC, answer it, then try again."
_DIED = "See whether QuickBooks still runs. The next run looks up what became of the message."
_LATER = {
    "0x80040401": "Start QuickBooks on its PC, in the same Windows session, then try again.",
    "0x80040408": "Somebody may have the file in single-user mode, or be logged in elsewhere.",
    "0x8004040D": "The session has ended. Try again.",
    "0x80040410": "The file is open in another mode: switch QuickBooks to multi-user mode.",
    "0x80040414": "A window of QuickBooks waits for somebody. " + _ANSWER_IT,
    "0x80040416": _OPEN_IT,
    "0x80040417": _OPEN_IT,
    "0x80040421": _ANSWER_IT,
    "0x80040422": "Somebody has the file in single-user mode. Try again once it is free.",
    "0x80040424": "QuickBooks has not finished starting. Try again in a minute.",
}
_CONFIG = {
    "0x80040403": "Check qbd.company_file: it is the full path on the QuickBooks PC.",
    "0x80040406": "Check qbd.company_file: it is the full path on the QuickBooks PC.",
    "0x80040154": "QuickBooks' SDK is not there for this Python: both have to be 64-bit, or both "
    "32-bit.",
}
_SIGN_IN = {
    "0x8004040A": "Another company file is open. Open the right one, or sign in to this one with "
    "another --profile.",
    "0x80040418": "Let invoicesync in where QuickBooks asks, then: invoicesync auth qbd",
    "0x8004041A": "Let invoicesync in under Edit > Preferences > Integrated Applications, then: "
    "invoicesync auth qbd",
    "0x80040420": "Let invoicesync in under Edit > Preferences > Integrated Applications, then: "
    "invoicesync auth qbd",
}


def failure(hresult: str, words: str) -> InvoiceSyncError:
    """What an HRESULT means (Intuit's "Status codes", "Session and connection object attributes").

    `MessageRefused`, `TryLater` without `unknown`, `SignInNeeded` and `ConfigError`: nothing was
    done. Whatever else it is, QuickBooks may have done all of it, or a part: `TryLater` with
    `unknown`.
    """
    code = f"0x{hresult[2:].upper()}"
    said = f"{words} ({code})" if words else code
    if code == NEVER_DONE:
        return MessageRefused(said)
    if code in _LATER:
        return TryLater(
            f"{SERVICE} takes nothing just now: {said}",
            hint=_LATER[code],
            code="quickbooks-not-ready",
            unknown=False,
        )
    if code in _SIGN_IN:
        return SignInNeeded(f"{SERVICE} does not let invoicesync in: {said}", hint=_SIGN_IN[code])
    if code in _CONFIG:
        return ConfigError(
            f"{SERVICE} cannot open the company file: {said}",
            hint=_CONFIG[code],
            code="company-file",
        )
    return TryLater(f"{SERVICE} broke off: {said}", hint=_DIED, code="quickbooks-died")
