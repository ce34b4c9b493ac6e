"""QuickBooks Desktop behind the ledger protocol: qbXML 13.0, by whichever carrier."""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from datetime import date, datetime
from typing import Any

from invoicesync_cli.auth.tokens import Unsigned
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
from invoicesync_cli.load.qbd import bodies, found, listing, removing, settings, setup
from invoicesync_cli.load.qbd.alike import alike
from invoicesync_cli.load.qbd.carriers import Reach, open_channel
from invoicesync_cli.load.qbd.changes import changes
from invoicesync_cli.load.qbd.channel import SERVICE
from invoicesync_cli.load.qbd.client import DesktopClient, Where
from invoicesync_cli.load.qbd.finding import parts_of
from invoicesync_cli.load.qbd.removing import rows_by_id
from invoicesync_cli.load.qbd.requests import request
from invoicesync_cli.load.qbd.schemas import (
    CardRefundRow,
    CheckRow,
    CreditMemoRow,
    InvoiceRow,
    PaymentRow,
    SalesReceiptRow,
    all_read,
)
from invoicesync_cli.load.qbd.writing import write
from invoicesync_cli.load.standing import Standings
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
from invoicesync_cli.services import Origins

BATCH = 20
"""Requests of a message: one that breaks off leaves little to look for."""
SLOW = 60.0
"""Seconds for a message from which on smaller ones are sent."""
SALES: Mapping[str, Any] = {"Invoice": InvoiceRow, "SalesReceipt": SalesReceiptRow}


