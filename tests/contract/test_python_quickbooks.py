"""python-quickbooks and Intuit's sign-in client, unmodified, against the simulated QuickBooks."""

import json
from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from decimal import Decimal
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from intuitlib.client import AuthClient
from intuitlib.enums import Scopes
from intuitlib.exceptions import AuthClientError
from quickbooks import QuickBooks
from quickbooks.batch import batch_create
from quickbooks.exceptions import (
    AuthorizationException,
    ObjectNotFoundException,
    QuickbooksException,
    ValidationException,
)
from quickbooks.objects import (
    Account,
    CreditMemo,
    Customer,
    Invoice,
    Item,
    Payment,
    PaymentLine,
    RefundReceipt,
    SalesReceipt,
    TaxCode,
)
from quickbooks.objects.base import CustomerMemo, EmailAddress, LinkedTxn, Ref
from quickbooks.objects.company_info import CompanyInfo
from quickbooks.objects.detailline import SalesItemLine, SalesItemLineDetail
from werkzeug.wrappers import Response

from invoicesync_sandbox.clock import Clock
from invoicesync_sandbox.oauth import App
from invoicesync_sandbox.qbo import QboSandbox
from invoicesync_sandbox.serve import WsgiApp, serving
from invoicesync_sandbox.shop.company import fill_qbo
from invoicesync_sandbox.world import CLIENT_ID, CLIENT_SECRET
from tests.contract.exchanges import Ear, Exchange
from tests.contract.qbo_schemas import answer_problems
from tests.contract.specification import folder
from tests.kits.consent import click
from tests.kits.rehearsal import START

REDIRECT = "http://localhost:8743/callback"


class Discovery:
    """What Intuit's client asks for first: the addresses of the sign-in, here the sandbox's."""

    def __init__(self) -> None:
        self.root = ""

    def __call__(self, environ: dict[str, Any], start: Any) -> Iterable[bytes]:
        document = {
            "issuer": "https://oauth.platform.intuit.com/op/v1",
            "authorization_endpoint": f"{self.root}/connect/oauth2",
            "token_endpoint": f"{self.root}/oauth2/v1/tokens/bearer",
            "revocation_endpoint": f"{self.root}/v2/oauth2/tokens/revoke",
            "userinfo_endpoint": f"{self.root}/v1/openid_connect/userinfo",
            "jwks_uri": "https://oauth.platform.intuit.com/op/v1/jwks",
        }
        return Response(json.dumps(document), content_type="application/json")(environ, start)


class QuickBooksSdk:
    """The clients as their README sets them up, signed in by a click on Intuit's consent page."""

    def __init__(self, sandbox: QboSandbox, root: str, discovery: str) -> None:
        self.sandbox = sandbox
        self.auth = AuthClient(CLIENT_ID, CLIENT_SECRET, REDIRECT, discovery)
        address = self.auth.get_authorization_url([Scopes.ACCOUNTING])
        landing = parse_qs(urlsplit(click(address)).query)
        self.realm = landing["realmId"][0]
        self.auth.get_bearer_token(landing["code"][0], realm_id=self.realm)
        self.client = QuickBooks(
            auth_client=self.auth,
            refresh_token=self.auth.refresh_token,
            company_id=self.realm,
            minorversion=75,
            use_decimal=True,
        )
        self.client.api_url_v3 = f"{root}/v3"

    def customer(self, name: str = "Ada Lovelace") -> Customer:
        """A new customer."""
        made = Customer()
        made.DisplayName = name
        made.PrimaryEmailAddr = EmailAddress()
        made.PrimaryEmailAddr.Address = "ada@example.com"
        return made.save(qb=self.client)

    def item(self) -> Item:
        """The shop's tealights."""
        (found,) = Item.filter(Sku="TIL", qb=self.client)
        return found

    def form(self, kind: type[Any] = Invoice, number: str = "K-1", amount: str = "100.00") -> Any:
        """A form with one line of the standard rate, not saved yet."""
        made = kind()
        made.CustomerRef = self.customer(f"Buyer of {number}").to_ref()
        made.DocNumber = number
        made.TxnDate = START.date().isoformat()
        made.GlobalTaxCalculation = "TaxExcluded"
        made.PrivateNote = f"Keap order {number}"
        line = SalesItemLine()
        line.Amount = Decimal(amount)
        line.Description = "Candle"
        line.SalesItemLineDetail = SalesItemLineDetail()
        line.SalesItemLineDetail.ItemRef = self.item().to_ref()
        line.SalesItemLineDetail.TaxCodeRef = self.tax_code("20.0% S")
        made.Line.append(line)
        return made

    def tax_code(self, name: str) -> Ref:
        """A reference to a tax code."""
        (found,) = TaxCode.filter(Name=name, qb=self.client)
        return found.to_ref()

    def account(self, name: str) -> Ref:
        """A reference to an account."""
        (found,) = Account.filter(Name=name, qb=self.client)
        return found.to_ref()


