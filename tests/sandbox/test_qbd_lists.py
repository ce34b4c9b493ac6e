"""Lists in the simulated QuickBooks Desktop: names, items, queries and iterators."""

from datetime import UTC, datetime

import pytest

from invoicesync_sandbox.clock import Clock
from invoicesync_sandbox.qbd import QbdSwitches, SdkError
from invoicesync_sandbox.qbd.rows import Customer
from tests.kits.qbxml import Desk, Fields, content_of, enveloped, fields_of, named, query, request


def test_a_customer_is_given_back_as_it_was_sent() -> None:
    made = Desk().made(
        "CustomerAdd",
        Name=" Jane Roe ",
        CompanyName="Roe &amp; Sons",
        FirstName="Jane",
        BillAddress={"Addr1": "1 Main St", "City": "Austin", "State": "TX", "PostalCode": "78701"},
        Email="roe@example.com",
        Notes="Keap contact 12",
    )

    assert (made["Name"], made["CompanyName"]) == ("Jane Roe", "Roe & Sons")
    assert made["BillAddressBlock"] == {"Addr1": "1 Main St", "Addr2": "Austin, TX 78701"}
    assert made["ListID"].startswith("800000")
    assert made["EditSequence"] == made["ListID"].partition("-")[2]


@pytest.mark.parametrize("name", ["jane doe", "JANE DOE ", "State of California", "Old"])
def test_people_and_firms_share_one_set_of_names(name: str) -> None:
    desk = Desk()
    desk.qbd.add_customer("Old", active=False)

    said = desk.refused("CustomerAdd", Name=name)
    assert said == f'3100 The name "{name.strip()}" of the list element is already in use.'


@pytest.mark.parametrize("name", ["a:b", "a&#9;b", "a&#10;b"])
def test_names_have_no_colon_tab_or_line_break(name: str) -> None:
    assert Desk().refused("CustomerAdd", Name=name).startswith("3180 ")


def test_jobs_stand_below_their_customer() -> None:
    desk = Desk()
    job = desk.made("CustomerAdd", Name="Kitchen", ParentRef=named("jane doe"))

    assert (job["FullName"], job["Sublevel"]) == ("Jane Doe:Kitchen", "1")
    desk.made("CustomerAdd", Name="Kitchen")
    assert desk.refused("CustomerAdd", Name="x", ParentRef=named("nobody")).startswith(
        '3130 There is an invalid reference to a parent "nobody" in the Customers list.'
    )


def test_a_change_needs_the_edit_sequence() -> None:
    clock = Clock(datetime(2026, 11, 3, 12, tzinfo=UTC))
    desk = Desk(clock=clock)
    before = desk.found("CustomerQuery", ListID=desk.jane)[0]["EditSequence"]
    clock.advance(5)
    changed = desk.made("CustomerMod", ListID=desk.jane, EditSequence=before, Phone="1")

    assert (changed["Phone"], changed["Email"]) == ("1", "jane@example.com")
    said = desk.refused("CustomerMod", ListID=desk.jane, EditSequence=before, Phone="2")
    assert said == f'3200 The provided edit sequence "{before}" is out-of-date.'


def test_a_change_may_name_the_customer_as_it_is_called() -> None:
    desk = Desk()
    sequence = desk.found("CustomerQuery", ListID=desk.jane)[0]["EditSequence"]
    key = {"ListID": desk.jane, "EditSequence": sequence}

    assert desk.made("CustomerMod", **key, Name="JANE DOE")["Name"] == "JANE DOE"
    assert desk.refused("CustomerMod", **key, Name="State of California").startswith("3100 ")


def test_two_changes_in_one_second_look_alike() -> None:
    desk = Desk(clock=Clock(datetime(2026, 11, 3, 12, tzinfo=UTC)))
    sequence = desk.found("CustomerQuery", ListID=desk.jane)[0]["EditSequence"]
    desk.made("CustomerMod", ListID=desk.jane, EditSequence=sequence, Phone="1")

    assert desk.made("CustomerMod", ListID=desk.jane, EditSequence=sequence, Fax="2")["Phone"]


