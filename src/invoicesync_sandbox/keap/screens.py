"""What a person does with contacts, products and orders in Keap's screens."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

from invoicesync_sandbox.keap.payments import PaymentScreens
from invoicesync_sandbox.keap.rows import (
    PRODUCT_KINDS,
    Address,
    Contact,
    Instalment,
    Item,
    Line,
    Money,
    Order,
    Product,
    utc,
)

EDITABLE_IN_CONTACT = frozenset(
    {"given_name", "family_name", "emails", "phones", "company", "job_title", "billing", "shipping"}
)
EDITABLE_IN_ORDER = frozenset(
    {"contact_id", "title", "order_time", "modification_time", "currency", "plan", "auto_charge"}
    | {"order_type", "source_type", "status", "notes", "terms", "promo_code", "synced"}
    | {"sent_time", "due_time", "shipping", "items", "total"}
)


def checked(changes: dict[str, Any], known: frozenset[str]) -> dict[str, Any]:
    """`changes`, or `TypeError` for a field that is not among `known`."""
    unknown = sorted(changes.keys() - known)
    if unknown:
        msg = f"no such field: {', '.join(unknown)}"
        raise TypeError(msg)
    return changes


class Screens(PaymentScreens):
    """The account with a person at it. A time left out is the clock's."""

    def add_contact(
        self,
        *,
        given_name: str | None = None,
        family_name: str | None = None,
        emails: Iterable[str] = (),
        phones: Iterable[str] = (),
        company: str | None = None,
        job_title: str | None = None,
        billing: Address | None = None,
        shipping: Address | None = None,
        create_time: datetime | None = None,
        id: int | str | None = None,  # noqa: A002 - the vendor's name for it
    ) -> str:
        """Enter a person (up to three e-mails, five phones); the id."""
        with self.lock:
            created = utc(create_time or self.clock.now())
            contact = Contact(self._contact_ids.take(id), created, created, given_name, family_name)
            contact.emails, contact.phones = tuple(emails), tuple(phones)
            contact.company, contact.job_title = company, job_title
            contact.billing, contact.shipping = billing, shipping
            self.contacts[contact.id] = contact
            self.version += 1
            return contact.id

    def edit_contact(self, contact_id: int | str, **changes: Any) -> Contact:
        """Change the fields of a person that `add_contact` takes."""
        with self.lock:
            contact = self.contacts[str(contact_id)]
            for name, value in checked(changes, EDITABLE_IN_CONTACT).items():
                setattr(contact, name, tuple(value) if name in {"emails", "phones"} else value)
            contact.update_time = utc(self.clock.now())
            self.version += 1
            return contact

    def add_product(
        self,
        name: str,
        *,
        sku: str = "",
        price: Money = 0,
        taxable: bool = False,
        description: str = "",
        shippable: bool = True,
        active: bool = True,
        create_time: datetime | None = None,
        id: int | str | None = None,  # noqa: A002 - the vendor's name for it
    ) -> str:
        """Enter a product (price in major units); the id."""
        with self.lock:
            created = utc(create_time or self.clock.now())
            product = Product(self._product_ids.take(id), name, created, created, sku)
            product.price, product.taxable = Decimal(price), taxable
            product.description, product.shippable = description, shippable
            product.active = active
            self.products[product.id] = product
            self._products_by_look.setdefault((name, sku, taxable), product.id)
            self.version += 1
            return product.id

    def add_order(
        self,
        *,
        contact_id: int | str,
        order_time: datetime,
        items: Iterable[Item],
        total: Money | None = None,
        plan: Sequence[Instalment] = (),
        currency: str | None = None,
        title: str = "",
        creation_time: datetime | None = None,
        invoice_id: int | str | None = None,
        id: int | str | None = None,  # noqa: A002 - the vendor's name for it
        **more: Any,
    ) -> Order:
        """Enter an order.

        `total` (major units) is the sum of the lines unless it is given; the invoice's id is the
        order's unless it is given. `more` are further fields of `Order`, such as `order_type`,
        `status`, `synced`, `notes`, `due_time` or `shipping`.
        """
        with self.lock:
            created = utc(creation_time or self.clock.now())
            order_id = self._order_ids.take(id)
            order = Order(
                id=order_id,
                invoice_id=order_id if invoice_id is None else str(invoice_id),
                contact_id=self.contacts[str(contact_id)].id,
                title=title,
                order_time=utc(order_time),
                creation_time=created,
                modification_time=created,
                currency=currency or self.currency,
                lines=self._lines(items, created),
            )
            self._set(order, checked(more, EDITABLE_IN_ORDER) | {"plan": plan, "total": total})
            self.orders[order.id] = order
            self.version += 1
            return order

    def edit_order(self, order_id: int | str, **changes: Any) -> Order:
        """Change an order: the fields that `add_order` takes, ids and creation aside.

        New `items` are new lines, and the total follows them unless `total` is given too.
        """
        with self.lock:
            order = self.orders[str(order_id)]
            order.modification_time = utc(self.clock.now())
            self._set(order, checked(changes, EDITABLE_IN_ORDER))
            self.version += 1
            return order

    def delete_order(self, order_id: int | str) -> None:
        """Delete an order; its payments go with it unless the switch keeps them."""
        with self.lock:
            del self.orders[str(order_id)]
            self.version += 1
            if self.switches.deleted_order_keeps_payments:
                return
            for payment_id in self._by_order.pop(str(order_id), []):
                payment = self.payments[payment_id]
                payment.allocations = [
                    one for one in payment.allocations if one.order_id != str(order_id)
                ]
                if not payment.allocations:
                    del self.payments[payment_id]

    def _set(self, order: Order, changes: dict[str, Any]) -> None:
        for name, value in changes.items():
            if name == "items":
                order.lines = self._lines(value, order.modification_time)
                order.fixed_total = None
            elif name == "plan":
                order.plan = tuple(value)
            elif name == "contact_id":
                order.contact_id = self.contacts[str(value)].id
            elif name != "total":
                setattr(order, name, utc(value) if name.endswith("_time") and value else value)
        if changes.get("total") is not None:
            order.fixed_total = Decimal(changes["total"])

    def _lines(self, items: Iterable[Item], now: datetime) -> tuple[Line, ...]:
        return tuple(self._line(item, now) for item in items)

    def _line(self, item: Item, now: datetime) -> Line:
        product_id = item.product
        if product_id is None and item.kind in PRODUCT_KINDS:
            product_id = self._product_like(item, now)
        product = None if product_id is None else self.products[product_id]
        known_as = product.name if product else item.kind.replace("_", " ").capitalize()
        percent, discount = item.discount_percent, item.discount
        return Line(
            id=self._line_ids.take(),
            kind=item.kind,
            price=Decimal(item.price),
            quantity=item.quantity,
            name=known_as if item.name is None else item.name,
            description=item.description,
            notes=item.notes,
            product_id=product_id,
            discount=None if discount is None else abs(Decimal(discount)),
            discount_percent=None if percent is None else Decimal(percent),
            cost=Decimal(item.cost),
            subscription_id=item.subscription_id,
            subscription_plan=item.subscription_plan,
        )

    def _product_like(self, item: Item, now: datetime) -> str:
        name = item.name or "Product"
        known = self._products_by_look.get((name, item.sku, item.taxable))
        return known or self.add_product(
            name, sku=item.sku, price=item.price, taxable=item.taxable, create_time=now
        )
