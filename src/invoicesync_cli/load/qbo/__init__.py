"""QuickBooks Online behind the ledger protocol."""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime
from typing import Any

from invoicesync_cli.config import Config, Loaded
from invoicesync_cli.http.client import Network, TokenSource
from invoicesync_cli.http.limits import Usage
from invoicesync_cli.load.found import (
    LedgerChanges,
    LedgerCreditNote,
    LedgerInvoice,
    LedgerPayment,
    Listed,
    ListedKind,
    by_number,
    ours_first,
)
from invoicesync_cli.load.ledger import Capabilities, SetupLists, WriteResult
from invoicesync_cli.load.qbo import bodies, changes, removing, sales, setup
from invoicesync_cli.load.qbo import payments as money
from invoicesync_cli.load.qbo.client import BATCH, QboClient, Query, lists, responses
from invoicesync_cli.load.qbo.customers import customers, everybody
from invoicesync_cli.load.qbo.faults import refused
from invoicesync_cli.load.qbo.finding import alike
from invoicesync_cli.load.qbo.limits import LIMITS
from invoicesync_cli.load.qbo.listing import ENTITIES, entry, listed
from invoicesync_cli.load.qbo.marked import marked
from invoicesync_cli.load.qbo.schemas import (
    CreditMemoRow,
    Form,
    InvoiceRow,
    PaymentRow,
    R,
    RefundReceiptRow,
    SalesReceiptRow,
    Transaction,
    all_read,
    fault_of,
    made_of,
    name_of,
)
from invoicesync_cli.load.qbo.settings import settings_of
from invoicesync_cli.load.qbo.setup_schemas import CompanyInfoRow
from invoicesync_cli.load.qbo.writing import write
from invoicesync_cli.load.standing import Standings
from invoicesync_cli.load.wire import to_json
from invoicesync_cli.model import (
    ContactQuery,
    LedgerContact,
    LedgerFacts,
    LedgerId,
    LedgerPerson,
    LedgerSale,
    LedgerSettings,
    Reason,
)
from invoicesync_cli.model import money as cents
from invoicesync_cli.services import Origins

SLOW = 20.0
"""Seconds for a batch from which on smaller ones are sent, so that none times out."""
SMALLER = (BATCH, 15, 8)
APPLIES_CREDITS = (
    "QuickBooks puts open credits of a customer onto new invoices by itself. What a payment has "
    "beyond the rest of its invoice then stays with the customer, and is reported. To have each "
    'credit only where it is put, switch "Automatically apply credits" off in QuickBooks under '
    "Account and settings > Advanced."
)
FORMS: Sequence[type[Form]] = (InvoiceRow, SalesReceiptRow)
NOTES: Sequence[type[Form]] = (CreditMemoRow, RefundReceiptRow)


