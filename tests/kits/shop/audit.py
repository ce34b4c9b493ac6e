"""What the rules say must be in the ledger, worked out from Keap's own data and nothing else."""

from __future__ import annotations

from collections import Counter, defaultdict
from datetime import timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

from invoicesync_cli.model import Document, DocumentKind, DocumentState
from tests.kits.journal import unsettled
from tests.kits.shop.knowledge import DONE, Snapshot

if TYPE_CHECKING:
    from collections.abc import Iterable

    from invoicesync_sandbox.keap.rows import Payment
    from tests.kits.bookkeeping import Moved, Sold
    from tests.kits.shop.base import Shop
    from tests.kits.shop.knowledge import Ended, Money

OPEN = {
    DocumentState.NEW,
    DocumentState.SENDING,
    DocumentState.HELD,
    DocumentState.WAITING,
    DocumentState.FAILED,
}
PERSON = {DocumentState.HELD, DocumentState.FAILED}
FOREIGN = {"adopted", "already-synced", "duplicate-payment"}
"""The reasons of what the tool takes for somebody else's, or for that of a state that is gone."""
UNFINISHED = {DocumentState.NEW, DocumentState.SENDING}
WEEKLY = 35
"""Money that is older than so many days is looked at once a week, as settled orders are."""


def check_once(shop: Shop) -> None:
    """No document is in the ledger twice, no payment with more than Keap ever said, and nothing
    that a person took away has come back by itself."""
    sold: dict[str, list[Sold]] = defaultdict(list)
    for row in shop.books.sold():
        sold[row.order].append(row)
    for order, rows in sold.items():
        sale = shop.sales[order]
        assert sum(row.alive for row in rows) <= 1, f"order {order} is booked twice: {rows}"
        assert len(rows) <= 1 + sale.remade, f"order {order} came back by itself: {rows}"
        assert {row.total for row in rows if row.alive} <= sale.totals, (order, rows, sale)
    people = Counter(shop.books.people())
    assert all(count == 1 for count in people.values()), f"somebody is there twice: {people}"
    moved: dict[str, list[Moved]] = defaultdict(list)
    for money in shop.books.moved():
        moved[money.payment].append(money)
    for payment, found in moved.items():
        _check_money(shop.money[payment], payment, found)


def _check_money(known: Money, payment: str, rows: list[Moved]) -> None:
    if known.excused:
        return
    booked = sum((row.amount for row in rows if row.alive), Decimal(0))
    assert booked <= known.most, f"{known.kind} {payment}, {known.most}, is booked as {rows}"
    assert not (booked and known.by_hand), f"{payment} was entered by hand, and is {rows}"
    assert not (booked and known.raises), f"{payment} raises what is owed, and is {rows}"
    for order, times in Counter(row.order for row in rows).items():
        assert times <= 1 + known.remade, f"{known.kind} {payment} on {order} came back: {rows}"


def check_settled(shop: Shop, ended: Ended, days: int) -> None:
    """Everything has come to its end: what should be booked is, and the state says what is so.

    Money of settled orders is asked for when it is no more than so many `days` old.
    """
    assert ended.code in DONE, ended
    check_once(shop)
    view = _View(shop, days)
    view.check_end(ended, UNFINISHED)
    view.check_cursor()
    view.check_all()


def check_run(shop: Shop, ended: Ended, *, whole: bool) -> None:
    """After any run: nothing is there twice, and the cursor is past nothing that is unsettled.

    After one that came to its end nothing is half-way; after a `whole` one, without limits, nothing
    is new either, and whatever should be in the ledger is there, or is reported as open.
    """
    check_once(shop)
    _check_refused(shop)
    view = _View(shop, 34, or_open=True)
    shop.looked_at |= view.invoices.keys()
    view.check_cursor()
    if ended.code in DONE:
        view.check_end(ended, UNFINISHED if whole else {DocumentState.SENDING})
    if whole and ended.code in DONE:
        view.check_all()


