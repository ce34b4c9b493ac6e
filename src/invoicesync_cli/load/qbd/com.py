"""Messages by COM: a child process beside QuickBooks owns the connection, and can be ended.

COM lives in one thread, and a call of `ProcessRequest` that hangs cannot be taken back; so it
happens in a process of its own (`com_worker.py`), which speaks JSON lines:
`{"id": 1, "do": "open", "app_name": "invoicesync", "file": "", "mode": 2}` is answered with
`{"id": 1, "ok": true}`, `{"id": 2, "do": "request", "xml": "…"}` with `{"id": 2, "xml": "…"}`, or
with `hresult` and `message` instead. `INVOICESYNC_QBD_WORKER` names another command for it.
"""

import importlib.util
import sys
import threading
from typing import Any

from invoicesync_cli.auth.sign_in import SignedIn, SignInOptions, SignInSession
from invoicesync_cli.errors import ConfigError, InvoiceSyncError, TryLater, UsageError
from invoicesync_cli.load.qbd.carriers import Reach
from invoicesync_cli.load.qbd.channel import APP_NAME, SERVICE, failure
from invoicesync_cli.load.qbd.company import keep_sign_in
from invoicesync_cli.programs import Program, ProgramEnded

OPENING = 120.0
"""Seconds that QuickBooks gets to open a company file: it starts in 30 to 40."""
CLOSING = 5.0
EITHER = 2
"""The mode of a session that does not care whether others are in the file (omDontCare)."""


def open_channel(reach: Reach) -> "ComChannel":
    """The channel by COM. Raises `ConfigError` where there is no COM and nothing stands in."""
    if not reach.where.root:
        _check_machine()
    return ComChannel(reach)


def sign_in(session: SignInSession, options: SignInOptions) -> SignedIn:
    """Open the company file, whereupon QuickBooks asks its user, and pin the company."""
    if options.renew:
        raise UsageError(
            "--renew is for the Web Connector, which knows a company file by an id of its own.",
            hint='With qbd.transport = "com" leave it out.',
        )
    credentials = session.credentials
    reach = Reach(credentials.config.qbd, credentials.where("qbd"), credentials.network)
    channel = open_channel(reach)
    try:
        return keep_sign_in(session, channel, "com", typed={})
    finally:
        channel.close()


def _check_machine() -> None:
    if sys.platform != "win32":
        raise ConfigError(
            'qbd.transport = "com" works only in Windows, on the PC with QuickBooks.',
            hint='Set qbd.transport = "web-connector", which works from any machine.',
            code="com-missing",
        )
    if importlib.util.find_spec("win32com") is None:
        raise ConfigError(
            "The package pywin32 is missing, by which QuickBooks is reached.",
            hint='Install invoicesync with its extra: pip install ".[desktop]"',
            code="com-missing",
        )


class ComChannel:
    """One session, begun with the first message, and anew after a worker has ended."""

    def __init__(self, reach: Reach) -> None:
        self._file = reach.config.company_file
        self._command = reach.where.root or [
            sys.executable,
            "-m",
            "invoicesync_cli.load.qbd.com_worker",
        ]
        self._network = reach.network
        self._worker: Program | None = None
        self._thread = threading.Lock()
        self._number = 0

    def exchange(self, message: str, limit: float) -> str:
        """As `Channel` says. A worker that ends, hangs or says something else leaves it open what
        became of the message; it is not used again."""
        with self._thread:
            worker = self._ready()
            answer = self._ask(worker, {"do": "request", "xml": message}, limit)
            if isinstance(answer.get("xml"), str):
                return str(answer["xml"])
            error = _failure(answer)
            if error.unknown:
                self._drop()
            raise error

    def close(self) -> None:
        """End the session and the worker."""
        with self._thread:
            worker, self._worker = self._worker, None
            if worker is None:
                return
            try:
                worker.ask({"id": self._next(), "do": "close"}, CLOSING)
            except (ProgramEnded, OSError):
                pass
            finally:
                worker.close()

    def _ready(self) -> Program:
        """The worker with an open session. Raises what `failure` gives, and `TryLater`; nothing
        was sent then."""
        if self._worker is None:
            try:
                self._worker = self._network.program(self._command)
            except ProgramEnded as why:
                raise ConfigError(
                    f"The process that reaches {SERVICE} does not start: {why}.",
                    hint="Check INVOICESYNC_QBD_WORKER, if it is set.",
                    code="com-missing",
                ) from None
            try:
                self._open(self._worker)
            except InvoiceSyncError as error:
                error.unknown = False
                self._drop()
                raise
        return self._worker

    def _open(self, worker: Program) -> None:
        line = {"do": "open", "app_name": APP_NAME, "file": self._file, "mode": EITHER}
        answer = self._ask(worker, line, OPENING)
        if answer.get("ok") is not True:
            raise _failure(answer)

    def _ask(self, worker: Program, line: dict[str, Any], limit: float) -> dict[str, Any]:
        number = self._next()
        try:
            answer = worker.ask({"id": number, **line}, limit)
        except (ProgramEnded, OSError) as ended:
            self._drop()
            raise TryLater(
                f"The connection to {SERVICE} broke off: {ended}",
                hint="See what QuickBooks shows on its PC. The next run looks up what became of "
                "the message.",
                code="quickbooks-died",
            ) from None
        if answer.get("id") != number:
            self._drop()
            raise _nonsense()
        return answer

    def _drop(self) -> None:
        worker, self._worker = self._worker, None
        if worker is not None:
            worker.close()

    def _next(self) -> int:
        self._number += 1
        return self._number


def _failure(answer: dict[str, Any]) -> InvoiceSyncError:
    code = answer.get("hresult")
    if not isinstance(code, str) or not code.startswith("0x"):
        return _nonsense()
    return failure(code, " ".join(str(answer.get("message") or "").split()))


def _nonsense() -> TryLater:
    return TryLater(
        f"The process that reaches {SERVICE} answered with something else.",
        hint="The next run looks up what became of the message.",
        code="quickbooks-died",
    )
