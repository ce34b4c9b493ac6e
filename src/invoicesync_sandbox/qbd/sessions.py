"""One application's session with a company file: messages come in, answers go out."""

from collections.abc import Callable
from dataclasses import dataclass, field

from invoicesync_sandbox.qbd import company, message
from invoicesync_sandbox.qbd.books import Books
from invoicesync_sandbox.qbd.errors import (
    NOT_PROCESSED,
    OK,
    PARSE,
    Refused,
    SdkError,
    Unparsable,
    read_only,
)
from invoicesync_sandbox.qbd.message import Answer, Message, Request
from invoicesync_sandbox.qbd.planned import Breakdown, Refusal
from invoicesync_sandbox.qbd.reading import Queries
from invoicesync_sandbox.qbd.replays import Done, MessageSets, Plan, recovered
from invoicesync_sandbox.qbd.writing import Written, perform


@dataclass
class Host:
    """QuickBooks as applications find it."""

    newest: str = "17.0"
    """The newest qbXML that it knows."""
    single_user: bool = False
    """Whether the file is open in single-user mode, by the user whose QuickBooks it is."""
    unattended: bool = True
    """Whether applications may come in while QuickBooks does not run."""
    writable: bool = True
    """Whether the user has let applications write."""
    refusals: list[Refusal] = field(default_factory=list)


class Died(Exception):
    """QuickBooks ended in the middle of a message."""


class Session:
    """A session; its iterators go with it."""

    def __init__(self, app: str, books: Books, sets: MessageSets, host: Host) -> None:
        self.app = app
        self.books = books
        self.queries = Queries(books)
        self._sets = sets
        self._host = host

    def read(self, xml: str) -> Message:
        """The message. Raises `SdkError` (0x80040400), `NotSimulated`."""
        try:
            kept = self.books.switches.raw_letters == "kept"
            return message.read(xml, newest=self._host.newest, raw_letters=kept)
        except Unparsable:
            raise SdkError(PARSE) from None

    def answer(self, asked: Message, breakdown: Breakdown | None = None) -> str:
        """Carry a message out, and give the answer to it. Raises `Died` where that is planned."""
        plan = self._sets.plan(asked)
        if not plan.executed:
            return message.written(
                self._stored(plan), new_id=asked.new_id, status=plan.status, silent=asked.silent
            )
        answers: list[Answer] = []
        done: list[Done] = []
        stopped = False
        for place, request in enumerate(asked.requests):
            if breakdown and breakdown.kind == "die" and place == breakdown.done:
                self._sets.keep(asked, done, whole=False)
                raise Died
            if stopped:
                answers.append(Answer(_rs(request), request.id, NOT_PROCESSED))
                done.append(Done(request.name, request.id, NOT_PROCESSED))
                continue
            answer, state = self._one(request)
            answers.append(answer)
            done.append(state)
            stopped = asked.stops and answer.status.severity == "Error"
        self._sets.keep(asked, done)
        if breakdown and breakdown.kind == "die":
            raise Died
        return message.written(
            answers, new_id=asked.new_id, status=plan.status, silent=asked.silent
        )

    def _stored(self, plan: Plan) -> list[Answer]:
        if plan.known is None:
            return []
        answers = [recovered(one) for one in plan.known.done]
        if self.books.switches.stored_answer == "full":
            for answer, one in zip(answers, plan.known.done, strict=True):
                row = one.row and self.books.tables[type(one.row)].get(one.row.id)
                if row is not None:
                    view = self.queries.view
                    answer.children = [(view.name(row), view.row(row))]
        return answers

    def _one(self, request: Request) -> tuple[Answer, Done]:
        answer = Answer(_rs(request), request.id, OK)
        written: Written | None = None
        planned = next(
            (one for one in self._host.refusals if one.takes(request.name, request.text)), None
        )
        try:
            if request.refusal:
                raise request.refusal
            if planned and not planned.done:
                raise planned.refused
            if request.reads:
                self._queried(request, answer)
            else:
                if not self._host.writable:
                    raise read_only()
                written = perform(self.books, request.name, request.sent)
                answer.children = written.children
            if planned:
                raise planned.refused
        except Refused as refused:
            answer.status = refused.status
            answer.children = []
        row, recovery = (written.row, written.recovery) if written else (None, None)
        return answer, Done(request.name, request.id, answer.status, row, recovery)

    def _queried(self, request: Request, answer: Answer) -> None:
        host = self._host
        about: dict[str, Callable[[], dict[str, object]]] = {
            "HostQueryRq": lambda: company.host(
                self.books,
                newest=host.newest,
                single_user=host.single_user,
                unattended=host.unattended,
            ),
            "CompanyQueryRq": lambda: company.company(self.books, request.sent),
            "PreferencesQueryRq": lambda: company.preferences(
                self.books, unattended=host.unattended
            ),
        }
        if request.name in about:
            wanted = request.sent.all("IncludeRetElement")
            values = about[request.name]()
            kept = {name: one for name, one in values.items() if not wanted or name in wanted}
            answer.children = [(request.name.replace("QueryRq", "Ret"), kept)]
            return
        found = self.queries.answer(request.name, request.sent, request.attributes)
        answer.status, answer.children = found.status, list(found.shown)
        answer.attributes = found.attributes


def _rs(request: Request) -> str:
    return request.name.removesuffix("Rq") + "Rs"