def _check_refused(shop: Shop) -> None:
    """Nothing is sent that the ledger has already, and refuses: its own last line of defence.

    The number of what is made anew may be taken, and is then given a further one.
    """
    anew = sum(sale.remade for sale in shop.sales.values())
    anew += sum(known.remade for known in shop.money.values())
    had = shop.places[shop.to].twice
    assert shop.lost or anew or not had, f"the ledger had it already: {had}"


def check_todo(shop: Shop, documents: Iterable[Document]) -> None:
    """`todo` shows every document that is open, and no other."""
    shown = Counter(
        (row["kind"], row["order_id"], row["payment_id"], row["state"], row["reason"])
        for row in shop.todo()
    )
    assert shown == Counter(
        (str(one.kind), one.order_id, one.payment_id, str(one.state), str(one.reason))
        for one in documents
        if one.state in OPEN
    )


class _View:
    """Keap, the ledger and the tool's records at one moment.

    With `or_open` it is enough that a person can see in the records what is not booked.
    """

    def __init__(self, shop: Shop, days: int, *, or_open: bool = False) -> None:
        self.shop = shop
        self.or_open = or_open
        self.oldest = shop.now - timedelta(days=days)
        self.week_later = days > WEEKLY
        """Whether it is noticed by now that a settled order was deleted."""
        self.invoices: dict[str, list[Document]] = defaultdict(list)
        self.shares: dict[tuple[str, str], list[Document]] = defaultdict(list)
        self.books = Snapshot(shop.books)
        self.documents = shop.records()
        for document in self.documents:
            if document.kind is DocumentKind.INVOICE:
                self.invoices[document.order_id].append(document)
            elif document.payment_id:
                self.shares[document.payment_id, document.order_id].append(document)

    def check_all(self) -> None:
        """Every order and all money that Keap has, and booked money that it has no more."""
        for order in self.shop.keap.orders:
            self.check_order(order)
        for payment in self.shop.keap.payments.values():
            self.check_payment(payment)
        self.check_gone()

    # --- the state --------------------------------------------------------------------------------

    def check_end(self, ended: Ended, unfinished: set[DocumentState]) -> None:
        """Nothing is `unfinished`, and the exit code tells of a person."""
        states = Counter(document.state for document in self.documents)
        for state in unfinished:
            assert not states[state], [one for one in self.documents if one.state is state]
        needed = any(states[state] for state in PERSON)
        assert (ended.code == 3) == needed, (ended.code, states)
        with self.shop.shop.state() as file:
            assert not unsettled(file)

    def check_cursor(self) -> None:
        """Every order up to the cursor is settled, by the one record that it has."""
        with self.shop.shop.state() as file:
            reached = int(file.cursor()[0] or 0)
        for order, documents in self.invoices.items():
            assert len(documents) == 1, documents
            assert int(order) > reached or documents[0].state not in OPEN, (reached, documents)
        passed = {order for order in self.shop.keap.orders if int(order) <= reached}
        assert passed <= self.invoices.keys(), (reached, passed - self.invoices.keys())

    def open(self, document: Document) -> bool:
        """Whether it is enough that this is open."""
        return self.or_open and document.state in OPEN

    def record(self, payment: str, order: str) -> Document | None:
        """The one record of a share."""
        found = self.shares.get((payment, order), [])
        assert len(found) <= 1, f"{payment} on {order} has two records: {found}"
        return found[0] if found else None

    # --- orders -----------------------------------------------------------------------------------

    def check_order(self, order: str) -> None:
        """An order is booked once with its total, or there is a record that says why not."""
        sale, sold = self.shop.sales[order], self.books.sold(order)
        assert order in self.invoices, f"order {order} has no record"
        (document,) = self.invoices[order]
        total = self.shop.keap.orders[order].total
        if sale.trouble == "odd":
            return
        if sale.trouble:
            assert sold is None, (sale, sold)
            assert document.state in {DocumentState.HELD, DocumentState.DISMISSED}, document
        elif sale.removed:
            assert sold is None, (sale, sold)
            self._check_told(document)
        elif sold is None:
            assert sale.dismissed or self.open(document), f"order {order} is not booked: {document}"
        elif sold.total != total:
            assert sale.changed, (sale, sold)
            self._check_told(document)
        elif not sale.changed and not sale.remade:
            self._check_own(document)
            assert document.state in {
                DocumentState.CREATED,
                DocumentState.SKIPPED,
                DocumentState.DISMISSED,
            }, document
        assert document.state is not DocumentState.WAITING, document

    def _check_told(self, document: Document) -> None:
        """What is no longer as it was booked is held, until somebody has dismissed it."""
        assert document.state in {DocumentState.HELD, DocumentState.DISMISSED}, document
        if document.state is DocumentState.HELD:
            # With the state it is lost what it was booked by.
            reasons = {"changed-after-sync", *(["totals-differ"] if self.shop.lost else [])}
            assert document.reason in reasons, document

    def _check_own(self, document: Document) -> None:
        """What this state has sent is never taken for anybody else's."""
        assert self.shop.lost or document.reason not in FOREIGN, f"it is ours: {document}"

    def payable(self, order: str) -> Sold | None:
        """The invoice of an order, if money can go onto it."""
        documents = self.invoices.get(order)
        if not documents or documents[0].state in OPEN:
            return None
        return self.books.sold(order)

    # --- money ------------------------------------------------------------------------------------

    def check_payment(self, payment: Payment) -> None:
        """A payment, credit or refund is booked as the rules say, or a record says why not."""
        known = self.shop.money[payment.id]
        if known.excused:
            return
        booked = {row.order: row for row in self.books.moved(payment.id)}
        shares = self.shop.shares(payment)
        if any(self.shop.sales[order].trouble == "odd" for order in shares):
            return
        # Of an order that is deleted nobody can read the share any more.
        whole = sum(shares.values(), Decimal(0)) == payment.amount
        if known.changed or not whole:
            self._check_changed(payment, booked, shares)
            return
        for order, amount in shares.items():
            self._check_share(payment, order, amount, booked.get(order))
        assert booked.keys() <= shares.keys(), (known, booked, shares)

    def _check_changed(
        self, payment: Payment, booked: dict[str, Moved], shares: dict[str, Decimal]
    ) -> None:
        """What was booked and then changed in Keap stays as it is, and a person is told."""
        amounts = {order: row.amount for order, row in booked.items()}
        known = self.shop.money[payment.id]
        as_now = amounts == shares and payment.void_time is None
        if not booked or as_now or not known.changed:
            return
        gone = booked.keys() - self.shop.keap.orders.keys()
        if gone and not (self.week_later and all(map(self._still_asked_for, gone))):
            return
        if self._seen(payment, set(shares) | set(booked)):
            self._check_someone_told(payment.id, amounts)

    def _still_asked_for(self, order: str) -> bool:
        """Whether the order is young enough to be asked for once a week."""
        entered = self.shop.sales[order].dated
        return entered is None or entered >= self.oldest

    def _check_someone_told(self, payment: str, what: object) -> None:
        found = [one[0] for (pid, _), one in self.shares.items() if pid == payment]
        gone = {one.order_id for one in found} - self.shop.keap.orders.keys()
        found += [self.invoices[order][0] for order in gone]
        reported = [
            one for one in found if one.state in {DocumentState.HELD, DocumentState.DISMISSED}
        ]
        assert reported, f"{payment} is not as it was booked, {what}, and nobody is told: {found}"

    def _check_share(
        self, payment: Payment, order: str, amount: Decimal, booked: Moved | None
    ) -> None:
        known, sale = self.shop.money[payment.id], self.shop.sales[order]
        document = self.record(payment.id, order)
        if order in known.removed:
            if order not in known.dismissed and not sale.removed:
                assert document, (payment, order)
                assert document.state is DocumentState.HELD, document
                assert document.reason == "changed-after-sync", document
            return
        if booked:
            assert booked.amount == amount, (payment, booked)
            assert document, f"{booked} has no record"
            self._check_own(document)
            if self.open(document):
                return
            if self.payable(order) and not sale.remade:
                assert booked.whole, (booked, document)
                done = {DocumentState.CREATED, DocumentState.SKIPPED, DocumentState.DISMISSED}
                assert document.state in done, f"{booked} is in the ledger, and is {document}"
            return
        if document and self.open(document):
            return
        why = self._why_not_booked(payment, order, amount, document)
        if why is None:
            return
        assert not why, f"{known.kind} {payment.id} of {amount} on {order} is not booked ({why})"

    def _why_not_booked(
        self, payment: Payment, order: str, amount: Decimal, document: Document | None
    ) -> str | None:
        """None if the rules say that this share is not booked; else why it should be."""
        known, sale = self.shop.money[payment.id], self.shop.sales[order]
        sold = self.payable(order)
        if order in known.dismissed or known.by_hand == order:
            return None
        if not self._seen(payment, {order}):
            return None
        if document is None:
            if not amount or (self.or_open and sold is None):
                # There is nothing to book, or the invoice is open, and its money comes with it.
                return None
            hidden = payment.void_time and not self.shop.keap.switches.voided_payments_listed
            return None if hidden else "it has no record"
        if known.raises:
            return (
                None
                if document.state is DocumentState.HELD
                else f"it raises what is owed: {document}"
            )
        if payment.void_time or payment.status == "PENDING":
            wanted = DocumentState.SKIPPED if payment.void_time else DocumentState.WAITING
            return None if document.state is wanted else f"it is {document}"
        if sold is None or not sold.approved:
            return None
        if known.kind == "refund":
            return self._why_not_refunded(known, order, document)
        if amount > sold.due and (self._untidy(order) or sale.changed or sale.remade):
            return None
        if document.reason == "overpayment" and known.most > amount:
            # It was too much when it was judged; a skipped one is judged again when it is named.
            return None
        return f"{sold.due} are due, and it is {document}"

    def _why_not_refunded(self, known: Money, order: str, document: Document) -> str | None:
        original = self.shop.money[known.original]
        there = [row for row in self.books.moved(known.original) if row.order == order]
        if not there and original.by_hand != order:
            return None
        if document.reason == "payment-not-synced":
            return f"its payment is in the ledger, and it is {document}"
        if original.changed or original.removed or original.excused:
            return None
        return f"its payment is in the ledger, and it is {document}"

    def _untidy(self, order: str) -> bool:
        """Whether money on an order is not as Keap has it, so that not everything fits."""
        return any(
            known.changed or known.removed or known.by_hand or known.excused or known.raises
            for payment, known in self.shop.money.items()
            if (
                payment in self.shop.keap.payments
                and order in self.shop.keap.payments[payment].order_ids
            )
            or any(row.order == order for row in self.books.moved(payment, ever=True))
        )

    def _seen(self, payment: Payment, orders: set[str]) -> bool:
        """Whether a run has to look at this money: it is young, it was there before its order was
        looked at, or its order is not settled."""
        if payment.payment_time >= self.oldest or self.shop.money[payment.id].early:
            return True
        if not self.week_later and (payment.void_time or payment.status == "PENDING"):
            # It changes nothing of what Keap says is paid on the order.
            return False
        return any(self._open(order) for order in orders)

    def _open(self, order: str) -> bool:
        sold = self.books.sold(order)
        mine = [one for one in self.documents if one.order_id == order]
        return bool(sold and sold.due) or any(one.state in OPEN for one in mine)

    def check_gone(self) -> None:
        """Booked money that Keap no longer has is told to a person."""
        for payment, known in self.shop.money.items():
            booked = self.books.moved(payment)
            if payment in self.shop.keap.payments or known.excused or not booked:
                continue
            if not self.week_later and {row.order for row in booked} - self.shop.keap.orders.keys():
                continue
            if known.time_when_deleted and known.time_when_deleted >= self.oldest:
                self._check_someone_told(payment, booked)
