"""What the fault tests share: trouble on the way to a service, kills, a look at the books."""

import contextlib
import io
import json
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any, Literal
from unittest.mock import patch

from werkzeug.test import run_wsgi_app
from werkzeug.wrappers import Request, Response

from invoicesync_cli.errors import InvoiceSyncError, TryLater
from invoicesync_cli.model import DocumentKind, DocumentState
from invoicesync_cli.state import Store
from invoicesync_cli.sync import Result
from invoicesync_sandbox.base import Fault
from invoicesync_sandbox.keap.rows import Payment
from invoicesync_sandbox.shop.ledger import fill_xero
from invoicesync_sandbox.world import INSIDE
from invoicesync_sandbox.xero import XeroSandbox
from invoicesync_sandbox.xero.rows import Invoice
from tests.kits.desktop_wire import wire
from tests.kits.journal import unsettled
from tests.kits.rehearsal import Rehearsal

Where = Literal["before", "after"]


@dataclass
class Trouble:
    """What happens to the request number `at` (from 1) that matches, on its way to a service.

    `before` the service has seen it or `after` it has done its work: either `killed` is raised, as
    if the process had died or the connection had broken, or `answer` takes the place of what the
    service says. `text` is searched for in the body.
    """

    where: Where = "before"
    at: int = 1
    method: str = ""
    path: str = ""
    text: str = ""
    times: int = 1
    killed: type[BaseException] | None = None
    answer: Callable[[], Response] | None = None
    seen: int = 0

    def takes(self, request: Request) -> bool:
        """Whether this request is hit; counts those that match."""
        if self.method not in {"", request.method} or self.path not in request.path:
            return False
        if not re.search(self.text, request.get_data(as_text=True)):
            return False
        self.seen += 1
        return self.at <= self.seen < self.at + self.times

    def instead(self, _given: Response | None) -> Response:
        """What takes the place of what the service says; None: it has not been asked."""
        return self.answer() if self.answer else Response("", 502)


TWICE = (
    b"must be unique",
    b"already assigned to another contact",
    b"exceeds the amount outstanding",
    b"of the list element is already in use",
    b"You cannot pay more than the amount due",
    b"You cannot apply more than the credit that is left",
    b"You cannot refund more than the credit that is left",
)
"""What Xero and QuickBooks Desktop say when something is sent to them that they have already."""


@dataclass
class Between:
    """A WSGI application between the client and a service, where trouble can be planned.

    `beforehand` is called before the service sees a request, `meanwhile` after its answer, both
    with the request. `twice` keeps the answers in which
    a ledger refused something because it had it already: its last line of defence, not ours.
    """

    app: Callable[..., Iterable[bytes]]
    planned: list[Trouble] = field(default_factory=list)
    beforehand: Callable[[Request], None] = lambda _: None
    meanwhile: Callable[[Request], None] = lambda _: None
    twice: list[bytes] = field(default_factory=list)

    def __call__(self, environ: dict[str, Any], start: Callable[..., Any]) -> Iterable[bytes]:
        request = Request(environ)
        # The service reads the body from the start, whoever has read it before.
        environ["wsgi.input"] = io.BytesIO(request.get_data())
        hit = next((trouble for trouble in self.planned if trouble.takes(request)), None)
        answer = None
        if hit is None or hit.where == "after":
            answer = self._ask(request)
        if hit and hit.killed:
            raise hit.killed
        if hit:
            answer = hit.instead(answer)
        assert answer is not None
        return answer(environ, start)

    def _ask(self, request: Request) -> Response:
        self.beforehand(request)
        body, status, headers = run_wsgi_app(self.app, request.environ, buffered=True)
        content = b"".join(body)
        self.meanwhile(request)
        if any(words in content for words in TWICE):
            self.twice.append(content)
        return Response(content, status, headers)


def between(rehearsal: Rehearsal) -> dict[str, Between]:
    """Put a place for trouble before the services, by their names."""
    apps = rehearsal.network.apps
    places = {name: Between(apps[at]) for name, at in INSIDE.items() if at in apps}
    rehearsal.network.apps = {INSIDE[name]: place for name, place in places.items()}
    if rehearsal.to == "qbd":
        places["qbd"] = desktop = Between(rehearsal.qbd)
        wire(rehearsal, desktop)
    return places


@contextlib.contextmanager
def killed_at_commit(
    at: int, where: Literal["before", "inside", "after"], how: type[BaseException]
) -> Iterator[None]:
    """The process dies at the transaction number `at` (from 1) of the state file."""
    original = Store.transaction
    count = 0

    @contextlib.contextmanager
    def transaction(state: Store) -> Iterator[None]:
        nonlocal count
        count += 1
        mine = count == at
        if mine and where == "before":
            raise how
        with original(state):
            yield
            if mine and where == "inside":
                raise how
        if mine and where == "after":
            raise how

    with patch.object(Store, "transaction", transaction):
        yield


def attempt(rehearsal: Rehearsal, **options: Any) -> Result | BaseException:
    """A run that may end in any way."""
    try:
        return rehearsal.sync(**options)
    except (InvoiceSyncError, KeyboardInterrupt, SystemExit) as error:
        return error


def failure(rehearsal: Rehearsal, **options: Any) -> InvoiceSyncError:
    """The error that a run ends with."""
    ended = attempt(rehearsal, **options)
    assert isinstance(ended, InvoiceSyncError), ended
    return ended