class QboLedger:
    """One QuickBooks company."""

    capabilities = Capabilities(
        name="QuickBooks",
        batch=BATCH,
        in_flight=4,
        lists=tuple(setup.LISTS),
        lists_for={
            Reason.PERIOD_LOCKED: ("Preferences",),
            Reason.CURRENCY_DIFFERS: ("Preferences", "CompanyCurrency"),
            Reason.ACCOUNT_UNKNOWN: ("Account", "Item"),
            Reason.TAX_CODE_UNKNOWN: ("Preferences", "TaxCode", "TaxRate"),
            Reason.ITEM_MISSING: ("Item",),
        },
        identity=(),
        # QuickBooks refuses names that are written while others are.
        alone=frozenset({"contact", "item"}),
        # Whether it refuses a number it has depends on the company's settings.
        numbers_unique=False,
        refunds_whole=True,
        contacts_whole=False,
        codes_of_rates=True,
        limits=LIMITS,
        # 57 questions for a thousand people, 30 a call.
        matched_each=500,
        # Whether the numbers are free, and whether anything is there twice.
        looks_each=2,
    )

    def __init__(
        self,
        origins: Origins,
        network: Network,
        tokens: TokenSource,
        realm: str,
        environment: str,
    ) -> None:
        self._client = QboClient(origins, network, tokens, realm, environment)
        self._forms = setup.Forms(
            american=False,
            taxed=True,
            currencies=False,
            tax_group="",
            methods={},
            applies_credits=False,
        )

    @property
    def usage(self) -> Usage:
        """What has been asked of QuickBooks so far."""
        return self._client.service.usage

    def read_lists(self, names: Collection[str]) -> SetupLists:
        """The named lists, in one call unless one of them is long."""
        wanted = list(names)
        rows = self._client.select([setup.LISTS[name] for name in wanted])
        found = zip(wanted, rows, strict=True)
        return {name: setup.kept(name, those) for name, those in found}

    def facts(self, lists: SetupLists) -> LedgerFacts:
        """The lists in the tool's own terms."""
        return setup.facts(lists, self._client.realm)

    def settings(self, lists: SetupLists, loaded: Loaded) -> LedgerSettings:
        """The settings of [qbo] found in the lists. Raises `ConfigError`."""
        self._forms = setup.forms(lists)
        return settings_of(self.facts(lists), lists, loaded)

    def organisations(self) -> list[tuple[str, str]]:
        """Realm and name of the company: a sign-in opens one only."""
        (rows,) = self._client.select([setup.LISTS["CompanyInfo"]])
        return [(self._client.realm, row.company_name) for row in all_read(CompanyInfoRow, rows)]

    def contacts(self, query: ContactQuery | None = None) -> Iterator[LedgerContact]:
        """Every customer, or those that it asks for."""
        return everybody(self._client) if query is None else customers(self._client, query)

    @property
    def applies_credits(self) -> bool:
        """As the company's settings have it."""
        return self._forms.applies_credits

    @property
    def notices(self) -> Sequence[str]:
        """What it means that QuickBooks applies credits by itself, where it does."""
        return (APPLIES_CREDITS,) if self.applies_credits else ()

    @property
    def batch_size(self) -> int:
        """30, as Intuit advises; fewer once a batch has taken long."""
        slow = self.usage.slowest
        return SMALLER[0 if slow < SLOW else 1 if slow < 2 * SLOW else 2]

    def pause(self, seconds: float) -> None:
        """Wait."""
        self._client.service.pause(seconds)

    @property
    def approves(self) -> bool:
        """Invoices are approved as soon as they are there."""
        return True

    def body(self, kind: str, payloads: Sequence[Any]) -> bytes:
        """The body of a batch of writes."""
        if kind in removing.KINDS:
            return removing.body(payloads)
        kind, _, memo = kind.partition("/")
        items = []
        for place, payload in enumerate(payloads, 1):
            entity, fields = self._element(kind, payload, LedgerId(memo))
            operation = "update" if kind == "apply" else "create"
            items.append({"bId": str(place), "operation": operation, entity: fields})
        return to_json({"BatchItemRequest": items})

    def _element(self, kind: str, payload: Any, memo: LedgerId) -> tuple[str, dict[str, Any]]:
        """The entity of an element and its fields."""
        forms = self._forms
        if kind == "invoice":
            return bodies.form(payload, forms)
        if kind == "contact":
            return "Customer", bodies.customer(payload, forms)
        if kind == "item":
            return "Item", bodies.item(payload)
        if kind == "note":
            return "CreditMemo", money.credit_memo(payload, forms)
        if kind == "refund":
            return "RefundReceipt", money.refund_receipt(payload, forms)
        if kind == "apply":
            return "Payment", money.applied_anew(payload[0], payload[1], forms)
        if kind == "allocation":
            return "Payment", money.allocation(payload, memo, forms)
        return "Payment", money.payment(payload[0], forms)

    def payment_name(self, target: str, reference: str) -> str:
        """What a payment is recognised by."""
        return f"{target}|{reference}"

    def send(
        self,
        kind: str,
        body: bytes,
        key: str,
        names: Sequence[str],
        *,
        sent_at: datetime | None = None,
        known: Collection[LedgerId] = (),
        only_look: bool = False,
    ) -> list[WriteResult]:
        """Send a batch of writes under its key, which is the request id. The outcome of each
        element is found by its place in the batch."""
        if kind in removing.KINDS:
            return removing.send(self._client, body, key, names)
        reply = write(self._client, body, key, sent_at, known, only_look=only_look)
        by_id = responses(reply)
        places = (str(place) for place in range(1, len(names) + 1))
        return [_sent(by_id.get(place, {}), reply.trace) for place in places]

    def alike(self, elements: Sequence[tuple[str, Any]]) -> list[list[LedgerId]]:
        """The transactions that these could be, by number or reference."""
        asked = [self._element(kind, payload, LedgerId("")) for kind, payload in elements]
        return alike(self._client, asked)

    def standing(
        self,
        documents: Collection[LedgerId],
        notes: Collection[LedgerId],
        payments: Collection[LedgerId],
    ) -> Standings:
        """How these stand, by QuickBooks' ids."""
        forms = self._rows((*FORMS, *NOTES), "Id", [*documents, *notes])
        paid = [
            ident for form in forms if isinstance(form, InvoiceRow) for ident in money.paid_by(form)
        ]
        rows = self._rows([PaymentRow], "Id", [*payments, *paid])
        return removing.standings(forms, rows)

    def find_invoices(self, numbers: Sequence[str]) -> dict[str, LedgerInvoice]:
        """Invoices and sales receipts by number; one of ours goes before somebody else's, which
        the other kind of form may have under the same number, one that is alive before others."""
        return by_number(self._forms_by("DocNumber", numbers), numbers, ours_first)

    def invoices(self, ids: Sequence[LedgerId]) -> dict[LedgerId, LedgerInvoice]:
        """Invoices and sales receipts by QuickBooks' id, which no two transactions share."""
        return {found.id: found for found in self._forms_by("Id", ids)}

    def marked(
        self, since: date | None, known: Callable[[LedgerId], bool]
    ) -> Iterator[LedgerInvoice | LedgerCreditNote]:
        """Every form with a marker in its private note, read among all the forms since a day."""
        return marked(self._client, since, known)

    def payments_on(self, targets: Sequence[LedgerId]) -> list[LedgerPayment]:
        """The payments of invoices, which these list themselves; that of a sales receipt is the
        receipt."""
        found: list[LedgerPayment] = []
        on: dict[str, list[LedgerId]] = defaultdict(list)
        for form in self._rows(FORMS, "Id", targets):
            if isinstance(form, InvoiceRow):
                for payment in money.paid_by(form):
                    on[payment].append(LedgerId(form.id))
            else:
                found.append(money.found_receipt(form))
        for row in self._rows([PaymentRow], "Id", list(on)):
            found += [money.found_payment(row, target) for target in on[row.id]]
        return found

    def surviving_payments(self, ids: Sequence[LedgerId]) -> dict[LedgerId, LedgerPayment]:
        """Payments by QuickBooks' id, whatever they are on."""
        found = map(money.found_payment, self._rows([PaymentRow], "Id", ids))
        return {payment.id: payment for payment in found if payment.alive}

    def unapplied_payments(self, references: Sequence[str]) -> list[LedgerPayment]:
        """Payments by reference that are on no invoice."""
        found = map(money.found_payment, self._rows([PaymentRow], "PaymentRefNum", references))
        return [payment for payment in found if payment.alive and not payment.on]

    def find_notes(self, numbers: Sequence[str]) -> list[LedgerCreditNote]:
        """Credit memos and refund receipts by number."""
        return [money.found_note(row) for row in self._rows(NOTES, "DocNumber", numbers)]

    def note(self, note_id: LedgerId) -> LedgerCreditNote | None:
        """A credit memo or refund receipt by QuickBooks' id."""
        rows = [row for row in self._rows(NOTES, "Id", [note_id]) if row.id == note_id]
        return money.found_note(rows[0]) if rows else None

    def listed(
        self,
        first: date | None,
        last: date | None,
        *,
        money: bool,
    ) -> Iterator[Listed]:
        """Sales forms and, with `money`, credit memos, refund receipts and payments by dates."""
        return listed(self._client, first, last, with_money=money)

    def listed_by_id(self, ids: Mapping[ListedKind, Sequence[LedgerId]]) -> Iterator[Listed]:
        """These transactions by QuickBooks' ids, a thousand a call whatever they are."""
        asked = [
            (entity, where)
            for kind, some in ids.items()
            for where in lists("Id", some)
            for entity in ENTITIES[kind]
        ]
        return map(entry, self._rows_where(asked, {one for some in ids.values() for one in some}))

    def changes(self, since: datetime, mark: str = "") -> Iterator[LedgerChanges]:
        """Sales forms and payments by QuickBooks' own list of changes, which is one answer, or by
        queries where it is full."""
        return changes.changes(self._client, since, mark)

    def mark(self, before: datetime) -> str:
        """How many sales forms and payments had been made by then."""
        return changes.marked(self._client, before)

    def sales_changed(
        self, since: datetime | None, first: date | None
    ) -> Iterator[list[LedgerSale]]:
        """Invoices by QuickBooks' time of their last change, and the codes of their items."""
        return sales.changed(self._client, since, first)

    def people(self, ids: Sequence[LedgerId]) -> dict[LedgerId, LedgerPerson]:
        """These customers by QuickBooks' ids."""
        return sales.people(self._client, ids)

    def close(self) -> None:
        """Close the connections."""
        self._client.close()

    def _forms_by(self, field: str, values: Sequence[str]) -> Iterator[LedgerInvoice]:
        return map(money.found, self._rows(FORMS, field, values))

    def _rows(self, kinds: Sequence[type[R]], field: str, values: Sequence[str]) -> list[R]:
        """The rows of these kinds that have one of these values in a field."""
        asked = [(kind, where) for where in lists(field, values) for kind in kinds]
        return self._rows_where(asked, set(values) if field == "Id" else ())

    def _rows_where(self, asked: Sequence[tuple[type[R], str]], ids: Collection[str]) -> list[R]:
        """The rows of each kind that fulfil its condition; if these are `ids`, those."""
        statements = [Query(name_of(kind), where) for kind, where in asked]
        # No two transactions have the same id.
        found = zip(asked, self._client.select(statements, len(ids)), strict=True)
        return [row for (kind, _), rows in found for row in all_read(kind, rows)]


def _sent(item: Mapping[str, Any], trace: str) -> WriteResult:
    """The outcome of one element of a batch."""
    fault = fault_of(item)
    if fault:
        return refused(fault, trace)
    made = made_of(item)
    if made is None:
        return WriteResult(unclear=True)
    found = WriteResult(id=LedgerId(made.id))
    if isinstance(made, Transaction):
        found = replace(found, total=cents(made.total_amt), removed=money.voided(made))
    if isinstance(made, Form):
        found = replace(found, tax=cents(made.txn_tax_detail.total_tax))
    if isinstance(made, PaymentRow):
        found = replace(found, unapplied=cents(made.unapplied_amt))
    return found


def open_ledger(
    config: Config, where: Origins, network: Network, tokens: TokenSource, account: str
) -> QboLedger:
    """The company of a sign-in. `account` is its realm id."""
    return QboLedger(where, network, tokens, account, config.qbo.environment)
