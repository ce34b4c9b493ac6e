"""Keap's REST v2: the calls this tool makes, in as few requests as the vendor allows."""

from collections import defaultdict
from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from invoicesync_cli.errors import SignInNeeded
from invoicesync_cli.fetch import account, allocations, readers, schemas
from invoicesync_cli.fetch.limits import LIMITS
from invoicesync_cli.fetch.lists import Lists, RawRows, senseless
from invoicesync_cli.fetch.readers import Unreadable
from invoicesync_cli.http.client import Network, Service, TokenSource
from invoicesync_cli.http.responses import Reply, ServiceRefused
from invoicesync_cli.model import (
    FailedCharge,
    Invoice,
    KeapAccount,
    KeapContact,
    KeapPayment,
    Merchants,
    OrderId,
    OrderMoney,
    Payment,
    PaymentId,
    PersonId,
    UnreadablePayment,
)
from invoicesync_cli.services import Origins

PAGE = 500
"""Rows per page. Keap allows 1,000, but such pages of orders can take the better part of a
minute."""
WIDE_PAGE = 1000
"""Payments per page, the most that Keap allows: their rows are small."""
SECOND = timedelta(seconds=1)
CONTACT_FIELDS = (
    "id,given_name,family_name,email_addresses,phone_numbers,addresses,company,custom_fields"
)


@dataclass(frozen=True)
class KeapOrder:
    """An order as it came: its invoice, or why it cannot be read; and its contact in short."""

    order_id: OrderId
    invoice_id: str
    invoice: Invoice | None
    problem: str
    person: KeapContact


@dataclass(frozen=True)
class Nameless:
    """A row of Keap's that cannot be put down to any order, and what to say of it."""

    problem: str
    invoice_id: str = ""
    """The invoice that it is, if it says so."""
    payment_id: str = ""
    """The payment that it is."""


