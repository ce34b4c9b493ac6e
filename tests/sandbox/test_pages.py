"""The sandbox's web pages: what a person can do there, and what other web pages cannot."""

import re

import pytest
from werkzeug.test import Client, TestResponse

from invoicesync_sandbox.pages import site_of
from invoicesync_sandbox.qbd import SdkError
from invoicesync_sandbox.qbd import sale as desktop_sale
from invoicesync_sandbox.qbo import sale
from invoicesync_sandbox.world import Sandbox

ORIGIN = {"base_url": "http://127.0.0.1:8000"}


class Visitor:
    """Somebody with a browser at the pages."""

    def __init__(self, box: Sandbox, ledger: str) -> None:
        self.client = Client(site_of(box, ledger))

    def get(self, path: str) -> str:
        answer = self.client.get(path, **ORIGIN)
        assert answer.status_code == 200, answer.text
        return answer.text

    def post(self, path: str, act: str, **typed: str) -> TestResponse:
        """Send the form `act` of a page."""
        page = self.get(path)
        assert f'value="{act}"' in page, f"{path} does not offer {act}"
        token = re.findall('name="token" value="([^"]+)"', page)[0]
        form = {"token": token, "act": act, **typed}
        return self.client.post(path, data=form, headers={"Origin": ORIGIN["base_url"]}, **ORIGIN)

    def do(self, path: str, act: str, **typed: str) -> str:
        """Send a form that works: the page after it."""
        answer = self.post(path, act, **typed)
        assert answer.status_code == 303, answer.text
        return self.get(answer.headers["Location"])

    def refused(self, path: str, act: str, **typed: str) -> str:
        """Send a form that does not work: the words about it."""
        answer = self.post(path, act, **typed)
        assert answer.status_code == 422
        return str(re.findall('role="alert">([^<]*)<', answer.text)[0])


@pytest.fixture
def box() -> Sandbox:
    return Sandbox()


@pytest.fixture
def xero(box: Sandbox) -> Visitor:
    return Visitor(box, "xero")


@pytest.fixture
def us_box() -> Sandbox:
    return Sandbox(company="us")


@pytest.fixture
def qbo(us_box: Sandbox) -> Visitor:
    return Visitor(us_box, "qbo")


def xero_invoice(box: Sandbox, status: str = "DRAFT") -> str:
    contact = next(iter(box.xero.contacts))
    line = {"Description": "Candle", "Quantity": 1, "UnitAmount": "100.00", "AccountCode": "200"}
    return box.xero.add_invoice(contact, [line], Status=status, TaxType="NONE")


def test_every_page_can_be_read(box: Sandbox, us_box: Sandbox) -> None:
    xero_invoice(box)
    for ledger, of in (("xero", box), ("qbo", us_box), ("qbd", us_box)):
        visitor, seen, open_ = Visitor(of, ledger), {"/shop/"}, ["/shop/"]
        while open_:
            text = visitor.get(open_.pop())
            assert text.count("<h1>") == 1
            for link in re.findall('href="([^"]+)"', text):
                if link not in seen:
                    seen.add(link)
                    open_.append(link)
        assert len(seen) > 70


def test_an_order_is_entered_changed_paid_and_refunded(box: Sandbox, xero: Visitor) -> None:
    product, contact = next(iter(box.keap.products)), next(iter(box.keap.contacts))
    text = xero.do(
        "/shop/new",
        "order",
        contact=contact,
        product0=product,
        quantity0="2",
        price0="50",
        quantity1="1",
        quantity2="1",
        discount="10",
        tax="18",
        charge="1.50",
    )
    order_id = max(box.keap.orders, key=int)
    order, path = box.keap.orders[order_id], f"/shop/orders/{order_id}"

    assert f"Order {order_id} is entered: 109.50 GBP." in text
    assert [line.kind for line in order.lines] == [
        "PRODUCT",
        "DISCOUNT_ORDER_TOTAL",
        "FINANCE_CHARGE",
        "TAX",
    ]
    assert "Partly paid" in xero.do(path, "pay", amount="9.50", type="Cash")
    assert "Paid" in xero.do(path, "pay", amount="100", type="Credit Card")
    payment = box.keap.payments_of(order_id)[-1].id
    assert "Partly refunded" in xero.do(path, "refund", payment=payment, amount="40")
    assert "60.00 of this payment is left" in xero.refused(
        path, "refund", payment=payment, amount="60.01"
    )
    xero.do(path, "line", line=order.lines[0].id, quantity="1", price="70")
    assert str(box.keap.orders[order_id].total) == "79.50"
    assert "declined" in xero.do(path, "fail", amount="5")
    xero.do(path, "credit", amount="5")
    assert box.keap.payments_of(order_id)[-1].type == "Credit"
    xero.do(path, "delete")
    assert order_id not in box.keap.orders