@pytest.fixture
def heard() -> list[Exchange]:
    """What was said over the wire."""
    return []


@pytest.fixture
def sdk(heard: list[Exchange], monkeypatch: pytest.MonkeyPatch) -> Iterator[QuickBooksSdk]:
    """The clients; in the end every answer of the sandbox is held against Intuit's schemas."""
    # oauthlib's own way to allow http, here to this machine.
    monkeypatch.setenv("OAUTHLIB_INSECURE_TRANSPORT", "1")
    sandbox = QboSandbox(Clock(START), world="uk")
    fill_qbo(sandbox)
    sandbox.set_preferences(close_date=None)
    sandbox.enforce_limits = False
    sandbox.sign_in.apps[CLIENT_ID] = App(CLIENT_ID, CLIENT_SECRET, redirects={REDIRECT})
    discovery = Discovery()
    with ExitStack() as stack:
        apps: dict[str, WsgiApp] = {"qbo": Ear("qbo", sandbox, heard), "discovery": discovery}
        roots = stack.enter_context(serving(apps))
        discovery.root = roots["qbo"]
        found = QuickBooksSdk(sandbox, roots["qbo"], roots["discovery"])
        stack.callback(found.auth.close)
        stack.callback(found.client.session.close)
        yield found
    if folder():
        assert {str(problem) for one in heard for problem in answer_problems(one)} == set()


def test_company_is_known(sdk: QuickBooksSdk) -> None:
    company = CompanyInfo.get(sdk.realm, qb=sdk.client)

    assert company.CompanyName == "Wick & Wax Ltd"
    assert company.Country == "GB"


def test_customers_are_created_found_and_changed(sdk: QuickBooksSdk) -> None:
    made = sdk.customer("Grace Hopper")

    (found,) = Customer.filter(DisplayName="Grace Hopper", qb=sdk.client)
    found.CompanyName = "Navy"
    found.save(qb=sdk.client)
    again = Customer.get(made.Id, qb=sdk.client)

    assert found.Id == made.Id
    assert (again.CompanyName, again.SyncToken) == ("Navy", "1")
    assert again.PrimaryEmailAddr.Address == "ada@example.com"


def test_customers_are_paged_and_counted(sdk: QuickBooksSdk) -> None:
    number = Customer.count(qb=sdk.client)
    pages = [
        row.Id
        for start in range(1, number + 1, 3)
        for row in Customer.all(start_position=start, max_results=3, qb=sdk.client)
    ]

    assert len(set(pages)) == len(pages) == number


def test_name_with_a_quote_is_found(sdk: QuickBooksSdk) -> None:
    sdk.customer("Miles O'Brien")

    found = Customer.filter(DisplayName="Miles O'Brien", qb=sdk.client)
    chosen = Customer.choose(["Miles O'Brien"], field="DisplayName", qb=sdk.client)

    assert [row.DisplayName for row in (*found, *chosen)] == ["Miles O'Brien"] * 2


def test_namesake_is_refused_with_its_code(sdk: QuickBooksSdk) -> None:
    sdk.customer("Ada Lovelace")

    with pytest.raises(QuickbooksException) as refused:
        sdk.customer("Ada Lovelace")

    assert refused.value.error_code == 6240


def test_invoice_is_read_back_as_it_was_sent(sdk: QuickBooksSdk) -> None:
    draft = sdk.form()
    draft.DueDate = "2026-12-04"
    draft.CustomerMemo = CustomerMemo()
    draft.CustomerMemo.value = "Thank you"
    made = draft.save(qb=sdk.client)

    found = Invoice.get(made.Id, qb=sdk.client)

    assert (found.DocNumber, found.PrivateNote) == ("K-1", "Keap order K-1")
    assert (found.TxnDate, found.DueDate) == (START.date().isoformat(), "2026-12-04")
    assert (found.TotalAmt, found.Balance) == (120, 120)
    assert found.TxnTaxDetail.TotalTax == 20
    assert found.CustomerMemo.value == "Thank you"
    assert found.Line[0].SalesItemLineDetail.ItemRef.name == "Tealights"


def test_request_that_is_repeated_with_its_id_makes_nothing_anew(sdk: QuickBooksSdk) -> None:
    body = sdk.form().to_json()

    first, again = (
        sdk.client.create_object("Invoice", body, request_id="once")["Invoice"]["Id"]
        for _ in range(2)
    )

    assert first == again
    assert Invoice.count("DocNumber = 'K-1'", qb=sdk.client) == 1


