"""The way from the ledger to Keap in tests: a run of it, and invoices that somebody enters by hand
in either ledger."""

import datetime as dt
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from invoicesync_cli.cli.command import Call
from invoicesync_cli.cli.workspace import Workspace
from invoicesync_cli.reverse import also, reverse
from invoicesync_cli.sync import Options, Result, run
from invoicesync_sandbox.keap.rows import Order
from invoicesync_sandbox.qbo.screens import sale
from tests.kits.rehearsal import START, Rehearsal

FROM = "2026-11-01"
"""`reverse.start` in these tests."""
DAY = (START - dt.timedelta(days=2)).date()


def rehearsal_of(home: Any, to: str, **settings: Any) -> Rehearsal:
    """Empty services, with this way switched on."""
    wanted = {"reverse.enabled": True, "reverse.start": FROM, **settings}
    return Rehearsal(home, to=to, **wanted)


def back(rehearsal: Rehearsal, *, most: int | None = None, **options: Any) -> Result:
    """One `reverse-sync`; `most` is its `--max-invoices`."""
    wanted = Options(command="reverse-sync", **options)
    settings = {} if most is None else {"sync.max_invoices": most}
    world = Workspace(rehearsal.environ, rehearsal.network)
    with world.run(Call(), settings, dry_run=wanted.dry_run) as resources:
        return reverse(resources, wanted)


def both_ways(rehearsal: Rehearsal) -> Result:
    """One scheduled run: to the ledger, then back."""
    world = Workspace(rehearsal.environ, rehearsal.network)
    with world.run(Call(), {}, dry_run=False) as resources:
        return run(resources, Options(), also)


