"""Keap's own Python client, unmodified, against the simulated Keap over loopback."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from invoicesync_sandbox.clock import Clock
from invoicesync_sandbox.keap import KeapSandbox, KeapSwitches
from invoicesync_sandbox.serve import serving
from invoicesync_sandbox.shop.orders import CASES, fill_keap
from invoicesync_sandbox.world import API_KEY
from tests.contract.check import problems
from tests.contract.departures import EMPTY, KEAP, left
from tests.contract.exchanges import Ear, Exchange
from tests.contract.specification import folder
from tests.kits.rehearsal import START

NEWER_THAN_THE_CLIENT = "unknown-kind"
"""The demo shop's order with a kind of line that no client knows; this one refuses to read it."""


class KeapSdk:
    """The client as its samples set it up, and the sandbox behind it."""

    def __init__(self, sandbox: KeapSandbox, root: str, key: str = API_KEY) -> None:
        # It takes seconds to load, which is not for every process that collects tests.
        import keap_core_v2_client as keap

        self.keap = keap
        self.sandbox = sandbox
        self.root = root
        self.client = keap.ApiClient(keap.Configuration(host=f"{root}/crm", access_token=key))
        self.orders = keap.OrdersApi(self.client)
        self.sales = keap.SalesApi(self.client)
        self.contacts = keap.ContactApi(self.client)
        self.settings = keap.SettingsApi(self.client)

    def order(self, name: str) -> Any:
        """The order of a case of the demo shop."""
        found = self.orders.list_orders(filter=f"ids=={CASES[name]}").orders
        assert len(found) == 1
        return found[0]


@pytest.fixture
def heard() -> list[Exchange]:
    """What was said over the wire."""
    return []


@pytest.fixture
def sdk(heard: list[Exchange]) -> Iterator[KeapSdk]:
    """The client; in the end everything that was said is held against Keap's document."""
    # This client hands a page token on as it is.
    sandbox = KeapSandbox(Clock(START), KeapSwitches(token_style="opaque"))
    sandbox.enforce_limits = False
    fill_keap(sandbox)
    with serving({"keap": Ear("keap", sandbox, heard)}) as roots:
        found = KeapSdk(sandbox, roots["keap"])
        yield found
        found.client.rest_client.pool_manager.clear()
    if folder():
        apart = {
            str(problem)
            for exchange in heard
            if exchange.status == 200
            for problem in left(problems(exchange), (*KEAP, EMPTY))
        }
        assert apart == set()


def unknown_fields(read: Any) -> set[str]:
    """The fields of an answer that the client has no name for."""
    if isinstance(read, list):
        return set().union(*(unknown_fields(item) for item in read))
    if not hasattr(read, "additional_properties"):
        return set()
    own = {f"{type(read).__name__}.{name}" for name in read.additional_properties}
    names = type(read).model_fields
    return own.union(*(unknown_fields(getattr(read, name)) for name in names))


def major(money: Any) -> Decimal:
    """An amount of an order in major units; pounds have a hundred of the smallest."""
    return Decimal(money.amount) / 100


def test_every_order_of_the_shop_is_read_page_by_page(sdk: KeapSdk) -> None:
    found: list[Any] = []
    token: str | None = None
    apart = CASES[NEWER_THAN_THE_CLIENT]
    for bound in (f"id<{apart}", f"id>{apart}"):
        while True:
            page = sdk.orders.list_orders(
                filter=bound, order_by="id asc", page_size=10, page_token=token
            )
            found += page.orders
            token = page.next_page_token
            if not token:
                break

    assert [order.id for order in found] == [
        number for number in sorted(CASES.values(), key=int) if number != apart
    ]
    assert unknown_fields(found) == set()
    for order in found:
        assert major(order.total) == sdk.sandbox.orders[order.id].total


def test_lines_say_what_they_are(sdk: KeapSdk) -> None:
    order = sdk.order("tax-after-discount")

    assert [item.item_type for item in order.order_items] == [
        "PRODUCT",
        "DISCOUNT_ORDER_TOTAL",
        "TAX",
    ]
    assert [major(item.price_per_unit) * item.quantity for item in order.order_items] == [
        100,
        -10,
        18,
    ]
    assert order.order_items[0].product.taxable
    assert order.total.currency_code == "GBP"


def test_dates_are_times_with_a_zone(sdk: KeapSdk) -> None:
    order = sdk.order("late-evening")

    assert order.order_time == datetime(2026, 10, 20, 23, 30, tzinfo=UTC)
    assert order.due_time is None


def test_plan_has_its_instalments(sdk: KeapSdk) -> None:
    plan = sdk.order("plan").payment_plan

    assert [major(item.amount_due) for item in plan.payment_plan_items] == [100, 100, 100]
    assert str(plan.payment_plan_items[-1].due_date) == "2027-01-03"
    assert plan.auto_charge