def test_an_item_needs_an_account() -> None:
    desk = Desk()
    assert desk.refused("ItemServiceAdd", Name="x", SalesOrPurchase={"Desc": "y"}).startswith(
        "3270"
    )
    made = desk.made(
        "ItemNonInventoryAdd",
        Name="Soap",
        BarCode={"BarCodeValue": "4006"},
        ManufacturerPartNumber="S-1",
        SalesOrPurchase={"Desc": "y", "Price": "1.5", "AccountRef": named("sales")},
    )

    assert made["SalesOrPurchase"]["Price"] == "1.5"
    assert (made["BarCodeValue"], made["ManufacturerPartNumber"]) == ("4006", "S-1")
    assert desk.refused(
        "ItemServiceAdd", Name="SOAP", SalesOrPurchase={"AccountRef": named("Sales")}
    ).startswith("3100")
    desk.made("ItemOtherChargeAdd", Name="Fee", SalesOrPurchase={"AccountRef": named("Sales")})


def test_a_tax_item_with_a_rate_needs_its_agency() -> None:
    desk = Desk()
    assert desk.made("ItemSalesTaxAdd", Name="Zero")["TaxRate"] == "0"
    assert desk.refused("ItemSalesTaxAdd", Name="LA", TaxRate="9.5").startswith("3150")
    made = desk.made(
        "ItemSalesTaxAdd", Name="LA", TaxRate="9.5", TaxVendorRef=named("State of California")
    )
    assert made["TaxRate"] == "9.5"


def test_a_payment_method_is_added() -> None:
    made = Desk().made("PaymentMethodAdd", Name="Stripe", PaymentMethodType="OtherCreditCard")
    assert made["PaymentMethodType"] == "OtherCreditCard"


def test_items_of_every_kind_come_in_one_answer() -> None:
    desk = Desk()
    desk.qbd.add_tax_group("County", "Alameda", "No tax")
    kinds = {one.tag for one in desk.ask(query("ItemQuery"))[0]}

    assert kinds == {"ItemServiceRet", "ItemDiscountRet", "ItemSalesTaxRet", "ItemSalesTaxGroupRet"}
    assert [one["Name"] for one in desk.found("ItemServiceQuery")] == ["Coaching", "Shipping"]
    group = desk.found("ItemSalesTaxGroupQuery")[0]
    assert [part["FullName"] for part in group["ItemSalesTaxRef"]] == ["Alameda", "No tax"]


def names(found: list[Fields]) -> list[str]:
    return [one["Name"] for one in found]


def test_queries_by_status_name_and_time() -> None:
    clock = Clock(datetime(2026, 11, 3, 12, tzinfo=UTC))
    desk = Desk(clock=clock)
    desk.qbd.add_customer("Old", active=False)
    clock.advance(3600)
    desk.qbd.add_customer("New")

    assert names(desk.found("CustomerQuery")) == ["Jane Doe", "New"]
    assert names(desk.found("CustomerQuery", ActiveStatus="InactiveOnly")) == ["Old"]
    assert len(desk.found("CustomerQuery", ActiveStatus="All")) == 3
    since = {"FromModifiedDate": "2026-11-03T04:30:00"}  # the PC's own time
    assert names(desk.found("CustomerQuery", **since)) == ["New"]
    since = {"FromModifiedDate": "2026-11-03T12:30:00+00:00"}
    assert names(desk.found("CustomerQuery", **since)) == ["New"]
    part = {"NameFilter": {"MatchCriterion": "Contains", "Name": "E D"}}
    assert names(desk.found("CustomerQuery", **part)) == ["Jane Doe"]
    assert desk.said(query("CustomerQuery", FromModifiedDate="1950-01-01")).startswith("3020")


def test_what_is_not_there_is_told_apart() -> None:
    desk = Desk()
    assert desk.said(query("CustomerQuery", FullName=["jane doe", "x"])).startswith("500 ")
    assert desk.said(query("CustomerQuery", FullName="x")).startswith("500 ")
    assert desk.said(query("CustomerQuery", ListID="80000001-99")).startswith("500 ")
    assert desk.said(query("CustomerQuery", ListID="x")).startswith("3000 ")
    assert desk.said(query("ClassQuery")).startswith("1 ")

    other = Desk(QbdSwitches(nothing_by_id="1"))
    assert other.said(query("CustomerQuery", FullName="x")).startswith("1 ")


def test_answers_can_be_cut_or_counted() -> None:
    desk = Desk()
    desk.qbd.add_customer("B")
    fields = {"IncludeRetElement": ["ListID", "Name"]}
    assert desk.found("CustomerQuery", **fields)[0].keys() == {"ListID", "Name"}
    assert names(desk.found("CustomerQuery", MaxReturned="1")) == ["B"]

    answer = desk.ask(query("CustomerQuery", 'metaData="MetaDataOnly"'))[0]
    assert (answer.get("retCount"), len(answer)) == ("2", 0)