@pytest.mark.parametrize("typed", ["", "0", "-1", "NaN", "1.005", "lots", "1e20"])
def test_an_amount_that_cannot_be_meant_changes_nothing(
    box: Sandbox, xero: Visitor, typed: str
) -> None:
    before = len(box.keap.payments)

    assert "Amount" in xero.refused("/shop/orders/1001", "pay", amount=typed, type="Cash")
    assert len(box.keap.payments) == before


def test_a_contact_is_edited_in_the_shop(box: Sandbox, xero: Visitor) -> None:
    xero.do(
        "/shop/contacts/101", "contact", given="<b>Eve", family="", company="", emails="e@x.example"
    )

    assert box.keap.contacts["101"].emails == ("e@x.example",)
    assert "&lt;b&gt;Eve" in xero.get("/shop/contacts/101")
    assert "<b>Eve" not in xero.get("/shop/contacts")


def test_a_draft_in_xero_is_approved_paid_and_cannot_be_voided_then(
    box: Sandbox, xero: Visitor
) -> None:
    invoice = xero_invoice(box)
    path = f"/xero/invoices/{invoice}"
    xero.do(path, "approve")
    assert box.xero.invoices[invoice].status == "AUTHORISED"
    xero.do(path, "pay", amount="", account="090", day="")
    assert box.xero.invoices[invoice].status == "PAID"

    words = xero.refused(path, "void")

    assert words.startswith("Xero says: ")
    payment = box.xero.payments.find("document", invoice)[0].id
    xero.do(path, "unpay", payment=payment)
    xero.do(path, "void")
    assert box.xero.invoices[invoice].status == "VOIDED"


def test_a_line_in_xero_is_changed_and_a_draft_deleted(box: Sandbox, xero: Visitor) -> None:
    invoice = xero_invoice(box)
    path = f"/xero/invoices/{invoice}"
    line = box.xero.invoices[invoice].lines[0]
    xero.do(path, "line", line=line.id, price="80")
    assert box.xero.invoices[invoice].sub_total == 80
    assert box.xero.invoices[invoice].lines[0].description == "Candle"

    xero.do(path, "delete")
    assert box.xero.invoices[invoice].status == "DELETED"


def test_lock_dates_hold_in_xero(box: Sandbox, xero: Visitor) -> None:
    invoice = xero_invoice(box)
    xero.do("/xero/lock-dates", "lock", period="2099-01-01", year="")

    assert "lock date" in xero.refused(f"/xero/invoices/{invoice}", "approve")
    assert box.xero.invoices[invoice].status == "DRAFT"


def test_contacts_and_accounts_in_xero(box: Sandbox, xero: Visitor) -> None:
    xero.do("/xero/contacts", "add-contact", name="Twin", email="twin@x.example")
    assert "already assigned" in xero.refused("/xero/contacts", "add-contact", name="Twin")
    twin = box.xero.contacts.find("name", "twin")[0].id
    xero.do(f"/xero/contacts/{twin}", "archive")
    xero.do(f"/xero/contacts/{twin}", "restore")
    xero.do(f"/xero/contacts/{twin}", "rename", name="Twin 2", email="")
    assert box.xero.contacts[twin].name == "Twin 2"
    xero.do("/xero/accounts", "archive-account", account="460")
    assert box.xero.accounts.find("code", "460")[0].status == "ARCHIVED"


def test_a_sale_in_quickbooks_is_paid_changed_and_ended(us_box: Sandbox, qbo: Visitor) -> None:
    books = us_box.qbo
    item = next(one.id for one in books.items.values() if one.type == "Service")
    invoice = books.enter_invoice(next(iter(books.customers)), [sale("100.00", item=item, qty="1")])
    path, line = f"/qbo/invoices/{invoice}", books.invoices[invoice].lines[0].id
    qbo.do(path, "line", line=line, price="80")
    assert books.invoices[invoice].lines[0].amount == 80
    assert "Partly paid" in qbo.do(path, "pay", amount="30", account="", day="")
    payment = max(books.payments, key=int)
    qbo.do(f"/qbo/payments/{payment}", "void")
    assert books.invoices[invoice].balance == books.invoices[invoice].total
    qbo.do("/qbo/closing-date", "close", day="2099-01-01")
    assert "QuickBooks says: " in qbo.refused(path, "void")
    qbo.do("/qbo/closing-date", "close", day="")
    assert "Voided" in qbo.do(path, "void")


def test_lists_in_quickbooks(us_box: Sandbox, qbo: Visitor) -> None:
    qbo.do("/qbo/customers", "add-customer", name="Twin", email="")
    assert "QuickBooks says: " in qbo.refused("/qbo/customers", "add-customer", name="Twin")
    twin = us_box.qbo.customers.find("name", "twin")[0].id
    qbo.do(f"/qbo/customers/{twin}", "inactive")
    qbo.do(f"/qbo/customers/{twin}", "active")
    qbo.do(f"/qbo/customers/{twin}", "rename", name="Twin 2")
    assert us_box.qbo.customers[twin].name == "Twin 2"


