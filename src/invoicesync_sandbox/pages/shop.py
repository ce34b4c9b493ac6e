"""The shop: orders, their lines and money, and the people in Keap."""

from dataclasses import replace
from datetime import datetime
from decimal import Decimal

from invoicesync_sandbox.keap import Item, KeapSandbox
from invoicesync_sandbox.keap.rows import CARD, PAYPAL, Line, Order, Payment
from invoicesync_sandbox.pages.layout import (
    Field,
    Form,
    Link,
    Page,
    Table,
    Typed,
    Wrong,
    choices,
    figure,
)

TYPES = tuple((one, one) for one in (CARD, PAYPAL, "Cash", "Check", "Bank Transfer"))
LINES = 3
"""Lines with a product on the form of a new order."""
EXTRAS = (
    ("discount", "Discount", "DISCOUNT_ORDER_TOTAL"),
    ("shipping", "Shipping", "SHIPPING"),
    ("charge", "Finance charge", "FINANCE_CHARGE"),
    ("tax", "Tax", "TAX"),
)


class Shop:
    """The pages of Keap."""

    key, name = "shop", "Keap"
    parts = (("orders", "Orders"), ("new", "New order"), ("contacts", "Contacts"))

    def __init__(self, keap: KeapSandbox) -> None:
        self.vendor = self.keap = keap
        self.acts = {
            "order": self._add,
            "line": self._change_line,
            "add-line": self._add_line,
            "pay": self._pay,
            "credit": self._credit,
            "refund": self._refund,
            "fail": self._fail,
            "unpay": self._delete_payment,
            "delete": self._delete,
            "contact": self._edit_contact,
            "add-contact": self._add_contact,
        }

    def page(self, part: str, row_id: str) -> Page:
        """The list, or one order or contact."""
        if part == "orders":
            return self._order(self.keap.orders[row_id]) if row_id else self._orders()
        if part == "new" and not row_id:
            return Page("New order", forms=[self._new()])
        if part == "contacts":
            return self._contact(row_id) if row_id else self._contacts()
        raise LookupError(part)

    def _orders(self) -> Page:
        rows = [
            (
                Link(order.id, f"/shop/orders/{order.id}"),
                order.order_time.astimezone(self.keap.time_zone).date().isoformat(),
                self._who(order.contact_id),
                figure(order.total),
                figure(self._open(order)),
                self._state(order),
            )
            for order in sorted(self.keap.orders.values(), key=lambda one: -int(one.id))
        ]
        columns = ("Order", "Date", "Contact", f">Total ({self.keap.currency})", ">Due", "State")
        return Page("Orders", tables=[Table("", columns, rows)])

    def _order(self, order: Order) -> Page:
        payments = self.keap.payments_of(order.id)
        when = order.order_time.astimezone(self.keap.time_zone)
        facts = [
            ("Contact", self._who(order.contact_id)),
            ("Date", when.strftime("%Y-%m-%d %H:%M")),
            ("Invoice", order.invoice_id),
            (f"Total ({order.currency})", figure(order.total)),
            ("Paid", figure(self.keap.paid(order))),
            ("Refunded", figure(self.keap.refunded(order))),
            ("State", self._state(order)),
        ]
        lines = [
            (one.name, one.kind, str(one.quantity), figure(one.price), figure(one.value))
            for one in order.lines
        ]
        money = [self._money_row(order, one) for one in payments]
        failed = [
            (
                one.time.astimezone(self.keap.time_zone).date().isoformat(),
                figure(one.amount),
                one.error or "",
            )
            for one in self.keap.failed_charges
            if order.id in one.order_ids
        ]
        tables = [
            Table("Lines", ("Name", "Kind", ">Quantity", ">Price", ">Value"), lines),
            Table("Money", ("Payment", "Date", "Type", ">Amount", "State"), money),
        ]
        if failed:
            tables.append(Table("Failed charges", ("Date", ">Amount", "Why"), failed))
        return Page(f"Order {order.id}", facts, tables, self._order_forms(order, payments))

    def _order_forms(self, order: Order, payments: list[Payment]) -> list[Form]:
        left = self._open(order)
        due = Field("amount", "Amount", f"{left:.2f}" if left > 0 else "", "amount")
        lines = tuple((one.id, f"{one.name}, {figure(one.value)}") for one in order.lines)
        paid = tuple(
            (one.id, f"{one.type}, {figure(one.amount)}") for one in payments if not one.refund_of
        )
        every = tuple((one.id, f"{one.id}: {one.type}, {figure(one.amount)}") for one in payments)
        forms = [
            Form("pay", "Take a payment", (due, Field("type", "Type", CARD, options=TYPES))),
            Form("credit", "Give a credit", (due,)),
            Form("fail", "Let a charge fail", (due,)),
        ]
        if paid:
            amount = Field("amount", "Amount (blank: all)", kind="amount")
            forms.append(Form("refund", "Refund", (Field("payment", "Of", options=paid), amount)))
            of = Field("payment", "Payment", options=every)
            forms.append(Form("unpay", "Delete the payment", (of,), ends=True))
        if lines:
            changed = (
                Field("line", "Line", options=lines),
                Field("quantity", "Quantity", "1"),
                Field("price", "Price", kind="amount"),
            )
            forms.append(Form("line", "Change the line", changed))
        forms.append(Form("add-line", "Add a line", self._line_fields("")))
        forms.append(Form("delete", "Delete the order", ends=True))
        return forms

    def _new(self) -> Form:
        today = self.keap.clock.now().astimezone(self.keap.time_zone).date()
        fields = [
            Field("contact", "Contact", options=self._people()),
            Field("day", "Date", today.isoformat(), "date"),
        ]
        for place in range(LINES):
            fields += self._line_fields(str(place))
        fields += [
            Field(name, label, kind="amount", begins=name == EXTRAS[0][0])
            for name, label, _ in EXTRAS
        ]
        return Form("order", "Enter the order", tuple(fields))

    def _line_fields(self, place: str) -> tuple[Field, ...]:
        products = choices(
            (one.id, f"{one.name}{', taxable' if one.taxable else ''}")
            for one in self.keap.products.values()
        )
        return (
            Field(f"product{place}", "Product", options=(("", "–"), *products), begins=True),
            Field(f"quantity{place}", "Quantity", "1"),
            Field(f"price{place}", "Price", kind="amount"),
        )

    def _contacts(self) -> Page:
        rows = [
            (
                Link(self._who(one.id), f"/shop/contacts/{one.id}"),
                one.company or "",
                ", ".join(one.emails),
            )
            for one in self.keap.contacts.values()
        ]
        form = Form("add-contact", "Add a contact", self._person("", "", "", ""))
        return Page("Contacts", [], [Table("", ("Name", "Company", "E-mail"), rows)], [form])

    def _contact(self, contact_id: str) -> Page:
        one = self.keap.contacts[contact_id]
        fields = self._person(
            one.given_name or "", one.family_name or "", one.company or "", ", ".join(one.emails)
        )
        return Page(self._who(contact_id), forms=[Form("contact", "Save", fields)])

    def _person(self, given: str, family: str, company: str, emails: str) -> tuple[Field, ...]:
        return (
            Field("given", "First name", given),
            Field("family", "Last name", family),
            Field("company", "Company", company),
            Field("emails", "E-mails, with commas", emails),
        )

    def _people(self) -> tuple[tuple[str, str], ...]:
        return choices((one, self._who(one)) for one in self.keap.contacts)

    def _who(self, contact_id: str) -> str:
        one = self.keap.contacts[contact_id]
        names = " ".join(name for name in (one.given_name, one.family_name) if name)
        return names or one.company or f"Contact {contact_id}"

    def _open(self, order: Order) -> Decimal:
        return order.total - self.keap.paid(order)

    def _state(self, order: Order) -> str:
        if self.keap.refunded(order):
            return "Refunded" if self.keap.refunded(order) >= order.total else "Partly refunded"
        if self.keap.is_paid(order):
            return "Paid"
        return "Partly paid" if self.keap.paid(order) else "Unpaid"

    def _money_row(self, order: Order, payment: Payment) -> tuple[str, ...]:
        part = sum(
            (one.amount for one in payment.allocations if one.order_id == order.id), Decimal()
        )
        states = {one.pay_status for one in payment.allocations if one.order_id == order.id}
        day = payment.payment_time.astimezone(self.keap.time_zone).date().isoformat()
        return (payment.id, day, payment.type, figure(part), ", ".join(sorted(states)))

    def _add(self, _: str, typed: Typed) -> str:
        items = [
            item for place in range(LINES) if (item := self._item(typed, str(place))) is not None
        ]
        for name, label, kind in EXTRAS:
            amount = typed.amount(name, label)
            if amount:
                price = -amount if name == "discount" else amount
                items.append(Item(kind, price, name=label))
        if not items:
            raise Wrong("Choose a product first.")
        now = self.keap.clock.now().astimezone(self.keap.time_zone)
        day = typed.day("day", "Date") or now.date()
        order = self.keap.add_order(
            contact_id=self._known_contact(typed),
            order_time=datetime.combine(day, now.timetz()),
            items=items,
        )
        return f"Order {order.id} is entered: {figure(order.total)} {order.currency}."

    def _known_contact(self, typed: Typed) -> str:
        return self.keap.contacts[typed.needed("contact", "Contact")].id

    def _item(self, typed: Typed, place: str) -> Item | None:
        product_id = typed.text(f"product{place}")
        if not product_id:
            return None
        product = self.keap.products[product_id]
        price = typed.amount(f"price{place}", "Price")
        quantity = typed.count(f"quantity{place}", "Quantity")
        return Item(
            "PRODUCT", product.price if price is None else price, quantity, product=product_id
        )

    def _change_line(self, order_id: str, typed: Typed) -> str:
        order, line_id = self.keap.orders[order_id], typed.text("line")
        price = typed.amount("price", "Price")
        quantity = typed.count("quantity", "Quantity")
        if price is None:
            raise Wrong("Price: please fill it in.")
        items = []
        for line in order.lines:
            item = _as_item(line)
            if line.id == line_id:
                signed = -price if line.is_discount else price
                item = replace(item, price=signed, quantity=quantity, discount=None)
            items.append(item)
        self.keap.edit_order(order_id, items=items)
        return f"The line is changed; the total is {figure(order.total)}."

    def _add_line(self, order_id: str, typed: Typed) -> str:
        item, order = self._item(typed, ""), self.keap.orders[order_id]
        if item is None:
            raise Wrong("Choose a product first.")
        self.keap.edit_order(order_id, items=[*map(_as_item, order.lines), item])
        return f"The line is added; the total is {figure(order.total)}."

    def _pay(self, order_id: str, typed: Typed) -> str:
        amount, kind = typed.money("amount", "Amount"), typed.text("type")
        if (kind, kind) not in TYPES:
            raise Wrong("Type: choose one of the list.")
        paid = self.keap.add_payment(
            order_id=self.keap.orders[order_id].id, amount=amount, type=kind
        )
        return f"Payment {paid.id} of {figure(amount)} is entered."

    def _credit(self, order_id: str, typed: Typed) -> str:
        amount = typed.money("amount", "Amount")
        self.keap.add_payment(order_id=self.keap.orders[order_id].id, amount=amount, type="Credit")
        return f"A credit of {figure(amount)} is entered."

    def _fail(self, order_id: str, typed: Typed) -> str:
        amount = typed.money("amount", "Amount")
        self.keap.add_failed_charge(order_id, amount)
        return f"A charge of {figure(amount)} was declined."

    def _refund(self, order_id: str, typed: Typed) -> str:
        paid = self._payment(order_id, typed)
        amount = typed.amount("amount", "Amount")
        if amount == 0:
            raise Wrong("Amount: an amount above 0, please.")
        given = sum(
            (one.amount for one in self.keap.payments.values() if one.refund_of == paid.id),
            Decimal(),
        )
        left = paid.amount - given
        if (left if amount is None else amount) > left or not left:
            raise Wrong(f"Amount: {figure(left)} of this payment is left to refund.")
        done = self.keap.add_refund(paid.id, left if amount is None else amount)
        return f"{figure(done.amount)} is refunded."

    def _delete_payment(self, order_id: str, typed: Typed) -> str:
        self.keap.delete_payment(self._payment(order_id, typed).id)
        return "The payment is deleted."

    def _payment(self, order_id: str, typed: Typed) -> Payment:
        wanted = typed.text("payment")
        return {one.id: one for one in self.keap.payments_of(order_id)}[wanted]

    def _delete(self, order_id: str, _: Typed) -> str:
        self.keap.delete_order(order_id)
        return f"Order {order_id} is deleted."

    def _edit_contact(self, contact_id: str, typed: Typed) -> str:
        self.keap.edit_contact(contact_id, **_personal(typed))
        return "The contact is saved."

    def _add_contact(self, _: str, typed: Typed) -> str:
        given = _personal(typed)
        if not any(given.values()):
            raise Wrong("A contact needs a name or an e-mail.")
        self.keap.add_contact(**given)  # type: ignore[arg-type]
        return "The contact is added."


def _personal(typed: Typed) -> dict[str, object]:
    return {
        "given_name": typed.text("given") or None,
        "family_name": typed.text("family") or None,
        "company": typed.text("company") or None,
        "emails": tuple(one.strip() for one in typed.text("emails").split(",") if one.strip()),
    }


def _as_item(line: Line) -> Item:
    return Item(
        line.kind,
        line.price,
        line.quantity,
        line.name,
        line.description,
        line.notes,
        line.product_id,
        discount=line.discount,
        discount_percent=line.discount_percent,
        cost=line.cost,
        subscription_id=line.subscription_id,
        subscription_plan=line.subscription_plan,
    )
