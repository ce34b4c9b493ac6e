"""Keap's REST v2: the calls this tool makes, in as few requests as the vendor allows."""

import logging
from collections import defaultdict
from collections.abc import Callable, Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any, TypeVar

from invoicesync_cli.errors import SignInNeeded, TryLater
from invoicesync_cli.fetch import allocations, readers
from invoicesync_cli.http.client import Network, Service, TokenSource
from invoicesync_cli.http.limits import ServiceLimits
from invoicesync_cli.http.responses import Reply, ServiceRefused
from invoicesync_cli.model import (
    FailedCharge,
    Invoice,
    KeapAccount,
    OrderId,
    Payment,
    PaymentId,
    Person,
    PersonId,
)
from invoicesync_cli.services import Origins, app_name

T = TypeVar("T")

log = logging.getLogger("invoicesync.fetch")

PAGE = 500
"""Orders per page. Keap allows 1,000, but such pages can take the better part of a minute."""
IDS = 150
"""Ids per list filter, so that an address stays short."""
TOO_MANY = {400, 413, 414, 422}
"""Refusals that a list filter can earn by its length; how long it may be is not documented."""
CONTACT_FIELDS = (
    "id,given_name,family_name,email_addresses,phone_numbers,addresses,company,custom_fields"
)


def _day_left(headers: Mapping[str, str]) -> str:
    return headers.get("x-keap-product-quota-available", "").strip()


LIMITS = ServiceLimits(
    name="Keap",
    # 10 a second and 240 a minute for a key, shared with whatever else uses it (Keap's "API token
    # quota and usage measurements").
    windows=((8, 1.0), (220, 60.0)),
    day_left=_day_left,
    day_resets="after midnight UTC",
)


@dataclass(frozen=True)
class Order:
    """An order as it came: its invoice, or why it cannot be read; and its contact in short."""

    order_id: OrderId
    invoice_id: str
    invoice: Invoice | None
    problem: str
    person: Person