def paged(desk: Desk, ticket: str, attributes: str) -> tuple[list[str], str, str]:
    """A page of customers, how many are left, and the iterator."""
    asked = query("CustomerQuery", attributes, MaxReturned="40", ActiveStatus="All")
    answer = content_of(desk.qbd.request(ticket, enveloped(asked)))[0]
    found = [fields_of(one)["Name"] for one in answer]
    left = answer.get("iteratorRemainingCount", answer.get("statusCode", ""))
    return found, left, answer.get("iteratorID", "")


def test_an_iterator_goes_through_all_of_them_in_its_session() -> None:
    desk = Desk()
    for place in range(99):
        desk.qbd.add_customer(f"C{place:02}")
    ticket = desk.qbd.begin("invoicesync")
    first, left, key = paged(desk, ticket, 'iterator="Start"')
    more = f'iterator="Continue" iteratorID="{key}"'
    assert (len(first), left) == (40, "60")

    # What is deleted meanwhile is left out, and a page is a page all the same.
    desk.qbd.delete_named(Customer, desk.qbd.named(Customer, "C50").id)
    second, left, _ = paged(desk, ticket, more)
    assert (len(second), left) == (39, "20")
    third, left, _ = paged(desk, ticket, more)
    assert (len(third), left) == (20, "0")
    assert len({*first, *second, *third}) == 99
    assert paged(desk, ticket, more)[1] == "3000"

    other = desk.qbd.begin("invoicesync")
    assert paged(desk, other, more)[1] == "3000"


def test_an_iterator_can_be_lost() -> None:
    desk = Desk()
    for place in range(50):
        desk.qbd.add_customer(f"C{place:02}")
    ticket = desk.qbd.begin("invoicesync")
    _, _, key = paged(desk, ticket, 'iterator="Start"')
    desk.qbd.lose_iterators()

    assert paged(desk, ticket, f'iterator="Continue" iteratorID="{key}"')[1] == "3000"


def test_an_unknown_ticket_is_refused() -> None:
    with pytest.raises(SdkError) as said:
        Desk().qbd.request("{x}", enveloped("<HostQueryRq/>"))
    assert said.value.code == "0x8004040D"


def test_a_customer_in_use_is_locked_for_some_tries() -> None:
    desk = Desk()
    sequence = desk.found("CustomerQuery", ListID=desk.jane)[0]["EditSequence"]
    desk.qbd.lock_row(desk.jane, 2)
    change = {"ListID": desk.jane, "EditSequence": sequence, "Phone": "1"}

    assert desk.refused("CustomerMod", **change).startswith("3175 ")
    assert desk.refused("InvoiceAdd", **desk.invoice()).startswith("3176 ")
    desk.made("CustomerMod", **change)


def test_deleted_names_are_listed_for_ninety_days() -> None:
    clock = Clock(datetime(2026, 11, 3, 12, tzinfo=UTC))
    desk = Desk(clock=clock)
    gone = desk.qbd.add_customer("Gone")
    desk.qbd.delete_named(Customer, gone.id)

    found = desk.found("ListDeletedQuery", ListDelType="Customer")
    assert [(one["ListID"], one["FullName"]) for one in found] == [(gone.id, "Gone")]
    clock.advance(91 * 86400)
    assert desk.said(query("ListDeletedQuery", ListDelType="Customer")).startswith("1 ")


def test_merged_customers_are_one() -> None:
    desk = Desk()
    other = desk.qbd.add_customer("J. Doe")
    made = desk.invoiced()
    desk.qbd.merge_customers(desk.jane, other.id)

    found = desk.found("InvoiceQuery", TxnID=made["TxnID"])[0]
    assert found["CustomerRef"]["FullName"] == "J. Doe"
    assert desk.said(query("CustomerQuery", ListID=desk.jane)).startswith("500")


def test_a_planned_refusal_comes_in_its_words() -> None:
    desk = Desk()
    desk.qbd.refuse("CustomerAdd", "1000", "Internal error.", match="<Name>B</Name>", done=True)
    answers = desk.ask(request("CustomerAdd", Name="A"), request("CustomerAdd", Name="B"))

    assert [one.get("statusCode") for one in answers] == ["0", "1000"]
    assert len(desk.qbd.customers) == 3