@pytest.mark.parametrize(
    "foreign",
    [
        {"headers": {"Origin": "https://evil.example"}},
        {"headers": {"Origin": "null"}},
        {"headers": {"Sec-Fetch-Site": "cross-site"}},
        {"base_url": "http://evil.example:8000"},
        {"data": {"token": "guessed", "act": "delete"}},
        {"data": {"act": "delete"}},
    ],
)
def test_what_other_web_pages_send_changes_nothing(
    box: Sandbox, xero: Visitor, foreign: dict[str, dict[str, str]]
) -> None:
    token = re.findall('name="token" value="([^"]+)"', xero.get("/shop/orders/1002"))[0]
    request = {"data": {"token": token, "act": "delete"}, **ORIGIN} | foreign

    answer = xero.client.post("/shop/orders/1002", **request)

    assert answer.status_code == 403
    assert "1002" in box.keap.orders


def test_no_page_is_shown_under_another_name(xero: Visitor) -> None:
    assert xero.client.get("/shop/", base_url="http://evil.example:8000").status_code == 403


@pytest.mark.parametrize(
    "path", ["/nothing", "/shop/nothing", "/shop/orders/1", "/xero/invoices/x"]
)
def test_what_is_not_there(xero: Visitor, path: str) -> None:
    assert xero.client.get(path, **ORIGIN).status_code == 404


def test_a_name_cannot_turn_the_page_around(box: Sandbox, xero: Visitor) -> None:
    box.keap.add_contact(given_name="Eve\u202e")

    assert "Eve\\u202e" in xero.get("/shop/contacts")


@pytest.fixture
def qbd(us_box: Sandbox) -> Visitor:
    return Visitor(us_box, "qbd")


def test_what_a_bookkeeper_does_in_quickbooks_desktop(us_box: Sandbox, qbd: Visitor) -> None:
    desk = us_box.qbd
    desk.close_books(None)
    invoice = desk.enter_invoice("Alice Baker", [desktop_sale("100.00", item="Sales")], ref="K1")
    path = f"/qbd/invoices/{invoice.id}"

    qbd.do(path, "line", line=invoice.lines[0].id, price="90")
    assert "Partly paid" in qbd.do(path, "pay", amount="40", account="Business checking")
    payment = next(iter(desk.payments.values()))
    assert desk.accounts[payment.deposit_to_id].name == "Business checking"
    assert "no more than what is due" in qbd.refused(path, "pay", amount="50.01", account="")
    assert "Deposited" in qbd.do(f"/qbd/payments/{payment.id}", "deposit")
    assert "QuickBooks Desktop says" in qbd.refused(f"/qbd/payments/{payment.id}", "delete")
    qbd.do(path, "lock", tries="1")
    assert "is in use" in qbd.refused(path, "void")
    assert "Voided" in qbd.do(path, "void")
    assert desk.balance(payment.id) == 40


def test_quickbooks_desktop_itself_is_closed_and_opened(us_box: Sandbox, qbd: Visitor) -> None:
    path = "/qbd/quickbooks"
    qbd.do(path, "close", day="2026-10-31")
    assert str(us_box.qbd.books.preferences.closing_date) == "2026-10-31"
    qbd.do(path, "dialog")
    with pytest.raises(SdkError, match="modal dialog"):
        us_box.qbd.begin("invoicesync")
    qbd.do(path, "dialog")
    qbd.do(path, "single-user")
    with pytest.raises(SdkError, match="mode other than"):
        us_box.qbd.begin("invoicesync")
    qbd.do(path, "single-user")
    qbd.do(path, "quit")
    assert not us_box.qbd.running
    qbd.do(path, "quit")
    assert us_box.qbd.begin("invoicesync")
    assert "calls itself a sample" in qbd.do(path, "sample")
    assert "<IsSampleCompany>true<" in us_box.qbd.send("<CompanyQueryRq/>")
    qbd.do(path, "sample")
    assert "<IsSampleCompany>false<" in us_box.qbd.send("<CompanyQueryRq/>")


def test_lists_of_quickbooks_desktop_are_changed(us_box: Sandbox, qbd: Visitor) -> None:
    qbd.do("/qbd/customers", "add-customer", name="Eve", email="eve@example.com")
    eve = next(one for one in us_box.qbd.customers.values() if one.name == "Eve")
    path = f"/qbd/customers/{eve.id}"
    assert "already in use" in qbd.refused(path, "rename", name="hugo ives")
    qbd.do(path, "rename", name="Eva")
    assert "Inactive" in qbd.do(path, "inactive")
    qbd.do(path, "active")
    qbd.do(path, "lock", tries="3")
    assert us_box.qbd.books.locks[eve.id] == 3
    item = next(one for one in us_box.qbd.items.values() if one.name == "TIL")
    qbd.do("/qbd/lists", "close-item", row=item.id)
    assert not us_box.qbd.items[item.id].active
    account = next(one for one in us_box.qbd.accounts.values() if one.name == "Savings")
    qbd.do("/qbd/lists", "close-account", row=account.id)
    assert not us_box.qbd.accounts[account.id].active