class Keap:
    """Reads from one Keap account. Every answer must come from `tenant`, once that is known."""

    def __init__(self, origins: Origins, network: Network, tokens: TokenSource) -> None:
        self.service: Service = network.service(origins.at("api"), LIMITS, tokens)
        self.tenant = ""
        self._ids = IDS

    def close(self) -> None:
        """Close the connections."""
        self.service.close()

    def account(self) -> KeapAccount:
        """Currency, time zone and name of the account: one call."""
        path = "/settings/applications:getConfiguration"
        data, reply = self._get(path, {"fields": ["ECOMMERCE", "INVOICE"]})
        application, shop = data.get("application") or {}, data.get("ecommerce") or {}
        company = application.get("company") or {}
        found = KeapAccount(
            tenant=app_name(reply.headers.get("x-keap-tenant-id", "")),
            company=readers.text(company.get("name")),
            currency=readers.text(shop.get("currency")),
            time_zone=readers.text(application.get("time_zone")),
        )
        if found.currency and found.time_zone:
            return found
        profile, _ = self._get("/businessProfile", {})
        return replace(
            found,
            company=found.company or readers.text(profile.get("name")),
            currency=found.currency or readers.text(profile.get("currency_code")),
            time_zone=found.time_zone or readers.text(profile.get("time_zone")),
        )

    def orders_after(self, order_id: int) -> Iterator[list[Order]]:
        """Every order with a higher id, lowest first, a page at a time."""
        last = order_id
        while True:
            params = {"filter": f"id>{last}", "order_by": "id asc", "page_size": str(PAGE)}
            data, _ = self._get("/orders", params)
            page = [_order(item) for item in data.get("orders") or ()]
            if page:
                yield page
            if not data.get("next_page_token") or not page:
                return
            highest = max(int(order.order_id) for order in page)
            if highest <= last:
                raise _odd("the pages of its orders do not advance")
            last = highest

    def orders_modified(self, since: datetime) -> Iterator[list[Order]]:
        """Every order changed since a time (aware), a page at a time, some of them twice.

        A change moves an order to the end of this list, and the next one a place forward, perhaps
        onto a page that was read already. So a page begins at the time that the one before has
        reached, not at a place; only where a page holds no more than a second, places are counted.
        """
        while True:
            params = {
                "filter": f"modified_since_time=={_stamp(since)}",
                "order_by": "modification_time asc",
                "page_size": str(PAGE),
            }
            data, _ = self._get("/orders", params)
            page = [_order(item) for item in data.get("orders") or ()]
            if page:
                yield page
            if not data.get("next_page_token") or not page:
                return
            # A second back, should the vendor leave out the bound itself.
            reached = _newest(page, since) - timedelta(seconds=1)
            if reached <= since:
                yield from self._pages("/orders", "orders", params, _order)
                return
            since = reached

    def orders_by_id(self, order_ids: Sequence[str]) -> list[Order]:
        """These orders; one that Keap does not have is left out."""
        wanted = set(order_ids)
        pages = self._listed("/orders", "orders", "ids", order_ids, {}, _order)
        return [order for page in pages for order in page if order.order_id in wanted]

    def order_of_invoice(self, invoice_id: str) -> Order | None:
        """The order of an invoice id."""
        params = {"filter": f"invoice_id=={invoice_id}", "page_size": "10"}
        data, _ = self._get("/orders", params)
        orders = [_order(item) for item in data.get("orders") or ()]
        return next((order for order in orders if order.invoice_id == invoice_id), None)

    def people(self, ids: Sequence[str]) -> dict[PersonId, Person]:
        """These contacts, by id; one that Keap does not have is left out."""
        wanted, asked = set(ids), {"fields": CONTACT_FIELDS}
        pages = self._listed("/contacts", "contacts", "ids", ids, asked, readers.person)
        return {person.id: person for page in pages for person in page if person.id in wanted}

    def payments_of(
        self,
        order_ids: Sequence[str],
        paid: Mapping[OrderId, Decimal] | None = None,
        settled: Container[tuple[OrderId, PaymentId]] = (),
    ) -> dict[OrderId, list[Payment]]:
        """The payments of each of these orders, split, linked and marked as Keap's allocations say.

        `paid` is what each order says is paid on it, so that what does not agree is looked into.
        An order whose payments are all `settled` is not looked into any further.
        """
        pages = self._listed("/sales/payments", "payments", "order_ids", order_ids, {}, _payment)
        found = {payment.id: payment for page in pages for payment in page if payment}
        listed = list(found.values())
        fresh = {
            order
            for payment in listed
            for order in payment.order_ids
            if (order, payment.id) not in settled
        }
        odd = allocations.odd_orders(listed)
        differing = allocations.differing_orders(listed, paid or {}) - odd
        wanted = allocations.with_sharers(odd & fresh | differing, listed)
        rows = self._allocations(sorted(wanted, key=int))
        by_order: dict[OrderId, list[Payment]] = defaultdict(list)
        for payment in allocations.resolve(listed, rows):
            for order_id in set(order_ids).intersection(payment.order_ids):
                by_order[OrderId(order_id)].append(payment)
        return by_order

    def orders_paid_since(self, since: datetime) -> set[OrderId]:
        """The orders of every payment made or typed in since a time (aware)."""
        params = {"filter": f"since_time=={_stamp(since)}", "page_size": str(PAGE)}
        pages = self._pages("/sales/payments", "payments", params, _payment)
        return {order for page in pages for item in page if item for order in item.order_ids}

    def failed_charges(self, since: datetime) -> list[FailedCharge]:
        """Every attempt to charge since a time (aware) that failed."""
        params = {
            "filter": f"is_successful==false;since_time=={_stamp(since)}",
            "page_size": str(PAGE),
        }
        pages = self._pages("/sales/transactions", "transactions", params, readers.failed_charge)
        return [charge for page in pages for charge in page if charge]

    def merchants(self) -> dict[str, str]:
        """Names of the merchant accounts by id."""
        data, _ = self._get("/merchants", {})
        rows = data.get("merchant_accounts") or ()
        return {readers.text(row.get("id")): readers.text(row.get("name")) for row in rows}

    def _allocations(self, order_ids: Sequence[OrderId]) -> list[allocations.Allocation]:
        rows: list[allocations.Allocation] = []
        for order_id in order_ids:
            path = f"/orders/{order_id}/payments"
            try:
                for page in self._pages(path, "invoice_order_payments", {}, dict):
                    rows += [allocations.read(row, order_id) for row in page]
            except ServiceRefused as error:
                # A payment may still name an order that was deleted.
                if error.reply.status != 404:
                    raise
        return rows

    def _listed(
        self,
        path: str,
        name: str,
        list_filter: str,
        ids: Sequence[str],
        params: Mapping[str, str],
        read: Callable[[Any], T],
    ) -> Iterator[list[T]]:
        """The rows of these ids. A list that Keap refuses is asked for again in halves."""
        waiting = list(ids)
        while waiting:
            part = waiting[: self._ids]
            clause = f"{list_filter}=={','.join(part)}"
            asked = {"filter": clause, **params, "page_size": str(PAGE)}
            try:
                yield from list(self._pages(path, name, asked, read))
            except ServiceRefused as error:
                if error.reply.status not in TOO_MANY or len(part) == 1:
                    raise
                self._ids = len(part) // 2
            else:
                waiting = waiting[len(part) :]

    def _pages(
        self, path: str, name: str, params: Mapping[str, str], read: Callable[[Any], T]
    ) -> Iterator[list[T]]:
        token = ""
        while True:
            asked = {**params, "page_token": token} if token else params
            data, _ = self._get(path, asked)
            page = [read(item) for item in data.get(name) or ()]
            if page:
                yield page
            following = readers.text(data.get("next_page_token"))
            if not following:
                return
            if following == token:
                raise _odd(f"its list {path} does not end")
            token = following

    def _get(self, path: str, params: Mapping[str, str | list[str]]) -> tuple[Any, Reply]:
        reply = self.service.get(f"/crm/rest/v2{path}", params)
        tenant = app_name(reply.headers.get("x-keap-tenant-id", ""))
        if self.tenant and tenant and tenant != self.tenant:
            raise SignInNeeded(
                f"The key belongs to the Keap account {tenant}, this profile to {self.tenant}.",
                hint="Use the key of the right account, or another --profile for the other one.",
                code="wrong-account",
            )
        data = reply.json()
        if not isinstance(data, dict):
            raise _odd(f"{path} gave no object")
        return data, reply


