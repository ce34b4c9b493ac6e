"""Drafts sent to the simulated QuickBooks Desktop, and read back in the tool's own terms."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from invoicesync_cli.load.found import LedgerInvoice
from invoicesync_cli.load.qbd import bodies, found
from invoicesync_cli.load.qbd.answers import Answer, read
from invoicesync_cli.load.qbd.bodies import Forms
from invoicesync_cli.load.qbd.requests import PROLOG, message, request
from invoicesync_cli.load.qbd.schemas import (
    CompanyRow,
    CreditMemoRow,
    HostRow,
    InvoiceRow,
    ItemRow,
    PaymentRow,
    PersonRow,
    PreferencesRow,
    SalesReceiptRow,
    all_read,
)
from invoicesync_cli.model import (
    Address,
    CreditNote,
    DocumentKind,
    Draft,
    DraftLine,
    InvoiceId,
    LedgerAccount,
    LedgerId,
    NewContact,
    NewItem,
    OrderId,
    PaymentDraft,
    PaymentId,
    PersonId,
    Receipt,
    StatedTax,
    TaxMode,
)
from invoicesync_sandbox.qbd import QbdSwitches
from invoicesync_sandbox.qbd.rows import Account, Item, PaymentMethod
from tests.kits.qbxml import Desk, assert_valid

DAY = date(2026, 11, 3)


class Books:
    """A company file, what its forms are like, and what is sent to it."""

    def __init__(self, switches: QbdSwitches | None = None, tax: Any = "line") -> None:
        self.desk = Desk(switches)
        qbd = self.desk.qbd
        self.tax_items = {row.id for row in qbd.items.values() if row.is_tax}
        item = "Keap sales tax" if tax == "line" else "Alameda"
        zero, methods = self.item("No tax"), {"visa": qbd.named(PaymentMethod, "Visa").id}
        self.forms = Forms(
            taxed=True,
            tax=tax,
            tax_item=self.item(item),
            zero_tax_item=zero,
            receivable="",
            methods=methods,
        )
        self.bank = self.account("Checking")
        self.contact = LedgerId(self.desk.jane)

    def item(self, name: str) -> str:
        return str(self.desk.qbd.named(Item, name).id)

    def account(self, name: str) -> LedgerAccount:
        row = self.desk.qbd.named(Account, name)
        return LedgerAccount(row.id, row.name, row.name, usable=True)

    def sent(self, name: str, values: dict[str, Any]) -> Answer:
        """The answer to one request, which is valid."""
        xml = message([request(name, values, "1")], key="k1")
        assert_valid(xml.removeprefix(PROLOG))
        qbd = self.desk.qbd
        qbd.forget_message_sets()
        return read(qbd.request(qbd.begin("invoicesync"), xml)).answers[0]

    def made(self, name: str, values: dict[str, Any]) -> LedgerId:
        answer = self.sent(name, values)
        assert answer.code == "0", answer
        return LedgerId(answer.id)

    def asked(self, name: str, **values: Any) -> list[Any]:
        return [shown for _, shown in self.sent(name, values).objects]

    def invoice(self, ident: str) -> LedgerInvoice:
        shown = self.asked(
            "InvoiceQuery", TxnID=ident, IncludeLineItems=True, IncludeLinkedTxns=True
        )
        return found.invoice(all_read(InvoiceRow, shown)[0], self.tax_items, "USD")

    def line(self, amount: str, item: str = "Coaching", code: str = "Tax") -> DraftLine:
        return DraftLine("Soap", None, None, Decimal(amount), "", code, item_code=self.item(item))

    def draft(self, *lines: DraftLine, tax: str = "8.25", **fields: Any) -> Draft:
        total = sum((line.amount for line in lines), Decimal(0)) + Decimal(tax)
        return Draft(
            **{
                "order_id": OrderId("1042"),
                "invoice_id": InvoiceId("1043"),
                "number": "K1043",
                "reference": "Keap order 1042, invoice 1043",
                "person_id": PersonId("12"),
                "date": DAY,
                "due_date": date(2026, 11, 17),
                "currency": "USD",
                "tax_mode": TaxMode.EXCLUSIVE,
                "lines": lines,
                "keap_total": total,
                "expected_total": total,
                "expected_tax": Decimal(tax),
                "contact_id": self.contact,
                "stated_tax": StatedTax(Decimal(tax)) if Decimal(tax) else None,
                **fields,
            }
        )

    def money(self, amount: str, **fields: Any) -> PaymentDraft:
        return PaymentDraft(
            **{
                "kind": DocumentKind.PAYMENT,
                "key": "77",
                "order_id": OrderId("1042"),
                "invoice_id": InvoiceId("1043"),
                "payment_id": PaymentId("77"),
                "date": DAY,
                "amount": Decimal(amount),
                "currency": "USD",
                "reference": "ch_3Q9xKeap77",
                "invoice": LedgerId(""),
                "contact_id": self.contact,
                "account": self.bank,
                "method": "Visa",
                **fields,
            }
        )

    def note(self, net: str, tax: str, number: str) -> CreditNote:
        return CreditNote(
            number=number,
            contact_id=self.contact,
            account="",
            tax_code="Tax",
            net=Decimal(net),
            tax=Decimal(tax),
            description="Refund",
            item_code=self.item("Coaching"),
            stated_tax=StatedTax(Decimal(tax)),
        )


@pytest.mark.parametrize("counts", ["subtotal", "tax"])
def test_an_invoice_comes_to_keaps_total_and_tax_wherever_its_tax_line_counts(counts: Any) -> None:
    books = Books(QbdSwitches(tax_line_in=counts))
    lines = (books.line("100.00"), books.line("-10.00", "Discount"))
    draft = books.draft(*lines, books.line("8.00", "Shipping", "Non"))
    there = books.invoice(books.made(*bodies.sale(draft, books.forms)))

    assert (there.total, there.tax, there.due) == (
        draft.expected_total,
        Decimal("8.25"),
        there.total,
    )
    assert (there.number, there.reference) == ("K1043", "Keap order 1042, invoice 1043")
    assert (there.contact_id, there.date, there.alive) == (books.contact, DAY, True)


def test_the_tax_line_stands_in_front_of_a_discount_at_the_end() -> None:
    books = Books()
    draft = books.draft(books.line("100.00"), books.line("-10.00", "Discount"))
    there = books.invoice(books.made(*bodies.sale(draft, books.forms)))

    assert (there.total, there.tax) == (Decimal("98.25"), Decimal("8.25"))


def test_quickbooks_works_the_tax_out_by_rate() -> None:
    books = Books(tax="rate")
    lines = (books.line("100.00"), books.line("8.00", "Shipping", "Non"))
    draft = books.draft(*lines, tax="8.25")
    there = books.invoice(books.made(*bodies.sale(draft, books.forms)))
    assert (there.total, there.tax) == (Decimal("116.25"), Decimal("8.25"))

    untaxed = books.draft(books.line("100.00", code="Non"), tax="0", number="K2")
    there = books.invoice(books.made(*bodies.sale(untaxed, books.forms)))
    assert (there.total, there.tax) == (Decimal("100.00"), Decimal("0.00"))


def test_an_untaxed_invoice_is_not_taxed_by_the_companys_own_item() -> None:
    books = Books()
    books.desk.qbd.set_preferences(default_tax_item=books.item("Alameda"))
    draft = books.draft(books.line("100.00"), tax="0")
    assert books.invoice(books.made(*bodies.sale(draft, books.forms))).total == Decimal("100.00")


def test_a_quantity_goes_with_the_amount() -> None:
    books = Books()
    line = replace(books.line("29.97"), quantity=Decimal(3), unit_price=Decimal("9.99"))
    made = books.made(*bodies.sale(books.draft(line), books.forms))
    shown = books.desk.qbd.invoices[made].lines[0]
    assert (shown.quantity, shown.amount) == (Decimal(3), Decimal("29.97"))


def test_a_sales_receipt_brings_its_money() -> None:
    books = Books()
    paid = Receipt(PaymentId("77"), "77", Decimal("108.25"), "ch_1", books.bank, "visa", "long id")
    draft = books.draft(books.line("100.00"), receipt=paid)
    made = books.made(*bodies.sale(draft, books.forms))
    shown = books.asked("SalesReceiptQuery", TxnID=made, IncludeLineItems=True)
    there = found.receipt(all_read(SalesReceiptRow, shown)[0], books.tax_items, "USD")

    assert (there.total, there.tax, there.due, there.receipt) == (
        Decimal("108.25"),
        Decimal("8.25"),
        Decimal(0),
        True,
    )
    assert there.reference == "Keap order 1042, invoice 1043"
    assert (shown[0]["CheckNumber"], shown[0]["PaymentMethodRef"]["FullName"]) == ("ch_1", "Visa")


def test_a_payment_stands_on_its_invoice() -> None:
    books = Books()
    invoice = books.made(*bodies.sale(books.draft(books.line("100.00")), books.forms))
    draft = books.money("50.00", invoice=invoice, unapplied=Decimal("10.00"), memo="pi_long")
    made = books.made("ReceivePaymentAdd", bodies.payment(draft, books.forms))
    there = books.invoice(invoice)
    shown = books.asked("ReceivePaymentQuery", TxnID=made, IncludeLineItems=True)
    payment = found.payment(all_read(PaymentRow, shown)[0])

    assert there.due == Decimal("68.25")
    assert there.payments is not None
    assert [(one.id, one.reference, one.amount) for one in there.payments] == [
        (made, "ch_3Q9xKeap77", Decimal("40.00"))
    ]
    assert (payment.target, payment.unapplied) == (invoice, Decimal("10.00"))
    assert shown[0]["Memo"] == "Keap order 1042, invoice 1043; pi_long"


def test_a_credit_goes_onto_its_invoice() -> None:
    books = Books()
    invoice = books.made(*bodies.sale(books.draft(books.line("100.00")), books.forms))
    draft = books.money("10.82", invoice=invoice, note=books.note("10.00", "0.82", "C77"))
    memo = books.made("CreditMemoAdd", bodies.credit_memo(draft, books.forms))
    assert books.sent("ReceivePaymentAdd", bodies.allocation(draft, memo, books.forms)).code == "0"

    there = books.invoice(invoice)
    assert there.due == Decimal("97.43")
    assert there.payments is not None
    assert [(one.id, one.credit) for one in there.payments] == [(memo, True)]
    shown = all_read(CreditMemoRow, books.asked("CreditMemoQuery", TxnID=memo))[0]
    note = found.credit_memo(shown)
    assert (note.number, note.total, note.left) == ("C77", Decimal("10.82"), Decimal("0.00"))


@pytest.mark.parametrize("way", ["card", "check"])
def test_a_refund_is_paid_out(way: str) -> None:
    books = Books()
    draft = books.money("10.82", note=books.note("10.00", "0.82", "R78"))
    memo = books.made("CreditMemoAdd", bodies.credit_memo(draft, books.forms))
    if way == "card":
        visa = books.forms.methods["visa"]
        values = bodies.card_refund(draft, memo, visa, books.forms)
        books.made("ARRefundCreditCardAdd", values)
        shown = books.asked("ARRefundCreditCardQuery", RefNumber="R78")[0]
    else:
        receivable = books.account("Accounts Receivable").id
        books.made("CheckAdd", bodies.check(draft, memo, books.bank.id, receivable))
        shown = books.asked("CheckQuery", RefNumber="R78")[0]

    assert shown["Memo"].endswith("; ch_3Q9xKeap77")
    assert books.desk.qbd.balance(memo) == 0


def test_a_voided_invoice_is_not_alive() -> None:
    books = Books()
    made = books.made(*bodies.sale(books.draft(books.line("100.00")), books.forms))
    books.sent("TxnVoid", {"TxnVoidType": "Invoice", "TxnID": made})

    there = books.invoice(made)
    assert (there.alive, there.total) == (False, Decimal("0.00"))
    assert there.reference == "Keap order 1042, invoice 1043"


def test_a_customer_is_found_by_its_keap_id() -> None:
    books = Books()
    made = NewContact(
        PersonId("12"),
        "Zo\u00eb Luk",
        "keap-12",
        "Zo\u00eb",
        "Luk",
        "zoe@example.com",
        "0113",
        Address("1 Main St", "", "Austin", "US-TX", "78701", "USA"),
    )
    ident = books.made("CustomerAdd", bodies.customer(made))
    shown = books.asked("CustomerQuery", ListID=ident)
    there = found.contact(all_read(PersonRow, shown)[0])

    assert (there.id, there.name, there.number) == (ident, "Zo\u00eb Luk", "keap-12")
    assert (there.email, there.cities, there.archived) == ("zoe@example.com", ("Austin",), False)
    assert shown[0]["BillAddress"]["State"] == "TX"
    again = books.sent("CustomerAdd", bodies.customer(replace(made, number="keap-13")))
    assert again.outcome == "name-taken"


def test_an_item_is_made() -> None:
    books = Books()
    made = books.made("ItemServiceAdd", bodies.item(NewItem("unknown", books.account("Sales"))))
    row = all_read(ItemRow, books.asked("ItemQuery", ListID=made))[0]
    assert (row.name, row.sales_or_purchase.account_ref.full_name) == ("unknown", "Sales")


def test_what_the_company_says_of_itself() -> None:
    books = Books()
    books.desk.qbd.close_books(date(2026, 10, 2))
    host = all_read(HostRow, books.asked("HostQuery"))[0]
    company = all_read(CompanyRow, books.asked("CompanyQuery"))[0]
    preferences = all_read(PreferencesRow, books.asked("PreferencesQuery"))[0]

    assert (host.country, "13.0" in host.versions) == ("US", True)
    assert (company.company_name, company.is_sample_company) == ("Wick & Wax LLC", False)
    assert preferences.accounting_preferences.closing_date == date(2026, 10, 2)
    assert preferences.sales_tax_preferences is not None


def test_the_own_id_is_the_same_each_time() -> None:
    assert bodies.own_id("payment", "77") == bodies.own_id("payment", "77")
    assert bodies.own_id("payment", "77") != bodies.own_id("payment", "78")