class ByHand:
    """Somebody who enters invoices in a ledger, the same in either."""

    def __init__(self, rehearsal: Rehearsal) -> None:
        self._r = rehearsal
        self._qbo = rehearsal.to == "qbo"
        self._number = 0
        codes = {code.name: code.id for code in rehearsal.qbo.tax_codes.values()}
        self._taxed = next((codes[name] for name in codes if name.startswith("20")), "")
        self._untaxed = next((codes[name] for name in codes if name.startswith("0")), "")

    def contact(self, name: str, **fields: str) -> str:
        """Enter a contact: its id. Fields are `email`, `first`, `last`, `phone`, `city`."""
        if self._qbo:
            given = {
                "GivenName": fields.get("first"),
                "FamilyName": fields.get("last"),
                "PrimaryEmailAddr": {"Address": fields["email"]} if "email" in fields else None,
                "PrimaryPhone": {"FreeFormNumber": fields["phone"]} if "phone" in fields else None,
                "BillAddr": {"City": fields["city"]} if "city" in fields else None,
            }
            kept = {key: value for key, value in given.items() if value}
            return str(self._r.qbo._create("Customer", DisplayName=name, **kept))
        number = fields.get("phone", "")
        phones = [{"PhoneType": "DEFAULT", "PhoneNumber": number}] if number else []
        return self._r.xero.add_contact(
            name,
            email=fields.get("email", ""),
            first_name=fields.get("first", ""),
            last_name=fields.get("last", ""),
            city=fields.get("city", ""),
            Phones=phones,
        )

    def invoice(
        self,
        contact: str,
        *lines: tuple[str, str, str],
        tax: str = "exclusive",
        day: dt.date = DAY,
        sku: str = "",
        **fields: Any,
    ) -> str:
        """Enter an approved invoice: its id. A line is text, quantity and unit price; `tax` is
        `exclusive`, `inclusive` or `none`."""
        self._number += 1
        number = fields.pop("number", f"HAND-{self._number}")
        if self._qbo:
            return self._in_qbo(contact, lines, tax, day, sku, number, fields)
        return self._r.xero.add_invoice(
            contact,
            [
                {
                    "Description": text,
                    "Quantity": quantity,
                    "UnitAmount": price,
                    "AccountCode": "200",
                    **({"ItemCode": sku} if sku else {}),
                    **({"TaxType": "OUTPUT2"} if tax != "none" else {}),
                }
                for text, quantity, price in lines
            ],
            InvoiceNumber=number,
            Date=day.isoformat(),
            DueDate=day.isoformat(),
            LineAmountTypes={"none": "NoTax"}.get(tax, tax.capitalize()),
            **fields,
        )

    def _in_qbo(
        self,
        contact: str,
        lines: tuple[tuple[str, str, str], ...],
        tax: str,
        day: dt.date,
        sku: str,
        number: str,
        fields: dict[str, Any],
    ) -> str:
        books = self._r.qbo
        items = {item.sku: item.id for item in books.items.values()}
        item = items[sku] if sku else next(iter(books.items))
        code = self._untaxed if tax == "none" else self._taxed
        rows = []
        for text, quantity, price in lines:
            gross = (Decimal(quantity) * Decimal(price)).quantize(Decimal("0.01"))
            if tax == "inclusive":
                net = (gross / Decimal("1.2")).quantize(Decimal("0.01"))
                row = sale(net, item=item, tax_code=code, description=text)
                row["SalesItemLineDetail"]["TaxInclusiveAmt"] = gross
            else:
                row = sale(
                    gross,
                    item=item,
                    qty=quantity,
                    unit_price=price,
                    tax_code=code,
                    description=text,
                )
            rows.append(row)
        if tax == "inclusive":
            fields["GlobalTaxCalculation"] = "TaxInclusive"
        return books.enter_invoice(
            contact, rows, DocNumber=number, TxnDate=day.isoformat(), **fields
        )

    def void(self, invoice: str) -> None:
        """Void an invoice."""
        (self._r.qbo if self._qbo else self._r.xero).void_invoice(invoice)

    def pay(self, invoice: str) -> None:
        """Pay an invoice in full."""
        (self._r.qbo if self._qbo else self._r.xero).pay(invoice)

    def change(self, invoice: str, price: str) -> None:
        """Make an invoice one of a single line at this price."""
        if self._qbo:
            row = sale(price, item=next(iter(self._r.qbo.items)), tax_code=self._taxed)
            self._r.qbo.edit(invoice, Line=[row])
        else:
            line = {"Description": "Changed", "Quantity": "1", "UnitAmount": price}
            self._r.xero.edit_invoice(
                invoice, LineItems=[{**line, "AccountCode": "200", "TaxType": "OUTPUT2"}]
            )

    def total(self, invoice: str) -> Decimal:
        """What an invoice comes to."""
        books: Any = self._r.qbo if self._qbo else self._r.xero
        return Decimal(books.invoices[invoice].total)

    def mixed(self) -> list[str]:
        """Thirty invoices that are to arrive, of every shape, and some that are not: drafts (in
        Xero), voided ones, one from before the start, one that is bare of any sense to Keap's one
        currency. The ids of those that are to arrive."""
        return list(self._mixed())

    def _mixed(self) -> Iterator[str]:
        jane = self.contact("Jane Doe", email="jane@example.com", first="Jane", last="Doe")
        acme = self.contact("Acme Ltd")
        ring = self.contact("Ring Me", phone="0113 496 0000")
        town = self.contact("Old Mill Bakery", city="Hull", email="mill@example.com")
        people = (jane, acme, ring, town)
        for turn in range(7):
            who = people[turn % 4]
            yield self.invoice(who, (f"Candle {turn}", str(turn + 1), "12.50"))
            yield self.invoice(who, ("Candle", "3", "4.99"), ("Wax", "1", "7.01"), tax="inclusive")
            yield self.invoice(who, ("Hours", "2.75", "33.33"), tax="none")
            yield self.invoice(who, ("Thread", "1.333", "19.99"), ("Hours", "0.5", "80.02"))
        yield self.invoice(jane, ("Candle", "4", "25.00"), ("Loyal customer", "1", "-10.00"))
        paid = self.invoice(acme, ("Nothing", "1", "0.00"), ("Something", "1", "5.00"))
        self.pay(paid)
        yield paid
        self.void(self.invoice(jane, ("Void", "1", "1.00")))
        self.invoice(jane, ("Old", "1", "9.00"), day=dt.date(2026, 10, 31))
        if not self._qbo:
            self.invoice(jane, ("Draft", "1", "8.00"), Status="DRAFT")


def orders(rehearsal: Rehearsal) -> dict[str, Order]:
    """Keap's orders that were made of invoices, by the marker in their notes."""
    return {
        str(order.notes): order
        for order in rehearsal.keap.orders.values()
        if "Made from" in str(order.notes)
    }


def made_of(r: Rehearsal, invoice: str) -> list[Any]:
    """The orders in Keap that were made of an invoice."""
    return [order for notes, order in orders(r).items() if f"id {invoice} of" in notes]