def test_orders_are_filtered(sdk: KeapSdk) -> None:
    since = sdk.sandbox.clock.now() - timedelta(days=4)
    open_orders = {
        order.id for order in sdk.orders.list_orders(filter="paid==false", page_size=1000).orders
    }
    by_invoice = sdk.orders.list_orders(filter="invoice_id==1013").orders
    changed = sdk.orders.list_orders(
        filter=f"modified_since_time=={since:%Y-%m-%dT%H:%M:%S.000Z}",
        order_by="modification_time asc",
    ).orders

    assert CASES["unpaid"] in open_orders
    assert CASES["taxed-simple"] not in open_orders
    assert [order.id for order in by_invoice] == ["1015"]
    assert {order.id for order in changed} == {CASES["shared-payment-b"]}


def test_payments_are_read_in_major_units(sdk: KeapSdk) -> None:
    (payment,) = sdk.sales.list_payments(filter=f"order_ids=={CASES['taxed-simple']}").payments
    (paid,) = sdk.orders.list_order_payments(CASES["taxed-simple"]).invoice_order_payments

    assert payment.amount == paid.amount == 120
    assert payment.order_ids == [CASES["taxed-simple"]]
    assert paid.payment_id == payment.id
    assert unknown_fields([payment, paid]) == set()


def test_refund_names_what_it_takes_back(sdk: KeapSdk) -> None:
    order = CASES["refund-part"]
    payments = sdk.sales.list_payments(filter=f"order_ids=={order}").payments
    rows = sdk.orders.list_order_payments(order).invoice_order_payments

    original, refund = sorted(payments, key=lambda row: -row.amount)
    assert (original.amount, refund.amount) == (80, -30)
    assert original.refund_payment_id == refund.id
    assert {row.pay_status for row in rows} >= {"REFUNDED"}


def test_failed_charges_are_transactions(sdk: KeapSdk) -> None:
    found = sdk.sales.list_transactions(filter="is_successful==false").transactions

    assert {order for row in found for order in row.order_ids} == {CASES["failed-charge"]}
    assert unknown_fields(found) == set()


def test_contacts_come_with_the_fields_that_were_asked_for(sdk: KeapSdk) -> None:
    fields = ["id", "given_name", "family_name", "email_addresses", "addresses", "company"]

    found = sdk.contacts.list_contacts(
        filter="email==nadia@dawson-interiors.example", fields=fields
    ).contacts

    (nadia,) = found
    assert (nadia.given_name, nadia.family_name) == ("Nadia", "Hussain")
    assert nadia.company.company_name == "Dawson Interiors Ltd"
    assert [(row.var_field, row.locality) for row in nadia.addresses] == [("BILLING", "Leeds")]
    assert [row.email for row in nadia.email_addresses] == ["nadia@dawson-interiors.example"]
    assert unknown_fields(found) == set()


def test_contacts_by_id(sdk: KeapSdk) -> None:
    found = sdk.contacts.list_contacts(filter="ids==101,102,103", page_size=1000).contacts

    assert {row.id for row in found} == {"101", "102", "103"}


def test_account_tells_its_currency_and_zone(sdk: KeapSdk) -> None:
    found = sdk.settings.get_application_configurations(fields=["ECOMMERCE", "INVOICE"])
    profile = sdk.keap.BusinessProfileApi(sdk.client).get_business_profile()
    user = sdk.keap.UsersApi(sdk.client).get_user_info()
    merchants = sdk.keap.MerchantsApi(sdk.client).list_merchants()

    assert (found.ecommerce.currency, found.application.time_zone) == ("GBP", "Europe/London")
    assert (profile.name, profile.currency_code) == ("Wick & Wax", "GBP")
    assert user.tenant_id == "iq146"
    assert sdk.settings.is_application_enabled().is_enabled
    assert merchants.default_merchant_account_id in {row.id for row in merchants.merchant_accounts}
    assert unknown_fields([found, profile, user, merchants]) == set()


def test_products_have_their_price(sdk: KeapSdk) -> None:
    found = sdk.keap.ProductsApi(sdk.client).list_products(filter="sku==TIL").products

    assert [row.sku for row in found] == ["TIL"]
    assert unknown_fields(found) == set()


def test_refusals_are_read_by_the_client(sdk: KeapSdk) -> None:
    with pytest.raises(sdk.keap.exceptions.NotFoundException) as missing:
        sdk.orders.get_order("999999")
    with pytest.raises(sdk.keap.exceptions.BadRequestException) as bad:
        sdk.orders.list_orders(filter="colour==blue")
    with pytest.raises(sdk.keap.exceptions.UnauthorizedException) as stranger:
        KeapSdk(sdk.sandbox, sdk.root, "KeapAK-nobody").orders.list_orders()

    assert missing.value.data.code == 404
    assert "colour" in bad.value.data.message
    assert "fault" in stranger.value.body