def _stamp(time: datetime) -> str:
    """A time as Keap's filters want it: with milliseconds and zone."""
    return time.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.000Z")


def _newest(page: Iterable[Order], least: datetime) -> datetime:
    times = [order.invoice.modified for order in page if order.invoice]
    return max((time for time in times if time), default=least)


def _order(data: Any) -> Order:
    if not isinstance(data, dict) or not readers.text(data.get("id")).isdigit():
        raise _odd("an order has no id")
    order_id = OrderId(readers.text(data["id"]))
    invoice_id = readers.text(data.get("invoice_id")) or order_id
    try:
        return Order(order_id, invoice_id, readers.invoice(data), "", readers.order_person(data))
    except readers.Unreadable as error:
        problem = str(error)
    except (KeyError, TypeError, ValueError, AttributeError, ArithmeticError) as error:
        problem = f"Keap's order is not in a form that can be read ({error})."
    return Order(order_id, invoice_id, None, problem, Person(PersonId("")))


def _payment(data: Any) -> Payment | None:
    try:
        return readers.payment(data)
    except (readers.Unreadable, TypeError, AttributeError) as error:
        log.warning("Keap's payment %s is left out: %s", data, error)
        return None


def _odd(what: str) -> TryLater:
    return TryLater(
        f"Keap's answer makes no sense: {what}.",
        hint="Nothing was done with it. Try again later; if it stays, tell us with -v's output.",
        code="odd-answer",
    )
