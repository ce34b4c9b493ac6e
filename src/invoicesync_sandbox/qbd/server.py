"""QuickBooks on its PC: company files, sessions, what its user does, and what goes wrong."""

from dataclasses import dataclass
from typing import Any, Literal
from uuid import uuid4

from werkzeug.wrappers import Request, Response

from invoicesync_sandbox.base import Vendor
from invoicesync_sandbox.clock import Clock
from invoicesync_sandbox.qbd.books import Books
from invoicesync_sandbox.qbd.errors import (
    BAD_PATH,
    BAD_TICKET,
    COULD_NOT_START,
    DENIED,
    DIALOG,
    NO_FILE,
    NOT_AUTHORISED,
    NOT_RUNNING,
    OTHER_FILE,
    Refused,
    SdkError,
)
from invoicesync_sandbox.qbd.message import Message, enveloped
from invoicesync_sandbox.qbd.planned import Breakdown, Refusal
from invoicesync_sandbox.qbd.replays import MessageSets
from invoicesync_sandbox.qbd.screens import Screens
from invoicesync_sandbox.qbd.sessions import Died, Host, Session
from invoicesync_sandbox.qbd.switches import QbdSwitches
from invoicesync_sandbox.qbd.worker_calls import WorkerCalls, WorkerFault
from invoicesync_sandbox.qbd.worlds import WORLDS, WorldName
from invoicesync_sandbox.wire import from_json, json_response

PATH = r"C:\Users\Public\Documents\Intuit\QuickBooks\Wick and Wax.qbw"
Consent = Literal["always", "while-open", "asked", "refused"]


@dataclass(frozen=True)
class Exchange:
    """A message as it came from an application, and its answer or the HRESULT instead of it."""

    app: str
    xml: str
    answer: str = ""
    hresult: str = ""
    writes: bool = False