def sent(rehearsal: Rehearsal) -> dict[str, list[Invoice]]:
    """The invoices in Xero that carry an order's marker and are alive, by order id."""
    found: dict[str, list[Invoice]] = {}
    for invoice in rehearsal.xero.invoices.values():
        if invoice.reference.startswith("Keap order ") and invoice.status not in {
            "VOIDED",
            "DELETED",
        }:
            order = invoice.reference.removeprefix("Keap order ").partition(",")[0]
            found.setdefault(order, []).append(invoice)
    return found


def puts(rehearsal: Rehearsal, path: str = "/Invoices") -> int:
    """How many batches were sent to Xero so far."""
    return sum(call.path.endswith(path) for call in rehearsal.xero.writes())


def payments_of(rehearsal: Rehearsal, order: str) -> list[Payment]:
    """What was paid or credited on an order in Keap."""
    return [item for item in rehearsal.keap.payments.values() if order in item.order_ids]


def check_booked(rehearsal: Rehearsal, *, but: Iterable[str] = ()) -> None:
    """Every order but these is in Xero exactly once, with its total, and so is every payment; the
    state says the same; nobody is a contact twice; nothing is left half-way; another run writes
    nothing."""
    booked = sent(rehearsal)
    orders = {key: order for key, order in rehearsal.keap.orders.items() if key not in set(but)}
    assert {key: [row.total for row in rows] for key, rows in booked.items()} == {
        key: [order.total] for key, order in orders.items()
    }
    made = Counter(
        contact.contact_number
        for contact in rehearsal.xero.contacts.values()
        if contact.contact_number.startswith("keap-")
    )
    assert all(count == 1 for count in made.values()), made
    with rehearsal.state() as state:
        assert not unsettled(state)
        records = state.records(DocumentKind.INVOICE, orders)
    for key, record in records.items():
        document, row = record.document, booked[key][0]
        assert (document.state, document.ledger_id) == (DocumentState.CREATED, row.id), document
        assert (document.number, document.ledger_total) == (row.number, row.total)
    assert records.keys() == orders.keys()
    check_paid(rehearsal)
    before = len(rehearsal.xero.writes())
    rehearsal.sync()
    assert len(rehearsal.xero.writes()) == before


def check_paid(rehearsal: Rehearsal) -> None:
    """Every payment of an order that is in Xero is there exactly once, every credit is one note,
    wholly allocated; the state says the same. Where payments are sent at all."""
    if not any(call.path.endswith(("/Payments", "/CreditNotes")) for call in rehearsal.xero.calls):
        return
    xero = rehearsal.xero
    for order, (row,) in sent(rehearsal).items():
        due = payments_of(rehearsal, order)
        paid = [
            (payment.reference, payment.amount)
            for payment in xero.payments.values()
            if payment.document_id == row.id and payment.status == "AUTHORISED"
        ]
        assert sorted(paid) == sorted(
            (item.external_transaction_id or f"keap-{item.id}", item.amount)
            for item in due
            if item.type != "Credit"
        )
        notes = [note for note in xero.credit_notes.values() if note.reference == row.reference]
        assert sorted(note.total for note in notes) == sorted(
            item.amount for item in due if item.type == "Credit"
        )
        assert all(note.remaining_credit == 0 for note in notes)
        with rehearsal.state() as state:
            records = state.records_of([order], "order")
        states = {item.key: item.state for item in records if item.kind is not DocumentKind.INVOICE}
        assert states == {f"{item.id}:{order}": DocumentState.CREATED for item in due}


@dataclass
class CutOff(Fault):
    """From the request that it takes on, no other gets through."""

    cut: bool = False

    def takes(self, request: Request) -> bool:
        """Whether this request is lost, with what comes after it."""
        if self.cut:
            self.kind = "drop"
            return True
        self.cut = super().takes(request)
        return self.cut


def lose(
    rehearsal: Rehearsal, path: str = "/Invoices", kind: Literal["lose", "drop"] = "lose"
) -> TryLater:
    """A run whose batch is sent and not answered, and after which Xero is out of reach."""
    rehearsal.xero.faults.append(CutOff(kind=kind, method="PUT", path=f"{path}$"))
    error = failure(rehearsal)
    rehearsal.xero.faults.clear()
    assert isinstance(error, TryLater)
    return error


def altered(
    rehearsal: Rehearsal, change: Callable[[Any], object], *, method: str, path: str
) -> None:
    """Let `change` have its way with the JSON of matching answers of Xero, from now on."""
    answer = rehearsal.xero.handle

    def handle(request: Request) -> Response:
        response = answer(request)
        if request.method == method and request.path.endswith(path):
            body = json.loads(response.get_data())
            change(body)
            response.set_data(json.dumps(body))
        return response

    rehearsal.xero.handle = handle  # type: ignore[method-assign]


def other_organisation(rehearsal: Rehearsal) -> XeroSandbox:
    """The ledger of somebody else, who signs in with the same client."""
    other = XeroSandbox(
        rehearsal.clock,
        organisation={
            "OrganisationID": "11111111-1111-4111-8111-111111111111",
            "Name": "Somebody Else Ltd",
        },
    )
    fill_xero(other)
    other.set_lock_dates()
    return other


def documents(result: Result) -> dict[str, tuple[str, str]]:
    """State and reason of every document of a run, by order id."""
    return {
        document.order_id: (str(document.state), document.reason) for document in result.documents
    }