class KeapClient:
    """Reads from one Keap account. Every answer must come from `tenant`, once that is known."""

    def __init__(self, origins: Origins, network: Network, tokens: TokenSource) -> None:
        self.service: Service = network.service(origins.at("api"), LIMITS, tokens)
        self.tenant = ""
        self.lists = Lists(lambda path, params: self._get(path, params)[0])
        self._nameless: dict[Nameless, None] = {}
        self._charges: list[FailedCharge] = []
        self._charges_since: datetime | None = None
        self.charges_unread = False
        """Whether a failed charge was among those asked for that cannot be read."""

    def close(self) -> None:
        """Close the connections."""
        self.service.close()

    @property
    def nameless(self) -> list[Nameless]:
        """The rows so far that belong to no order that could be named, each once."""
        return list(self._nameless)

    def account(self) -> KeapAccount:
        """Currency, time zone and name of the account: one call, or two."""
        return account.read_account(self._get)

    def payment_types(self) -> list[str]:
        """The names of manual payments that the account has set up; none where Keap keeps them to
        itself."""
        return account.read_payment_types(self._get)

    # --- orders -----------------------------------------------------------------------------

    def orders_after(self, order_id: int) -> Iterator[list[KeapOrder]]:
        """Every order with a higher id, lowest first, a page at a time."""
        for rows in self.lists.by_id("/orders", "orders", after=order_id, size=PAGE):
            yield self.orders_in(rows)

    def highest_order(self) -> int:
        """The highest order id that there is; 0 for none."""
        rows, _ = self.lists.page("/orders", "orders", {"order_by": "id desc", "page_size": "1"})
        return max((int(found) for row in rows if (found := readers.id_in(row, "id"))), default=0)

    def orders_between(self, first: int, last: int) -> Iterator[list[KeapOrder]]:
        """Every order with an id from `first` to `last`, lowest first, a page at a time."""
        if first <= last:
            pages = self.lists.by_id("/orders", "orders", after=first - 1, last=last, size=PAGE)
            for rows in pages:
                yield self.orders_in(rows)

    def orders_modified(self, since: datetime) -> Iterator[list[KeapOrder]]:
        """Every order changed since a time (aware), a page at a time, some of them twice.

        A change moves an order to the end of this list, and the next one a place forward, perhaps
        onto a page that was read already. So a page begins at the time that the one before has
        reached, not at a place. Where a page holds no more than a second, as after an import, the
        orders of these seconds are read by their ids. Only where no time can be read, or Keap keeps
        to none, places are counted.
        """
        since = since.replace(microsecond=0)
        while True:
            params = {
                "filter": f"modified_since_time=={stamp(since)}",
                "order_by": "modification_time asc",
                "page_size": str(PAGE),
            }
            rows, token = self.lists.page("/orders", "orders", params)
            page = self.orders_in(rows)
            if page:
                yield page
            if not token or not rows:
                return
            newest = _newest(page)
            if newest is None or newest < since:
                for rows in self.lists.by_token("/orders", "orders", params):
                    yield self.orders_in(rows)
                return
            # A second back, should the vendor leave out the bound itself.
            if newest - SECOND <= since:
                until = stamp(since + 3 * SECOND)
                clause = f"modified_since_time=={stamp(since)};modified_until_time=={until}"
                for rows in self.lists.by_id("/orders", "orders", clause, size=PAGE):
                    yield self.orders_in(rows)
            since = max(newest - SECOND, since + SECOND)

    def orders_by_id(self, order_ids: Sequence[str]) -> list[KeapOrder]:
        """These orders; one that Keap does not have is left out."""
        wanted = set(order_ids)
        pages = self.lists.of_ids("/orders", "orders", "ids", order_ids, {"page_size": str(PAGE)})
        return [
            order for rows in pages for order in self.orders_in(rows) if order.order_id in wanted
        ]

    def order_of_invoice(self, invoice_id: str) -> KeapOrder | None:
        """The order of an invoice id."""
        params = {"filter": f"invoice_id=={invoice_id}", "page_size": "10"}
        rows, _ = self.lists.page("/orders", "orders", params)
        orders = self.orders_in(rows)
        return next((order for order in orders if order.invoice_id == invoice_id), None)

    def orders_in(self, rows: Iterable[Any]) -> list[KeapOrder]:
        """The orders that rows are; one without an id is noted as nameless."""
        found = []
        for row in rows:
            order = order_in(row)
            if order:
                found.append(order)
            else:
                invoice = readers.id_in(row, "invoice_id")
                called = f"The order of invoice {invoice}" if invoice else "An order"
                self._leave(f"{called} has no id in Keap's answer: it is not booked.", invoice)
        return found

    def people(self, ids: Sequence[str]) -> dict[PersonId, KeapContact]:
        """These contacts, by id; one that Keap does not have is left out."""
        wanted, asked = set(ids), {"fields": CONTACT_FIELDS, "page_size": str(PAGE)}
        pages = self.lists.of_ids("/contacts", "contacts", "ids", ids, asked)
        people = (readers.person(row) for rows in pages for row in rows)
        return {person.id: person for person in people if person and person.id in wanted}

    # --- money ------------------------------------------------------------------------------

    def payments_of(
        self,
        order_ids: Sequence[str],
        paid: Mapping[OrderId, Decimal] | None = None,
        settled: Container[tuple[OrderId, PaymentId]] = (),
        voided: Container[PaymentId] = (),
    ) -> dict[OrderId, OrderMoney]:
        """The money of each of these orders, split, linked and marked as Keap's allocations say.

        `paid` is what each order says is paid on it, so that what does not agree is looked into.
        An order whose payments are all `settled` is not looked into any further, unless one of
        them is said to be `voided`: whether it is, its allocations decide.
        """
        found = self.payments_listed(order_ids)
        listed = [row for row in found.values() if isinstance(row, Payment)]
        fresh = {
            order
            for payment in listed
            for order in payment.order_ids
            if (order, payment.id) not in settled
        }
        linked = allocations.linked_orders(listed)
        differing = allocations.differing_orders(listed, paid or {}) - linked
        doubtful = {
            order for payment in listed if payment.id in voided for order in payment.order_ids
        }
        wanted = allocations.with_sharers(linked & fresh | differing | doubtful, listed)
        rows = self._allocations(sorted(wanted, key=int))
        payments: dict[str, list[Payment]] = defaultdict(list)
        for payment in allocations.resolve(listed, rows, wanted):
            for order_id in payment.order_ids:
                payments[order_id].append(payment)
        unreadable: dict[str, list[UnreadablePayment]] = defaultdict(list)
        for row in [*found.values(), *allocations.unlisted(found, rows)]:
            if isinstance(row, UnreadablePayment):
                for order_id in row.order_ids:
                    unreadable[order_id].append(row)
        return {
            OrderId(order): OrderMoney(tuple(payments[order]), tuple(unreadable[order]))
            for order in order_ids
        }

    def payments_listed(self, order_ids: Sequence[str]) -> dict[PaymentId, KeapPayment]:
        """The payments of these orders as listed, by id (see `payments_since`)."""
        return {row.id: row for row in self._payments(self.rows_of_orders(order_ids))}

    def payments_since(self, since: datetime | None) -> Iterator[list[KeapPayment]]:
        """Every payment dated since a time (aware; None for all), lowest id first, page by page.

        As listed: not split over their orders, and refunds perhaps without what they give back.
        """
        clause = f"since_time=={stamp(since)}" if since else ""
        pages = self.lists.by_id("/sales/payments", "payments", clause, size=WIDE_PAGE)
        for rows in pages:
            yield self._payments(rows)

    def _payments(self, rows: Iterable[Any]) -> list[KeapPayment]:
        found = []
        for data in rows:
            row = readers.payment(data)
            if row.order_ids:
                found.append(row)
            else:
                problem = f"Keap's payment {row.id} names no order: it is not booked."
                self._leave(problem, payment_id=row.id)
        return found

    def voided_since(self, since: datetime) -> set[PaymentId]:
        """The payments that a gateway was asked to cancel since a time (aware).

        The list of payments does not show it, and the order's balance not that of a refund.
        """
        params = {
            "filter": f"transaction_method==VOID;since_time=={stamp(since)}",
            "page_size": str(WIDE_PAGE),
        }
        pages = self.lists.by_token("/sales/transactions", "transactions", params)
        found = {readers.id_in(row, "payment_id") for rows in pages for row in rows}
        return {PaymentId(number) for number in found if number}

    def failed_charges(self, since: datetime) -> list[FailedCharge]:
        """Every attempt to charge since a time (aware) that failed, and perhaps earlier ones.

        Asked again, it reads only what lies before the times that it has read.
        """
        read = self._charges_since
        if read is None or since < read:
            until = f";until_time=={stamp(read + timedelta(seconds=1))}" if read else ""
            params = {
                "filter": f"is_successful==false;since_time=={stamp(since)}{until}",
                "page_size": str(WIDE_PAGE),
            }
            for rows in self.lists.by_token("/sales/transactions", "transactions", params):
                self._charges += self._failed(rows)
            self._charges_since = since
        return self._charges

    def _failed(self, rows: Iterable[Any]) -> Iterator[FailedCharge]:
        for row in rows:
            try:
                charge = readers.failed_charge(row)
            except Unreadable as error:
                self.charges_unread = True
                self._leave(f"A failed charge cannot be read in Keap's answer: {error}.")
                continue
            if charge:
                yield charge

    def merchants(self) -> Merchants:
        """The merchant accounts."""
        return account.read_merchants(self.lists)

    def _allocations(self, order_ids: Sequence[OrderId]) -> list[allocations.OrderAllocation]:
        found: list[allocations.OrderAllocation] = []
        for order_id in order_ids:
            path = f"/orders/{order_id}/payments"
            try:
                for rows in self.lists.by_token(path, "invoice_order_payments", {}):
                    found += [allocations.read(row, order_id) for row in rows]
            except ServiceRefused as error:
                # A payment may still name an order that was deleted.
                if error.reply.status != 404:
                    raise
        return found

    # --- rows as they come --------------------------------------------------------------------

    def rows(self, path: str, name: str, params: Mapping[str, str]) -> tuple[RawRows, str]:
        """A page of a list as it came, and the token of the next; blank for none."""
        return self.lists.page(path, name, params)

    def rows_of_orders(self, order_ids: Sequence[str]) -> RawRows:
        """The payments of these orders as they came."""
        wide = {"page_size": str(WIDE_PAGE)}
        pages = self.lists.of_ids("/sales/payments", "payments", "order_ids", order_ids, wide)
        return [row for rows in pages for row in rows]

    def allocation_rows(self, order_id: str) -> RawRows:
        """An order's own list of payments as it came."""
        path = f"/orders/{order_id}/payments"
        pages = self.lists.by_token(path, "invoice_order_payments", {})
        return [row for rows in pages for row in rows]

    # --- calls ------------------------------------------------------------------------------

    def _leave(self, problem: str, invoice_id: str = "", payment_id: str = "") -> None:
        self._nameless[Nameless(problem, invoice_id, payment_id)] = None

    def _get(self, path: str, params: Mapping[str, str | list[str]]) -> tuple[Any, Reply]:
        reply = self.service.get(f"/crm/rest/v2{path}", params)
        tenant = account.tenant_of(reply)
        if self.tenant and tenant and tenant != self.tenant:
            raise SignInNeeded(
                f"The key belongs to the Keap account {tenant}, this profile to {self.tenant}.",
                hint="Use the key of the right account, or --profile NAME for the other one. To "
                f"give up {self.tenant} in this profile: invoicesync auth logout keap "
                "--forget-books, which puts its records away and begins anew",
                code="wrong-account",
            )
        data = reply.data()
        if not isinstance(data, dict):
            raise senseless(f"{path} gave no object")
        return data, reply


def stamp(time: datetime) -> str:
    """A time as Keap's filters want it: with milliseconds and zone."""
    return time.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.000Z")


def _newest(page: Iterable[KeapOrder]) -> datetime | None:
    times = [order.invoice.modified for order in page if order.invoice]
    return max((time for time in times if time), default=None)


def order_in(data: Any) -> KeapOrder | None:
    """An order, or what is left of it; None for a row without an id."""
    number = readers.id_in(data, "id")
    if not number:
        return None
    try:
        row = readers.read(schemas.OrderRow, data)
        invoice = readers.invoice(row)
    except Unreadable as error:
        problem = f"Keap's order cannot be read: {error}."
        invoice_id = readers.id_in(data, "invoice_id") or number
        return KeapOrder(OrderId(number), invoice_id, None, problem, KeapContact(PersonId("")))
    return KeapOrder(invoice.order_id, invoice.invoice_id, invoice, "", readers.order_person(row))