class DesktopLedger:
    """One company file."""

    capabilities = Capabilities(
        name=SERVICE,
        batch=BATCH,
        # QuickBooks carries out one request at a time, whoever asks.
        in_flight=1,
        lists=tuple(setup.LISTS),
        lists_for={
            Reason.PERIOD_LOCKED: (setup.COMPANY,),
            Reason.CURRENCY_DIFFERS: (setup.COMPANY,),
            Reason.ACCOUNT_UNKNOWN: ("Account", "Item"),
            Reason.TAX_CODE_UNKNOWN: (setup.COMPANY, "SalesTaxCode", "Item"),
            Reason.ITEM_MISSING: ("Item",),
        },
        identity=(setup.COMPANY,),
        numbers_unique=False,
        refuses_overpayments=True,
    )

    def __init__(self, client: DesktopClient, config: Config, account: str) -> None:
        self._client = client
        self._config = config
        self._account = account
        self._known_tax_items: Collection[str] | None = None
        self._forms = bodies.Forms(
            taxed=True, tax="line", tax_item="", zero_tax_item="", receivable="", methods={}
        )

    @property
    def _tax_items(self) -> Collection[str]:
        """The ids of the sales tax items, by which a line of tax is known; from the
        settings, or asked for once."""
        if self._known_tax_items is None:
            self._known_tax_items = setup.read_tax_items(self._client)
        return self._known_tax_items

    @property
    def usage(self) -> Usage:
        """The messages so far."""
        return self._client.usage

    def read_lists(self, names: Collection[str]) -> SetupLists:
        """The named lists, in one message unless there are many items."""
        return setup.read_lists(self._client, names)

    def facts(self, lists: SetupLists) -> LedgerFacts:
        """The lists in the tool's own terms."""
        return setup.facts(lists, self._config, self._account)

    def settings(self, lists: SetupLists, loaded: Loaded) -> LedgerSettings:
        """The settings of [qbd] found in the lists. Raises `ConfigError`."""
        found = settings.settings_of(self.facts(lists), lists, loaded)
        self._forms = settings.forms(lists, loaded)
        self._known_tax_items = setup.CompanyLists(lists).tax_items.keys()
        return found

    def organisations(self) -> list[tuple[str, str]]:
        """The one company of the file."""
        facts = self.facts(self.read_lists(setup.LISTS))
        return [(facts.organisation_id, facts.organisation)]

    def contacts(self, query: ContactQuery | None = None) -> Iterator[LedgerContact]:
        """Everybody whose name is taken: QuickBooks cannot ask for an e-mail. By ids alone, these
        customers."""
        if query is not None and query == ContactQuery(ids=query.ids):
            return listing.people_by_id(self._client, query.ids)
        return listing.people(self._client)

    @property
    def applies_credits(self) -> bool:
        """QuickBooks puts no credit onto an invoice that an application makes."""
        return False

    @property
    def notices(self) -> Sequence[str]:
        """None."""
        return ()

    @property
    def batch_size(self) -> int:
        """20; fewer once a message has taken long."""
        return BATCH if self.usage.slowest < SLOW else BATCH // 4

    def pause(self, seconds: float) -> None:
        """Wait."""
        self._client.timing.sleep(seconds)

    @property
    def approves(self) -> bool:
        """QuickBooks knows no drafts."""
        return True

    def body(self, kind: str, payloads: Sequence[Any]) -> bytes:
        """The requests of a batch, a line each; its key makes a message of them."""
        if kind in removing.KINDS:
            return "\n".join(removing.texts(payloads)).encode("ascii")
        texts = [
            request(name, values, str(place))
            for place, (name, values) in enumerate(self._elements(kind, payloads), 1)
        ]
        return "\n".join(texts).encode("ascii")

    def _elements(self, kind: str, payloads: Sequence[Any]) -> list[tuple[str, bodies.Values]]:
        kind, _, memo = kind.partition("/")
        return [self._element(kind, payload, LedgerId(memo)) for payload in payloads]

    def _element(self, kind: str, payload: Any, memo: LedgerId) -> tuple[str, bodies.Values]:
        """The request for an element, and its values."""
        forms = self._forms
        if kind == "invoice":
            return bodies.sale(payload, forms)
        if kind == "contact":
            return "CustomerAdd", bodies.customer(payload)
        if kind == "item":
            return "ItemServiceAdd", bodies.item(payload)
        if kind == "note":
            return "CreditMemoAdd", bodies.credit_memo(payload, forms)
        if kind == "allocation":
            return "ReceivePaymentAdd", bodies.allocation(payload, memo, forms)
        if kind == "apply":
            return "ReceivePaymentMod", bodies.applied_anew(payload[0], payload[1])
        draft, note = payload
        if note is None:
            return "ReceivePaymentAdd", bodies.payment(draft, forms)
        return bodies.paid_out(draft, note, forms)

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
        """Send a batch as one message, whose id is made of its key."""
        texts = body.decode("ascii").split("\n")
        if kind in removing.KINDS:
            return removing.send(self._client, kind, texts, key, names)
        return write(
            self._client,
            texts,
            key,
            tax_items=self._tax_items,
            sent_at=sent_at,
            known=known,
            only_look=only_look,
        )

    def alike(self, elements: Sequence[tuple[str, Any]]) -> list[list[LedgerId]]:
        """The transactions that these could be, by number or reference."""
        requests = [
            request(*self._element(kind, payload, LedgerId("")), str(place))
            for place, (kind, payload) in enumerate(elements)
        ]
        return alike(self._client, parts_of(requests))

    def standing(
        self,
        documents: Collection[LedgerId],
        notes: Collection[LedgerId],
        payments: Collection[LedgerId],
    ) -> Standings:
        """How these stand, by QuickBooks' ids."""
        ids = [*documents, *notes]
        return removing.standings(self._client, ids, payments, self._tax_items)

    def find_invoices(self, numbers: Sequence[str]) -> dict[str, LedgerInvoice]:
        """Invoices and sales receipts by number; one of ours goes before somebody else's, one that
        is alive before others."""
        asked = {(f"{name}Query", "RefNumber"): numbers for name in SALES}
        rows = self._client.found(asked)
        sales = [
            found.sale(row, self._tax_items)
            for name, schema in SALES.items()
            for row in all_read(schema, rows[f"{name}Query", "RefNumber"])
        ]
        return by_number(sales, numbers, ours_first)

    def invoices(self, ids: Sequence[LedgerId]) -> dict[LedgerId, LedgerInvoice]:
        """Invoices and sales receipts by QuickBooks' id."""
        rows = rows_by_id(self._client, SALES, ids)
        sales = (found.sale(row, self._tax_items) for row in rows)
        return {sale.id: sale for sale in sales}

    def marked(
        self, since: date | None, known: Callable[[LedgerId], bool]
    ) -> Iterator[LedgerInvoice | LedgerCreditNote]:
        """Every form with a marker in its memo."""
        return listing.marked(self._client, since, self._tax_items, known)

    def payments_on(self, targets: Sequence[LedgerId]) -> list[LedgerPayment]:
        """The payments and credits on invoices, the pay-outs of credit memos; that of a sales
        receipt is the receipt."""
        forms = rows_by_id(self._client, removing.FORMS, targets)
        asked: dict[Where, list[str]] = defaultdict(list)
        on: dict[str, list[LedgerId]] = defaultdict(list)
        there: list[LedgerPayment] = []
        for form in forms:
            if isinstance(form, SalesReceiptRow):
                there.append(found.receipt_payment(form))
            if isinstance(form, InvoiceRow):
                sale = found.invoice(form, (), found.CURRENCY)
                there += [paid for paid in sale.payments or () if paid.credit]
            for link in form.linked_txn:
                asked[f"{link.txn_type}Query", "TxnID"].append(link.txn_id)
                on[link.txn_id].append(LedgerId(form.txn_id))
        kinds = {"ReceivePayment": PaymentRow, **removing.PAID_OUT}
        wanted = {
            where: asked[where] for name in kinds if (where := (f"{name}Query", "TxnID")) in asked
        }
        rows = self._client.found(wanted)
        for row in all_read(PaymentRow, rows.get(("ReceivePaymentQuery", "TxnID"), ())):
            there += [found.payment(row, target) for target in on[row.txn_id]]
        outs: list[CardRefundRow | CheckRow] = [
            *all_read(CardRefundRow, rows.get(("ARRefundCreditCardQuery", "TxnID"), ())),
            *all_read(CheckRow, rows.get(("CheckQuery", "TxnID"), ())),
        ]
        for out in outs:
            there += [found.paid_out(out, target) for target in on[out.txn_id]]
        return there

    def surviving_payments(self, ids: Sequence[LedgerId]) -> dict[LedgerId, LedgerPayment]:
        """Payments by QuickBooks' id, whatever they are on."""
        rows = rows_by_id(self._client, {"ReceivePayment": PaymentRow}, ids)
        payments = (found.payment(row) for row in rows)
        return {payment.id: payment for payment in payments if payment.alive}

    def unapplied_payments(self, references: Sequence[str]) -> list[LedgerPayment]:
        """Payments by reference that are on no invoice."""
        where = ("ReceivePaymentQuery", "RefNumber")
        rows = all_read(PaymentRow, self._client.found({where: references})[where])
        return [one for one in map(found.payment, rows) if one.alive and not one.on]

    def find_notes(self, numbers: Sequence[str]) -> list[LedgerCreditNote]:
        """Credit memos by number."""
        where = ("CreditMemoQuery", "RefNumber")
        rows = self._client.found({where: numbers})
        return [found.credit_memo(row) for row in all_read(CreditMemoRow, rows[where])]

    def note(self, note_id: LedgerId) -> LedgerCreditNote | None:
        """A credit memo by QuickBooks' id."""
        rows = rows_by_id(self._client, {"CreditMemo": CreditMemoRow}, [note_id])
        return found.credit_memo(rows[0]) if rows else None

    def listed(self, first: date | None, last: date | None, *, money: bool) -> Iterator[Listed]:
        """Sales forms and, with `money`, credit memos and payments by dates."""
        items = self._tax_items
        return listing.listed(self._client, first, last, with_money=money, tax_items=items)

    def listed_by_id(self, ids: Mapping[ListedKind, Sequence[LedgerId]]) -> Iterator[Listed]:
        """These transactions by QuickBooks' ids."""
        return listing.listed_by_id(self._client, ids, self._tax_items)

    def changes(self, since: datetime, mark: str = "") -> Iterator[LedgerChanges]:  # noqa: ARG002 - it needs none
        """What has changed, in one message."""
        yield changes(self._client, since, self._tax_items)

    def mark(self, before: datetime) -> str:  # noqa: ARG002 - for ledgers that need one
        """None is needed."""
        return ""

    def sales_changed(
        self, since: datetime | None, first: date | None
    ) -> Iterator[list[LedgerSale]]:
        """Not read: invoices do not go from QuickBooks Desktop to Keap."""
        raise NotImplementedError

    def people(self, ids: Sequence[LedgerId]) -> dict[LedgerId, LedgerPerson]:
        """Not read either."""
        raise NotImplementedError

    def close(self) -> None:
        """End the session with QuickBooks."""
        self._client.channel.close()


def open_ledger(
    config: Config, where: Origins, network: Network, tokens: TokenSource, account: str
) -> DesktopLedger:
    """The company file of a sign-in. `account` is what it is known by. Raises `ConfigError`."""
    password = tokens.secret if isinstance(tokens, Unsigned) else ""
    channel = open_channel(Reach(config.qbd, where, network, password))
    return DesktopLedger(DesktopClient(channel, network.timing), config, account)