class QbdSandbox(Screens, Vendor):
    """One PC with QuickBooks and its company files; the first of them is open.

    A call of `request` is what `ProcessRequest` of the SDK is. It answers on loopback what the
    stand-in for the COM worker asks (`/worker`).
    """

    name = "qbd"

    def __init__(
        self,
        clock: Clock | None = None,
        *,
        switches: QbdSwitches | None = None,
        world: WorldName = "us",
    ) -> None:
        Vendor.__init__(self, clock)
        self.switches = switches or QbdSwitches()
        self.world = WORLDS[world]
        self.books = Books(self.clock, self.switches, self.world, PATH)
        self.files = {PATH: self.books}
        self.host = Host()
        self.running = True
        self.open_path = PATH
        """The file that is open; blank for none."""
        self.dialog = False
        """Whether a modal dialog waits for its user."""
        self.other_single_user = False
        """Whether somebody else has the file open in single-user mode."""
        self.consent: Consent = "always"
        """What the user answers when an application comes in for the first time."""
        self.known_apps: set[str] = set()
        self.exchanges: list[Exchange] = []
        self.breakdowns: list[Breakdown] = []
        self.worker_faults: list[WorkerFault] = []
        self.sessions: dict[str, Session] = {}
        self.calls_of_workers: dict[str, WorkerCalls] = {}
        self._sets: dict[tuple[str, str], MessageSets] = {}

    # The SDK

    def begin(self, app: str, path: str = "", mode: int = 2) -> str:
        """`BeginSession`: a ticket. Raises `SdkError`."""
        with self.lock:
            self._check_running(path)
            self._check_mode(mode)
            self._check_consent(app)
            ticket = f"{{{uuid4()}}}"
            books = self.files[self.open_path]
            self.sessions[ticket] = Session(app, books, self.message_sets(app), self.host)
            return ticket

    def request(self, ticket: str, xml: str) -> str:
        """`ProcessRequest`: the answer to a message. Raises `SdkError`, `NotSimulated`."""
        with self.lock:
            session = self.sessions.get(ticket)
            if session is None:
                raise SdkError(BAD_TICKET)
            writes = False
            try:
                self._check_dialog()
                message = session.read(xml)
                writes = any(not one.reads for one in message.requests)
                answer = self._answered(session, message, writes=writes)
            except SdkError as error:
                self.exchanges.append(Exchange(session.app, xml, "", error.code, writes))
                raise
            self.exchanges.append(Exchange(session.app, xml, answer, "", writes))
            return answer

    def _answered(self, session: Session, message: Message, *, writes: bool) -> str:
        planned = next((one for one in self.breakdowns if one.takes(writes=writes)), None)
        if planned and planned.kind == "drop":
            raise SdkError(planned.hresult)
        try:
            answer = session.answer(message, planned)
        except Died:
            self.quit()
            raise SdkError(int(self.switches.death_code, 16)) from None
        if planned and planned.kind == "answer":
            return planned.text
        if planned:
            raise SdkError(planned.hresult)
        return answer

    def end(self, ticket: str) -> None:
        """`EndSession`."""
        with self.lock:
            self.sessions.pop(ticket, None)

    def stamp(self, owner: str, file: str) -> bool:
        """Stamp the open file for an application, as the Web Connector does; False if the file
        bears this stamp already, a new one takes the place of the old. Raises `SdkError`."""
        with self.lock:
            self._check_running("")
            is_new = self.books.file_ids.get(owner) != file
            self.books.file_ids[owner] = file
            return is_new

    def send(self, *requests: str, app: str = "invoicesync", **attributes: str) -> str:
        """Begin a session, send requests as one message of qbXML 13.0, end it: the answer.

        `attributes` are those of `QBXMLMsgsRq`, such as `newMessageSetID`.
        """
        xml = enveloped(*requests, **attributes)
        ticket = self.begin(app)
        try:
            return self.request(ticket, xml)
        finally:
            self.end(ticket)

    def _check_running(self, path: str) -> None:
        if not self.running:
            if not path:
                raise SdkError(NOT_RUNNING)
            if not self.host.unattended:
                raise SdkError(COULD_NOT_START)
            if path not in self.files:
                raise SdkError(BAD_PATH)
            self.running, self.open_path = True, path
        if not self.open_path:
            if not path:
                raise SdkError(NO_FILE)
            if path not in self.files:
                raise SdkError(BAD_PATH)
            self.open_path = path
        if path and path.casefold() != self.open_path.casefold():
            raise SdkError(OTHER_FILE if path in self.files else BAD_PATH)

    def _check_dialog(self) -> None:
        if self.dialog:
            raise SdkError(DIALOG)

    def _check_mode(self, mode: int) -> None:
        self._check_dialog()
        if self.other_single_user or (mode == 1 and self.host.single_user):
            raise SdkError(int(self.switches.single_user_code, 16))

    def _check_consent(self, app: str) -> None:
        if app in self.known_apps:
            return
        if self.consent == "refused":
            raise SdkError(DENIED)
        if self.consent == "asked":
            raise SdkError(NOT_AUTHORISED)
        self.known_apps.add(app)
        self.host.unattended = self.consent == "always"

    def message_sets(self, app: str) -> MessageSets:
        """What the open file remembers of an application's messages."""
        return self._sets.setdefault((self.open_path, app), MessageSets(self.switches))

    # What goes wrong

    def quit(self) -> None:
        """QuickBooks ends, and every session with it."""
        self.running = False
        self.sessions.clear()

    def start(self) -> None:
        """The user starts QuickBooks again, with the file that was open."""
        self.running = True

    def break_down(self, kind: Literal["drop", "lose", "die", "answer"], **how: Any) -> Breakdown:
        """Plan what happens to a message; see `Breakdown`."""
        how.setdefault("hresult", int(self.switches.death_code, 16))
        planned = Breakdown(kind, **how)
        self.breakdowns.append(planned)
        return planned

    def refuse(self, request: str, code: str, message: str, **how: Any) -> Refusal:
        """Plan that a request such as `InvoiceAdd` is refused; see `Refusal`."""
        planned = Refusal(request, Refused(code, message), **how)
        self.host.refusals.append(planned)
        return planned

    def fail_worker(self, kind: Literal["exit", "hang", "noise"], **how: Any) -> WorkerFault:
        """Plan that the worker fails at a request; see `WorkerFault`."""
        planned = WorkerFault(kind, **how)
        self.worker_faults.append(planned)
        return planned

    def lose_iterators(self) -> None:
        """Forget every iterator."""
        for session in self.sessions.values():
            session.queries.iterators.clear()

    def forget_message_sets(self) -> None:
        """Forget what is remembered of messages, of every application."""
        for sets in self._sets.values():
            sets.forget()

    # Loopback

    def worked(self, request: Request) -> Response:
        """Answer the worker's line."""
        if request.path != "/worker" or request.method != "POST":
            return json_response({"error": "nothing here"}, 404)
        body = from_json(request.get_data())
        with self.lock:
            calls = self.calls_of_workers.setdefault(str(body["worker"]), WorkerCalls(self))
        answer = calls.answer(body["line"])
        return json_response(answer)

    def counted(self, request: Request) -> None:
        """There are no limits on the PC."""

    def writes_sent(self) -> list[Exchange]:
        """The messages so far that held more than queries."""
        return [one for one in self.exchanges if one.writes]