def test_wrong_arithmetic_is_refused(sdk: QuickBooksSdk) -> None:
    draft = sdk.form()
    draft.Line[0].SalesItemLineDetail.Qty = 3
    draft.Line[0].SalesItemLineDetail.UnitPrice = Decimal("33.00")

    with pytest.raises(QuickbooksException) as refused:
        draft.save(qb=sdk.client)

    assert refused.value.error_code == 6070


def test_payment_settles_an_invoice(sdk: QuickBooksSdk) -> None:
    made = sdk.form().save(qb=sdk.client)
    payment = Payment()
    payment.CustomerRef = made.CustomerRef
    payment.TotalAmt = Decimal("120.00")
    payment.PaymentRefNum = "ch_1"
    payment.DepositToAccountRef = sdk.account("Stripe clearing")
    line = PaymentLine()
    line.Amount = Decimal("120.00")
    link = LinkedTxn()
    link.TxnId, link.TxnType = made.Id, "Invoice"
    line.LinkedTxn.append(link)
    payment.Line.append(line)

    paid = payment.save(qb=sdk.client)
    settled = Invoice.get(made.Id, qb=sdk.client)
    found = Payment.filter(CustomerRef=made.CustomerRef.value, qb=sdk.client)

    assert (paid.TotalAmt, paid.UnappliedAmt) == (120, 0)
    assert (settled.Balance, settled.LinkedTxn[0].TxnType) == (0, "Payment")
    assert [row.PaymentRefNum for row in found] == ["ch_1"]


def test_payment_is_voided(sdk: QuickBooksSdk) -> None:
    made = sdk.form().save(qb=sdk.client)
    payment = Payment()
    payment.CustomerRef = made.CustomerRef
    payment.TotalAmt = Decimal("50.00")
    paid = payment.save(qb=sdk.client)

    paid.void(qb=sdk.client)

    assert Payment.get(paid.Id, qb=sdk.client).TotalAmt == 0


@pytest.mark.parametrize("kind", [CreditMemo, SalesReceipt, RefundReceipt])
def test_other_forms_have_their_totals(sdk: QuickBooksSdk, kind: type[Any]) -> None:
    draft = sdk.form(kind)
    if kind is not CreditMemo:
        draft.DepositToAccountRef = sdk.account("Stripe clearing")

    made = draft.save(qb=sdk.client)

    assert kind.get(made.Id, qb=sdk.client).TotalAmt == 120


def test_invoice_is_voided_and_deleted(sdk: QuickBooksSdk) -> None:
    first = sdk.form().save(qb=sdk.client)
    second = sdk.form(number="K-2").save(qb=sdk.client)

    first.void(qb=sdk.client)
    second.delete(qb=sdk.client)

    voided = Invoice.get(first.Id, qb=sdk.client)
    assert (voided.TotalAmt, voided.PrivateNote.startswith("Voided")) == (0, True)
    with pytest.raises(ObjectNotFoundException):
        Invoice.get(second.Id, qb=sdk.client)


def test_batch_creates_what_is_good_and_tells_what_is_not(sdk: QuickBooksSdk) -> None:
    sdk.customer("Ada Lovelace")
    people = []
    for name in ("Grace Hopper", "Ada Lovelace", "Mary Somerville"):
        person = Customer()
        person.DisplayName = name
        people.append(person)

    answered = batch_create(people, qb=sdk.client)

    assert {row.DisplayName for row in answered.successes} == {"Grace Hopper", "Mary Somerville"}
    assert [fault.Error[0].code for fault in answered.faults] == ["6240"]
    assert answered.faults[0].original_object.DisplayName == "Ada Lovelace"


def test_statement_that_cannot_be_read_is_refused(sdk: QuickBooksSdk) -> None:
    with pytest.raises(ValidationException) as refused:
        sdk.client.query("SELECT * FROM Customer WHERE DisplayName IS Ada")

    assert refused.value.error_code == 4000


def test_access_is_renewed_and_withdrawn(sdk: QuickBooksSdk) -> None:
    sdk.sandbox.clock.advance(2 * 86400)
    with pytest.raises(AuthorizationException):
        Customer.all(qb=sdk.client)
    before = sdk.auth.refresh_token

    sdk.auth.refresh()
    sdk.client._start_session()
    assert Customer.all(qb=sdk.client)
    assert sdk.auth.refresh_token != before
    with pytest.raises(AuthClientError) as refused:
        sdk.auth.refresh(refresh_token=before)
    assert refused.value.status_code == 400
    assert sdk.auth.revoke()
    with pytest.raises(AuthClientError):
        sdk.auth.refresh()
